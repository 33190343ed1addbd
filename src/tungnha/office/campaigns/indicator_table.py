"""The table of units by indicators as text: what the page and the downloads show of a board."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tungnha.campaign import measures
from tungnha.campaign.models import Figure
from tungnha.campaign.queries.board import Board, Cell, Column, Row
from tungnha.office.campaigns.numbers import Numbers, named

WORST = 5
_STATES = {Figure.State.SUBMITTED: "waits", Figure.State.RETURNED: "returned"}


@dataclass(frozen=True)
class Text:
    """One cell: what it says, the small line under it, its classes, and what a pointer over it tells."""

    main: str
    note: str
    css: str
    title: str

    @property
    def html(self) -> str:
        """As a cell of the table: thousands on a page, of which a template would make most of the page's work.

        Nothing in it was typed by anybody: digits, marks and our own words, without markup.
        """
        return f'<td class="n {self.css}" title="{self.title}">{self.main}<small>{self.note}</small></td>'


@dataclass(frozen=True)
class Head:
    """One column's heading."""

    column: Column
    period: str
    measure: str
    missing: int
    order: str
    """What its link sorts by next."""
    sorted: str
    """`ascending` or `descending` while the table is sorted by it."""


@dataclass
class Page:
    """The board as a page shows it."""

    heads: list[Head]
    rows: list[tuple[Row, str, SafeString]]
    totals: SafeString
    worst: list[str] = field(default_factory=list)
    worst_of: str = ""


def text(board: Board, numbers: Numbers, order: str) -> Page:
    """The board in a person's language, sorted by `order`: a column's indicator, `diem` (score) or `ten` (name); a minus turns it."""
    wanted, turned = order.removeprefix("-"), order.startswith("-")
    heads = [
        _head(column, missing, wanted, turned=turned)
        for column, missing in zip(board.columns, board.missing, strict=True)
    ]
    told = [
        (row, numbers.percent(row.score), _cells(board.columns, row.cells, numbers))
        for row in _sorted(board, wanted, turned=turned)
    ]
    totals = _cells(board.columns, board.totals or (), numbers)
    page = Page(heads, told, totals)
    place = next((i for i, column in enumerate(board.columns) if str(column.tracked.pk) == wanted), None)
    page.worst, page.worst_of = _worst(board, place, numbers)
    return page


def _cells(columns: Sequence[Column], cells: Sequence[Cell], numbers: Numbers) -> SafeString:
    pairs = zip(columns, cells, strict=False)
    return mark_safe("".join(text_of(column, cell, numbers).html for column, cell in pairs))  # noqa: S308 - `Text.html` says why


def _head(column: Column, missing: int, wanted: str, *, turned: bool) -> Head:
    key = str(column.tracked.pk)
    here = key == wanted
    return Head(
        column,
        named(column.period, column.tracked.period),
        measure_of(column),
        missing,
        key if here and turned else f"-{key}",
        ("descending" if turned else "ascending") if here else "",
    )


def measure_of(column: Column) -> str:
    """What the cells of a column are."""
    if column.measure == "attained":
        return _("% of target")
    return "%" if column.measure == "ratio" else column.tracked.indicator.counted_in


def _sorted(board: Board, wanted: str, *, turned: bool) -> list[Row]:
    """The rows in order; those without a value come last whichever way the table is turned."""
    place = next((i for i, column in enumerate(board.columns) if str(column.tracked.pk) == wanted), None)
    if place is None and wanted != "diem":
        return list(reversed(board.rows)) if wanted == "ten" and turned else board.rows
    values = [(row.cells[place].value if place is not None else row.score, row) for row in board.rows]
    known = [(value, row) for value, row in values if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=turned)
    return [row for _value, row in known] + [row for value, row in values if value is None]


def text_of(column: Column, cell: Cell, numbers: Numbers) -> Text:
    if cell.numerator is None:
        returned = cell.state == Figure.State.RETURNED
        return Text(
            _("returned") if returned else "–",
            "",
            "none",
            _("Returned") if returned else _("Not yet reported"),
        )
    main = numbers.percent(cell.value) if column.is_percent else numbers.whole(cell.value)
    rank = f"{cell.rank} · " if cell.rank is not None else ""
    change = numbers.signed(cell.change, percent=column.is_percent)
    classes = [_STATES.get(Figure.State(cell.state), "") if cell.state else ""]
    classes += ["behind"] if cell.behind else []
    if not main:
        main = numbers.whole(cell.numerator)
        classes.append("bare")
    marks = ("≈" if cell.estimated else "") + ("…" if cell.incomplete else "") + ("!" if cell.differs else "")
    return Text(
        main + marks,
        (rank + change).rstrip(" ·"),
        " ".join(filter(None, classes)),
        _title(column, cell, numbers),
    )


def _title(column: Column, cell: Cell, numbers: Numbers) -> str:
    over = cell.target.value if column.measure == "attained" and cell.target else cell.denominator
    told = numbers.whole(cell.numerator)
    return f"{told} / {numbers.whole(over)}" if over is not None and column.is_percent else told


def _worst(board: Board, place: int | None, numbers: Numbers) -> tuple[list[str], str]:
    """The last-ranked units by name, of the sorted indicator or of the score; nobody while fewer than twice as many have one."""
    if place is not None and board.columns[place].is_percent:
        ranked = [(row.cells[place].rank, row.cells[place].value, row.unit.name) for row in board.rows]
        what = board.columns[place].tracked.indicator.name
    else:
        ranked = [(row.rank, row.score, row.unit.name) for row in board.rows]
        what = _("weighted score")
    known = [(rank, value, name) for rank, value, name in ranked if rank is not None]
    if len(known) < 2 * WORST:
        return [], ""
    known.sort(key=lambda each: -each[0])
    return [f"{name} ({numbers.percent(value)} %)" for _rank, value, name in known[:WORST]], what


def sheet(board: Board, *, wide: bool) -> list[list[str | int | float | None]]:
    """The board as rows of a workbook, numbers as numbers: a line per unit (`wide`), or the report's columns for one indicator."""
    if not wide:
        return _report(board)
    head: list[str | int | float | None] = [_("Code"), _("Unit")]
    under: list[str | int | float | None] = ["", ""]
    for column in board.columns:
        head += [f"{column.tracked.indicator.code} {column.tracked.indicator.name}", "", ""]
        under += [_("Figure"), measure_of(column), _("Rank")]
    rows = [[*head, _("Score"), _("Rank")], [*under, "", ""]]
    for row in board.rows:
        line: list[str | int | float | None] = [row.unit.code, row.unit.name]
        for column, cell in zip(board.columns, row.cells, strict=True):
            line += [cell.numerator, _plain(column, cell.value), cell.rank]
        rows.append([*line, _share(row.score), row.rank])
    return rows


def _report(board: Board) -> list[list[str | int | float | None]]:
    """The table of weekly reports: TT, unit, target, this period, cumulative, percent, rank, change, note."""
    column = board.columns[0]
    rows: list[list[str | int | float | None]] = [headings()]
    rows += [
        [number, row.unit.code, row.unit.name, *_line(column, row.cells[0])]
        for number, row in enumerate(board.rows, start=1)
    ]
    rows += [
        ["", board.top.code, _("Total of those that reported"), *_line(column, total)]
        for total in board.totals or ()
    ]
    return rows


def headings() -> list[str | int | float | None]:
    """The columns of a report's table."""
    return [
        _("No."), _("Code"), _("Unit"), _("Target given"), _("This period"), _("Cumulative"), _("Denominator"),
        _("Ratio, %"), _("Rank"), _("Against the period before"), _("Note"),
    ]  # fmt: skip


def _line(column: Column, cell: Cell) -> Sequence[str | int | float | None]:
    cumulative = column.tracked.indicator.cumulative
    given = cell.target.value if cell.target else None
    return [
        given if column.tracked.indicator.adds_up else _share(given),
        cell.brought if cumulative else cell.numerator,
        cell.numerator if cumulative else None,
        cell.denominator,
        _share(cell.value) if column.is_percent else None,
        cell.rank,
        _plain(column, cell.change),
        note_of(cell),
    ]


def note_of(cell: Cell) -> str:
    """What a report says beside a figure."""
    if cell.numerator is None:
        return _("Returned") if cell.state == Figure.State.RETURNED else _("Not yet reported")
    notes = []
    if cell.state == Figure.State.SUBMITTED:
        notes.append(_("awaits sign-off"))
    if cell.estimated:
        notes.append(_("estimate after a boundary change"))
    if cell.incomplete:
        notes.append(_("a part has not reported"))
    if cell.differs:
        notes.append(_("the source printed another percentage"))
    return ", ".join(notes)


def ratio(figure: Figure) -> int | None:
    """A figure's own percentage, in hundredths."""
    return measures.hundredths(figure.numerator, figure.denominator)


def differs(figure: Figure, target: int | None) -> bool:
    """Whether the percentage that its source printed fits neither its denominator nor the target."""
    over = [each for each in (figure.denominator, target) if each]
    return bool(over) and all(measures.differs(figure.published, figure.numerator, each) for each in over)


def _share(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


def _plain(column: Column, value: int | None) -> float | int | None:
    return _share(value) if column.is_percent else value

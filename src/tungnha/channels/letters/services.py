"""Making letters: from households in the order of a walk to files in the hand."""

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from numpy.typing import NDArray

from tungnha.channels.letters import sheet, wave
from tungnha.channels.letters.models import LetterBatch, LetterWave
from tungnha.channels.letters.queries import printed_texts, wave_folder
from tungnha.channels.letters.stamping import Done, Letter, make_file
from tungnha.channels.letters.tokens import KEY_PURPOSE
from tungnha.engine.progress import silent
from tungnha.engine.work import work
from tungnha.sealing import derive_key
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

MANIFEST = "manifest.csv"
FACTS = "wave.json"
STATIC = "template.pdf"


class LettersError(Exception):
    """Letters cannot be made from what was given. The message says why, in the user's language."""


@dataclass(frozen=True)
class LetterOrder:
    """One file to make: its number (the turf's) and its households, in the order in which they are walked."""

    number: int
    households: NDArray[np.int64]


def make_letters(
    unit: Unit,
    orders: Sequence[LetterOrder],
    template: str | Path = "open_letter_vi",
    *,
    ordered_by: str = "",
    generated: bool = False,
    engine: str = "local",
    advance: Callable[[int], None] = silent,
    facts: Mapping[str, str] | None = None,
) -> LetterWave:
    """Make one letter for each household, one file for each order, and record the wave.

    Parameters
    ----------
    unit
        Whose letters they are: its name and its province's stand in the letterhead.
    orders
        The files, numbered uniquely; a household is in at most one of them.
    template
        Name of a template of this room, or path of a `.typ` file.
    ordered_by
        What gave the order, as `turf-plan:12`.
    generated
        Marks every page as simulated data.
    engine
        As in `engine.work.work`.
    advance
        Told the number of letters whenever a file is done.
    facts
        For the template, over what the unit gives: `hotline`, `signer`, `signer_title`, `issued`, `authority`,
        `place` (see the template).

    Returns
    -------
    LetterWave
        Its batches are the files below the data folder; `rejected` of each lists letters that could not be set
        (a character without a glyph, a text too long for its box): household, code, field, value, detail, message.

    Raises
    ------
    LettersError
        If there is nothing to make, a number or household comes twice, a household is not in the register, or the
        template cannot be used.
    """
    households = _checked(orders)
    texts = _texts(households)
    try:
        layout = sheet.lay_out(template, _facts(unit, generated=generated, given=facts or {}))
    except sheet.TemplateError as error:
        raise LettersError(str(error)) from error
    record = LetterWave.objects.create(
        unit=unit,
        ordered_by=ordered_by,
        template=layout.template,
        template_sha256=layout.sha256,
        generated=generated,
    )
    folder = wave_folder(record)
    try:
        done = _make_files(record, layout, orders, texts, engine=engine, advance=advance)
        _write_manifest(folder, record, layout, orders, done)
        _record_batches(record, orders, done)
    except BaseException:
        # A wave is whole or not there at all.
        shutil.rmtree(folder, ignore_errors=True)
        record.delete()
        raise
    return record


def letter_key() -> bytes:
    """The key under which this installation signs and verifies letter tokens."""
    return derive_key(KEY_PURPOSE)


def _checked(orders: Sequence[LetterOrder]) -> NDArray[np.int64]:
    if not orders or not any(len(order.households) for order in orders):
        raise LettersError(_("There are no households to write to."))
    numbers = [order.number for order in orders]
    if len(set(numbers)) < len(numbers):
        raise LettersError(_("Two files have the same number."))
    households = np.concatenate([np.asarray(order.households, dtype=np.int64) for order in orders])
    if len(np.unique(households)) < len(households):
        raise LettersError(_("A household would get two letters."))
    return households


def _texts(households: NDArray[np.int64]) -> dict[int, tuple[str, str, str]]:
    """Household → name, address, door code."""
    found = printed_texts(households.tolist())
    missing = next((key for key in households.tolist() if key not in found), None)
    if missing is not None:
        raise LettersError(_("Household %(number)s is not in the register.") % {"number": missing})
    return found


def _facts(unit: Unit, *, generated: bool, given: Mapping[str, str]) -> dict[str, str]:
    today = timezone.localdate()
    # Decree 30/2020, Appendix I: days below 10 and months 1 and 2 have a leading zero, other months none.
    month = f"{today.month:02d}" if today.month < 3 else str(today.month)
    top = unit
    while top.parent is not None:
        top = top.parent
    facts = {
        "unit": unit.name if unit.name.startswith(_KIND_NAMES) else f"{_kind_name(unit)}{unit.name}",
        "province": top.name.removeprefix("Thành phố ").removeprefix("Tỉnh "),
        "issued": f"ngày {today.day:02d} tháng {month} năm {today.year}",
        "generated": "yes" if generated else "",
    }
    return facts | {name: clean(value) for name, value in given.items()}


_KIND_NAMES = ("Phường ", "Xã ", "Thị trấn ", "Đặc khu ", "Thành phố ", "Tỉnh ", "Quận ", "Huyện ", "Thị xã ")


def _kind_name(unit: Unit) -> str:
    kinds = {
        Unit.Kind.WARD: "Phường ",
        Unit.Kind.COMMUNE: "Xã ",
        Unit.Kind.TOWNSHIP: "Thị trấn ",
        Unit.Kind.SPECIAL_ZONE: "Đặc khu ",
    }
    return kinds.get(Unit.Kind(unit.kind), "")


def _make_files(
    record: LetterWave,
    layout: sheet.Layout,
    orders: Sequence[LetterOrder],
    texts: Mapping[int, tuple[str, str, str]],
    *,
    engine: str,
    advance: Callable[[int], None],
) -> list[Done]:
    links = wave.Links.under(settings.TUNGNHA_PUBLIC_URL, letter_key(), record.pk)
    characters = {character for row in texts.values() for text in row for character in text}
    prepared = wave.prepare(layout, links, characters, f"Thư ngỏ – {record.unit}")
    folder = wave_folder(record)
    done = []
    jobs = wave.jobs(prepared, links, _files_of(folder, orders, texts))
    for made in work(make_file, jobs, engine=engine):
        advance(made.letters + len(made.rejected))
        done.append(made)
    return done


def _files_of(
    folder: Path, orders: Sequence[LetterOrder], texts: Mapping[int, tuple[str, str, str]]
) -> Iterator[tuple[Path, list[Letter]]]:
    for order in orders:
        count = len(order.households)
        letters = [
            Letter(key, (*texts[key], wave.place_in_walk(order.number, place, count)))
            for place, key in enumerate(map(int, order.households), start=1)
        ]
        yield folder / f"{order.number:04d}.pdf", letters


def _write_manifest(
    folder: Path,
    record: LetterWave,
    layout: sheet.Layout,
    orders: Sequence[LetterOrder],
    done: Sequence[Done],
) -> None:
    """`manifest.csv` with every file's checksum, and what a check needs to know about the static page."""
    facts = {
        "wave": record.pk,
        "template": layout.template,
        "template_sha256": layout.sha256,
        "generated": record.generated,
        "ordered_by": record.ordered_by,
        "made_at": record.made_at.isoformat(),
        "anchors": [asdict(anchor) for anchor in layout.anchors.values()],
    }
    rows: list[tuple[object, ...]] = [
        (made.path.name, order.number, made.letters, len(made.rejected), made.sha256)
        for order, made in zip(orders, done, strict=True)
    ]
    text = json.dumps(facts, ensure_ascii=False, indent=1).encode()
    for name, content in ((STATIC, layout.static), (FACTS, text)):
        _write(folder / name, content)
        rows.append((name, "", "", "", hashlib.sha256(content).hexdigest()))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("file", "number", "letters", "rejected", "sha256"))
    writer.writerows(rows)
    _write(folder / MANIFEST, table.getvalue().encode())


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _record_batches(record: LetterWave, orders: Sequence[LetterOrder], done: Sequence[Done]) -> None:
    with override(settings.LANGUAGE_CODE):
        batches = [
            LetterBatch(
                wave=record,
                number=order.number,
                file=str(made.path.relative_to(Path(settings.TUNGNHA_DATA))),
                sha256=made.sha256,
                letters=made.letters,
                rejected=[asdict(each) | {"message": _why(each.code, each.detail)} for each in made.rejected],
            )
            for order, made in zip(orders, done, strict=True)
        ]
    with transaction.atomic():
        LetterBatch.objects.bulk_create(batches, batch_size=500)


def _why(code: str, detail: str) -> str:
    if code == "glyph":
        return _("The letter's font has no sign for %(sign)s.") % {"sign": detail}
    return _("The text is too long for its place on the letter (%(room)s).") % {"room": detail}


def make_sample(template: str | Path, target: Path, facts: Mapping[str, str] | None = None) -> None:
    """Write one letter to an invented household, marked as simulated. Raises sheet.TemplateError."""
    texts = ("Nguyễn Thị Hồng Hạnh", "Số 12 ngách 34/5 ngõ 34 phố Mẫu, Tổ dân phố số 7", "K7M4P")
    given = {"unit": "Phường Mẫu", "province": "Hà Nội", "generated": "yes"} | dict(facts or {})
    layout = sheet.lay_out(template, given)
    links = wave.Links.under(settings.TUNGNHA_PUBLIC_URL, letter_key(), 0)
    prepared = wave.prepare(layout, links, set("".join(texts)), "Thư ngỏ")
    letter = Letter(0, (*texts, wave.place_in_walk(1, 1, 1)))
    make_file(next(wave.jobs(prepared, links, [(target, [letter])])))

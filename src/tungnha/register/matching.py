"""The same person in two lists: found, scored, and left for somebody to decide. Nothing merges by itself.

Whoever carries a personal number is found again by its keyed hash. Where a list has no numbers, or a wrong one, pairs are
scored by the model of Fellegi and Sunter (1969) with Splink on DuckDB, over folded names, birth, sex and address. Numbers
and phones go into it as running codes that mean nothing outside one run, never in clear.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tungnha.register.models import MatchCandidate, Resident
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold

if TYPE_CHECKING:
    import duckdb
    from django.utils.functional import _StrPromise

THRESHOLD = 0.5
SURE_PAIRS_TO_LEARN = 200
"""Pairs with the same name and birth date from which a unit's own lists teach the model; fewer, and defaults hold."""
PEOPLE_TO_COUNT = 400
"""Rows from which chances and rare values are counted in the unit itself; among fewer, true pairs would pass for chance."""
_SEED = 20260701
_SAMPLED_PAIRS = 1e6 + 1
_NEVER = 1e-5
_LEAST_SHARE = 5e-4
_LEARNED_OVER = (("birth",), ("name_key",))
_ROUNDS = 10
"""Of learning. By then shares move in the fourth place; many more, and one that nothing supports sinks to nought."""
_log = logging.getLogger(__name__)

REASONS: dict[str, "_StrPromise"] = {
    "number-same": _("same personal number"),
    "number-differs": _("different personal numbers"),
    "name-same": _("same name"),
    "name-unmarked": _("same name but for its accents"),
    "name-order": _("same name in another order"),
    "name-short": _("same name, one with a part missing"),
    "name-near": _("nearly the same name"),
    "name-part": _("same given name"),
    "name-differs": _("different names"),
    "birth-same": _("same date of birth"),
    "birth-swapped": _("day and month of birth swapped"),
    "birth-near": _("date of birth with one slip"),
    "birth-year": _("same year of birth"),
    "birth-close": _("years of birth close together"),
    "birth-differs": _("different dates of birth"),
    "sex-same": _("same sex"),
    "sex-differs": _("different sex"),
    "way-same": _("same street or alley"),
    "way-near": _("similar street or alley"),
    "way-differs": _("different streets or alleys"),
    "house-same": _("same house number"),
    "house-differs": _("different house numbers"),
    "locality-same": _("same building or place"),
    "locality-near": _("similar building or place"),
    "locality-differs": _("different buildings or places"),
    "area-same": _("same residential group"),
    "area-near": _("residential group with one slip"),
    "area-differs": _("different residential groups"),
    "phone-same": _("same phone"),
    "phone-differs": _("different phones"),
}
"""What a comparison's outcome is called in words, by the code that `MatchCandidate.reasons` holds."""


@dataclass(frozen=True)
class _Level:
    """One outcome of a comparison: its code, when it holds (SQL over l and r), its share among true and chance pairs."""

    code: str
    sql: str
    share: float
    chance: float


_SAME_AREA = (
    "(coalesce(area_l = area_r, FALSE) OR"
    " coalesce(length(area_l) > 2 AND damerau_levenshtein(area_l, area_r) <= 1, FALSE))"
)
_NEAR_BY = (
    f"{_SAME_AREA} OR coalesce(jaro_winkler_similarity(way_l, way_r) > 0.9, TRUE)"
    " OR coalesce(jaro_winkler_similarity(locality_l, locality_r) > 0.88, FALSE)"
)
"""Whoever has moved has another alley, number and group all at once. That counts against a pair once, not thrice."""

# The shares are how often each outcome is seen between two offices' entries of one person; they are where learning
# starts, and what holds where a unit has too few sure pairs to learn from. The chances are those of two people of a
# generated ward, and hold where a unit has too few people to count. Conditions are tried from the top.
_COMPARISONS: dict[str, tuple[str, tuple[_Level, ...]]] = {
    "name": (
        "name_l IS NULL OR name_r IS NULL",
        (
            _Level("name-same", "name_l = name_r", 0.80, 7e-4),
            _Level("name-unmarked", "bare_l = bare_r", 0.08, 1e-4),
            _Level("name-order", "name_key_l = name_key_r", 0.01, 1e-5),
            _Level(
                "name-short",
                "(list_has_all(words_l, words_r) OR list_has_all(words_r, words_l))"
                " AND (given_l = given_r OR least(len(words_l), len(words_r)) = 1)"
                " OR first_l = first_r AND given_l = given_r AND initials_l = initials_r AND (short_l OR short_r)",
                0.03,
                1.5e-4,
            ),
            _Level(
                "name-near",
                "damerau_levenshtein(bare_l, bare_r) <= 1"
                " OR (jaro_winkler_similarity(bare_l, bare_r) > 0.92 AND (given_l = given_r OR first_l <> first_r"
                " OR damerau_levenshtein(given_l, given_r) <= 1))",
                0.05,
                2e-3,
            ),
            _Level("name-part", "given_l = given_r OR first_l = given_r OR given_l = first_r", 0.02, 0.025),
            _Level("name-differs", "", 0.01, 0.972),
        ),
    ),
    "birth": (
        "born_year_l IS NULL OR born_year_r IS NULL",
        (
            _Level("birth-same", "birth_l = birth_r", 0.78, 6e-5),
            _Level(
                "birth-swapped",
                "substr(birth_l, 1, 4) = substr(birth_r, 1, 4) AND substr(birth_l, 5, 2) = substr(birth_r, 7, 2)"
                " AND substr(birth_l, 7, 2) = substr(birth_r, 5, 2)",
                0.01,
                1.5e-5,
            ),
            _Level("birth-near", "damerau_levenshtein(birth_l, birth_r) <= 1", 0.05, 1.1e-3),
            _Level("birth-year", "born_year_l = born_year_r", 0.137, 0.013),
            _Level(
                "birth-close",
                "abs(born_year_l - born_year_r) <= 2 OR damerau_levenshtein(birth_l, birth_r) <= 2",
                0.02,
                0.058,
            ),
            _Level("birth-differs", "", 0.003, 0.928),
        ),
    ),
    "sex": (
        "sex_l IS NULL OR sex_r IS NULL",
        (_Level("sex-same", "sex_l = sex_r", 0.99, 0.5), _Level("sex-differs", "", 0.01, 0.5)),
    ),
    "way": (
        "way_l IS NULL OR way_r IS NULL",
        (
            _Level("way-same", "way_l = way_r", 0.85, 0.02),
            _Level("way-near", "jaro_winkler_similarity(way_l, way_r) > 0.9", 0.09, 0.012),
            _Level("way-differs", "", 0.06, 0.968),
        ),
    ),
    "house": (
        f"house_l IS NULL OR house_r IS NULL OR NOT ({_NEAR_BY})",
        (_Level("house-same", "house_l = house_r", 0.93, 0.012), _Level("house-differs", "", 0.07, 0.988)),
    ),
    "locality": (
        "locality_l IS NULL OR locality_r IS NULL",
        (
            _Level("locality-same", "locality_l = locality_r", 0.8, 1e-3),
            _Level("locality-near", "jaro_winkler_similarity(locality_l, locality_r) > 0.88", 0.12, 3e-3),
            _Level("locality-differs", "", 0.08, 0.996),
        ),
    ),
    "area": (
        f"area_l IS NULL OR area_r IS NULL OR NOT ({_NEAR_BY})",
        (
            _Level("area-same", "area_l = area_r", 0.90, 0.7),
            _Level(
                "area-near", "length(area_l) > 2 AND damerau_levenshtein(area_l, area_r) <= 1", 0.03, 3e-3
            ),
            _Level("area-differs", "", 0.07, 0.297),
        ),
    ),
    "phone": (
        "phone_l IS NULL OR phone_r IS NULL",
        (_Level("phone-same", "phone_l = phone_r", 0.7, 3e-5), _Level("phone-differs", "", 0.3, 0.99997)),
    ),
    "number": (
        "number_l IS NULL OR number_r IS NULL",
        (
            _Level("number-same", "number_l = number_r", 0.99, 1e-6),
            _Level("number-differs", "", 0.01, 0.999999),
        ),
    ),
    "list": (
        "source_l IS NULL OR source_r IS NULL",
        (_Level("list-other", "source_l <> source_r", 0.99, 0.5), _Level("list-same", "", 0.01, 0.5)),
    ),
}
_FIXED = frozenset({"number", "list"})
"""Shares that are not learned. The register keeps one row a number, so true pairs with two numbers are only those that
differ; and within one list relatives of one name outnumber repetitions. What is seen of either would mislead."""
_BY_FREQUENCY = {
    "name": ((0, "bare"), (1, "bare")),
    "way": ((0, "way"),),
    "house": ((0, "house"),),
    "area": ((0, "area"),),
}
"""Outcomes that say more the rarer the value: the level's place in its comparison, and the column that is counted."""
_BLOCKS = (
    ("name_key", "born_year"),
    ("name_key", "way"),
    ("name_key", "birth_day"),
    ("name_key", "area"),
    ("name_key", "house"),
    ("birth",),
    ("phone",),
    ("number",),
    ("way", "house"),
    ("way", "born_year"),
    ("area", "given", "born_year"),
    ("area", "house", "given"),
)
"""Pairs are compared when they share all columns of any line; the rest cannot be one person often enough to look."""


@dataclass(frozen=True)
class Records:
    """People to be compared, a column a field and a row a person; None where a list is silent.

    `source` is the list each row is from. `name` has its accents, `birth` is YYYYMMDD, `locality` is a building or place
    within the address, `area` what lies around it; these, `way` and `house` are folded. `number` and `phone` are codes,
    equal where the hidden values are.
    """

    id: Sequence[int]
    source: Sequence[int]
    name: Sequence[str | None]
    birth: Sequence[str | None]
    born_year: Sequence[int | None]
    sex: Sequence[str | None]
    way: Sequence[str | None]
    house: Sequence[str | None]
    locality: Sequence[str | None]
    area: Sequence[str | None]
    phone: Sequence[int | None]
    number: Sequence[int | None]


@dataclass(frozen=True, order=True)
class Pair:
    """Two ids that may be one person, the smaller first, and what spoke for and against it (codes of `REASONS`)."""

    left: int
    right: int
    probability: float = field(compare=False)
    reasons: tuple[str, ...] = field(compare=False)


def find_candidates(unit: Unit, *, threshold: float = THRESHOLD) -> int:
    """Look for people of a unit who stand in the register twice, and queue the pairs. Returns how many are new.

    A pair somebody has decided stays decided. Pairs that still wait are scored anew, and leave the queue where the lists
    no longer speak for them.
    """
    records = _records(unit)
    found = {(pair.left, pair.right): pair for pair in find_pairs(records, threshold=threshold)}
    for key in _same_number(records):
        reasons = found[key].reasons if key in found else ("number-same",)
        found[key] = Pair(*key, 1.0, reasons)
    of_unit = MatchCandidate.objects.filter(left__household__unit=unit, right__household__unit=unit)
    with transaction.atomic():
        known = {(one.left_id, one.right_id): one for one in of_unit.select_for_update()}
        stale, changed = [], []
        for key, one in known.items():
            if one.state != MatchCandidate.State.OPEN:
                continue
            pair = found.get(key)
            if pair is None:
                stale.append(one.pk)
            elif (one.probability, one.reasons) != (pair.probability, list(pair.reasons)):
                one.probability, one.reasons = pair.probability, list(pair.reasons)
                changed.append(one)
        for start in range(0, len(stale), 500):
            MatchCandidate.objects.filter(
                pk__in=stale[start : start + 500], state=MatchCandidate.State.OPEN
            ).delete()
        MatchCandidate.objects.bulk_update(changed, ["probability", "reasons"], batch_size=500)
        new = [
            MatchCandidate(
                left_id=pair.left,
                right_id=pair.right,
                probability=pair.probability,
                reasons=list(pair.reasons),
            )
            for key, pair in found.items()
            if key not in known and key[::-1] not in known
        ]
        MatchCandidate.objects.bulk_create(new, batch_size=500)
    return len(new)


def decide(candidate: MatchCandidate, *, same: bool, by: str) -> bool:
    """Record whether a pair is one person. False when somebody else decided meanwhile; the first decision stands."""
    state = MatchCandidate.State.SAME if same else MatchCandidate.State.DIFFERENT
    with transaction.atomic():
        changed = MatchCandidate.objects.filter(pk=candidate.pk, state=MatchCandidate.State.OPEN).update(
            state=state, decided_by=by[:150], decided_at=timezone.now()
        )
    return bool(changed)


def find_pairs(
    records: Records, *, threshold: float = THRESHOLD, within_lists: bool = True, seed: int = _SEED
) -> list[Pair]:
    """The pairs that are one person with at least the probability given, likeliest first.

    A person stands in a list once: of several rows of one list that would go with a row of another, the likeliest is
    kept. Pairs within one list are repetitions there; `within_lists` says whether to look for those.
    """
    import duckdb  # noqa: PLC0415 - heavy, and only matching needs it

    if len(records.id) < 2:
        return []
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET enable_progress_bar = false")
        _load(connection, records)
        rows = _scored(connection, threshold, seed)
    source = dict(zip(records.id, records.source, strict=True))
    pairs = sorted(
        (
            Pair(min(left, right), max(left, right), round(probability, 6), reasons)
            for left, right, probability, reasons in rows
            if within_lists or source[left] != source[right]
        ),
        key=lambda pair: (-pair.probability, pair.left, pair.right),
    )
    return list(_one_a_list(pairs, source))


def _same_number(records: Records) -> Iterable[tuple[int, int]]:
    """Pairs of ids with one number between them, whatever else is written of them."""
    holders: dict[int, list[int]] = {}
    for row, number in zip(records.id, records.number, strict=True):
        if number is not None:
            holders.setdefault(number, []).append(row)
    for rows in holders.values():
        yield from combinations(sorted(rows), 2)


def _one_a_list(pairs: Iterable[Pair], source: Mapping[int, int]) -> Iterable[Pair]:
    """Of the pairs, likeliest first, those that give no row two partners in one other list."""
    taken: set[tuple[int, int]] = set()
    for pair in pairs:
        here, there = source[pair.left], source[pair.right]
        if here != there:
            claims = {(pair.left, there), (pair.right, here)}
            if claims & taken:
                continue
            taken |= claims
        yield pair


def _codes(values: Iterable[bytes | memoryview | None]) -> list[int | None]:
    """Running numbers for hidden values: equal where they are equal, and telling nothing else."""
    seen: dict[bytes, int] = {}
    return [None if value is None else seen.setdefault(bytes(value), len(seen)) for value in values]


def _records(unit: Unit) -> Records:
    """A unit's residents as the model takes them."""
    rows = list(
        Resident.objects.filter(household__unit=unit)
        .order_by("pk")
        .values_list(
            "pk", "list_file_id", "full_name", "birth_date", "birth_year", "sex", "household__premises__street__name_fold",
            "household__premises__address_fold", "household__premises__number", "household__premises__name",
            "household__premises__group", "phone_sealed", "number_index",
        )
    )  # fmt: skip
    columns = list(zip(*rows, strict=True)) if rows else [()] * 13
    ids, lists, names, dates, years, sexes, streets, addresses, numbers, blocks, groups, phones, indexes = (
        columns
    )
    houses = [fold(number) or None for number in numbers]
    return Records(
        id=ids,
        source=lists,
        name=[name.casefold() for name in names],
        birth=[f"{date:%Y%m%d}" if date else None for date in dates],
        born_year=[date.year if date else year for date, year in zip(dates, years, strict=True)],
        sex=[sex or None for sex in sexes],
        way=[
            street or _without_number(address, house)
            for street, address, house in zip(streets, addresses, houses, strict=True)
        ],
        house=[house or _flat(address) for house, address in zip(houses, addresses, strict=True)],
        locality=[fold(block) or None for block in blocks],
        area=[_group_key(group) for group in groups],
        phone=_codes(phones),
        number=_codes(indexes),
    )


def _without_number(address: str, house: str | None) -> str | None:
    """A folded address without its house number."""
    text = address.removeprefix(f"so {house}").lstrip(" ,") if house else address
    return text or None


def _flat(address: str) -> str | None:
    """What stands before the alley in a folded address without a house number: “p302 chung cu a, ngo 5”."""
    before, comma, _alley = address.partition(",")
    return before if comma else None


def _group_key(group: str) -> str | None:
    """A residential group by its number, however it is written: “TDP 7”, “Tổ dân phố số 7”, “7”."""
    digits = "".join(char for char in fold(group) if char.isdecimal())
    return (digits.lstrip("0") or "0") if digits else fold(group) or None


def _load(connection: "duckdb.DuckDBPyConnection", records: Records) -> None:
    """The records as the table `people`, with what comparing and blocking need beside them."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    texts = ("name", "birth", "sex", "way", "house", "locality", "area")
    types = {name: pa.string() if name in texts else pa.int64() for name in Records.__annotations__}
    arrays = {name: pa.array(getattr(records, name), kind) for name, kind in types.items()}
    if len(set(records.source)) == 1:
        arrays["source"] = pa.nulls(len(records.id), pa.int64())
    arrays["bare"] = pa.array([fold(name) if name else None for name in records.name], pa.string())
    connection.register("given_rows", pa.table(arrays))
    connection.execute(
        """
        CREATE TABLE people AS
        SELECT * EXCLUDE (id), id AS unique_id, words[1] AS first, words[-1] AS given,
            substr(birth, 5, 4) AS birth_day,
            array_to_string(list_sort(words), ' ') AS name_key,
            array_to_string([word[1] for word in words[2:-2]], '') AS initials,
            len(words) > 2 AND length(array_to_string(words[2:-2], '')) = len(words) - 2 AS short
        FROM (SELECT *, string_split(bare, ' ') AS words FROM given_rows)
        ORDER BY id
        """
    )
    connection.unregister("given_rows")


def _sure_pairs(connection: "duckdb.DuckDBPyConnection") -> tuple[int, int]:
    """How many pairs have the same name and birth date, and how many the same number."""
    # Read to its end: DuckDB holds the connection for a result that is not.
    ((by_name, by_number),) = connection.execute(
        """
        SELECT
            (SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM
                (SELECT count(*) AS n FROM people WHERE birth IS NOT NULL GROUP BY name_key, birth, sex)),
            (SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM
                (SELECT count(*) AS n FROM people WHERE number IS NOT NULL GROUP BY number))
        """
    ).fetchall()
    return int(by_name), int(by_number)


def _settings(prior: float, *, numbers_repeat: bool, counted: bool) -> Any:
    """The model: comparisons, what is compared at all, how likely any two rows are one person, whether rare values count."""
    from splink import SettingsCreator, block_on  # noqa: PLC0415 - as above

    comparisons: list[Any] = []
    fixed = _FIXED - {"number"} if numbers_repeat else _FIXED
    for name, (missing, levels) in _COMPARISONS.items():
        described: list[dict[str, Any]] = [
            {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
        ]
        described += [
            {
                "sql_condition": level.sql or "ELSE",
                "label_for_charts": level.code,
                "m_probability": level.share,
                "u_probability": level.chance,
                "fix_m_probability": name in fixed,
            }
            for level in levels
        ]
        for index, column in _BY_FREQUENCY.get(name, ()) if counted else ():
            described[1 + index] |= {"tf_adjustment_column": column, "tf_minimum_u_value": _NEVER}
        comparisons.append({"output_column_name": name, "comparison_levels": described})
    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=prior,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in _BLOCKS],
        max_iterations=_ROUNDS,
        retain_matching_columns=True,  # or the outcomes are left out
        retain_intermediate_calculation_columns=False,
    )


def _learn(people: Any, model: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    """The model with its shares learned from the pairs that agree on some columns, by expectation maximisation."""
    from splink import Linker, block_on  # noqa: PLC0415 - as above

    linker = Linker(people, deepcopy(model), log_level=None)
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), estimate_without_term_frequencies=True, max_pairs=_SAMPLED_PAIRS
        )
    except ValueError:
        # Splink stops where a share sinks below what a float can hold, and leaves its linker half changed.
        _log.warning("nothing learned over %s", columns, exc_info=True)
        return model
    return _without_vetoes(linker.misc.save_model_to_json())


def _without_vetoes(model: dict[str, Any]) -> dict[str, Any]:
    """The model with no outcome so rare among true pairs that it alone would rule a pair out."""
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            if "m_probability" in level:
                level["m_probability"] = max(level["m_probability"], _LEAST_SHARE)
    return model


def _scored(
    connection: "duckdb.DuckDBPyConnection", threshold: float, seed: int
) -> list[tuple[int, int, float, tuple[str, ...]]]:
    from splink import Linker  # noqa: PLC0415 - as above
    from splink.backends.duckdb import DuckDBAPI  # noqa: PLC0415 - as above

    ((count,),) = connection.execute("SELECT count(*) FROM people").fetchall()
    by_name, by_number = _sure_pairs(connection)
    sure = max(by_name, by_number)
    counted = count >= PEOPLE_TO_COUNT
    possible = count * (count - 1) / 2
    prior = min(max(sure / 0.7, 1.0) / possible, 0.5)
    # Splink speaks to whoever tunes a model by hand; here nobody does.
    quiet = logging.getLogger("splink")
    before, quiet.level = quiet.level, logging.ERROR
    try:
        people = DuckDBAPI(connection=connection).register("people")
        settings = _settings(prior, numbers_repeat=by_number > 0, counted=counted)
        linker = Linker(people, settings, log_level=None)
        if counted:
            linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=seed)
        if sure >= max(SURE_PAIRS_TO_LEARN, count // 200):
            model = linker.misc.save_model_to_json()
            for columns in _LEARNED_OVER:
                model = _learn(people, model, columns)
            linker = Linker(people, model, log_level=None)
        scored = linker.inference.predict(
            threshold_match_probability=threshold, warning_mode="never"
        ).as_duckdbpyrelation()
        names = list(_COMPARISONS)
        rows = scored.project(
            ", ".join(
                ["unique_id_l", "unique_id_r", "match_probability", *(f"gamma_{name}" for name in names)]
            )
        ).fetchall()
    finally:
        quiet.level = before
    return [
        (left, right, probability, tuple(_reason(name, level) for name, level in zip(names, levels, strict=True)
                                  if level >= 0 and name != "list"))
        for left, right, probability, *levels in rows
    ]  # fmt: skip


def _reason(name: str, level: int) -> str:
    """The code of an outcome; Splink numbers them from the last, which is 0."""
    levels = _COMPARISONS[name][1]
    return levels[len(levels) - 1 - level].code

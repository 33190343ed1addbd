"""`tungnha units`, `tungnha streets`, `tungnha fetch-data`."""

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from tungnha.territory import changes, changes_csv, following, imports, premises_csv, queries, services
from tungnha.territory.models import BEFORE_RECORDS


def _print(ctx: click.Context, facts: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if ctx.obj["json"] else text)


def unit_with(code: str) -> Any:
    """Today's unit with a code, or wrong use that says what became of it."""
    try:
        return queries.unit(code)
    except queries.UnknownUnitError as error:
        now = ", ".join(f"{one.code} {one.name}" for one in error.successors)
        raise click.UsageError(
            f"No unit has the code {code} today." + (f" It became {now}." if now else "")
        ) from error


def _as_data(problems: list[imports.Problem]) -> list[dict[str, str]]:
    return [asdict(problem) for problem in problems]


def _rights(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say whose data a file holds."""
    attribution = click.option("--attribution", default="", help="What must be written beside the data.")
    return click.option("--licence", default="", help="The licence of the data.")(attribution(command))


def _map_rights(licence: str, attribution: str) -> dict[str, Any]:
    """As given, else OpenStreetMap's."""
    if licence or attribution:
        return {"licence": licence, "attribution": attribution}
    return {"licence": imports.OSM_LICENCE, "attribution": imports.OSM_ATTRIBUTION}


@click.group()
def units() -> None:
    """Load and look up administrative units."""


@units.command("load-vietnam")
@click.option(
    "--province", multiple=True, help="Today's province code (01 is Hanoi); all where none is given."
)
@click.pass_context
def load_vietnam(ctx: click.Context, province: tuple[str, ...]) -> None:
    """Load Vietnam's units before and after 1 July 2025 and the change between them."""
    try:
        done = imports.load_vietnam(province)
    except imports.PlacesError as error:
        raise click.ClickException(str(error)) from error
    facts = {"before": done.before, "since": done.since, "pairs": done.pairs, "unknown": done.unknown}
    _print(
        ctx,
        facts,
        f"{done.before} units until 30 June 2025, {done.since} since, {done.pairs} pairs between them.",
    )


@units.command("boundaries")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--field", default="code", help="The field with the unit's code.")
@_rights
@click.pass_context
def boundaries(ctx: click.Context, file: Path, field: str, licence: str, attribution: str) -> None:
    """Give units their boundaries from a GeoJSON or GeoPackage file."""
    try:
        done = imports.import_boundaries(file, code_field=field, licence=licence, attribution=attribution)
    except imports.PlacesError as error:
        raise click.ClickException(str(error)) from error
    facts = {"set": done.count, "problems": _as_data(done.problems), "doubts": _as_data(done.doubts)}
    lines = [f"{done.count} boundaries set."]
    lines += [f"  not set: {problem.message}" for problem in done.problems]
    lines += [f"  look at: {doubt.message}" for doubt in done.doubts]
    _print(ctx, facts, "\n".join(lines))
    ctx.exit(1 if done.problems else 0)


@units.command("find")
@click.argument("text")
@click.pass_context
def find(ctx: click.Context, text: str) -> None:
    """Find units of any era by name, and what they became."""
    found = [
        {
            "code": one.code,
            "name": one.name,
            "until": one.valid_to.isoformat() if one.valid_to else None,
            "became": [f"{new.code} {new.name}" for new in queries.successors(one)] if one.valid_to else [],
        }
        for one in queries.units_named(text)
    ]
    lines = [
        f"{one['code']}  {one['name']}"
        + (f"  (until {one['until']}; became {', '.join(one['became'] or [])})" if one["until"] else "")
        for one in found
    ]
    _print(ctx, {"units": found}, "\n".join(lines) or "No unit has that name.")


@units.command("history")
@click.argument("code")
@click.option("--scheme", default="vn", show_default=True, help="Who issues the codes.")
@click.pass_context
def history(ctx: click.Context, code: str, scheme: str) -> None:
    """Tell what a code has meant: each unit that had it, what that was made of, and what it became."""
    eras = queries.history(code, scheme)
    if not eras:
        raise click.UsageError(f"No unit has ever had the code {code}.")

    def told(link: queries.Link) -> dict[str, Any]:
        return {"code": link.unit.code, "name": link.unit.name, "whole": link.whole, "share": link.share}

    facts: list[dict[str, Any]] = [
        {
            "code": era.unit.code,
            "name": era.unit.name,
            "parent": era.unit.parent.name if era.unit.parent else None,
            "from": era.unit.valid_from.isoformat() if era.unit.valid_from != BEFORE_RECORDS else None,
            "until": era.unit.valid_to.isoformat() if era.unit.valid_to else None,
            "people": queries.population(era.unit),
            "made_of": [told(link) for link in era.made_of],
            "became": [told(link) for link in era.became],
        }
        for era in eras
    ]
    lines = []
    for one in facts:
        lines.append(
            f"{one['code']}  {one['name']}, {one['parent'] or '-'}  ({one['from'] or '…'} to {one['until'] or 'now'})"
        )
        for title, key in (("made of", "made_of"), ("became", "became")):
            lines += [
                f"    {title} {link['code']} {link['name']}{'' if link['whole'] else ' (in part)'}"
                for link in one[key]
            ]
    _print(ctx, {"eras": facts}, "\n".join(lines))


@units.command("record-change")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--document", required=True, help="The decision's number, such as 1656/NQ-UBTVQH15.")
@click.option(
    "--from", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day of the new units."
)
@click.option("--basis", default="", help="What the shares were measured on: people, households, area.")
@click.pass_context
def record_change(ctx: click.Context, file: Path, document: str, day: datetime, basis: str) -> None:
    """Record merges, splits and renames from CSV: mã cũ, mã mới, tên mới, loại mới, tỷ lệ (%). All of it or nothing."""
    try:
        draft = changes_csv.read_draft(file, decided_by=document, effective=day.date(), basis=basis)
        change = changes.record(draft)
    except imports.PlacesError as error:
        raise click.ClickException(str(error)) from error
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    facts = {"change": change.pk, "old": len({part.old.pk for part in draft.parts}), "new": len(draft.new)}
    _print(ctx, facts, f"{facts['old']} units become {facts['new']} on {day.date()}.")


@units.command("follow-changes")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As if it were that day; today by default."
)
@click.pass_context
def follow_changes(ctx: click.Context, day: datetime | None) -> None:
    """Bring what is open in units that ended over to those that carry on for them. Meant to run every day.

    Safe to run again. What cannot follow by the rule waits for a person, on the page of changes.
    """
    done = following.follow(day.date() if day else timezone.localdate())
    lines = [f"{sum(done.moved.values())} moved, {sum(done.waiting.values())} wait for a decision."]
    lines += [f"  {kind}: {count} moved" for kind, count in sorted(done.moved.items())]
    lines += [f"  {kind}: {count} wait" for kind, count in sorted(done.waiting.items())]
    _print(ctx, asdict(done), "\n".join(lines))


@click.group()
def streets() -> None:
    """Load streets, house numbers and barriers, and place premises on them."""


def _placed(report: services.PlacingReport) -> dict[str, int]:
    return {
        "given": report.given,
        "on_alley": report.on_alley,
        "unplaced": report.unplaced,
        "outside": len(report.outside),
    }


def _placed_text(report: services.PlacingReport) -> str:
    """What became of the premises; only those that had no place yet are counted."""
    text = f"{report.given} premises placed by their position, {report.on_alley} along their alley"
    text += f", {report.unplaced} without a place" if report.unplaced else ""
    if report.outside:
        text += f"; {len(report.outside)} had a position outside the unit, which was dropped"
    return f"{text}."


@streets.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", "code", required=True, help="The unit's code.")
@click.option("--houses/--no-houses", default=True, help="Also take the house numbers of the map.")
@click.option(
    "--barriers", is_flag=True, help="Also take rivers, railways and motorways, which no turf may cross."
)
@_rights
@click.pass_context
def import_streets(
    ctx: click.Context, file: Path, code: str, *, houses: bool, barriers: bool, licence: str, attribution: str
) -> None:
    """Load a unit's streets from an OpenStreetMap extract (.osm.pbf, .osm) or GeoJSON."""
    unit = unit_with(code)
    rights = _map_rights(licence, attribution)
    try:
        edges = imports.import_streets(unit, file, **rights)
        new, moved = imports.import_doors(unit, file, **rights) if houses else (0, 0)
        walls = imports.import_barriers(unit, file, **rights) if barriers else unit.barriers.count()
    except imports.PlacesError as error:
        raise click.ClickException(str(error)) from error
    report = services.place_premises(unit)
    facts = {
        "edges": edges,
        "streets": unit.streets.count(),
        "houses": new + moved,
        "barriers": walls,
        "placed": report.on_alley + report.given,
        "placing": _placed(report),
    }
    lines = [
        f"{facts['streets']} named streets and alleys, {edges} stretches, {walls} barriers.",
        f"{new} premises new from the map, {moved} of the list got their position from it.",
        _placed_text(report),
    ]
    _print(ctx, facts, "\n".join(lines))


@streets.command("premises")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", "code", required=True, help="The unit's code.")
@_rights
@click.pass_context
def import_premises(ctx: click.Context, file: Path, code: str, licence: str, attribution: str) -> None:
    """Load premises from CSV (UTF-8): địa chỉ, and what else is known.

    Columns in Vietnamese or English, any order: địa chỉ, số nhà, tổ dân phố, loại, tên, tòa nhà, tầng, vĩ độ, kinh độ,
    mã đơn vị.
    """
    unit = unit_with(code)
    try:
        done = premises_csv.import_premises(unit, file, licence=licence, attribution=attribution)
    except imports.PlacesError as error:
        raise click.ClickException(str(error)) from error
    report = services.place_premises(unit)
    lines = [f"{done.count} rows taken. {_placed_text(report)}"]
    lines += [f"  row {problem.where}: {problem.message}" for problem in done.problems]
    facts = {"taken": done.count, "problems": _as_data(done.problems), "placing": _placed(report)}
    _print(ctx, facts, "\n".join(lines))
    ctx.exit(1 if done.problems else 0)


@streets.command("place")
@click.option("--unit", "code", required=True, help="The unit's code.")
@click.pass_context
def place(ctx: click.Context, code: str) -> None:
    """Place the premises of a unit that have no place on its streets yet."""
    report = services.place_premises(unit_with(code))
    _print(ctx, _placed(report), _placed_text(report))
    ctx.exit(1 if report.outside else 0)


@click.command("fetch-data")
@click.argument("url")
@click.option("--sha256", required=True, help="What the file's SHA-256 must be.")
@click.pass_context
def fetch_data(ctx: click.Context, url: str, sha256: str) -> None:
    """Fetch a public map file into the data folder, refusing it if its checksum differs.

    Extracts of a country come from Geofabrik (download.geofabrik.de), © OpenStreetMap contributors, ODbL 1.0.
    Clip one to a city with `osmium extract -p city.poly`. Whoever shows such a map must say where it comes from.
    """
    folder = Path(settings.TUNGNHA_DATA) / "maps"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / url.rsplit("/", 1)[-1]
    if not url.startswith("https://"):
        raise click.UsageError("The address must begin with https://")
    part = target.with_suffix(target.suffix + ".part")
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, part.open("wb") as file:  # noqa: S310 - https only
            while block := answer.read(1 << 20):
                digest.update(block)
                file.write(block)
    except (urllib.error.URLError, OSError) as error:
        part.unlink(missing_ok=True)
        raise click.ClickException(f"{url} could not be fetched: {error}") from error
    if digest.hexdigest() != sha256.lower():
        part.unlink()
        raise click.ClickException(
            f"{url} has SHA-256 {digest.hexdigest()}, not the one given. It was not kept."
        )
    part.rename(target)
    _print(ctx, {"file": str(target)}, f"{target}")

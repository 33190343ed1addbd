"""`tungnha units`, `tungnha streets`, `tungnha fetch-data`."""

import hashlib
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from tungnha.territory import imports, queries, services


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
@click.pass_context
def boundaries(ctx: click.Context, file: Path, field: str) -> None:
    """Give units their boundaries from a GeoJSON or GeoPackage file."""
    try:
        count, unknown = imports.import_boundaries(file, code_field=field)
    except imports.PlacesError as error:
        raise click.ClickException(str(error)) from error
    _print(
        ctx,
        {"set": count, "unknown": unknown},
        f"{count} boundaries set; codes of no unit: {', '.join(unknown) or 'none'}.",
    )
    ctx.exit(1 if unknown else 0)


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


@click.group()
def streets() -> None:
    """Load streets and alleys, and place premises on them."""


@streets.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", "code", required=True, help="The unit's code.")
@click.pass_context
def import_streets(ctx: click.Context, file: Path, code: str) -> None:
    """Load a unit's streets from an OpenStreetMap extract (.osm.pbf, .osm) or GeoJSON."""
    unit = unit_with(code)
    try:
        edges = imports.import_streets(unit, file)
    except imports.PlacesError as error:
        raise click.ClickException(str(error)) from error
    placed = services.place_premises(unit)
    facts = {"edges": edges, "streets": unit.streets.count(), "placed": placed.on_alley + placed.given}
    _print(
        ctx,
        facts,
        f"{facts['streets']} named streets and alleys, {edges} stretches; {facts['placed']} premises placed.",
    )


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

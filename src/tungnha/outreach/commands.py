"""`tungnha turfs`: cut turfs and print walk lists."""

import json
from pathlib import Path

import click
from django.conf import settings

from tungnha.engine.progress import bar
from tungnha.outreach.models import TurfPlan
from tungnha.outreach.services import turfs as services
from tungnha.planning.turfs import EFFORTS, Limits
from tungnha.territory.commands import unit_with


@click.group()
def turfs() -> None:
    """Cut turfs and print walk lists."""


@turfs.command("plan")
@click.option("--unit", "codes", multiple=True, required=True, help="The unit's code; several may be given.")
@click.option("--minutes", default=150.0, show_default=True, help="Longest turf, visiting and walking.")
@click.option("--doors", type=int, help="Most doors in a turf.")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--effort",
    type=click.Choice(list(EFFORTS)),
    default="usual",
    show_default=True,
    help="Patient: walks 4% to 7% shorter, for a minute of a processor a ward.",
)
@click.pass_context
def plan(
    ctx: click.Context, codes: tuple[str, ...], minutes: float, doors: int | None, *, seed: int, effort: str
) -> None:
    """Cut units into turfs, each with its walking order."""
    units = [unit_with(code) for code in codes]
    try:
        with bar("Turfs", len(units)) as advance:
            plans = services.plan_units(
                units,
                Limits(minutes=minutes, doors=doors),
                seed=seed,
                effort=effort,
                engine=settings.TUNGNHA_ENGINE,
                advance=advance,
            )
    except services.NothingToPlanError as error:
        raise click.ClickException(str(error)) from error
    if ctx.obj["json"]:
        click.echo(
            json.dumps({"plans": [{"plan": one.pk, "unit": one.unit.code, **one.figures} for one in plans]})
        )
        return
    for one in plans:
        click.echo(f"{one.unit}: {one.figures['turfs']} turfs, {one.figures['doors']} doors (plan {one.pk})")


@turfs.command("print")
@click.option("--unit", "code", required=True, help="The unit's code; its latest plan is printed.")
@click.option("--large", is_flag=True, help="Large type.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Default: files/walklists in the data folder."
)
@click.pass_context
def print_lists(ctx: click.Context, code: str, folder: Path | None, *, large: bool) -> None:
    """Print the walk list of every turf as a PDF."""
    from tungnha.outreach import walklists

    latest = TurfPlan.objects.filter(unit=unit_with(code)).first()
    if latest is None:
        raise click.ClickException("There is no plan yet. Run: tungnha turfs plan --unit " + code)
    with bar("Walk lists", latest.turfs.count()) as advance:
        target = walklists.write_all(latest, folder, large=large, advance=advance)
    click.echo(json.dumps({"folder": str(target)}) if ctx.obj["json"] else f"{target}")

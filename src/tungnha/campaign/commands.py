"""`tungnha indicators`: load and list what is counted."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from django.utils.translation import gettext as _


@click.group()
def indicators() -> None:
    """Load and list indicators and the lists of essential services."""


@indicators.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.pass_context
def load(ctx: click.Context, folder: Path | None) -> None:
    """Load the catalogue that ships with the program, or one from a FOLDER with any of its files."""
    from tungnha.campaign import catalogue
    from tungnha.campaign.services import indicators as services

    try:
        done = services.load(folder or catalogue.SHIPPED)
    except catalogue.CatalogueError as error:
        if ctx.obj["json"]:
            click.echo(json.dumps([asdict(each) for each in error.problems], ensure_ascii=False))
        raise click.ClickException(str(error)) from error
    if ctx.obj["json"]:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(
            _(
                "%(indicators)d indicators, %(lists)d lists with %(services)d essential services that have a name."
            )
            % asdict(done)
        )


@indicators.command("list")
@click.pass_context
def show(ctx: click.Context) -> None:
    """List the indicators: code, kind, name."""
    from tungnha.campaign.models import Indicator

    rows = list(Indicator.objects.all())
    if ctx.obj["json"]:
        facts = [{"code": each.code, "kind": each.kind, "name": each.name} for each in rows]
        click.echo(json.dumps(facts, ensure_ascii=False))
    for each in rows if not ctx.obj["json"] else ():
        click.echo(f"{each.code:<8} {each.kind:<9} {each.name}")

"""`tungnha init` and `tungnha serve`: make the installation ready, and serve its pages; `tungnha letters make`.

Letters do not know turfs, so the command that writes to the households of a plan stands here.
"""

import json
from pathlib import Path

import click
from django.utils.translation import gettext as _

from tungnha.channels.letters.commands import facts_of, letters, report_wave
from tungnha.territory.commands import unit_with

STOPPING_SECONDS = 15
"""How long a request under way may take when the server is told to stop."""


@click.command()
@click.pass_context
def init(ctx: click.Context) -> None:
    """Make the data folder and the database ready. Safe to run again, also after an upgrade."""
    from django.conf import settings
    from django.core.management import call_command

    from tungnha.accounts.models import User
    from tungnha.campaign.services import indicators

    folder = settings.TUNGNHA_DATA
    (folder / "files").mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    indicators.load()
    facts = {"data": str(folder), "database": str(settings.DATABASES["default"]["NAME"])}
    if ctx.obj["json"]:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    click.echo(_("Ready. Data folder: %(data)s") % facts)
    if not User.objects.exists():
        click.echo(_("Next: load units (tungnha units load-vietnam), then the first administrator:"))
        click.echo("  tungnha users invite NAME administrator 01")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads a process."
)
def serve(*, host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages until stopped. Put a proxy with TLS before it when others are to reach it."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    from tungnha.office import upkeep

    call_command("check", databases=["default"])
    # Compressed once, here: a phone on a slow network loads a fifth of the bytes. Cleared, because dates of installed
    # files say nothing about which is newer.
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    settings.WHITENOISE_USE_FINDERS = False
    connections.close_all()  # the workers are forked from here
    upkeep.start()
    click.echo(_("Serving on http://%(host)s:%(port)d") % {"host": host, "port": port}, err=True)
    Granian(
        "tungnha.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # A list import may hold a thread for a minute; the queue behind it stays short.
        backpressure=threads * 8,
        respawn_failed_workers=True,
        workers_kill_timeout=STOPPING_SECONDS,
    ).serve()


@letters.command()
@click.option("--unit", "code", required=True, help="The unit's code; the letters follow its plan in use.")
@click.option("--template", default="open_letter_vi", show_default=True, help="A name or a .typ file.")
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="As hotline='024 …', signer='…'.")
@click.pass_context
def make(ctx: click.Context, code: str, template: str, facts: tuple[str, ...]) -> None:
    """Make a letter for every household of a unit's plan in use, a file a turf in walking order.

    Exit code 1 if some letters could not be set; see: tungnha letters rejected WAVE.
    """
    from django.conf import settings

    from tungnha.channels.letters.services import LettersError
    from tungnha.engine.progress import bar
    from tungnha.office import queries, services

    plan = queries.latest_plan(unit_with(code))
    if plan is None:
        raise click.ClickException(_("There are no turfs yet. Run: tungnha turfs plan --unit %s") % code)
    chosen: str | Path = Path(template) if template.endswith(".typ") else template
    try:
        with bar(_("Letters"), sum(plan.turfs.values_list("doors", flat=True))) as advance:
            wave = services.write_letters(
                plan, facts_of(facts), template=chosen, engine=settings.TUNGNHA_ENGINE, advance=advance
            )
    except LettersError as error:
        raise click.ClickException(str(error)) from error
    report_wave(ctx, wave)

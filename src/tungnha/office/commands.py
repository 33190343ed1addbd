"""`tungnha init` and `tungnha serve`: make the installation ready, and serve its pages."""

import json

import click
from django.utils.translation import gettext as _


@click.command()
@click.pass_context
def init(ctx: click.Context) -> None:
    """Make the data folder and the database ready. Safe to run again, also after an upgrade."""
    from django.conf import settings
    from django.core.management import call_command

    folder = settings.TUNGNHA_DATA
    (folder / "files").mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    facts = {"data": str(folder), "database": str(settings.DATABASES["default"]["NAME"])}
    if ctx.obj["json"]:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(_("Ready. Data folder: %(data)s") % facts)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads a process."
)
def serve(*, host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages until stopped. Put a proxy with TLS before it when others are to reach it."""
    from granian import Granian
    from granian.constants import Interfaces

    from tungnha.office import upkeep

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
    ).serve()

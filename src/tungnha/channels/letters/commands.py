"""`tungnha letters`: check letters that were made, list them, and try a template."""

import json
from pathlib import Path

import click
from django.utils.translation import gettext as _

from tungnha.channels.letters.models import LetterBatch, LetterWave

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SHOWN = 20


@click.group()
def letters() -> None:
    """Make and check letters."""


@letters.command()
@click.argument("folder", type=_FOLDER)
@click.option("--every", default=1, type=click.IntRange(min=1), help="Read every n-th page only.")
@click.pass_context
def check(ctx: click.Context, folder: Path, every: int) -> None:
    """Read the letters in FOLDER back: checksums, pictures, texts, door codes and QR codes.

    FOLDER is a wave's, with its manifest.csv. Exit code 1 if anything is wrong.
    """
    from dataclasses import asdict

    from django.conf import settings

    from tungnha.channels.letters import checking, queries, services
    from tungnha.engine.progress import bar

    try:
        with bar(_("Reading letters")) as advance:
            report = checking.check(
                folder,
                key=services.letter_key(),
                expected=queries.printed_texts,
                every=every,
                engine=settings.TUNGNHA_ENGINE,
                advance=advance,
            )
    except checking.NotAWaveError as error:
        raise click.UsageError(str(error)) from error
    if ctx.obj["json"]:
        click.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        counts = {"files": report.files, "pages": report.pages, "read": report.read}
        click.echo(_("%(files)s files, %(pages)s letters, %(read)s read.") % counts)
        for problem in report.problems[:_SHOWN]:
            place = f"{problem.file}:{problem.page}" if problem.page else problem.file
            click.echo(f"{place}: {queries.problem_text(problem.code)} {problem.detail}".rstrip())
        if len(report.problems) > _SHOWN:
            click.echo(_("… and %(count)s more.") % {"count": len(report.problems) - _SHOWN})
        if not report.problems:
            click.echo(_("Every letter is right."))
    ctx.exit(1 if report.problems else 0)


@letters.command(name="list")
@click.pass_context
def list_waves(ctx: click.Context) -> None:
    """List the waves of letters and their folders."""
    from tungnha.channels.letters import queries

    rows = [
        {
            "wave": summary.number,
            "unit": summary.unit,
            "made_at": summary.made_at.isoformat(timespec="minutes"),
            "files": summary.files,
            "letters": summary.letters,
            "rejected": summary.rejected,
            "folder": str(summary.folder),
        }
        for summary in queries.waves()
    ]
    if ctx.obj["json"]:
        click.echo(json.dumps({"waves": rows}, ensure_ascii=False))
        return
    if not rows:
        click.echo(_("No letters have been made yet."))
    for row in rows:
        line = _(
            "%(wave)s  %(unit)s  %(made_at)s: %(letters)s letters in %(files)s files, %(rejected)s rejected"
        )
        click.echo(line % row + f"\n    {row['folder']}")


def facts_of(given: tuple[str, ...]) -> dict[str, str]:
    """What `--fact NAME=VALUE` says."""
    return dict(fact.partition("=")[::2] for fact in given)


def report_wave(ctx: click.Context, wave: LetterWave) -> None:
    """Say what a wave that was just made holds. Exit code 1 if some letters could not be set."""
    from tungnha.channels.letters import queries

    (summary,) = queries.waves(LetterWave.objects.filter(pk=wave.pk))
    facts = {
        "wave": summary.number,
        "files": summary.files,
        "letters": summary.letters,
        "rejected": summary.rejected,
        "folder": str(summary.folder),
    }
    if ctx.obj["json"]:
        click.echo(json.dumps(facts))
    else:
        click.echo(_("%(letters)s letters in %(files)s files, %(rejected)s rejected: %(folder)s") % facts)
        if summary.rejected:
            click.echo(_("See: tungnha letters rejected %(wave)s") % facts)
    ctx.exit(1 if summary.rejected else 0)


@letters.command()
@click.argument("wave", type=int)
@click.pass_context
def rejected(ctx: click.Context, wave: int) -> None:
    """List the letters of a WAVE that could not be set, with the reason."""
    rows = [
        {"number": batch.number, **each}
        for batch in LetterBatch.objects.filter(wave=wave)
        for each in batch.rejected
    ]
    if ctx.obj["json"]:
        click.echo(json.dumps({"rejected": rows}, ensure_ascii=False))
        return
    if not rows:
        click.echo(_("No letter was rejected."))
    for row in rows:
        click.echo(f"{row['number']:>4}  {row['value']}: {row['message']}")


@letters.command()
@click.argument("template", default="open_letter_vi")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="As hotline='024 …', signer='…'.")
@click.pass_context
def sample(ctx: click.Context, template: str, target: Path, facts: tuple[str, ...]) -> None:
    """Write one sample letter by TEMPLATE (a name or a .typ file) to TARGET, to look at before a wave is made."""
    from tungnha.channels.letters import services, sheet

    try:
        services.make_sample(template, target, facts_of(facts))
    except sheet.TemplateError as error:
        raise click.UsageError(str(error)) from error
    click.echo(json.dumps({"file": str(target)}) if ctx.obj["json"] else str(target))

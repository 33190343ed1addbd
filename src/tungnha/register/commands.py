"""`tungnha lists`: preview, import and export household and resident lists."""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from django.utils.translation import gettext as _

from tungnha.engine.ahead import ahead
from tungnha.engine.progress import bar
from tungnha.register import imports
from tungnha.register.reading import ListError
from tungnha.register.sweeping import begin_unswept
from tungnha.register.validation import describe
from tungnha.territory.commands import unit_with


@click.group()
def lists() -> None:
    """Preview, import and export household and resident lists."""


@lists.command("preview")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", "code", required=True, help="The unit the list is for.")
@click.pass_context
def preview(ctx: click.Context, file: Path, code: str) -> None:
    """Show how a list would be understood. Nothing is written."""
    try:
        shown = imports.preview(file, unit_with(code))
    except ListError as error:
        raise click.ClickException(str(error)) from error
    if ctx.obj["json"]:
        click.echo(json.dumps({"sheets": [asdict(sheet) for sheet in shown.sheets]}, ensure_ascii=False))
        return
    for sheet in shown.sheets:
        click.echo(f"{sheet.name}: {sheet.rows} rows")
        for guess in sheet.layout.guesses if sheet.layout else ():
            click.echo(
                f"  {guess.header:<30} → {guess.field or '—':<14} {guess.confidence:4.0%}  {'; '.join(guess.samples)}"
            )
        for found in sheet.issues[:20]:
            click.echo(f"  {describe(found)}")


@lists.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", "code", required=True, help="The unit the list is for.")
@click.option("--confirm-padding", is_flag=True, help="Put back leading zeros that a spreadsheet removed.")
@click.option("--mend", type=click.Path(path_type=Path), help="Where to write the rows to mend, in clear.")
@click.option("--generated", is_flag=True, help="The people are generated, not real.")
@click.pass_context
def import_list(
    ctx: click.Context, file: Path, code: str, mend: Path | None, *, confirm_padding: bool, generated: bool
) -> None:
    """Import a list: good rows in, bad rows back as a file to mend."""
    try:
        with bar(_("Bringing in the list")) as advance:
            report = imports.run(
                file,
                unit_with(code),
                confirm_padding=confirm_padding,
                generated=generated,
                work=partial(ahead, start=begin_unswept),
                advance=advance,
            )
    except ListError as error:
        raise click.ClickException(str(error)) from error
    if mend and report.mend_file:
        mend.write_bytes(imports.read_mend_file(report.mend_file))
    facts = {
        "accepted": report.accepted,
        "rejected": report.rejected,
        "warned": report.warned,
        "placed_on_alley": report.placing.on_alley,
        "unplaced": report.placing.unplaced,
        "mend_file": str(mend) if mend and report.mend_file else None,
    }
    if ctx.obj["json"]:
        click.echo(json.dumps(facts))
    else:
        click.echo(
            f"{report.accepted} rows taken ({report.warned} with warnings), {report.rejected} rejected."
        )
        click.echo(
            f"{report.placing.given} doors stand where the list says, {report.placing.on_alley} on their alley,"
            f" {report.placing.unplaced} nowhere yet."
        )
        for found in report.issues[:20]:
            click.echo(f"  {describe(found)}")
        if report.mend_file:
            click.echo(f"To mend and send again: {mend or 'give --mend FILE, or take it from the pages'}")
    ctx.exit(1 if report.rejected else 0)


@lists.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--unit", "code", required=True, help="The unit whose people to take out.")
@click.option(
    "--numbers", is_flag=True, help="Personal numbers and phones in full; otherwise they are masked."
)
@click.pass_context
def export_list(ctx: click.Context, file: Path, code: str, *, numbers: bool) -> None:
    """Write a unit's people to FILE (.csv or .xlsx) in the importer's own columns.

    With --numbers, importing FILE again changes nothing. FILE is in clear: keep it as you would a paper list.
    """
    import getpass

    from tungnha.register import exports

    wanted = exports.Export(unit_with(code), by=getpass.getuser(), numbers=numbers)
    kind = file.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise click.UsageError(_("A list is written as .csv or .xlsx."))
    try:
        pieces = exports.as_csv(wanted) if kind == ".csv" else [exports.as_workbook(wanted)]
        file.touch(mode=0o600)
        with file.open("wb") as target:
            target.writelines(pieces)
    except exports.ExportError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps({"file": str(file)}) if ctx.obj["json"] else str(file))


@lists.command("match")
@click.option("--unit", "code", required=True, help="The unit whose people to compare.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), default=None, help="Least probability to queue; 0.5."
)
@click.pass_context
def match(ctx: click.Context, code: str, threshold: float | None) -> None:
    """Look for people written down twice, and queue the pairs for somebody to decide. Nothing is merged."""
    from tungnha.register import matching

    found = matching.find_candidates(
        unit_with(code), threshold=matching.THRESHOLD if threshold is None else threshold
    )
    click.echo(json.dumps({"new": found}) if ctx.obj["json"] else f"{found} new pairs wait for a decision.")

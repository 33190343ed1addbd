"""`tungnha campaigns`: a campaign's set-up as a file, out and in."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from tungnha.campaign.files.differences import Row
    from tungnha.campaign.files.imports import Outcome

_PROBLEMS_SHOWN = 300


@click.group()
def campaigns() -> None:
    """Bring a campaign's set-up in from a file, and write it out."""


@campaigns.command("export")
@click.argument("code")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Where to write; standard output otherwise."
)
def export_campaign(code: str, output: Path | None) -> None:
    """Write a campaign's whole set-up as YAML. The same set-up gives the same bytes."""
    from tungnha.campaign.files.exports import export
    from tungnha.campaign.models import Campaign

    campaign = Campaign.objects.filter(code=code).select_related("unit").first()
    if campaign is None:
        raise click.ClickException(_("There is no campaign with the code %(code)s.") % {"code": code})
    text = export(campaign)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_bytes(text.encode())


@campaigns.command("schema")
def schema_of_file() -> None:
    """Print the JSON Schema of a campaign file, for editors."""
    from tungnha.campaign.files.schema import as_text

    click.echo(as_text(), nl=False)


@campaigns.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--by", "username", required=True, help="Who imports; they have to plan in the campaign's territory."
)
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
@click.option(
    "--start",
    type=click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"]),
    help="Move the whole campaign to begin on this day.",
)
@click.pass_context
def import_campaign(
    ctx: click.Context, file: Path, username: str, start: datetime | None, *, dry_run: bool
) -> None:
    """Make a campaign what FILE says, whole or not at all.

    Exit codes: 0 done or nothing to do, 1 the file has problems and nothing was changed.
    """
    from tungnha.accounts.models import User
    from tungnha.campaign.files import imports
    from tungnha.campaign.files.differences import rows

    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.ClickException(_("There is nobody called %(username)s.") % {"username": username})
    document = imports.understand(file.read_bytes())
    if start is not None:
        document.begin_on(start.date())
    outcome = (imports.look if dry_run else imports.bring_in)(document, user)
    found = rows(outcome)
    if ctx.obj["json"]:
        click.echo(json.dumps(_facts(outcome, found), ensure_ascii=False))
    else:
        for problem in outcome.problems[:_PROBLEMS_SHOWN]:
            click.echo(f"{file.name}: {problem}", err=True)
        if len(outcome.problems) > _PROBLEMS_SHOWN:
            more = len(outcome.problems) - _PROBLEMS_SHOWN
            click.echo(_("and %(count)d more, all of them with --json") % {"count": more}, err=True)
        for row in found if not outcome.problems else ():
            click.echo(f"{row.sign} {row.part}: {row.label}")
            for change in row.changes:
                click.echo(f"    {change.field}: {change.was} → {change.becomes}")
        click.echo(_verdict(outcome, dry_run=dry_run), err=bool(outcome.problems))
    ctx.exit(1 if outcome.problems else 0)


def _verdict(outcome: "Outcome", *, dry_run: bool) -> str:
    if outcome.problems:
        return _("%(count)d problems; nothing was changed.") % {"count": len(outcome.problems)}
    if not outcome.differences:
        return _("The campaign already is what the file says.")
    return (
        _("Nothing was changed: this was a dry run.") if dry_run else _("The campaign is what the file says.")
    )


def _facts(outcome: "Outcome", found: "list[Row]") -> dict[str, Any]:
    return {
        "problems": [
            {"line": one.place.line, "column": one.place.column, "path": one.path, "message": one.message}
            for one in outcome.problems
        ],
        "changes": [
            {
                "what": row.what,
                "part": row.part,
                "label": row.label,
                "fields": {one.field: [one.was, one.becomes] for one in row.changes},
            }
            for row in found
        ],
    }

"""`tungnha field`: rehearse with a virtual team."""

import json
from datetime import timedelta

import click
from django.utils.translation import gettext as _


@click.group()
def field() -> None:
    """Rehearse field work with a virtual team."""


@field.command()
@click.option("--unit", "code", required=True, help="Code of the unit whose walks are played.")
@click.option("--campaign", "campaign_code", required=True, help="Code of the campaign.")
@click.option("--volunteers", default=10, show_default=True)
@click.option("--evenings", default=1, show_default=True, help="Evenings up to yesterday.")
@click.option("--seed", default=1, show_default=True)
@click.option("--by", "username", required=True, help="Whose name stands for giving the walks.")
@click.option(
    "--url",
    default="",
    help="Send over HTTP to a server at this address; otherwise straight into the ledger.",
)
@click.option(
    "--faults/--no-faults", default=True, help="Dead zones, lost answers, repeated requests, wrong clocks."
)
@click.pass_context
def play(
    ctx: click.Context,
    *,
    code: str,
    campaign_code: str,
    volunteers: int,
    evenings: int,
    seed: int,
    username: str,
    url: str,
    faults: bool,
) -> None:
    """Play evenings of volunteers on a unit's walks. Refused where real people live behind the doors."""
    from django.utils import timezone

    from tungnha.accounts.models import User
    from tungnha.campaign.models import Campaign
    from tungnha.engine.progress import bar
    from tungnha.field.virtual.evenings import RealPeopleError, play_evenings
    from tungnha.field.virtual.phones import NO_FAULTS, Faults
    from tungnha.field.virtual.servers import Direct, Http
    from tungnha.outreach.models import TurfPlan
    from tungnha.territory.commands import unit_with

    unit = unit_with(code)
    plan = TurfPlan.objects.filter(unit=unit).first()
    campaign = Campaign.objects.filter(code=campaign_code).first()
    by = User.objects.filter(username=username).first()
    if plan is None or campaign is None or by is None:
        raise click.ClickException(_("There is no such person, campaign, or plan of walks."))
    # Over HTTP the server's clock is the real one, so what is played happened today.
    now = timezone.now()
    days = (
        [now - timedelta(days=back) for back in range(evenings, 0, -1)]
        if not url
        else [now - timedelta(days=1)] * evenings
    )
    try:
        with bar(_("Evenings"), volunteers * evenings) as advance:
            played = play_evenings(
                plan, campaign, Http(url) if url else Direct(), volunteers=volunteers, evenings=days, seed=seed, by=by,
                faults=Faults() if faults else NO_FAULTS, advance=advance,
            )  # fmt: skip
    except RealPeopleError as error:
        raise click.ClickException(_("Visits to real people are not played.")) from error
    facts = {"visits": len(played.saved), "unsent": played.unsent, "doors": played.doors}
    click.echo(
        json.dumps(facts)
        if ctx.obj["json"]
        else _("%(visits)d visits at %(doors)d doors played; %(unsent)d not sent.") % facts
    )
    ctx.exit(1 if played.unsent else 0)

"""`tungnha review`: look at a day's visits."""

import json
from datetime import datetime, timedelta

import click
from django.utils.translation import gettext as _


@click.command()
@click.option("--campaign", "code", required=True, help="Code of the campaign.")
@click.option(
    "--day", type=click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"]), help="The day; yesterday if not given."
)
@click.pass_context
def review(ctx: click.Context, *, code: str, day: datetime | None) -> None:
    """Run the review checks over everybody's visits of a day. Running it again adds nothing."""
    from tungnha.campaign.models import Campaign
    from tungnha.progress import services

    campaign = Campaign.objects.filter(code=code).first()
    if campaign is None:
        raise click.ClickException(_("There is no campaign “%(code)s”.") % {"code": code})
    looked_at = day.date() if day else campaign.today() - timedelta(days=1)
    new = services.review(campaign, looked_at)
    facts = {"day": looked_at.isoformat(), "new": new}
    click.echo(json.dumps(facts) if ctx.obj["json"] else _("%(new)d things to look at on %(day)s.") % facts)

"""`tungnha users`: add people and give them roles."""

import json
import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from tungnha.territory.models import Unit

_DAY = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])


def _say(ctx: click.Context, facts: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if (ctx.obj or {}).get("json") else text)


def _unit(code: str, scheme: str, on: date | None) -> "Unit":
    """The unit that bears `code` on a day; without a day, the one in force now, else the latest."""
    from django.db.models import Q
    from django.utils import timezone

    from tungnha.territory.models import Unit

    day = on or timezone.localdate()
    bearing = Unit.objects.filter(scheme=scheme, code=code)
    in_force = bearing.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day).first()
    unit = in_force or (bearing.order_by("-valid_from").first() if on is None else None)
    if unit is None:
        raise click.ClickException(_("There is no unit with the code %(code)s.") % {"code": code})
    return unit


@click.group()
def users() -> None:
    """Add people and give them roles."""


@users.command()
@click.argument("username")
@click.option("--name", "full_name", default="", help="The person's full name.")
@click.option(
    "--password", envvar="TUNGNHA_PASSWORD", help="At least 12 characters; made and shown when not given."
)
@click.pass_context
def add(ctx: click.Context, username: str, full_name: str, password: str | None) -> None:
    """Add a person who may sign in. They see nothing until a role is granted."""
    from django.core.exceptions import ValidationError

    from tungnha.accounts import services

    chosen = password or secrets.token_urlsafe(12)
    try:
        user = services.create_user(username, chosen, full_name=full_name)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    facts: dict[str, Any] = {"username": user.username}
    text = _("Added %(username)s.") % facts
    if password is None:
        facts["password"] = chosen
        text += " " + _("Password: %(password)s (shown once)") % facts
    _say(ctx, facts, text)


@users.command()
@click.argument("username")
@click.argument("role")
@click.argument("unit_code")
@click.option("--scheme", default="vn", show_default=True, help="Who issued the unit's code.")
@click.option("--era", type=_DAY, help="A day on which the unit bore this code; codes are reused.")
@click.option("--from", "valid_from", type=_DAY, help="First day of the role; today when not given.")
@click.option("--until", "valid_to", type=_DAY, help="First day the role is no longer held.")
@click.pass_context
def grant(
    ctx: click.Context,
    *,
    username: str,
    role: str,
    unit_code: str,
    scheme: str,
    era: datetime | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> None:
    """Give a person a role for a unit and everything below it."""
    from django.core.exceptions import ValidationError

    from tungnha.accounts import services
    from tungnha.accounts.models import User

    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.ClickException(_("There is nobody called %(username)s.") % {"username": username})
    unit = _unit(unit_code, scheme, era.date() if era else None)
    try:
        held = services.grant_role(
            user,
            role,
            unit,
            valid_from=valid_from.date() if valid_from else None,
            valid_to=valid_to.date() if valid_to else None,
        )
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    facts = {
        "username": username,
        "role": held.role,
        "unit": unit.code,
        "unit_name": unit.name,
        "from": held.valid_from.isoformat(),
        "until": held.valid_to.isoformat() if held.valid_to else None,
    }
    _say(ctx, facts, _("%(username)s now holds %(role)s for %(unit_name)s.") % facts)

"""`tungnha users`: people and their roles. `tungnha audit`: the audit trail."""

import json
import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from tungnha.accounts.models import User
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


def _user(username: str) -> "User":
    from tungnha.accounts.models import User

    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.ClickException(_("There is nobody called %(username)s.") % {"username": username})
    return user


@click.group()
def users() -> None:
    """Add people, give them roles, and help them sign in."""


@users.command()
@click.argument("username")
@click.argument("role")
@click.argument("unit_code")
@click.option("--name", "full_name", default="", help="The person's full name.")
@click.option("--scheme", default="vn", show_default=True, help="Who issued the unit's code.")
@click.pass_context
def invite(
    ctx: click.Context, *, username: str, role: str, unit_code: str, full_name: str, scheme: str
) -> None:
    """Add a person with their first role; prints a link with which they choose a password.

    The first administrator: tungnha users invite NAME administrator CODE-OF-THE-CITY
    """
    from django.core.exceptions import ValidationError

    from tungnha.accounts.services import people

    unit = _unit(unit_code, scheme, None)
    try:
        user, token = people.invite(username=username, full_name=full_name, role=role, unit=unit)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    _say_link(ctx, user, token)


@users.command()
@click.argument("username")
@click.pass_context
def link(ctx: click.Context, username: str) -> None:
    """Make a new link for a person who lost theirs or forgot the password."""
    from tungnha.accounts.services import people

    user = _user(username)
    _say_link(ctx, user, people.new_link(user))


def _say_link(ctx: click.Context, user: "User", token: str) -> None:
    from django.conf import settings
    from django.urls import reverse

    from tungnha.accounts.services.people import INVITATION_DAYS

    facts = {
        "username": user.username,
        "link": f"{settings.TUNGNHA_PUBLIC_URL}{reverse('invitation', args=[token])}",
        "days": INVITATION_DAYS,
    }
    text = _("%(username)s chooses a password here, once, within %(days)d days:\n%(link)s") % facts
    _say(ctx, facts, text)


@users.command("reset-second-factor")
@click.argument("username")
@click.pass_context
def reset_second_factor(ctx: click.Context, username: str) -> None:
    """Take away a person's second factors, because the phone is lost; they are signed out everywhere."""
    from tungnha.accounts.services import factors

    factors.reset(_user(username))
    facts = {"username": username}
    _say(ctx, facts, _("%(username)s sets up a new second factor at the next sign-in.") % facts)


@users.command()
@click.argument("username")
@click.pass_context
def unlock(ctx: click.Context, username: str) -> None:
    """Let a person try again who typed too many wrong passwords or codes."""
    from tungnha.accounts.services import people

    people.unlock(_user(username))
    facts = {"username": username}
    _say(ctx, facts, _("%(username)s may try again at once.") % facts)


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

    user = _user(username)
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


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command("forget")
@click.pass_context
def forget(ctx: click.Context) -> None:
    """Delete what is older than the installation keeps (`audit_days`); run it daily. Twelve months always stay."""
    from tungnha.accounts.services import audit as trail

    facts = {"deleted": trail.forget_old()}
    _say(ctx, facts, _("%(deleted)d entries deleted.") % facts)

"""`tungnha ledger`: check, rebuild and export what happened; see and settle what is held; phones' sessions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from tungnha.engine.progress import bar

if TYPE_CHECKING:
    from tungnha.accounts.models import User
    from tungnha.ledger.models import Held


def _say(ctx: click.Context, facts: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if ctx.obj["json"] else text)


@click.group()
def ledger() -> None:
    """Check, rebuild and export what happened; settle what is held."""


@ledger.command()
@click.option("--against", help="POSITION:HASH that an earlier check printed and that was kept elsewhere.")
@click.pass_context
def check(ctx: click.Context, against: str | None) -> None:
    """Recompute the chain of hashes and name every entry that is not what was written."""
    from tungnha.ledger import chain, stored

    kept = None
    if against is not None:
        try:
            position, _colon, digest = against.partition(":")
            kept = (int(position), bytes.fromhex(digest))
        except ValueError as error:
            raise click.UsageError(_("--against takes POSITION:HASH, as the check prints it.")) from error
    with bar(_("Entries"), stored.head()[0]) as advance:
        found = chain.check(against=kept, advance=advance)
    said = {
        "changed": _("Entry %(position)s (%(uuid)s) is not what was written."),
        "missing": _("Entry %(position)s is missing."),
        "cut": _("The ledger ends before entry %(position)s, which it once had."),
    }
    lines = [said[one.what] % {"position": one.position, "uuid": one.uuid} for one in found.breaks]
    head = f"{found.entries}:{found.head.hex()}"
    lines.append(
        _("%(count)s entries; keep this elsewhere: %(head)s") % {"count": found.entries, "head": head}
    )
    breaks = [{"position": one.position, "id": one.uuid, "what": one.what} for one in found.breaks]
    _say(ctx, {"entries": found.entries, "head": head, "breaks": breaks}, "\n".join(lines))
    if breaks:
        ctx.exit(1)


@ledger.command()
@click.pass_context
def rebuild(ctx: click.Context) -> None:
    """Recompute everything that is counted from the entries, and say whether it was right before."""
    from tungnha.ledger import rebuilding, stored

    with bar(_("Entries"), stored.head()[0]) as advance:
        tables = rebuilding.rebuild(advance=advance)
    lines = [
        (_("%(table)s: %(rows)s rows, as before") if one.same else _("%(table)s: %(rows)s rows, mended"))
        % {"table": one.table, "rows": one.rows}
        for one in tables
    ]
    facts = [{"table": one.table, "rows": one.rows, "same": one.same} for one in tables]
    _say(ctx, {"tables": facts}, "\n".join(lines))


@ledger.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(ctx: click.Context, path: Path) -> None:
    """Write all entries to a Parquet file."""
    from tungnha.ledger import exports, stored

    with bar(_("Entries"), stored.head()[0]) as advance:
        written = exports.write_parquet(path, advance=advance)
    _say(
        ctx,
        {"path": str(path), "entries": written},
        _("%(count)s entries in %(path)s") % {"count": written, "path": path},
    )


@ledger.command()
@click.option("--as", "username", required=True, help="Who looks: they see the phones of their units.")
@click.pass_context
def held(ctx: click.Context, username: str) -> None:
    """List what was sent but is held, with the reasons."""
    from tungnha.ledger import queries

    rows = [
        {
            "digest": bytes(one.pk).hex()[:16],
            "id": str(one.uuid) if one.uuid else None,
            "reason": one.reason,
            "detail": one.detail,
            "person": one.device.user.username,
            "unit": one.device.unit.name,
            "received_at": one.received_at.isoformat(),
        }
        for one in queries.held(_person(username))[:1000]
    ]
    lines = [
        f"{row['digest']}  {row['reason']:<16} {row['person']:<16} {row['unit']}  {row['detail']}"
        for row in rows
    ]
    _say(ctx, {"held": rows}, "\n".join(lines) or _("Nothing is held."))


@ledger.command()
@click.argument("digest")
@click.option("--as", "username", required=True, help="The supervisor who decides.")
@click.option("--note", required=True, help="Why.")
@click.option("--refuse", is_flag=True, help="Decide that it does not count, rather than take it in.")
@click.pass_context
def settle(ctx: click.Context, digest: str, username: str, note: str, *, refuse: bool) -> None:
    """Take a held entry into the ledger, or refuse it."""
    from tungnha.ledger import services

    one, person = _held(digest, username)
    try:
        if refuse:
            services.refuse(one, by=person, note=note)
        else:
            services.release(one, by=person, note=note)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    except PermissionDenied as error:
        raise click.ClickException(_("%(person)s may not decide this.") % {"person": username}) from error
    _say(ctx, {"digest": digest, "state": one.state}, str(one.get_state_display()))


@ledger.command()
@click.option("--as", "username", required=True, help="The supervisor who decides.")
@click.pass_context
def retry(ctx: click.Context, username: str) -> None:
    """After an update or an import: take in what was held because it was not understood."""
    from tungnha.ledger import queries, services

    person = _person(username)
    taken = services.retry(by=person, waiting=list(queries.held(person)))
    _say(ctx, {"taken": taken}, _("%(count)s held entries were taken in.") % {"count": taken})


@ledger.command()
@click.argument("username")
@click.argument("unit_code")
@click.argument("campaign")
@click.option("--area", "areas", multiple=True, help="A walk the phone is bound to, such as turf:17.")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 90))
@click.option("--phone", type=click.UUID, help="The phone's own id, when it had a session before.")
@click.pass_context
def enrol(
    ctx: click.Context,
    *,
    username: str,
    unit_code: str,
    campaign: str,
    areas: tuple[str, ...],
    days: int,
    phone: UUID | None,
) -> None:
    """Give a person's phone a session and show its token once."""
    from tungnha.ledger import services
    from tungnha.territory.commands import unit_with

    try:
        device, token = services.enrol(
            _person(username), campaign=campaign, unit=unit_with(unit_code), areas_bound=areas, days=days, installation=phone
        )  # fmt: skip
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    facts = {"device": device.pk, "token": token, "expires_at": device.expires_at.isoformat()}
    _say(ctx, facts, _("Session %(device)s until %(expires_at)s. Token (shown once): %(token)s") % facts)


@ledger.command()
@click.argument("device", type=int)
@click.pass_context
def revoke(ctx: click.Context, device: int) -> None:
    """End a phone's session at once."""
    from tungnha.ledger import services
    from tungnha.ledger.models import Device

    found = Device.objects.filter(pk=device).first()
    if found is None:
        raise click.ClickException(_("There is no session %(device)s.") % {"device": device})
    services.revoke(found)
    _say(ctx, {"device": device}, _("Session %(device)s is over.") % {"device": device})


def _person(username: str) -> "User":
    from tungnha.accounts.models import User

    person = User.objects.filter(username=username).first()
    if person is None:
        raise click.ClickException(_("There is nobody called %(username)s.") % {"username": username})
    return person


def _held(digest: str, username: str) -> "tuple[Held, User]":
    """The held entry whose digest begins so, among those that the person may see."""
    from tungnha.ledger import queries

    person = _person(username)
    found = [one for one in queries.held(person) if bytes(one.pk).hex().startswith(digest.lower())]
    if len(found) != 1:
        raise click.ClickException(_("No single held entry begins with %(digest)s.") % {"digest": digest})
    return found[0], person


@ledger.command()
def openapi() -> None:
    """Print the sync protocol's OpenAPI document, as kept in docs/sync.openapi.json."""
    from tungnha.ledger import kinds
    from tungnha.ledger.sync.openapi import text

    click.echo(text(kinds.every()), nl=False)

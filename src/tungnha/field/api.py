"""The app's calls: take a phone into use, fetch the walks in its person's hands, give everything back."""

import base64
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tungnha.accounts import trail
from tungnha.accounts.models import AuditEntry, User
from tungnha.ledger import devices, sealing, services
from tungnha.ledger import queries as ledger
from tungnha.ledger.devices import Session
from tungnha.ledger.models import Device
from tungnha.ledger.sync import packing
from tungnha.ledger.sync.problems import ProblemError
from tungnha.ledger.sync.views import door, sent
from tungnha.outreach.models import Assignment
from tungnha.outreach.queries import phone, positions
from tungnha.outreach.queries.teams import walks_of
from tungnha.outreach.services import teams
from tungnha.outreach.services.positions import keep_stamps

DAYS = 7
"""How long a phone's session lasts. What it holds is older than 72 hours at no time, and is fetched anew."""
HOURS = 72
MARK = "tungnha_phone"
"""A cookie beside the browser's storage, so that the app notices when the storage is gone. Set by the server, because
Safari keeps what a script sets no longer than the storage itself."""


def _binding(user: User, installation: UUID) -> dict[str, Any] | None:
    """What a phone's session is bound to: the first walk's campaign and unit, and every walk in the person's hands there.

    A phone whose person holds no walk any more is bound as it was before: something may still wait on it.
    """
    held = list(walks_of(user))
    earlier = Device.objects.filter(installation=installation, user=user).select_related("unit").last()
    if not held:
        if earlier is None:
            return None
        return {"campaign": earlier.campaign, "unit": earlier.unit, "areas_bound": earlier.areas}
    campaign, unit = held[0].member.team.campaign.code, held[0].turf.plan.unit
    areas = {_area(one) for one in held if _inside(one, campaign, unit.path)}
    if earlier and (earlier.campaign, earlier.unit_id) == (campaign, unit.pk):
        areas.update(earlier.areas)
    return {"campaign": campaign, "unit": unit, "areas_bound": sorted(areas)}


def _area(one: Assignment) -> str:
    return f"turf:{one.turf_id}"


def _inside(one: Assignment, campaign: str, path: str) -> bool:
    return one.member.team.campaign.code == campaign and one.turf.plan.unit.path.startswith(path)


@require_http_methods(["HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Give the signed-in person's phone (`installation`) a session bound to their walks; 404 while they hold none.

    With `walks=1` the answer has the walks as well: a new phone waits for one round of the network instead of two.
    The sign-in ends with it: whoever finds the phone has the walks behind the PIN, and no way into the office's pages.
    """
    user = request.user
    assert isinstance(user, User)  # the middleware lets nobody else in
    if request.method == "HEAD":  # "am I signed in?", asked before a PIN is
        return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
    try:
        installation = UUID(request.POST.get("installation", ""))
    except ValueError:
        return HttpResponse(status=400)
    bound = _binding(user, installation)
    if bound is None:
        return HttpResponse(status=404)
    try:
        session, token = services.enrol(user, **bound, days=DAYS, installation=installation)
    except ValidationError:  # the role has ended since the walk was given
        return HttpResponse(status=404)
    logout(request)
    answer: dict[str, Any] = {
        "token": token,
        "user": user.pk,
        "key": base64.b64encode(sealing.public_key()).decode(),
        "name": user.get_full_name() or user.get_username(),
        "until": session.expires_at.isoformat(),
        "hours": HOURS,
    }
    if request.POST.get("walks") == "1":
        answer["walks"] = _told(request, devices.find(token), have={}, after=0)
    data, encoding = packing.pack(msgspec.json.encode(answer), request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(data, content_type="application/json", headers={"Cache-Control": "no-store"})
    if encoding:
        response["Content-Encoding"] = encoding
    response.set_cookie(
        MARK, "1", max_age=90 * 86_400, path="/di/", samesite="Strict", secure=request.is_secure()
    )
    return response


def _held(session: Session) -> list[Assignment]:
    return [one for one in walks_of(session.user) if _inside(one, session.campaign, session.unit_path)]


def _walks(request: HttpRequest, session: Session) -> dict[str, Any]:
    """The walks in the person's hands that changed since `?have=id:version,…`, and the numbers of all of them.

    Of the others, how those doors stand now about which the ledger has something after `?after=`.
    """
    have = dict(part.split(":", 1) for part in request.GET.get("have", "")[:4000].split(",") if ":" in part)
    after = request.GET.get("after", "0")
    if not after.isascii() or not after.isdecimal() or len(after) > 18:
        raise ProblemError(400, "malformed", "after: a whole number")
    return _told(request, session, have=have, after=int(after))


def _told(request: HttpRequest, session: Session, *, have: dict[str, str], after: int) -> dict[str, Any]:
    held = _held(session)
    services.bind(session, [_area(one) for one in held])
    # Read before the doors are: what comes in meanwhile is told again, rather than never.
    position = ledger.position()
    data = [phone.walk(one) for one in held]
    changed = [one for one in data if have.get(str(one["id"])) != one["version"]]
    known = [one for one in data if one not in changed]
    if changed:
        trail.tell(request, AuditEntry.Kind.READ, actor_id=session.user, unit_id=session.unit)
    return {
        "now": timezone.now(),
        "yours": [one["id"] for one in data],
        "walks": changed,
        "seen": {one["id"]: phone.news(one, min(after, position)) for one in known},
        "position": position,
        "stamp": positions.rule(session.campaign, session.user),
    }


walks = door(GET=_walks)


class Stamp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Near which street of the walk a visit was recorded; 0 for none of them."""

    entry: UUID
    street: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Stamps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stamps of visits that the server has."""

    stamps: Annotated[list[Stamp], msgspec.Meta(max_length=500)]


_stamped = msgspec.json.Decoder(Stamps)


def _stamps(request: HttpRequest, session: Session) -> dict[str, Any]:
    """Take near which streets visits were recorded. What may not be kept is passed over."""
    told = {one.entry: one.street for one in sent(request, _stamped).stamps}
    return {"kept": keep_stamps(session.user, session.campaign, told)}


stamps = door(POST=_stamps)


def _give_back(request: HttpRequest, session: Session) -> dict[str, Any]:
    """The shift is over: the walks go back to the team, and the session ends."""
    del request
    held = _held(session)
    for one in held:
        teams.take_back(one)
    services.revoke(Device.objects.get(pk=session.pk))
    return {"given_back": len(held)}


give_back = door(POST=_give_back)

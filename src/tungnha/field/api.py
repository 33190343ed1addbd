"""The app's two calls: take a phone into use, and fetch the walks in its person's hands."""

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tungnha.accounts import trail
from tungnha.accounts.models import AuditEntry
from tungnha.ledger import sealing, services
from tungnha.ledger.devices import Session
from tungnha.ledger.sync.views import door
from tungnha.outreach.models import Assignment
from tungnha.outreach.queries import phone
from tungnha.outreach.queries.teams import walks_of

DAYS = 7
"""How long a phone's session lasts. What it holds is older than 72 hours at no time, and is fetched anew."""
HOURS = 72


def _together(held: list[Assignment]) -> list[Assignment]:
    """The walks that one session can be bound to: those of the first one's campaign and unit."""
    if not held:
        return []
    first = held[0]
    same = (first.member.team.campaign_id, first.turf.plan.unit_id)
    return [one for one in held if (one.member.team.campaign_id, one.turf.plan.unit_id) == same]


@require_POST
def device(request: HttpRequest) -> HttpResponse:
    """Give the signed-in person's phone a session bound to their walks; 404 while they hold none."""
    held = _together(list(walks_of(request.user)))  # type: ignore[arg-type] # the middleware lets nobody else in
    if not held:
        return HttpResponse(status=404)
    first = held[0]
    session, token = services.enrol(
        first.member.user,
        campaign=first.member.team.campaign.code,
        unit=first.turf.plan.unit,
        areas_bound=[f"turf:{one.turf_id}" for one in held],
        days=DAYS,
    )
    answer = {
        "token": token,
        "key": base64.b64encode(sealing.public_key()).decode(),
        "name": first.member.user.get_full_name() or first.member.user.get_username(),
        "until": session.expires_at.isoformat(),
        "hours": HOURS,
    }
    response = JsonResponse(answer)
    response["Cache-Control"] = "no-store"
    return response


def _walks(request: HttpRequest, session: Session) -> dict[str, Any]:
    """The walks in the person's hands that changed since `?have=id:version,…`, and the numbers of all of them."""
    have = dict(part.split(":", 1) for part in request.GET.get("have", "")[:4000].split(",") if ":" in part)
    held = [
        one
        for one in _together(list(walks_of(session.user)))
        if one.member.team.campaign.code == session.campaign
    ]
    services.bind(session, [f"turf:{one.turf_id}" for one in held])
    data = [phone.walk(one) for one in held]
    changed = [one for one in data if have.get(str(one["id"])) != one["version"]]
    if changed:
        trail.tell(request, AuditEntry.Kind.READ, actor_id=session.user, unit_id=session.unit)
    return {"now": timezone.now(), "yours": [one["id"] for one in data], "walks": changed}


walks = door(GET=_walks)

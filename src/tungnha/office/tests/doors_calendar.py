"""Doors of the calendar. The touch is the ward's; the feed and the rules too."""

from datetime import date
from typing import TYPE_CHECKING

from tungnha.accounts.roles import Action
from tungnha.campaign.services import calendar, feeds
from tungnha.campaign.services.calendar import Planned
from tungnha.office.tests.doors import ANYWHERE, WARD, Door, Need, World

if TYPE_CHECKING:
    from django.db.models import Model

READ = Need(Action.FIGURES, ANYWHERE)
_TOUCH = {"kind": "campaign_day", "title": "Ngày thứ Sáu xanh", "start": "2026-10-02"}
DOORS = {
    "calendar": Door(("campaign",), get=READ),
    "conflicts": Door(("campaign",), get=READ),
    "touch-new": Door(
        # Without a unit the form comes back: whose unit it is, differs from role to role.
        ("campaign",),
        get=Need(Action.PLAN, ANYWHERE),
        post=Need(Action.PLAN, ANYWHERE, 400, _TOUCH),
    ),
    "slot-rules": Door(
        ("campaign", "unit"),
        get=Need(Action.PLAN, WARD),
        post=Need(Action.PLAN, WARD, 302, {"quiet": "22:00-05:00"}),
    ),
    "feeds": Door(
        ("campaign",),
        get=Need(Action.PLAN, ANYWHERE),
        post=Need(Action.PLAN, ANYWHERE, 400, {"name": "Đội loa"}),
    ),
    "touch": Door(("touch",), get=Need(Action.FIGURES, WARD)),
    "touch-change": Door(
        ("touch",), get=Need(Action.PLAN, WARD), post=Need(Action.PLAN, WARD, 400, _TOUCH | {"seen": "0"})
    ),
    "touch-cancel": Door(("touch",), post=Need(Action.PLAN, WARD, 302, {"reason": "Mưa", "seen": "0"})),
    "feed-revoke": Door(("feed",), post=Need(Action.PLAN, WARD, 302)),
    "feed-file": Door(("token",), get=Need(None), public=True),
}


def objects(world: World) -> "dict[str, Model | str]":
    """A campaign day of the ward, in the far future so that it is never over, and a feed."""
    type(world.campaign).objects.filter(pk=world.campaign.pk).update(deadline=date(2099, 12, 31))
    world.campaign.refresh_from_db()
    day = date(2099, 10, 2)
    touch = calendar.plan_touch(
        world.campaign,
        Planned(kind="campaign_day", title="Ngày thứ Sáu xanh", unit=world.ward, start=day, end=day),
        by=world.author,
    )
    feed, token = feeds.make_feed(world.campaign, unit=world.ward, name="Đội loa", by=world.author)
    return {"campaign": world.campaign, "unit": world.ward, "touch": touch, "feed": feed, "token": token}

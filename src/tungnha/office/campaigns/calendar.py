"""The calendar's pages: many units or themes over a month or a week, one of them day by day, one day, and what clashes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tungnha.accounts.scope import Action, visible_units
from tungnha.campaign.conflicts import Alike, alike
from tungnha.campaign.models import Campaign, Theme, Touch
from tungnha.campaign.occurrences import Occurrence
from tungnha.campaign.queries import calendar as reads
from tungnha.campaign.queries.calendar import Stretch
from tungnha.campaign.touch_kinds import CHANNELS
from tungnha.office import address
from tungnha.office.campaigns import month
from tungnha.office.campaigns.frame import around, campaign_seen
from tungnha.territory.models import Unit

_ROWS = 150
_CONFLICTS = 50
_TOLD = 3
"""Conflicts told above the calendar; the others have a page."""
_TOUCHES = 100
SPANS: dict[str, Callable[[date], tuple[date, date]]] = {
    "thang": month.month_of,
    "tuan": month.week_of,
    "ngay": lambda day: (day, day),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for: which days, of which unit, theme and channel, by what the rows are."""

    span: str
    day: date
    unit: Unit | None
    theme: Theme | None
    channel: str
    by_theme: bool

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        return SPANS[self.span](self.day)

    def keeps(self, touch: Touch) -> bool:
        """Whether a touch is of the theme and channel that are asked for."""
        return (self.theme is None or touch.theme_id == self.theme.pk) and (
            not self.channel or touch.what.channel == self.channel
        )


def _asked(request: HttpRequest, campaign: Campaign, units: Iterable[Unit]) -> Asked:
    """Read the address. What is nonsense counts as not asked; whose only unit it is, is shown that one day by day."""
    text = request.GET.get
    day = address.day(request, "ngay") or min(max(campaign.today(), campaign.start), campaign.deadline)
    seen = list(units)
    chosen = {str(one.pk): one for one in seen}.get(text("don_vi", ""))
    by_theme = text("theo") == "chu-de"
    if chosen is None and len(seen) == 1 and not by_theme:
        chosen = seen[0]
    theme = Theme.objects.filter(campaign=campaign, pk=address.key(request, "chu_de")).first()
    channel = text("kenh", "")
    return Asked(
        text("xem", "") if text("xem", "") in SPANS else "thang",
        day,
        chosen,
        theme,
        channel if channel in CHANNELS else "",
        by_theme,
    )


def _stretch(request: HttpRequest, campaign: Campaign, asked: Asked) -> Stretch:
    touches = reads.touches_seen_by(request.user).filter(campaign=campaign)
    if asked.unit is not None:
        touches = touches.filter(reads.reaching(asked.unit))
    return reads.stretch(campaign, touches, *asked.days)


def _told(found: Stretch, asked: Asked) -> list[Alike]:
    """The conflicts of the theme and channel that are asked for, those that read the same put together."""
    mine = [one for one in found.conflicts if any(asked.keeps(t) for t in (one.touch, one.other) if t)]
    return alike(mine)


@require_safe
def calendar(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The calendar over a month, a week or a day, for the units that the person sees and those above them."""
    campaign = campaign_seen(request, campaign_id)
    units = list(reads.units_seen(campaign, request.user))
    asked = _asked(request, campaign, units)
    found = _stretch(request, campaign, asked)
    first, last = asked.days
    shown = [one for one in found.occurrences if asked.keeps(one.touch)]
    clashing = month.clashes(found.conflicts)
    context = around(request, campaign, "calendar") | _around(request, campaign, asked, units)
    told = _told(found, asked)
    context |= {"conflicts": told[:_TOLD], "conflict_count": len(told)}
    context["any"] = bool(shown) or Touch.objects.filter(campaign=campaign).exists()
    if asked.span == "ngay":
        context["page"] = Paginator(shown, _TOUCHES).get_page(request.GET.get("trang"))
        context["clashing"] = {touch for touch, _day in clashing}
        return render(request, "office/campaigns/calendar_day.html", context)
    if asked.unit is not None or asked.theme is not None:
        context["agenda"] = month.agenda(shown, clashing, first, last)
        return render(request, "office/campaigns/calendar_agenda.html", context)
    days = month.days_between(first, last)
    names, key_of = _by_theme(campaign) if asked.by_theme else _by_unit(units, shown)
    page = Paginator(names, _ROWS).get_page(request.GET.get("trang"))
    context |= {"page": page, "columns": days, "rows": month.grid(list(page), key_of, shown, clashing, days)}
    return render(request, "office/campaigns/calendar_grid.html", context)


def _by_theme(campaign: Campaign) -> tuple[list[tuple[int, str]], Callable[[Occurrence], int]]:
    themes = Theme.objects.filter(campaign=campaign).values_list("pk", "name")
    return [*themes, (0, _("Without a theme"))], lambda one: one.touch.theme_id or 0


def _by_unit(
    units: list[Unit], shown: Iterable[Occurrence]
) -> tuple[list[tuple[int, str]], Callable[[Occurrence], int]]:
    """The units that the person sees, after those above them that plan something; groups count for their ward."""
    names = {one.pk: one.name for one in units}
    others: dict[int, str] = {}
    for one in shown:
        unit = one.touch.unit
        if unit.pk not in names and unit.kind != Unit.Kind.GROUP:
            others[unit.pk] = unit.name

    def key_of(one: Occurrence) -> int:
        unit = one.touch.unit
        return unit.parent_id if unit.kind == Unit.Kind.GROUP and unit.parent_id else unit.pk

    return [*others.items(), *names.items()], key_of


def _around(request: HttpRequest, campaign: Campaign, asked: Asked, units: list[Unit]) -> dict[str, Any]:
    """The head of each calendar page: what is asked, its neighbours, the choices."""
    first, last = asked.days
    planning = visible_units(request.user, Action.PLAN).filter(path__startswith=campaign.unit.path)
    return {
        "asked": asked,
        "first": first,
        "last": last,
        "before": first - timedelta(days=1),
        "after": last + timedelta(days=1),
        "units": units,
        "themes": Theme.objects.filter(campaign=campaign),
        "channels": CHANNELS.values(),
        "may_plan": planning.exists(),
        "single": len(units) == 1,
    }


@require_safe
def conflicts(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Everything that does not go together in a month, a week or a day, with what could be done."""
    campaign = campaign_seen(request, campaign_id)
    units = list(reads.units_seen(campaign, request.user))
    asked = _asked(request, campaign, units)
    found = _stretch(request, campaign, asked)
    context = around(request, campaign, "calendar") | _around(request, campaign, asked, units)
    page = Paginator(_told(found, asked), _CONFLICTS).get_page(request.GET.get("trang"))
    context |= {"page": page, "rules": reads.rules_in(campaign)}
    return render(request, "office/campaigns/conflicts.html", context)


def touch_seen(request: HttpRequest, pk: int) -> Touch:
    """A touch that reaches the person's units or is planned in them, or Http404."""
    seen = reads.touches_seen_by(request.user)
    touches = seen.select_related("campaign__unit", "unit", "organisation", "theme", "wording")
    touch = get_object_or_404(touches, pk=pk)
    campaign_seen(request, touch.campaign_id)
    return touch

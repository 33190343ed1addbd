"""What of themes and the calendar follows a unit that is merged, split or renamed: what is still to come.

A touch moves whole, its past occurrences with it; where two units that are merged both planned something for the same
hour, the calendar of the successor shows the conflict. Local rules do not follow: the successor decides on its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import Feed, ThemeOwner, Touch
from tungnha.territory import following
from tungnha.territory.following import Open
from tungnha.territory.models import Unit


def register() -> None:
    """Called once, when the program starts."""
    for follower in (Owners(), Touches(), Feeds()):
        following.register(follower)


def _moved(rows: QuerySet[Any], **changes: Any) -> dict[int, str]:
    keys = list(rows.select_for_update().values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=keys).update(**changes)
    return dict.fromkeys(keys, "")


class Owners:
    """Units that own the wording of themes still true when they end."""

    kind = "theme-owner"
    label: str | Promise = _("themes whose wording they sign")
    by_itself = False

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        rows = ThemeOwner.objects.filter(unit__in=units, theme__end__gte=F("unit__valid_to"))
        return [Open(*row) for row in rows.values_list("pk", "unit", "theme__name")]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        del by
        return _moved(ThemeOwner.objects.filter(pk__in=keys, unit__valid_to__lte=day), unit=heir)


class Touches:
    """What is planned for days on which the unit is no more."""

    kind = "touch"
    label: str | Promise = _("planned touches")
    by_itself = False

    def _open(self) -> QuerySet[Touch]:
        return Touch.objects.filter(cancelled_from=None, last_day__gte=F("unit__valid_to"))

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        rows = self._open().filter(unit__in=units).order_by("unit", "day", "pk")
        return [Open(*row) for row in rows.values_list("pk", "unit", "title")]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        rows = self._open().filter(pk__in=keys, unit__valid_to__lte=day)
        changed = {"changed_by": by} if by is not None else {}
        return _moved(rows, unit=heir, revision=F("revision") + 1, changed_at=timezone.now(), **changed)


class Feeds:
    """Feeds that calendar programs still read."""

    kind = "feed"
    label: str | Promise = _("calendar feeds")
    by_itself = False

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        rows = Feed.objects.filter(unit__in=units, revoked_at=None)
        return [Open(*row) for row in rows.values_list("pk", "unit", "name")]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        del by
        rows = Feed.objects.filter(pk__in=keys, revoked_at=None, unit__valid_to__lte=day)
        return _moved(rows, unit=heir)

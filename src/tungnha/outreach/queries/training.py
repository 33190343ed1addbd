"""Who has passed which course."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils import timezone

from tungnha.accounts.models import User
from tungnha.outreach import training
from tungnha.outreach.models import TrainingResult


def passes(
    users: Iterable[User | int], courses: Iterable[training.Course], *, on: date | None = None
) -> dict[tuple[int, str], TrainingResult]:
    """By person and course: the pass of the course's present version that holds longest, of those that hold on a day."""
    day = on or timezone.localdate()
    versions = {one.name: one.version for one in courses}
    found = TrainingResult.objects.filter(
        Q(expires_on=None) | Q(expires_on__gt=day), user__in=list(users), course__in=versions, passed=True
    )
    held: dict[tuple[int, str], TrainingResult] = {}
    for one in found.order_by("-expires_on"):
        if one.version == versions[one.course]:
            held.setdefault((one.user_id, one.course), one)
    return held


def passed(
    users: Iterable[User | int], course: str = training.DOORSTEP, *, on: date | None = None
) -> set[int]:
    """Keys of those among `users` who hold a pass of the course's present version on a day (today)."""
    return {user for user, _course in passes(users, [training.course(course)], on=on)}

"""Who has passed which course."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils import timezone

from tungnha.accounts.models import User
from tungnha.outreach import training
from tungnha.outreach.models import TrainingResult


def passed(
    users: Iterable[User | int], course: str = training.DOORSTEP, *, on: date | None = None
) -> set[int]:
    """Keys of those among `users` who hold a pass of the course's present version on a day (today)."""
    day = on or timezone.localdate()
    found = TrainingResult.objects.filter(
        Q(expires_on=None) | Q(expires_on__gt=day),
        user__in=list(users),
        course=course,
        version=training.course(course).version,
        passed=True,
    )
    return set(found.values_list("user", flat=True))

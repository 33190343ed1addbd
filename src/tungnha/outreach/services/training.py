"""Sitting a course."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tungnha.accounts.models import User
from tungnha.outreach import training
from tungnha.outreach.models import TrainingResult


def sit(user: User, course: str, answers: Mapping[int, str]) -> TrainingResult:
    """Record a try at a course's questions; `answers` by the question's place. Raises UnknownCourseError."""
    asked = training.course(course)
    right = training.right_answers(asked, answers)
    enough = training.passes(asked, right)
    expires = timezone.localdate() + timedelta(days=asked.valid_days) if enough else None
    with transaction.atomic():
        return TrainingResult.objects.create(
            user=user,
            course=course,
            version=asked.version,
            right=right,
            asked=len(asked.questions),
            passed=enough,
            taken_at=timezone.now(),
            expires_on=expires,
        )

"""Outreach's tables, a file for each subject."""

from tungnha.outreach.models.callbacks import Callback
from tungnha.outreach.models.found import FoundHousehold
from tungnha.outreach.models.outcomes import HouseholdOutcome, ResidentStep
from tungnha.outreach.models.reports import VisitorReport
from tungnha.outreach.models.teams import Assignment, Member, Team
from tungnha.outreach.models.training import TrainingResult
from tungnha.outreach.models.turfs import Stop, Turf, TurfPlan

__all__ = [
    "Assignment",
    "Callback",
    "FoundHousehold",
    "HouseholdOutcome",
    "Member",
    "ResidentStep",
    "Stop",
    "Team",
    "TrainingResult",
    "Turf",
    "TurfPlan",
    "VisitorReport",
]

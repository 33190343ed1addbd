"""Outreach's tables, a file for each subject."""

from tungnha.outreach.models.attendance import Attendance
from tungnha.outreach.models.callbacks import Callback
from tungnha.outreach.models.found import FoundHousehold
from tungnha.outreach.models.outcomes import HouseholdOutcome, ResidentStep
from tungnha.outreach.models.position_decisions import PositionDecision
from tungnha.outreach.models.positions import PositionConsent, PositionStamp
from tungnha.outreach.models.reports import VisitorReport
from tungnha.outreach.models.shifts import Shift
from tungnha.outreach.models.teams import Assignment, Member, Team
from tungnha.outreach.models.training import TrainingResult
from tungnha.outreach.models.turfs import Stop, Turf, TurfPlan

__all__ = [
    "Assignment",
    "Attendance",
    "Callback",
    "FoundHousehold",
    "HouseholdOutcome",
    "Member",
    "PositionConsent",
    "PositionDecision",
    "PositionStamp",
    "ResidentStep",
    "Shift",
    "Stop",
    "Team",
    "TrainingResult",
    "Turf",
    "TurfPlan",
    "VisitorReport",
]

"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.campaigns import Campaign, Phase
from tungnha.campaign.models.figures import Figure, FigureTable
from tungnha.campaign.models.indicators import (
    EssentialService,
    Indicator,
    ServiceList,
    ServiceOwner,
    TrackedIndicator,
)
from tungnha.campaign.models.organisations import Organisation
from tungnha.campaign.models.plans import Evidence, Plan, Task, TaskDependency, TaskEvent
from tungnha.campaign.models.targets import Basis, Curve, CurvePoint, Target, TargetDecision

__all__ = [
    "Attachment",
    "Basis",
    "Campaign",
    "Curve",
    "CurvePoint",
    "EssentialService",
    "Evidence",
    "Figure",
    "FigureTable",
    "Indicator",
    "Organisation",
    "Phase",
    "Plan",
    "ServiceList",
    "ServiceOwner",
    "Target",
    "TargetDecision",
    "Task",
    "TaskDependency",
    "TaskEvent",
    "TrackedIndicator",
]

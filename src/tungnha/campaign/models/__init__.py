"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.calendar import Feed, SlotRules, Touch, TouchException
from tungnha.campaign.models.campaigns import Campaign, Phase
from tungnha.campaign.models.directives import Directive, DirectiveLine, Recipient, RecipientEvent, Response
from tungnha.campaign.models.figures import Figure, FigureTable
from tungnha.campaign.models.indicators import (
    EssentialService,
    Indicator,
    ServiceList,
    ServiceOwner,
    TrackedIndicator,
)
from tungnha.campaign.models.organisations import Organisation
from tungnha.campaign.models.parameters import Parameter, RosterShape
from tungnha.campaign.models.plans import Evidence, Plan, Task, TaskDependency, TaskEvent
from tungnha.campaign.models.replication import (
    Deviation,
    OrderDraw,
    Replication,
    ReplicationUnit,
    Template,
)
from tungnha.campaign.models.support import (
    SupportEvent,
    SupportEvidence,
    SupportKind,
    SupportModel,
    SupportRequirement,
)
from tungnha.campaign.models.targets import Basis, Curve, CurvePoint, Target, TargetDecision
from tungnha.campaign.models.themes import (
    Theme,
    ThemeChannel,
    ThemeEvent,
    ThemeOwner,
    Wording,
    WordingText,
)

__all__ = [
    "Attachment",
    "Basis",
    "Campaign",
    "Curve",
    "CurvePoint",
    "Deviation",
    "Directive",
    "DirectiveLine",
    "EssentialService",
    "Evidence",
    "Feed",
    "Figure",
    "FigureTable",
    "Indicator",
    "OrderDraw",
    "Organisation",
    "Parameter",
    "Phase",
    "Plan",
    "Recipient",
    "RecipientEvent",
    "Replication",
    "ReplicationUnit",
    "Response",
    "RosterShape",
    "ServiceList",
    "ServiceOwner",
    "SlotRules",
    "SupportEvent",
    "SupportEvidence",
    "SupportKind",
    "SupportModel",
    "SupportRequirement",
    "Target",
    "TargetDecision",
    "Task",
    "TaskDependency",
    "TaskEvent",
    "Template",
    "Theme",
    "ThemeChannel",
    "ThemeEvent",
    "ThemeOwner",
    "Touch",
    "TouchException",
    "TrackedIndicator",
    "Wording",
    "WordingText",
]

"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.campaigns import Campaign, Phase
from tungnha.campaign.models.directives import Directive, DirectiveLine, Recipient, RecipientEvent, Response
from tungnha.campaign.models.organisations import Organisation
from tungnha.campaign.models.plans import Evidence, Plan, Task, TaskDependency, TaskEvent
from tungnha.campaign.models.support import (
    SupportEvent,
    SupportEvidence,
    SupportKind,
    SupportModel,
    SupportRequirement,
)

__all__ = [
    "Attachment",
    "Campaign",
    "Directive",
    "DirectiveLine",
    "Evidence",
    "Organisation",
    "Phase",
    "Plan",
    "Recipient",
    "RecipientEvent",
    "Response",
    "SupportEvent",
    "SupportEvidence",
    "SupportKind",
    "SupportModel",
    "SupportRequirement",
    "Task",
    "TaskDependency",
    "TaskEvent",
]

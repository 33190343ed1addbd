"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.calendar import Feed, SlotRules, Touch, TouchException
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
    "Campaign",
    "Directive",
    "DirectiveLine",
    "Evidence",
    "Feed",
    "Organisation",
    "Phase",
    "Plan",
    "Recipient",
    "RecipientEvent",
    "Response",
    "SlotRules",
    "SupportEvent",
    "SupportEvidence",
    "SupportKind",
    "SupportModel",
    "SupportRequirement",
    "Task",
    "TaskDependency",
    "TaskEvent",
    "Theme",
    "ThemeChannel",
    "ThemeEvent",
    "ThemeOwner",
    "Touch",
    "TouchException",
    "Wording",
    "WordingText",
]

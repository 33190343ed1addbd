"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.campaigns import Campaign, Phase
from tungnha.campaign.models.organisations import Organisation
from tungnha.campaign.models.plans import Evidence, Plan, Task, TaskDependency, TaskEvent

__all__ = [
    "Attachment",
    "Campaign",
    "Evidence",
    "Organisation",
    "Phase",
    "Plan",
    "Task",
    "TaskDependency",
    "TaskEvent",
]

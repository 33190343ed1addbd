"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.campaigns import Campaign, Phase
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

__all__ = [
    "Attachment",
    "Campaign",
    "Deviation",
    "Evidence",
    "OrderDraw",
    "Organisation",
    "Parameter",
    "Phase",
    "Plan",
    "Replication",
    "ReplicationUnit",
    "RosterShape",
    "Task",
    "TaskDependency",
    "TaskEvent",
    "Template",
]

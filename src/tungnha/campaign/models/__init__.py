"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.campaigns import Campaign, Phase
from tungnha.campaign.models.organisations import Organisation

__all__ = ["Campaign", "Organisation", "Phase"]

"""The plan's tables, a file for each subject."""

from tungnha.campaign.models.campaigns import Campaign

__all__ = ["Campaign"]

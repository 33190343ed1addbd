"""Every write about people, a file for each subject."""

from tungnha.accounts.services.people import create_user
from tungnha.accounts.services.roles import end_role, grant_role

__all__ = ["create_user", "end_role", "grant_role"]

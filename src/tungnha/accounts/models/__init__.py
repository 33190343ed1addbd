"""The tables of people, a file for each subject."""

from tungnha.accounts.models.audit import AuditEntry
from tungnha.accounts.models.factors import Passkey, RecoveryCode, TotpSecret
from tungnha.accounts.models.people import RoleHeld, User
from tungnha.accounts.models.sign_in import Invitation, OutsideIdentity, Session

__all__ = [
    "AuditEntry",
    "Invitation",
    "OutsideIdentity",
    "Passkey",
    "RecoveryCode",
    "RoleHeld",
    "Session",
    "TotpSecret",
    "User",
]

"""Sessions in the database that know whose they are. `SESSION_ENGINE` names this module."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from tungnha.accounts.models import Session


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        kept = super().create_model_instance(data)
        assert isinstance(kept, Session)
        kept.tell(data)
        return kept

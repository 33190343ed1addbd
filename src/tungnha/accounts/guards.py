"""Triggers that keep the audit trail append-only: no entry is changed, and none younger than twelve months deleted.

A later migration that makes SQLite build the table anew must put them up anew.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

_UP = {
    "sqlite": [
        """CREATE TRIGGER audit_never_changed BEFORE UPDATE ON accounts_auditentry
           BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
        """CREATE TRIGGER audit_kept BEFORE DELETE ON accounts_auditentry
           WHEN OLD.at > datetime('now', '-365 days')
           BEGIN SELECT RAISE(ABORT, 'the audit trail is kept for twelve months'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN
             IF TG_OP = 'TRUNCATE' THEN
               IF NOT EXISTS (SELECT 1 FROM accounts_auditentry) THEN RETURN NULL; END IF;
             ELSIF TG_OP = 'DELETE' THEN
               IF OLD.at <= now() - interval '365 days' THEN RETURN OLD; END IF;
             END IF;
             RAISE EXCEPTION 'the audit trail is append-only and kept for twelve months';
           END $$""",
        """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
           FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
        """CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON accounts_auditentry
           FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
    ],
}
_DOWN = {
    "sqlite": ["DROP TRIGGER audit_never_changed", "DROP TRIGGER audit_kept"],
    "postgresql": [
        "DROP TRIGGER audit_append_only ON accounts_auditentry",
        "DROP TRIGGER audit_never_emptied ON accounts_auditentry",
        "DROP FUNCTION audit_append_only",
    ],
}


def put_up(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _UP)


def take_down(connection: BaseDatabaseWrapper) -> None:
    """For taking the migration back, and for tests that empty every table."""
    _run(connection, _DOWN)


def _run(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)

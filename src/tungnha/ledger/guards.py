"""The database's own refusal to change or delete an entry, whoever asks."""

from django.db.backends.base.base import BaseDatabaseWrapper

_SAID = "ledger entries are never changed or deleted"
_RAISE = {
    "sqlite": [
        f"""CREATE TRIGGER ledger_entry_never_{event.lower()} BEFORE {event} ON ledger_entry
            BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"""
        for event in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        f"""CREATE FUNCTION ledger_entry_never() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP <> 'TRUNCATE' OR EXISTS (SELECT 1 FROM ledger_entry) THEN
                    RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NULL;
            END $$""",  # noqa: S608 - no outside text goes in
        """CREATE TRIGGER ledger_entry_never_change BEFORE UPDATE OR DELETE ON ledger_entry
           FOR EACH ROW EXECUTE FUNCTION ledger_entry_never()""",
        """CREATE TRIGGER ledger_entry_never_truncate BEFORE TRUNCATE ON ledger_entry
           FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_never()""",
    ],
}
_LOWER = {
    "sqlite": ["DROP TRIGGER ledger_entry_never_update", "DROP TRIGGER ledger_entry_never_delete"],
    "postgresql": [
        "DROP TRIGGER ledger_entry_never_change ON ledger_entry",
        "DROP TRIGGER ledger_entry_never_truncate ON ledger_entry",
        "DROP FUNCTION ledger_entry_never()",
    ],
}


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Have the database refuse from now on."""
    _run(connection, _RAISE[connection.vendor])


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Let the table be emptied: only to undo the migration, and between tests."""
    _run(connection, _LOWER[connection.vendor])


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

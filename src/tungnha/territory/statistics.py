"""What the database knows of its tables' sizes, on which it chooses how to answer."""

from django.db import connection
from django.db.models import Model


def freshen(*models: type[Model]) -> None:
    """Have PostgreSQL count tables anew after many rows came in at once.

    It does so by itself a minute later, and until then may take a full table for the empty one that it last saw, and
    join it row by row. SQLite keeps no such counts unless it is asked to.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")  # noqa: SLF001 - Django's documented interface

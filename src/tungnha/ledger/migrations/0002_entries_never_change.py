"""From here on the database refuses to change or delete an entry."""

from django.db import migrations

from tungnha.ledger import guards


def put_up(apps, schema_editor):
    guards.put_up(schema_editor.connection)


def take_down(apps, schema_editor):
    guards.take_down(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_entries_and_counts")]
    operations = [migrations.RunPython(put_up, take_down)]

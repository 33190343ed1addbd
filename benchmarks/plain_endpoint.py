"""The peer: what a careful Django developer writes without the ledger. A table, a counter, the ORM in bulk, one
transaction a request; no chain, no scope beyond the session's unit, no distinct households, no held entries."""

# ruff: noqa: E402, DJ008 - Django must be set up before its models; nobody prints these
import json
import os
from collections import Counter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tungnha.config.settings")
import django

django.setup()

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.wsgi import WSGIHandler
from django.db import models, transaction
from django.db.models import F
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt

from tungnha.ledger.devices import token_hash
from tungnha.ledger.models import Device


class PlainEntry(models.Model):
    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    device_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    household_id = models.BigIntegerField(db_index=True)
    body = models.JSONField()

    class Meta:
        app_label = "ledger"
        db_table = "plain_entry"


class PlainCount(models.Model):
    unit_id = models.BigIntegerField()
    day = models.DateField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "ledger"
        db_table = "plain_count"
        constraints = (models.UniqueConstraint("unit_id", "day", name="plain_count_once"),)


@csrf_exempt
@login_not_required
def entries(request):
    token = request.headers["Authorization"].partition(" ")[2]
    device = Device.objects.select_related("user", "unit").get(token_hash=token_hash(token), revoked_at=None)
    now = timezone.now()
    sent = json.loads(request.body)["entries"]
    rows = [
        PlainEntry(id=one["id"], kind=one["kind"], occurred_at=parse_datetime(one["occurred_at"]), received_at=now,
                   device_id=device.pk, user_id=device.user_id, unit_id=one["unit"], household_id=one["household"], body=one["body"])
        for one in sent
        if one["unit"] == device.unit_id
    ]  # fmt: skip
    with transaction.atomic():
        PlainEntry.objects.bulk_create(rows, ignore_conflicts=True, batch_size=100)
        for (unit, day), times in Counter((row.unit_id, row.occurred_at.date()) for row in rows).items():
            count, _ = PlainCount.objects.get_or_create(unit_id=unit, day=day)
            PlainCount.objects.filter(pk=count.pk).update(times=F("times") + times)
    return JsonResponse({"answers": [{"id": str(row.id), "status": "accepted"} for row in rows]})


urlpatterns = [path("api/sync/v1/entries", entries)]
settings.ROOT_URLCONF = __name__
application = WSGIHandler()


def make_tables():
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.create_model(PlainEntry)
        editor.create_model(PlainCount)

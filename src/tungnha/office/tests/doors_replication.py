"""A campaign as a pilot, and its replications."""

from datetime import date

from tungnha.accounts.roles import Action
from tungnha.campaign.models import (
    Campaign,
    OrderDraw,
    Parameter,
    Replication,
    ReplicationUnit,
    RosterShape,
    Template,
)
from tungnha.office.tests.doors import CITY, WARD, Door, Need

READ = Need(Action.FIGURES, WARD)
PLANS, REFUSED, REMOVES = (Need(Action.PLAN, WARD, answer) for answer in (200, 400, 302))
CITY_READS = Need(Action.FIGURES, CITY)
CITY_PLANS, CITY_REFUSED, CITY_DOES = (Need(Action.PLAN, CITY, answer) for answer in (200, 400, 302))

DOORS = {
    "pilot": Door(("pilot",), get=READ),
    "parameter-new": Door(("pilot",), get=PLANS, post=REFUSED),
    "parameter-remove": Door(("parameter",), post=REMOVES),
    "roster-new": Door(("pilot",), get=PLANS, post=REFUSED),
    "roster-remove": Door(("roster",), post=REMOVES),
    "template-new": Door(("pilot",), post=REMOVES),
    "template-file": Door(("template",), get=PLANS),
    "replication-new": Door(("template",), get=CITY_PLANS, post=CITY_REFUSED),
    "replication": Door(("replication",), get=CITY_READS),
    "replication-order": Door(("replication",), get=CITY_PLANS, post=CITY_REFUSED),
    "replication-begin": Door(("replication",), post=CITY_DOES),
    "replication-step": Door(("replication", "step"), post=CITY_DOES),
    "replication-deviate": Door(("row",), get=CITY_PLANS, post=CITY_REFUSED),
}


def objects(world):
    days = {"start": date(2026, 9, 1), "deadline": date(2026, 9, 30)}
    pilot = Campaign.objects.create(code="thi-diem", name="Thí điểm", unit=world.ward, **days)
    template = Template.objects.create(campaign=pilot, version=1, content="", made_by=world.author)
    replication = Replication.objects.create(
        template=template, name="Cả thành phố", territory=world.city, steps=1, step_days=7,
        first_day=date(2026, 11, 2), made_by=world.author,
    )  # fmt: skip
    replication.units.add(world.other)
    OrderDraw.objects.create(
        replication=replication, number=1, method="random", seed=7, steps=[[world.other.pk]], by=world.author
    )
    begun = Replication.objects.create(
        template=template, name="Đã bắt đầu", territory=world.city, steps=1, step_days=7,
        first_day=date(2026, 11, 2), made_by=world.author,
    )  # fmt: skip
    return {
        "pilot": pilot,
        "template": template,
        "replication": replication,
        "step": "1",
        "row": ReplicationUnit.objects.create(
            replication=begun, unit=world.other, step=1, rank=0, start=date(2026, 11, 2)
        ),
        "parameter": Parameter.objects.create(
            campaign=pilot, kind="doors_per_hour", value=11, source="entered", by=world.author
        ),
        "roster": RosterShape.objects.create(
            campaign=pilot, name="Tối", weekdays="12", starts="18:30", ends="20:30", teams=2, people=2
        ),
    }

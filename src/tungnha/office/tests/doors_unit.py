"""Sign-in, the home page, and the pages of a unit: its map, turfs, households, lists, papers."""

from tungnha.accounts.roles import Action
from tungnha.office.tests.doors import WARD, Door, Need
from tungnha.outreach.models import Stop, Turf, TurfPlan
from tungnha.register.models import Household, ListFile, MatchCandidate, Resident
from tungnha.territory.models import Premises, Source

LOOK, PEOPLE = Need(Action.LOOK, WARD), Need(Action.PEOPLE, WARD)
NOT_YET = Need(Action.PEOPLE, WARD, 404)
"""Nothing has been printed or is left to mend, so even those who may are answered 404."""

DOORS = {
    "sign-in": Door(get=Need(None), post=Need(None), public=True),
    "set-language": Door(get=Need(None, answer=302), post=Need(None, answer=302), public=True),
    "sign-out": Door(post=Need(None, answer=302)),
    "home": Door(get=Need(None)),
    "unit": Door(("unit",), get=LOOK),
    "search": Door(("unit",), get=LOOK),
    "layer": Door(("unit", "layer"), get=LOOK),
    "turfs": Door(("unit",), get=LOOK),
    "households": Door(("unit",), get=PEOPLE),
    "matches": Door(("unit",), get=Need(Action.IMPORT, WARD)),
    "lists": Door(("unit",), get=Need(Action.IMPORT, WARD), post=Need(Action.IMPORT, WARD, 400)),
    "list-preview": Door(
        ("unit", "upload"), get=Need(Action.IMPORT, WARD, 404), post=Need(Action.IMPORT, WARD, 404)
    ),
    "list": Door(("list",), get=Need(Action.IMPORT, WARD)),
    "list-mend": Door(("list",), get=Need(Action.IMPORT, WARD, 404)),
    "decide-match": Door(("match",), post=Need(Action.IMPORT, WARD, 302, {"state": "same"})),
    "turf": Door(("turf",), get=LOOK),
    "turf-layer": Door(("turf",), get=LOOK),
    "walk-list": Door(("turf",), get=PEOPLE),
    "letters": Door(("turf",), get=NOT_YET),
    "letter": Door(("turf", "home"), get=NOT_YET),
}


def objects(world):
    unit = world.ward
    source = Source.objects.create(name="test", generated=True)
    list_file = ListFile.objects.create(unit=unit, name="Tổ 5.xlsx", sha256="0" * 64, generated=True)
    door = Premises.objects.create(
        unit=unit, address="Số 12 ngõ 34/5", address_fold="so 12 ngo 34/5", source=source, latitude=21.03, longitude=105.84
    )  # fmt: skip
    home = Household.objects.create(
        premises=door, unit=unit, identity=b"h" * 16, head_name="Nguyễn Thị Đào", head_fold="nguyen thi dao", list_file=list_file
    )  # fmt: skip
    left, right = (
        Resident.objects.create(household=home, identity=bytes([n]) * 16, full_name="Đào", name_fold="dao", list_file=list_file)
        for n in range(2)
    )  # fmt: skip
    plan = TurfPlan.objects.create(unit=unit, seed=1, settings={}, on_streets=False, generated=True)
    turf = Turf.objects.create(
        plan=plan, number=0, doors=1, minutes=9.0, walk_metres=20.0, diameter_metres=0.0, connected=True
    )
    Stop.objects.create(plan=plan, turf=turf, position=0, household=home)
    return {
        "unit": unit,
        "layer": "cua",
        "upload": "0" * 32,
        "list": list_file,
        "home": home,
        "turf": turf,
        "match": MatchCandidate.objects.create(left=left, right=right, probability=0.9),
    }

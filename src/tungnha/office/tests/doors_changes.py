"""Merges, splits and renames of units."""

from datetime import date

from tungnha.accounts.roles import Action
from tungnha.office.tests.doors import CITY, SOMEWHERE, Door, Need
from tungnha.territory import changes
from tungnha.territory.changes import Draft, NewUnit
from tungnha.territory.models import Unit

SETTLES = Need(Action.UNITS, CITY)
"""A unit is changed by whoever settles changes above it."""

DOORS = {
    "changes": Door(get=Need(Action.UNITS, SOMEWHERE)),
    "change-new": Door(
        get=Need(Action.UNITS, SOMEWHERE), post=Need(Action.UNITS, SOMEWHERE)
    ),  # asks which units
    "change": Door(("change",), get=SETTLES),
    "change-apply": Door(("change",), post=Need(Action.UNITS, CITY, 302)),
    "change-cancel": Door(("change",), post=Need(Action.UNITS, CITY, 302)),
    "undecided": Door(get=Need(Action.UNITS, SOMEWHERE)),
    "undecided-unit": Door(("old",), get=SETTLES, post=Need(Action.UNITS, CITY, 400)),
    "undecided-shares": Door(("old",), post=Need(Action.UNITS, CITY, 400)),
}


def objects(world):
    old = Unit.objects.create(
        code="09999", name="Phường cũ", name_fold="phuong cu", kind="ward", parent=world.city, path="/"
    )
    old.path = f"{world.city.path}{old.pk}/"
    old.save()
    halves = [(NewUnit(f"0999{n}", f"Phường mới {n}", "ward"), None) for n in (1, 2)]
    change = changes.record(Draft("9/NQ-HĐND", date(2026, 1, 1), *changes.splitting(old, halves)))
    return {"change": change, "old": old}

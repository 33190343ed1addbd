"""Taking a unit's people out, and the letters of a unit."""

from tungnha.accounts.roles import Action
from tungnha.channels.letters.models import LetterWave
from tungnha.office.tests.doors import WARD, Door, Need

PEOPLE = Need(Action.PEOPLE, WARD)

DOORS = {
    "people-out": Door(("unit",), post=Need(Action.PEOPLE, WARD, 200, {"kind": "csv"})),
    "people-out-full": Door(("unit",), post=Need(Action.IMPORT, WARD, 200, {"kind": "csv"})),
    "letter-waves": Door(("unit",), get=PEOPLE, post=Need(Action.PLAN, WARD, 400)),  # no turfs, so no letters
    "letter-wave": Door(("wave",), get=PEOPLE),
    "letter-manifest": Door(("wave",), get=Need(Action.PEOPLE, WARD, 404)),  # its files are not there
}


def objects(world):
    wave = LetterWave.objects.create(unit=world.ward, template="open_letter_vi", template_sha256="0" * 64)
    return {"unit": world.ward, "wave": wave}

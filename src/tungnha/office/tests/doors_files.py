"""A campaign as a file."""

from tungnha.accounts.roles import Action
from tungnha.office.tests.doors import CITY, SOMEWHERE, Door, Need

DOORS = {
    "campaign-import": Door(get=Need(Action.PLAN, SOMEWHERE), post=Need(Action.PLAN, SOMEWHERE, 400)),
    "campaign-file": Door(("campaign",), get=Need(Action.PLAN, CITY)),
}


def objects(world):
    return {"campaign": world.campaign}

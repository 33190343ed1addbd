"""Indicators, figures and targets of a campaign."""

from datetime import UTC, datetime

from tungnha.accounts.roles import Action
from tungnha.campaign.models import Figure, FigureTable, Indicator
from tungnha.campaign.services import indicators
from tungnha.office.tests.doors import ANYWHERE, CITY, WARD, Door, Need

READ, PLANS = Need(Action.FIGURES, ANYWHERE), Need(Action.PLAN, CITY)
REFUSED = Need(Action.PLAN, CITY, 400)
"""An empty form, from somebody who may send it."""

DOORS = {
    "indicators": Door(("campaign",), get=READ),
    "indicators-file": Door(("campaign", "ending"), get=READ),
    "indicators-follow": Door(("campaign",), get=PLANS, post=REFUSED),
    "figures-waiting": Door(
        ("campaign",), get=Need(Action.REPORT, ANYWHERE), post=Need(Action.REPORT, ANYWHERE, 302)
    ),
    "figures-import": Door(
        ("campaign",), get=Need(Action.REPORT, ANYWHERE), post=Need(Action.REPORT, ANYWHERE, 400)
    ),
    "unit-indicators": Door(("campaign", "ward"), get=Need(Action.FIGURES, WARD)),
    "indicator": Door(("tracked",), get=READ),
    "indicator-file": Door(("tracked", "ending"), get=READ),
    "indicator-change": Door(("tracked",), post=Need(Action.PLAN, CITY, 302)),
    "figure": Door(("tracked", "ward"), get=Need(Action.FIGURES, WARD)),
    "figure-report": Door(("tracked", "ward"), post=Need(Action.REPORT, WARD, 400)),
    "figure-decide": Door(("figure",), post=Need(Action.REPORT, CITY, 302)),
    "figure-table": Door(("table",), get=Need(Action.REPORT, CITY)),  # and its sender
    "figure-table-mend": Door(("table",), get=Need(Action.REPORT, CITY)),
    "target-cascade": Door(("tracked",), get=PLANS, post=REFUSED),
    "target-stages": Door(("tracked",), get=PLANS, post=REFUSED),
    "target-carry-over": Door(("tracked",), get=PLANS, post=REFUSED),
    "essential-services": Door(get=Need(None)),
}


def objects(world):
    indicators.load()
    tracked = indicators.track(world.campaign, Indicator.objects.get(code="EID3"))
    moment = datetime(2026, 9, 10, 9, tzinfo=UTC)
    return {
        "campaign": world.campaign,
        "ward": world.ward,
        "ending": "csv",
        "tracked": tracked,
        "figure": Figure.objects.create(
            tracked=tracked, unit=world.ward, since="2026-09-10", until="2026-09-10", version=1, numerator=5,
            cut_off=moment, source="unit", method="form", entered_by=world.author,
        ),
        "table": FigureTable.objects.create(
            campaign=world.campaign, name="a.csv", accepted=0, empty=0, by=world.author, header=["Mã"],
            rejected=[[2, ["x"], "?"]],
        ),
    }  # fmt: skip

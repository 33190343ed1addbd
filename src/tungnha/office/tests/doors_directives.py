"""Directives, and what their recipients answer."""

from datetime import date

from tungnha.accounts.roles import Action
from tungnha.campaign.models import Directive, Recipient, Response
from tungnha.office.tests.doors import ANYWHERE, CITY, WARD, Door, Need

READ, PLANS = Need(Action.FIGURES, ANYWHERE), Need(Action.PLAN, CITY)
HERE = Need(Action.FIGURES, WARD)
"""A directive concerns those to whom it went; another ward does not find it."""
REFUSED = Need(Action.PLAN, CITY, 400)

DOORS = {
    "to-answer": Door(get=Need(None)),
    "directives": Door(("campaign",), get=READ),
    "directive-new": Door(("campaign",), get=PLANS, post=REFUSED),
    "not-acted": Door(("campaign",), get=READ),
    "reminders": Door(("campaign",), get=PLANS),
    "directive": Door(("directive",), get=HERE),
    "directive-change": Door(("directive",), get=PLANS, post=REFUSED),
    "directive-file": Door(("directive",), get=Need(Action.FIGURES, WARD, 404)),  # no scan was sent
    "recipients-new": Door(("directive",), get=PLANS, post=REFUSED),
    "directive-end": Door(("directive",), get=PLANS, post=REFUSED),
    "directive-task": Door(("directive",), get=PLANS, post=REFUSED),
    "reminders-record": Door(("directive",), post=Need(Action.PLAN, CITY, 302)),
    "recipient": Door(("recipient",), get=HERE),
    "recipient-take": Door(("recipient",), post=Need(Action.REPORT, WARD, 302, {"seen": "sent"})),
    "recipient-answer": Door(("recipient",), post=Need(Action.REPORT, WARD, 400)),
    "recipient-return": Door(("recipient",), post=REFUSED),
    "recipient-close": Door(("recipient",), post=REFUSED),
    "response-file": Door(("response",), get=Need(Action.FIGURES, WARD, 404)),  # words only
}


def objects(world):
    directive = Directive.objects.create(
        campaign=world.campaign,
        number="12/CV-BCĐ",
        issued=date(2026, 9, 5),
        issuer="Ban Chỉ đạo 06",
        subject="Lập tổ cơ động",
        action="Báo cáo",
        deadline=date(2026, 9, 30),
    )
    one = Recipient.objects.create(directive=directive, unit=world.ward, sent_on=date(2026, 9, 5))
    return {
        "campaign": world.campaign,
        "directive": directive,
        "recipient": one,
        "response": Response.objects.create(recipient=one, text="Xong", by=world.author),
    }

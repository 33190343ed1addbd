"""Support models."""

from datetime import date

from tungnha.accounts.roles import Action
from tungnha.campaign.models import SupportEvidence, SupportKind, SupportModel, SupportRequirement
from tungnha.office.tests.doors import ANYWHERE, CITY, WARD, Door, Need

READ, PLANS = Need(Action.FIGURES, ANYWHERE), Need(Action.PLAN, CITY)
REFUSED = Need(Action.PLAN, CITY, 400)
OWN = Need(Action.REPORT, WARD)

DOORS = {
    "support": Door(("campaign",), get=READ),
    "support-models": Door(("campaign",), get=READ),
    "support-lacking": Door(("campaign",), get=READ),
    "support-new": Door(
        ("campaign",), get=Need(Action.REPORT, ANYWHERE), post=Need(Action.REPORT, ANYWHERE, 400)
    ),
    "support-kinds": Door(("campaign",), get=PLANS, post=REFUSED),
    "support-require": Door(("campaign",), post=REFUSED),
    "support-require-no-longer": Door(("requirement",), post=Need(Action.PLAN, CITY, 302)),
    "support-model": Door(("model",), get=Need(Action.FIGURES, WARD)),
    "support-change": Door(("model",), get=OWN, post=Need(Action.REPORT, WARD, 400)),
    "support-close": Door(("model",), post=Need(Action.REPORT, WARD, 400)),
    "support-evidence-new": Door(("model",), post=Need(Action.REPORT, WARD, 400)),
    "support-evidence-file": Door(("evidence",), get=Need(Action.FIGURES, WARD, 404)),  # words only
}


def objects(world):
    model = SupportModel.objects.create(
        kind=SupportKind.objects.first(),
        unit=world.ward,
        name="Điểm 24/24",
        place="Nhà văn hóa tổ 5",
        opened=date(2026, 9, 5),
        body="UBND phường",
    )
    return {
        "campaign": world.campaign,
        "requirement": SupportRequirement.objects.create(campaign=world.campaign, unit_kind="ward"),
        "model": model,
        "evidence": SupportEvidence.objects.create(model=model, text="Đã mở", by=world.author),
    }

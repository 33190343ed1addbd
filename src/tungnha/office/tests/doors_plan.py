"""Campaigns, their phases, organisations, plans and tasks."""

from tungnha.accounts.roles import Action
from tungnha.campaign.models import Evidence, Organisation, Phase, Plan, Task, TaskDependency
from tungnha.office.tests.doors import ANYWHERE, CITY, SOMEWHERE, WARD, Door, Need

READ, PLANS = Need(Action.FIGURES, ANYWHERE), Need(Action.PLAN, CITY)
REFUSED = Need(Action.PLAN, CITY, 400)
"""An empty form, from somebody who may send it."""

DOORS = {
    "campaigns": Door(get=Need(None)),
    "campaign-new": Door(get=Need(Action.PLAN, SOMEWHERE), post=Need(Action.PLAN, SOMEWHERE, 400)),
    "campaign": Door(("campaign",), get=READ),
    "campaign-change": Door(("campaign",), get=PLANS, post=REFUSED),
    "phases": Door(("campaign",), get=READ, post=REFUSED),
    "phase": Door(("phase",), get=PLANS, post=REFUSED),
    "organisations": Door(("campaign",), get=PLANS, post=REFUSED),
    "plan-new": Door(("campaign",), get=PLANS, post=REFUSED),
    "plan-change": Door(("plan",), get=PLANS, post=REFUSED),
    "plan-file": Door(("plan",), get=Need(Action.FIGURES, ANYWHERE, 404)),  # no scan was sent
    "tasks-new": Door(("plan",), get=PLANS, post=REFUSED),
    "tasks": Door(("campaign",), get=READ),
    "late": Door(("campaign",), get=READ),
    "task": Door(("task",), get=Need(Action.FIGURES, WARD)),
    "task-change": Door(("task",), get=PLANS, post=REFUSED),
    "task-move": Door(("task",), post=Need(Action.REPORT, WARD, 302, {"state": "doing", "seen": "open"})),
    "evidence-new": Door(("task",), post=Need(Action.REPORT, WARD, 400)),
    "evidence-file": Door(("evidence",), get=Need(Action.FIGURES, WARD, 404)),  # words only
    "dependency-new": Door(("task",), get=PLANS, post=REFUSED),
    "dependency-remove": Door(("dependency",), post=Need(Action.PLAN, CITY, 302)),
}


def objects(world):
    plan = Plan.objects.create(
        campaign=world.campaign, number="123/KH-UBND", issued="2026-08-25", issuer="UBND", title="Cao điểm"
    )
    facts = {"plan": plan, "unit": world.ward, "start": "2026-09-01", "due": "2026-10-01"}
    first, second = (Task.objects.create(line=line, title=f"Việc {line}", **facts) for line in (1, 2))
    return {
        "campaign": world.campaign,
        "phase": Phase.objects.create(
            campaign=world.campaign, name="Cao điểm", start="2026-09-10", end="2026-10-10"
        ),
        "organisation": Organisation.objects.create(unit=world.ward, kind="union", name="Đoàn phường"),
        "plan": plan,
        "task": first,
        "dependency": TaskDependency.objects.create(task=second, needs=first),
        "evidence": Evidence.objects.create(task=first, text="Đã xong", by=world.author),
    }

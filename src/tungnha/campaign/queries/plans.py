"""Reads of plans: a person's tasks, the lines of the plan as bars, what is late and whose it is, what is mistimed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Max, Min, Q, QuerySet

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, visible_units
from tungnha.campaign.models import Campaign, Plan, Task, TaskDependency


def late(today: date) -> Q:
    """The condition that a task is late on a day: neither done nor dropped, and its last day over."""
    return Q(state__in=Task.UNFINISHED, due__lt=today)


def tasks_of(campaign: Campaign, user: User | AnonymousUser) -> QuerySet[Task]:
    """The campaign's tasks in units whose figures the person may read, and no others."""
    return tasks_seen_by(user).filter(plan__campaign=campaign)


def tasks_seen_by(user: User | AnonymousUser) -> QuerySet[Task]:
    """Tasks of any campaign in units whose figures the person may read."""
    return Task.objects.filter(unit__in=visible_units(user, Action.FIGURES)).select_related(
        "unit", "organisation", "plan"
    )


@dataclass(frozen=True)
class Summary:
    """How many tasks there are in each state, and how many of them are late."""

    total: int
    open: int
    doing: int
    done: int
    dropped: int
    late: int


def summary(tasks: QuerySet[Task], today: date) -> Summary:
    """Counts over tasks, in one query."""
    by_state = {state: Count("pk", filter=Q(state=state)) for state in Task.State.values}
    counts = tasks.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=late(today)), **by_state)
    return Summary(**counts)


@dataclass(frozen=True)
class Line:
    """One line of a plan, over all tasks in it that the person sees."""

    plan_id: int
    number: int
    title: str
    start: date
    due: date
    tasks: int
    done: int
    dropped: int
    late: int
    only_task: int
    """The task's key where the line has one alone."""
    whose: str
    """Who is responsible where the line has one task alone."""

    @property
    def state(self) -> str:
        """A word for the bar's colour: late, done, or under way."""
        if self.late:
            return "late"
        return "done" if self.done + self.dropped == self.tasks else "doing" if self.done else "open"


def lines(tasks: QuerySet[Task], today: date) -> list[Line]:
    """The lines of plans that tasks belong to, in the plans' order, in one query."""
    rows = (
        tasks.order_by()
        .values("plan", "line")
        .annotate(
            name=Min("title"),
            first=Min("start"),
            last=Max("due"),
            n=Count("pk"),
            done=Count("pk", filter=Q(state=Task.State.DONE)),
            dropped=Count("pk", filter=Q(state=Task.State.DROPPED)),
            behind=Count("pk", filter=late(today)),
            key=Min("pk"),
            unit_name=Min("unit__name"),
            body=Min("organisation__name"),
        )
        .order_by("plan__issued", "plan", "line")
    )
    return [
        Line(
            plan_id=row["plan"],
            number=row["line"],
            title=row["name"],
            start=row["first"],
            due=row["last"],
            tasks=row["n"],
            done=row["done"],
            dropped=row["dropped"],
            late=row["behind"],
            only_task=row["key"] if row["n"] == 1 else 0,
            whose=(row["body"] or row["unit_name"]) if row["n"] == 1 else "",
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Behind:
    """Whose tasks are late: a unit or an organisation in it, with them, longest overdue first."""

    unit_id: int
    whose: str
    tasks: list[Task]
    days: int
    """How long the first has been overdue."""


def behind(tasks: QuerySet[Task], today: date) -> list[Behind]:
    """Late tasks grouped by who is responsible, those with most late tasks first. One query."""
    grouped: dict[tuple[int, str], list[Task]] = {}
    for task in tasks.filter(late(today)).order_by("due", "pk"):
        grouped.setdefault((task.unit_id, task.responsible), []).append(task)
    found = [
        Behind(unit, whose, theirs, (today - theirs[0].due).days) for (unit, whose), theirs in grouped.items()
    ]
    return sorted(found, key=lambda one: (-len(one.tasks), -one.days, one.whose))


def mistimed(tasks: QuerySet[Task]) -> QuerySet[TaskDependency]:
    """Of these tasks, where one still to be done is due before what it waits for."""
    return (
        TaskDependency.objects.filter(task__in=tasks.order_by().values("pk"), task__state__in=Task.UNFINISHED)
        .filter(task__due__lt=F("needs__due"), needs__state__in=Task.UNFINISHED)
        .select_related("task__unit", "task__organisation", "needs__unit", "needs__organisation")
        .order_by("task__due", "pk")
    )


def plans_of(campaign: Campaign) -> QuerySet[Plan]:
    """The campaign's plans, in the order of their dates."""
    return Plan.objects.filter(campaign=campaign).select_related("attachment")


def without_evidence(tasks: Iterable[Task]) -> set[int]:
    """Keys of the tasks among these that are done and have no proof."""
    done = [task.pk for task in tasks if task.state == Task.State.DONE]
    return set(Task.objects.filter(pk__in=done, evidence=None).values_list("pk", flat=True))

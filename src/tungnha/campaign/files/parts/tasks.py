"""The tasks of the plans, with what they wait for. How far a task has come is not in the file.

An entry is one line of a plan for all who do it alike; in the tables each of them has a task. What is compared is
therefore spread: an entry for each task. A line of which one ward's due date was moved comes out as two entries.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from tungnha.campaign.files.parts.organisations import named
from tungnha.campaign.files.parts.part import (
    BodyName,
    Difference,
    Entry,
    Frame,
    Part,
    Placed,
    UnitName,
    UnknownReferenceError,
    Work,
)
from tungnha.campaign.files.parts.plans import PlanNames, by_full_name, full_name
from tungnha.campaign.files.units import body_name
from tungnha.campaign.models import Campaign, Plan, Task, TaskDependency
from tungnha.campaign.services import plans

if TYPE_CHECKING:
    from tungnha.campaign.files.reading import Path

PlanName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=250,
        description="A plan's number; `number, issuer, day` where two plans have the same number.",
    ),
]
Line = Annotated[int, Meta(ge=1, le=32767, description="Number in the plan's appendix.")]
Whose = tuple[str, str]
"""A unit and an organisation as the file names them; one of the two is empty."""


class Wait(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, order=True):
    """A task that has to be done before. Of the same unit or organisation, and plan, where none is named."""

    line: Line
    plan: PlanName | None = None
    unit: UnitName | None = None
    organisation: BodyName | None = None


class TaskEntry(Entry):
    """A line of a plan, and who does it."""

    plan: PlanName
    line: Line
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    start: date
    due: Annotated[date, Meta(description="The last day.")]
    every_unit: Annotated[
        bool, Meta(description="Every unit below the territory on its first day, residential groups aside.")
    ] = False
    units: list[UnitName] = []
    organisations: list[BodyName] = []
    waits_for: list[Wait] = []


Key = tuple[str, int, Whose]


class _Alike(NamedTuple):
    """What tasks share that stand in a file as one entry; `place` is the plan's number in the file, its name, the line."""

    place: tuple[int, str, int]
    start: date
    due: date
    title: str
    waits_for: tuple[Wait, ...]

    def order(self) -> tuple[Any, ...]:
        return (*self[:4], [_wait_order(wait) for wait in self.waits_for])


def _whose(entry: TaskEntry) -> Whose:
    """Of a spread entry."""
    return (entry.units[0], "") if entry.units else ("", entry.organisations[0])


class TasksPart(Part[TaskEntry]):
    name = "tasks"
    entry = TaskEntry
    fields = {"needs": "waits_for"}

    def key(self, entry: TaskEntry) -> Key:
        return entry.plan, entry.line, _whose(entry)

    def label(self, entry: TaskEntry) -> str:
        whose = [_("every unit")] if entry.every_unit else []
        whose += [*entry.units, *entry.organisations]
        if len(whose) > 3:
            whose = [*whose[:2], _("%(count)d more") % {"count": len(whose) - 2}]
        return f"{entry.plan.split(',')[0]}, {entry.line}. {entry.title} ({', '.join(whose)})"

    # --- from the file --------------------------------------------------------------------------------------------

    def spread(self, entry: TaskEntry, frame: Frame) -> list[TaskEntry]:
        plan = PlanNames(frame).lengthen(entry.plan, "plan")
        units = set(entry.units) | set(frame.below() if entry.every_unit else ())
        whose: list[Whose] = [(unit, "") for unit in sorted(units)]
        whose += [("", body) for body in sorted(set(entry.organisations))]
        if not whose:
            raise ValidationError({"units": _("Choose a unit or an organisation that is responsible.")})
        return [
            TaskEntry(
                plan=plan,
                line=entry.line,
                title=entry.title,
                start=entry.start,
                due=entry.due,
                units=[unit] if unit else [],
                organisations=[body] if body else [],
                waits_for=self._full_waits(entry, plan, (unit, body), frame),
            )
            for unit, body in whose
        ]

    def _full_waits(self, entry: TaskEntry, plan: str, whose: Whose, frame: Frame) -> list[Wait]:
        """What one task waits for, with plan, unit and organisation written out."""
        full = set()
        for wait in entry.waits_for:
            other = PlanNames(frame).lengthen(wait.plan, "waits_for") if wait.plan else plan
            unit, body = (
                (wait.unit or "", wait.organisation or "") if wait.unit or wait.organisation else whose
            )
            if unit and body:
                raise ValidationError({"waits_for": _("Name either a unit or an organisation.")})
            full.add((other, wait.line, unit, body))
        return [
            Wait(plan=other, line=line, unit=unit or None, organisation=body or None)
            for other, line, unit, body in sorted(full)
        ]

    # --- from the tables ------------------------------------------------------------------------------------------

    def stored(self, campaign: Campaign, frame: Frame) -> list[TaskEntry]:
        tasks = _stored(campaign, frame)
        name = {task.pk: key for key, task in tasks.items()}
        waits = defaultdict(list)
        for task, needs in TaskDependency.objects.filter(task__plan__campaign=campaign).values_list(
            "task", "needs"
        ):
            plan, line, (unit, body) = name[needs]
            waits[task].append((plan, line, unit, body))
        return [
            TaskEntry(
                plan=plan,
                line=line,
                title=task.title,
                start=task.start,
                due=task.due,
                units=[unit] if unit else [],
                organisations=[body] if body else [],
                waits_for=[
                    Wait(plan=other, line=number, unit=other_unit or None, organisation=other_body or None)
                    for other, number, other_unit, other_body in sorted(waits[task.pk])
                ],
            )
            for (plan, line, (unit, body)), task in tasks.items()
        ]

    def gather(self, entries: Iterable[TaskEntry], frame: Frame) -> list[TaskEntry]:
        names = PlanNames(frame)
        order = {full_name(one): number for number, one in enumerate(frame.entries.get("plans", []))}
        alike: dict[_Alike, list[TaskEntry]] = defaultdict(list)
        for one in entries:
            waits = tuple(
                sorted((self._short_wait(wait, one, names) for wait in one.waits_for), key=_wait_order)
            )
            place = (order.get(one.plan, -1), one.plan, one.line)
            alike[_Alike(place, one.start, one.due, one.title, waits)].append(one)
        every = set(frame.below())
        found = []
        for what, tasks in sorted(alike.items(), key=lambda item: item[0].order()):
            units = {unit for one in tasks for unit in one.units}
            all_of_them = bool(every) and every <= units
            found.append(
                TaskEntry(
                    plan=names.shorten(what.place[1]),
                    line=what.place[2],
                    title=what.title,
                    start=what.start,
                    due=what.due,
                    every_unit=all_of_them,
                    units=sorted(units - every if all_of_them else units),
                    organisations=sorted(body for one in tasks for body in one.organisations),
                    waits_for=list(what.waits_for),
                )
            )
        return found

    def _short_wait(self, wait: Wait, entry: TaskEntry, names: PlanNames) -> Wait:
        same = (wait.unit or "", wait.organisation or "") == _whose(entry)
        return Wait(
            line=wait.line,
            plan=None if wait.plan == entry.plan else names.shorten(wait.plan or ""),
            unit=None if same else wait.unit,
            organisation=None if same else wait.organisation,
        )

    # --- into the tables ------------------------------------------------------------------------------------------

    def clear(self, work: Work, difference: Difference[TaskEntry]) -> None:
        stored = _stored(work.campaign, work.frame)
        gone = [stored[self.key(one)] for one in difference.removed]
        work.attempt(self, (self.name,), plans.remove_tasks, gone)

    def write(self, work: Work, difference: Difference[TaskEntry]) -> None:
        stored_plans = by_full_name(work.campaign)
        groups: dict[tuple[Path, str], list[Placed[TaskEntry]]] = defaultdict(list)
        for new in difference.added:
            groups[new.path, new.entry.plan].append(new)
        for (path, plan), rows in groups.items():
            work.attempt(self, path, self._add, work, stored_plans.get(plan), rows)
        stored = _stored(work.campaign, work.frame)
        for was, now in difference.changed:
            one = now.entry
            if (was.title, was.start, was.due) != (one.title, one.start, one.due):
                work.attempt(
                    self, now.path, plans.change_task, stored[self.key(one)],
                    title=one.title, start=one.start, due=one.due, by=work.by, note=_("From the campaign's file"),
                )  # fmt: skip
        self._link(work, stored, [*difference.added, *(now for _was, now in difference.changed)])

    def _add(self, work: Work, plan: Plan | None, rows: list[Placed[TaskEntry]]) -> None:
        if plan is None:
            raise UnknownReferenceError("plans", "plan", _("The plan could not be entered."))
        one = rows[0].entry
        plans.add_tasks(
            plan,
            title=one.title,
            start=one.start,
            due=one.due,
            by=work.by,
            units=[work.frame.units.find(unit) for row in rows for unit in row.entry.units],
            organisations=[
                named(body, work.frame, "organisations") for row in rows for body in row.entry.organisations
            ],
            line=one.line,
        )

    def _link(self, work: Work, stored: dict[Key, Task], rows: list[Placed[TaskEntry]]) -> None:
        """Let tasks wait for what their entries say, and for nothing else."""
        tasks = {stored[key]: row for row in rows if (key := self.key(row.entry)) in stored}
        kept = set(TaskDependency.objects.filter(task__in=tasks).values_list("task", "needs"))
        wanted: dict[tuple[Task, Task], Path] = {}
        for task, row in tasks.items():
            for wait in row.entry.waits_for:
                needs = stored.get((wait.plan or "", wait.line, (wait.unit or "", wait.organisation or "")))
                if needs is None:
                    work.attempt(self, row.path, self._no_such_task, wait)
                else:
                    wanted[task, needs] = row.path
        keys = {(task.pk, needs.pk) for task, needs in wanted}
        plans.remove_dependencies(kept - keys)
        new = {pair: path for pair, path in wanted.items() if (pair[0].pk, pair[1].pk) not in kept}
        by_path: dict[Path, list[tuple[Task, Task]]] = defaultdict(list)
        for pair, path in new.items():
            by_path[path].append(pair)
        for path, pairs in by_path.items():
            work.attempt(self, path, plans.add_dependencies, work.campaign, pairs)

    def _no_such_task(self, wait: Wait) -> None:
        message = _("It waits for line %(line)d of %(plan)s for %(whose)s, and there is no such task.")
        facts = {
            "line": wait.line,
            "plan": (wait.plan or "").split(",")[0],
            "whose": wait.unit or wait.organisation,
        }
        raise UnknownReferenceError(self.name, "waits_for", message % facts)


def _wait_order(wait: Wait) -> tuple[str, int, str, str]:
    return wait.plan or "", wait.line, wait.unit or "", wait.organisation or ""


def _stored(campaign: Campaign, frame: Frame) -> dict[Key, Task]:
    """The campaign's tasks by their keys, in the order of plan, line and whose they are."""
    rows = Task.objects.filter(plan__campaign=campaign).select_related("plan", "unit", "organisation__unit")
    found: dict[Key, Task] = {}
    for task in rows.defer("unit__boundary", "organisation__unit__boundary"):
        if task.organisation:
            whose = ("", body_name(task.organisation, frame.territory, frame.units))
        else:
            whose = (frame.units.spelled(task.unit), "")
        found[full_name(task.plan), task.line, whose] = task
    return dict(sorted(found.items()))

"""Entering plans and tasks, moving tasks on, saying what waits for what, and proving what was done."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, NoReturn

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign import precedence
from tungnha.campaign.documents import NotANumberError, official_number
from tungnha.campaign.models import (
    Campaign,
    Evidence,
    Organisation,
    Plan,
    Task,
    TaskDependency,
    TaskEvent,
)
from tungnha.campaign.services.addressees import addressed
from tungnha.campaign.services.attachments import stored
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

if TYPE_CHECKING:
    from django.core.files import File

State = Task.State
ONWARD: dict[str, tuple[str, ...]] = {
    State.OPEN: (State.DOING, State.DONE, State.DROPPED),
    State.DOING: (State.OPEN, State.DONE, State.DROPPED),
    State.DONE: (State.DOING,),
    State.DROPPED: (State.OPEN,),
}
"""From each state, those that a task may go to."""


def read_number(text: str) -> str:
    """A document's number. Raises ValidationError at the field `number`."""
    try:
        return official_number(text)
    except NotANumberError as error:
        raise ValidationError(
            {
                "number": _("“%(text)s” is not a document's number, such as 05/KH-UBND or 05-KH/BCĐ57.")
                % {"text": text}
            }
        ) from error


def add_plan(
    campaign: Campaign,
    *,
    number: str,
    issued: date,
    issuer: str,
    title: str,
    by: User,
    attachment: "File[bytes] | None" = None,
) -> Plan:
    """Enter a plan. Raises ValidationError by field."""
    plan = Plan(
        campaign=campaign, number=read_number(number), issued=issued, issuer=clean(issuer), title=clean(title)
    )
    plan.full_clean()
    with stored(attachment, by) as file, transaction.atomic():
        if file is not None:
            file.save(force_insert=True)
        plan.attachment = file
        plan.save(force_insert=True)
    return plan


def change_plan(
    plan: Plan,
    *,
    number: str,
    issued: date,
    issuer: str,
    title: str,
    by: User,
    attachment: "File[bytes] | None" = None,
) -> None:
    """Correct a plan; without a new file the old one stays."""
    plan.number, plan.issued = read_number(number), issued
    plan.issuer, plan.title = clean(issuer), clean(title)
    plan.full_clean()
    with stored(attachment, by) as file, transaction.atomic():
        if file is not None:
            file.save(force_insert=True)
            plan.attachment = file
        plan.save()


def add_tasks(
    plan: Plan,
    *,
    title: str,
    start: date,
    due: date,
    by: User,
    units: Iterable[Unit] = (),
    organisations: Iterable[Organisation] = (),
    line: int | None = None,
) -> list[Task]:
    """Give one task to units and organisations: a line of the plan, with a task for each of them.

    The line is the next one where none is given. Raises ValidationError by field, and then adds none.
    """
    if due < start:
        raise ValidationError({"due": _("The task would be due before it starts.")})
    to = addressed(plan.campaign, units, organisations)
    facts = {"plan": plan, "title": clean(title), "start": start, "due": due}
    tasks = [Task(unit=unit, organisation=body, line=1, **facts) for unit, body in to]
    tasks[0].full_clean(validate_unique=False, validate_constraints=False)
    with transaction.atomic():
        # The plan's row is locked so that two lines entered at once get two numbers.
        Plan.objects.select_for_update().get(pk=plan.pk)
        last = Task.objects.filter(plan=plan).aggregate(last=Max("line"))["last"] or 0
        for task in tasks:
            task.line = line or last + 1
        Task.objects.bulk_create(tasks, batch_size=500)
        TaskEvent.objects.bulk_create(
            [TaskEvent(task=task, what=TaskEvent.What.ADDED, became=task.state, by=by) for task in tasks],
            batch_size=500,
        )
    return tasks


def change_task(task: Task, *, title: str, start: date, due: date, by: User, note: str = "") -> None:
    """Reword or move a task. Moving its due date takes a reason, which is kept in its history."""
    if due < start:
        raise ValidationError({"due": _("The task would be due before it starts.")})
    events = []
    reason = clean(note)[:500]
    with transaction.atomic():
        kept = Task.objects.select_for_update().get(pk=task.pk)
        if kept.due != due:
            if not reason:
                raise ValidationError({"note": _("Say why the due date moves.")})
            events.append((TaskEvent.What.DUE, kept.due.isoformat(), due.isoformat()))
        if kept.title != clean(title):
            events.append((TaskEvent.What.TITLE, kept.title, clean(title)))
        task.title, task.start, task.due = clean(title), start, due
        task.clean_fields(exclude=("plan", "unit", "organisation"))
        task.save(update_fields=("title", "start", "due"))
        for what, was, became in events:
            TaskEvent.objects.create(task=task, what=what, was=was, became=became, note=reason, by=by)


def move_task(
    task: Task, state: str, *, by: User, today: date, note: str = "", seen: str | None = None
) -> None:
    """Bring a task into another state on the campaign's day `today`.

    Dropping it, or opening it again, takes a note. `seen` is the state that the person saw: when somebody else
    moved it since, ValidationError, and nothing changes.
    """
    reason = clean(note)[:500]
    with transaction.atomic():
        kept = Task.objects.select_for_update().get(pk=task.pk)
        if seen is not None and kept.state != seen:
            raise ValidationError(
                {
                    "state": _("Somebody else moved it to “%(state)s” meanwhile.")
                    % {"state": kept.get_state_display()}
                }
            )
        if state not in ONWARD[kept.state]:
            raise ValidationError(
                {
                    "state": _("A task does not go from “%(was)s” to “%(state)s”.")
                    % {"was": kept.get_state_display(), "state": dict(State.choices).get(state, state)}
                }
            )
        if not reason and (state == State.DROPPED or kept.state not in Task.UNFINISHED):
            raise ValidationError({"note": _("Say why.")})
        task.state = state
        task.closed_on = None if state in Task.UNFINISHED else today
        task.save(update_fields=("state", "closed_on"))
        TaskEvent.objects.create(
            task=task, what=TaskEvent.What.STATE, was=kept.state, became=state, note=reason, by=by
        )


def add_dependency(task: Task, needs: Task) -> TaskDependency:
    """Let a task wait for another. Raises ValidationError that names the tasks when that would close a cycle."""
    campaign = task.plan.campaign_id
    if needs.plan.campaign_id != campaign:
        raise ValidationError({"needs": _("The two tasks belong to different campaigns.")})
    with transaction.atomic():
        # Two edges that only together close a cycle must not be entered side by side.
        Campaign.objects.select_for_update().get(pk=campaign)
        edges = TaskDependency.objects.filter(task__plan__campaign=campaign).values_list("task", "needs")
        way = precedence.path(edges, needs.pk, task.pk)
        if way:
            _refuse_cycle([task.pk, *way])
        found, _made = TaskDependency.objects.get_or_create(task=task, needs=needs)
    return found


def _refuse_cycle(way: Collection[int]) -> NoReturn:
    named = _labels(way)
    steps = " → ".join(named[key] for key in way)
    raise ValidationError({"needs": _("The tasks would wait for each other: %(steps)s.") % {"steps": steps}})


def _labels(keys: Collection[int]) -> dict[int, str]:
    tasks = Task.objects.filter(pk__in=keys).select_related("unit", "organisation")
    return {task.pk: f"{task.title} ({task.responsible})" for task in tasks}


def add_dependencies(campaign: Campaign, pairs: Collection[tuple[Task, Task]]) -> None:
    """Let many tasks wait for others at once, pairs of (task, what it needs), under the rules of `add_dependency`."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        edges = set(TaskDependency.objects.filter(task__plan__campaign=campaign).values_list("task", "needs"))
        way = precedence.cycle(edges | {(task.pk, needs.pk) for task, needs in pairs})
        if way:
            _refuse_cycle(way)
        TaskDependency.objects.bulk_create(
            [TaskDependency(task=task, needs=needs) for task, needs in pairs], batch_size=500
        )


def remove_dependencies(pairs: Iterable[tuple[int, int]]) -> None:
    """Let tasks wait no longer for others, given as pairs of keys (task, what it needed)."""
    with transaction.atomic():
        for task, needs in pairs:
            TaskDependency.objects.filter(task=task, needs=needs).delete()


def remove_tasks(tasks: Collection[Task]) -> None:
    """Take tasks out that nobody has begun. Raises ValidationError that names those on which work was recorded."""
    keys = [task.pk for task in tasks]
    with transaction.atomic():
        rows = Task.objects.select_for_update(of=("self",)).filter(pk__in=keys)
        touched = rows.filter(~Q(state=State.OPEN) | Exists(Evidence.objects.filter(task=OuterRef("pk"))))
        begun = [
            f"{task.title} ({task.responsible})" for task in touched.select_related("unit", "organisation")
        ]
        if begun:
            raise ValidationError(
                _("Work on these tasks is recorded; drop them on their pages instead: %(tasks)s.")
                % {"tasks": ", ".join(begun)}
            )
        rows.delete()


def remove_plan(plan: Plan) -> None:
    """Take a plan out that has no task. Its scan goes with it."""
    if plan.tasks.exists():
        raise ValidationError(_("Plan %(number)s still has tasks.") % {"number": plan.number})
    scan = plan.attachment
    with transaction.atomic():
        plan.delete()
        if scan is not None:
            scan.delete()
            transaction.on_commit(lambda: default_storage.delete(scan.path))


def remove_dependency(dependency: TaskDependency) -> None:
    with transaction.atomic():
        dependency.delete()


def add_evidence(
    task: Task,
    *,
    by: User,
    text: str = "",
    number: str = "",
    link: str = "",
    attachment: "File[bytes] | None" = None,
) -> Evidence:
    """Add proof to a task: words, a document's number, a link, a file, or several of them."""
    evidence = Evidence(
        task=task,
        text=clean(text),
        number=read_number(number) if number.strip() else "",
        link=link.strip(),
        by=by,
    )
    if not (evidence.text or evidence.number or evidence.link or attachment):
        raise ValidationError({"text": _("Give words, a document's number, a link or a file.")})
    evidence.clean_fields()
    with stored(attachment, by) as file, transaction.atomic():
        if file is not None:
            file.save(force_insert=True)
        evidence.attachment = file
        evidence.save(force_insert=True)
        TaskEvent.objects.create(task=task, what=TaskEvent.What.EVIDENCE, became=str(evidence)[:300], by=by)
    return evidence


def timing_warning(task: Task, needs: Task) -> str:
    """Why the two days do not fit: a task due before what it waits for. Empty when they do."""
    if task.due >= needs.due:
        return ""
    return _("Due on %(due)s, before “%(needs)s”, which is due on %(later)s.") % {
        "due": date_format(task.due, "SHORT_DATE_FORMAT"),
        "needs": needs.title,
        "later": date_format(needs.due, "SHORT_DATE_FORMAT"),
    }

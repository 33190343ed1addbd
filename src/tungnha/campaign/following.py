"""What of a campaign follows a unit that is merged, split or renamed: open work, never what is closed.

Where two units that are merged both have the same line of a plan, or the same directive, the successor has it once: the
one farthest on stays, the other is closed and says so. See `territory.following` for the rule and for who decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import F, Max, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tungnha.campaign import precedence
from tungnha.campaign.models import (
    Campaign,
    Organisation,
    Plan,
    Recipient,
    RecipientEvent,
    SupportEvent,
    SupportModel,
    Task,
    TaskDependency,
    TaskEvent,
)
from tungnha.territory import following
from tungnha.territory.following import Open
from tungnha.territory.models import Unit


def register() -> None:
    """Called once, when the program starts. Organisations come before what is theirs."""
    for follower in (Campaigns(), Organisations(), Tasks(), Recipients(), SupportModels()):
        following.register(follower)


def _from_to(old: Unit, heir: Unit) -> str:
    return f"{old.name} → {heir.name}"[:300]


class Campaigns:
    """A campaign that still runs when its territory ends goes on in the successor."""

    kind = "campaign"
    label: str | Promise = gettext_lazy("campaigns")
    by_itself = False

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        running = Campaign.objects.filter(unit__in=units, deadline__gte=F("unit__valid_to"))
        return [Open(*row) for row in running.values_list("pk", "unit", "name")]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        del by
        rows = list(Campaign.objects.select_for_update().filter(pk__in=keys, unit__valid_to__lte=day))
        Campaign.objects.filter(pk__in=[row.pk for row in rows]).update(unit=heir)
        return {row.pk: "" for row in rows}


class Organisations:
    """An organisation goes on in the successor, with its open tasks and directives."""

    kind = "organisation"
    label: str | Promise = gettext_lazy("organisations, with their open work")
    by_itself = False

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        return [
            Open(*row)
            for row in Organisation.objects.filter(unit__in=units).values_list("pk", "unit", "name")
        ]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        rows = Organisation.objects.select_for_update().filter(pk__in=keys, unit__valid_to__lte=day)
        taken = set(Organisation.objects.filter(unit=heir).values_list("name", flat=True))
        done = {}
        for body in rows.select_related("unit"):
            old, name = body.unit, body.name
            if name in taken:
                body.name = f"{name[: 157 - len(old.name)]} ({old.name})"
            taken.add(body.name)
            body.unit = heir
            body.save(update_fields=("unit", "name"))
            done[body.pk] = "" if body.name == name else _("Now called “%(name)s”.") % {"name": body.name}
            self._take_along(body, old, heir, by)
        return done

    def _take_along(self, body: Organisation, old: Unit, heir: Unit, by: int | None) -> None:
        tasks = list(Task.objects.filter(organisation=body, state__in=Task.UNFINISHED))
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(unit=heir)
        TaskEvent.objects.bulk_create(
            [
                TaskEvent(task=task, what=TaskEvent.What.MOVED, was=old.name, became=heir.name, by_id=by)
                for task in tasks
            ]
        )
        asked = list(Recipient.objects.filter(_open_recipients(), organisation=body))
        Recipient.objects.filter(pk__in=[one.pk for one in asked]).update(unit=heir)
        RecipientEvent.objects.bulk_create(
            [
                RecipientEvent(
                    recipient=one, what=RecipientEvent.What.MOVED, note=_from_to(old, heir), by_id=by
                )
                for one in asked
            ]
        )


class Tasks:
    """Units' own unfinished tasks; those of organisations go with these."""

    kind = "task"
    label: str | Promise = gettext_lazy("open tasks")
    by_itself = False

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        rows = Task.objects.filter(unit__in=units, organisation=None, state__in=Task.UNFINISHED)
        rows = rows.order_by("unit", "plan", "line")
        return [
            Open(pk, unit, f"{number} · {line}. {title}")
            for pk, unit, number, line, title in rows.values_list(
                "pk", "unit", "plan__number", "line", "title"
            )
        ]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        rows = Task.objects.select_for_update().filter(
            pk__in=keys, organisation=None, state__in=Task.UNFINISHED, unit__valid_to__lte=day
        )
        groups: dict[tuple[int, int], list[Task]] = {}
        for task in rows.select_related("unit").order_by("state", "due", "pk"):  # "doing" before "open"
            groups.setdefault((task.plan_id, task.line), []).append(task)
        have = Task.objects.filter(plan__in={plan for plan, _line in groups}, unit=heir, organisation=None)
        there = {(task.plan_id, task.line): task for task in have}
        done: dict[int, str] = {}
        for key, moving in groups.items():
            kept = there.get(key)
            if kept is None or kept.state not in Task.UNFINISHED:
                taken, kept = kept is not None, moving.pop(0)
                done[kept.pk] = self._bring(kept, heir, by, own_line=taken)
            done |= {task.pk: self._join(task, kept, heir, day=day, by=by) for task in moving}
        return done

    def _bring(self, task: Task, heir: Unit, by: int | None, *, own_line: bool) -> str:
        old, task.unit = task.unit, heir
        note = ""
        if own_line:  # the successor has finished its own task of this line, and this one is still open
            Plan.objects.select_for_update().get(pk=task.plan_id)
            task.line = (Task.objects.filter(plan=task.plan_id).aggregate(last=Max("line"))["last"] or 0) + 1
            note = _("It is now line %(line)s of its plan.") % {"line": task.line}
        task.save(update_fields=("unit", "line"))
        TaskEvent.objects.create(
            task=task, what=TaskEvent.What.MOVED, was=old.name, became=heir.name, note=note, by_id=by
        )
        return note

    def _join(self, task: Task, kept: Task, heir: Unit, *, day: date, by: int | None) -> str:
        """The successor has this task already: it is done there once, and this one is dropped."""
        told = _("Goes on as the same task of %(unit)s.") % {"unit": heir.name}
        units = {"what": TaskEvent.What.JOINED, "was": task.unit.name, "became": heir.name, "by_id": by}
        events = [TaskEvent(task=task, note=told, **units), TaskEvent(task=kept, **units)]
        if task.state == Task.State.DOING and kept.state == Task.State.OPEN:
            kept.state = Task.State.DOING
            kept.save(update_fields=("state",))
            begun = {"what": TaskEvent.What.STATE, "was": Task.State.OPEN, "became": Task.State.DOING}
            events.append(TaskEvent(task=kept, by_id=by, **begun))
        task.state, task.closed_on = Task.State.DROPPED, max(day, task.start)
        task.save(update_fields=("state", "closed_on"))
        TaskEvent.objects.bulk_create(events)
        _hand_on_dependencies(task, kept)
        return told


def _hand_on_dependencies(task: Task, kept: Task) -> None:
    """What waited for a task that was joined waits for the one it goes on in, unless that closed a cycle."""
    if not TaskDependency.objects.filter(Q(task=task) | Q(needs=task)).exists():
        return  # most tasks wait for nothing; a campaign has thousands of links
    campaign = TaskDependency.objects.filter(task__plan__campaign=F("needs__plan__campaign"))
    edges = set(campaign.filter(task__plan__campaign__plans=task.plan_id).values_list("task", "needs"))
    wanted = [(one, kept.pk) for one, needed in edges if needed == task.pk]
    wanted += [(kept.pk, needed) for one, needed in edges if one == task.pk]
    for one, needed in sorted(wanted):
        if one != needed and (one, needed) not in edges and not precedence.path(edges, needed, one):
            TaskDependency.objects.create(task_id=one, needs_id=needed)
            edges.add((one, needed))


def _open_recipients() -> Q:
    """Directives in force that are not closed: the recipient's turn, or that of whoever reads the answer."""
    return Q(directive__ended="") & ~Q(state=Recipient.State.CLOSED)


class Recipients:
    """Directives that units still have to answer, or whose answer is still to be accepted."""

    kind = "directive"
    label: str | Promise = gettext_lazy("directives to answer")
    by_itself = False

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        rows = Recipient.objects.filter(_open_recipients(), unit__in=units, organisation=None)
        return [
            Open(pk, unit, f"{number} · {subject}")
            for pk, unit, number, subject in rows.order_by("unit", "directive").values_list(
                "pk", "unit", "directive__number", "directive__subject"
            )
        ]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        rows = Recipient.objects.select_for_update().filter(
            _open_recipients(), pk__in=keys, organisation=None, unit__valid_to__lte=day
        )
        groups: dict[int, list[Recipient]] = {}
        for one in rows.select_related("unit"):
            groups.setdefault(one.directive_id, []).append(one)
        there = {
            one.directive_id: one
            for one in Recipient.objects.filter(directive__in=groups, unit=heir, organisation=None)
        }
        done: dict[int, str] = {}
        for directive, moving in groups.items():
            kept = there.get(directive)
            if kept is None:
                # Whoever has still to answer goes on; an answer beside it covers only its own old unit.
                kept = min(moving, key=lambda one: (not self._waits(one), one.pk))
                moving.remove(kept)
                old, kept.unit = kept.unit, heir
                kept.save(update_fields=("unit",))
                self._tell(kept, RecipientEvent.What.MOVED, _from_to(old, heir), by)
                done[kept.pk] = ""
            done |= {one.pk: self._join(one, kept, heir, by) for one in moving}
        return done

    def _join(self, one: Recipient, kept: Recipient, heir: Unit, by: int | None) -> str:
        told = _("Goes on as the same directive to %(unit)s.") % {"unit": heir.name}
        if self._waits(one) and not self._waits(kept):
            kept.state = Recipient.State.RETURNED
            kept.save(update_fields=("state",))
            missing = _("What %(unit)s had to answer is still missing.") % {"unit": one.unit.name}
            self._tell(kept, RecipientEvent.What.RETURNED, missing, by)
        one.state = Recipient.State.CLOSED
        one.save(update_fields=("state",))
        self._tell(one, RecipientEvent.What.JOINED, told, by)
        self._tell(kept, RecipientEvent.What.JOINED, _from_to(one.unit, heir), by)
        return told

    def _waits(self, one: Recipient) -> bool:
        return one.state in Recipient.WAITING

    def _tell(self, one: Recipient, what: str, note: str, by: int | None) -> None:
        RecipientEvent.objects.create(recipient=one, what=what, note=note, by_id=by)


class SupportModels:
    """Models that are open when their unit ends go on in the successor; the days before stay the old unit's."""

    kind = "support"
    label: str | Promise = gettext_lazy("support models")
    by_itself = False

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        del day
        rows = SupportModel.objects.filter(self._open(), unit__in=units)
        return [Open(*row) for row in rows.order_by("unit", "pk").values_list("pk", "unit", "name")]

    def _open(self) -> Q:
        """Open at the end of their unit, and not yet carried on elsewhere."""
        return (Q(closed=None) | Q(closed__gte=F("unit__valid_to"))) & Q(continued_by=None)

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        rows = SupportModel.objects.filter(self._open(), pk__in=keys, unit__valid_to__lte=day)
        done = {}
        for model in rows.select_related("unit"):
            old, first_day = model.unit, model.unit.valid_to
            assert first_day is not None
            if model.opened >= first_day:  # entered for the old unit when that was already over
                model.unit = heir
                model.save(update_fields=("unit",))
                heirs_own = model
            else:
                closes, model.closed = model.closed, first_day - timedelta(days=1)
                model.save(update_fields=("closed",))
                facts = ("kind_id", "name", "place", "body", "hours", "contact")
                heirs_own = SupportModel.objects.create(
                    unit=heir,
                    opened=first_day,
                    closed=closes,
                    continues=model,
                    **{name: getattr(model, name) for name in facts},
                )
            for one in {model.pk: model, heirs_own.pk: heirs_own}.values():
                SupportEvent.objects.create(
                    model=one, what=SupportEvent.What.MOVED, note=_from_to(old, heir), by_id=by
                )
            done[model.pk] = ""
        return done

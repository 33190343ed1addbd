"""Plans with an official number, their tasks, what those wait for, and the proof that they were done."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.campaigns import Campaign
from tungnha.campaign.models.history import OnlyAdded
from tungnha.campaign.models.organisations import Organisation
from tungnha.territory.models import Unit


class Plan(models.Model):
    """A plan as it was issued: number, date, issuer. Its tasks are lines of the appendix that assigns them."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="plans")
    number = models.CharField(_("official number"), max_length=60)
    issued = models.DateField(_("date"))
    issuer = models.CharField(_("issuer"), max_length=160)
    title = models.CharField(_("title"), max_length=300)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ("issued", "pk")
        constraints = (
            models.UniqueConstraint("campaign", "number", "issuer", "issued", name="plan_issued_once"),
        )

    def __str__(self) -> str:
        return self.number


class Task(models.Model):
    """What one unit, or one organisation, has to do by a day. Tasks given to many units share their plan's line."""

    class State(models.TextChoices):
        OPEN = "open", _("Not begun")
        DOING = "doing", _("Under way")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    UNFINISHED = (State.OPEN, State.DOING)

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks")
    line = models.PositiveSmallIntegerField(_("line"), help_text=_("Number in the plan's appendix"))
    title = models.CharField(_("task"), max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tasks", verbose_name=_("responsible unit"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("organisation"),
    )
    start = models.DateField(_("start"))
    due = models.DateField(_("due"), help_text=_("The last day"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("plan", "line", "unit__name_fold", "pk")
        indexes = (models.Index("unit", "state", "due", name="task_of_unit"),)
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "line", "unit"), condition=Q(organisation=None), name="task_line_once_in_unit"
            ),
            models.UniqueConstraint(fields=("plan", "line", "organisation"), name="task_line_once_in_body"),
            models.CheckConstraint(condition=Q(due__gte=F("start")), name="task_due_after_start"),
            models.CheckConstraint(
                condition=Q(state__in=("open", "doing"), closed_on=None)
                | Q(state__in=("done", "dropped"), closed_on__isnull=False),
                name="task_closed_when_finished",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def responsible(self) -> str:
        """Whose it is: the organisation, else the unit."""
        return self.organisation.name if self.organisation else self.unit.name

    def is_late(self, today: date) -> bool:
        """Whether it is neither done nor dropped and its last day is over. `queries.plans.late()` is the same rule."""
        return self.state in self.UNFINISHED and self.due < today

    def was_late(self) -> bool:
        """Whether it was done after its last day."""
        return self.state == self.State.DONE and self.closed_on is not None and self.closed_on > self.due


class TaskEvent(OnlyAdded):
    """Who changed what about a task, and when. Only ever added to."""

    class What(models.TextChoices):
        ADDED = "added", _("Added")
        STATE = "state", _("State")
        DUE = "due", _("Due date")
        TITLE = "title", _("Wording")
        EVIDENCE = "evidence", _("Evidence")
        MOVED = "unit", _("Went to another unit")
        JOINED = "joined", _("Joined with another")

    task = models.ForeignKey(Task, models.CASCADE, related_name="events")
    what = models.CharField(_("what"), max_length=10, choices=What)
    was = models.CharField(_("was"), max_length=300, blank=True)
    became = models.CharField(_("became"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text=_("Empty where a rule did it")
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("task's history")
        verbose_name_plural = _("tasks' history")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.task}: {self.get_what_display()}"


class TaskDependency(models.Model):
    """A task waits for another of the same campaign. There is never a cycle: `services.plans.add_dependency`."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="waits_for")
    needs = models.ForeignKey(Task, models.CASCADE, related_name="needed_by")

    class Meta:
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        constraints = (
            models.UniqueConstraint("task", "needs", name="dependency_once"),
            models.CheckConstraint(condition=~Q(task=F("needs")), name="no_task_waits_for_itself"),
        )

    def __str__(self) -> str:
        return f"{self.task} ← {self.needs}"


class Evidence(models.Model):
    """What shows that a task was done: words, a document's number, a link or a file."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="evidence")
    text = models.CharField(_("text"), max_length=1000, blank=True)
    number = models.CharField(_("document number"), max_length=60, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(text="", number="", link="", attachment=None), name="evidence_says_something"
            ),
        )

    def __str__(self) -> str:
        return self.text or self.number or self.link or str(self.attachment)

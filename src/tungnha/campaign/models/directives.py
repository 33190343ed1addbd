"""Directives: official documents that ask units and organisations to act by a day, and what each of them answered."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tungnha.accounts.models import User
from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.campaigns import Campaign
from tungnha.campaign.models.history import OnlyAdded
from tungnha.campaign.models.organisations import Organisation
from tungnha.campaign.models.plans import Plan
from tungnha.territory.models import Unit


def usual_remind_days() -> list[int]:
    """Days from the deadline on which those who have not answered are reminded: three before, on it, the day after, weekly."""
    return [-3, 0, 1, 8]


class Directive(models.Model):
    """A document as it was issued, and what it asks for. A later one may replace or withdraw it."""

    class Ended(models.TextChoices):
        REPLACED = "replaced", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="directives")
    number = models.CharField(_("official number"), max_length=60)
    issued = models.DateField(_("date"))
    issuer = models.CharField(_("issuer"), max_length=160)
    subject = models.CharField(_("about"), max_length=300)
    action = models.TextField(_("required action"), max_length=2000)
    deadline = models.DateField(_("deadline"), help_text=_("The last day"))
    remind_days = models.JSONField(_("reminders, days from the deadline"), default=usual_remind_days)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    ended = models.CharField(pgettext_lazy("directive", "ended"), max_length=10, choices=Ended, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="ends", verbose_name=_("by the later one")
    )
    ended_note = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("directive")
        verbose_name_plural = _("directives")
        ordering = ("-issued", "-pk")
        constraints = (
            models.UniqueConstraint("campaign", "number", "issuer", "issued", name="directive_issued_once"),
            models.CheckConstraint(
                condition=Q(deadline__gte=F("issued")), name="directive_deadline_after_issue"
            ),
            models.CheckConstraint(
                condition=Q(ended="", ended_on=None, ended_by=None)
                | ~Q(ended="") & Q(ended_on__isnull=False),
                name="directive_ended_with_a_day",
            ),
            models.CheckConstraint(condition=~Q(ended_by=F("id")), name="no_directive_ends_itself"),
        )

    def __str__(self) -> str:
        return self.number


class Recipient(models.Model):
    """A unit, or an organisation, that a directive went to, and where its answer stands."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        SEEN = "seen", _("Seen")
        ACKNOWLEDGED = "taken", _("Acknowledged")
        ANSWERED = "answered", _("Answered")
        RETURNED = "returned", _("Returned for more")
        CLOSED = "closed", _("Closed")

    class Quality(models.TextChoices):
        """The classes of Đề án 06 reporting, over the answer that stands."""

        ON_TIME = "on_time", _("On time")
        PARTLY_LATE = "partly", _("Partly overdue")
        LATE = "late", _("Overdue")

    UNTAKEN = (State.SENT, State.SEEN)
    WAITING = (*UNTAKEN, State.ACKNOWLEDGED, State.RETURNED)
    """States in which it is the recipient's turn."""

    directive = models.ForeignKey(Directive, models.CASCADE, related_name="recipients")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="directives", verbose_name=_("unit"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="directives",
        verbose_name=_("organisation"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SENT)
    sent_on = models.DateField(_("sent on"))
    reminded_on = models.DateField(_("last reminded on"), null=True, blank=True)
    first_answered_on = models.DateField(_("first answered on"), null=True, blank=True)
    answered_on = models.DateField(
        _("answered on"), null=True, blank=True, help_text=_("The day of the answer that stands")
    )

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ("unit__name_fold", "pk")
        indexes = (models.Index("unit", "state", name="directive_of_unit"),)
        constraints = (
            models.UniqueConstraint(
                fields=("directive", "unit"), condition=Q(organisation=None), name="directive_once_to_unit"
            ),
            models.UniqueConstraint(fields=("directive", "organisation"), name="directive_once_to_body"),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_on__isnull=False), name="answered_on_a_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.directive}: {self.responsible}"

    @property
    def responsible(self) -> str:
        """Who has to act: the organisation, else the unit."""
        return self.organisation.name if self.organisation else self.unit.name

    @property
    def untaken(self) -> bool:
        """Whether nobody has acknowledged it yet."""
        return self.state in self.UNTAKEN

    @property
    def waits(self) -> bool:
        """Whether it is the recipient's turn."""
        return self.state in self.WAITING and not self.directive.ended

    def overdue(self, today: date) -> int:
        """Days since the deadline during which it has been the recipient's turn; 0 before."""
        return max((today - self.directive.deadline).days, 0) if self.waits else 0

    def quality(self, today: date) -> "Recipient.Quality | None":
        """The official class on a day: None where the deadline is still to come, or nothing was asked any more.

        Partly overdue is a first answer in time that was returned, and whose completion came late.
        """
        last = self.directive.deadline
        first_in_time = self.first_answered_on is not None and self.first_answered_on <= last
        if self.state in self.WAITING:
            if self.directive.ended or today <= last:
                return None
            return self.Quality.PARTLY_LATE if first_in_time else self.Quality.LATE
        if self.answered_on is None:
            return None
        if self.answered_on <= last:
            return self.Quality.ON_TIME
        return self.Quality.PARTLY_LATE if first_in_time else self.Quality.LATE


class RecipientEvent(OnlyAdded):
    """What happened with a directive at one recipient, who did it and when. Only ever added to."""

    class What(models.TextChoices):
        SENT = "sent", _("Sent")
        SEEN = "seen", _("Seen")
        ACKNOWLEDGED = "taken", _("Acknowledged")
        ANSWERED = "answered", _("Answered")
        RETURNED = "returned", _("Returned for more")
        CLOSED = "closed", _("Closed")
        REMINDED = "reminded", _("Reminded")
        ENDED = "ended", _("Directive ended")
        MOVED = "moved", _("Went to another unit")
        JOINED = "joined", _("Joined with another")

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="events")
    what = models.CharField(_("what"), max_length=10, choices=What)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text=_("Empty where a rule did it")
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("recipient's history")
        verbose_name_plural = _("recipients' history")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.recipient}: {self.get_what_display()}"


class Response(OnlyAdded):
    """What a recipient answered: words, a document's number, a file. Only ever added to."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="responses")
    text = models.TextField(_("text"), max_length=4000, blank=True)
    number = models.CharField(_("document number"), max_length=60, blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(text="", number="", attachment=None), name="response_says_something"
            ),
        )

    def __str__(self) -> str:
        return self.text[:80] or self.number or str(self.attachment)


class DirectiveLine(models.Model):
    """A line of a plan that was made from a directive, so that each leads to the other."""

    directive = models.ForeignKey(Directive, models.CASCADE, related_name="lines")
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="+")
    line = models.PositiveSmallIntegerField(_("line"))

    class Meta:
        verbose_name = _("line of a plan from a directive")
        verbose_name_plural = _("lines of plans from directives")
        constraints = (models.UniqueConstraint("plan", "line", name="line_from_one_directive"),)

    def __str__(self) -> str:
        return f"{self.directive} → {self.plan}, {self.line}"

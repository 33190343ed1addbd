"""Making a pilot the template of others, deciding in which order they repeat it, and letting them begin."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign.files import imports, moving
from tungnha.campaign.files.exports import export
from tungnha.campaign.files.reading import Reader
from tungnha.campaign.files.units import Units
from tungnha.campaign.models import (
    Campaign,
    Deviation,
    OrderDraw,
    Parameter,
    Replication,
    ReplicationUnit,
    Template,
)
from tungnha.campaign.queries.replication import orders_before
from tungnha.planning import replication as planning
from tungnha.territory import queries as places
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

if TYPE_CHECKING:
    from tungnha.campaign.files.parts.head import Head

Method = Replication.Method


def make_template(campaign: Campaign, *, by: User) -> Template:
    """Keep a campaign's set-up, as it is now, for others to repeat. The same set-up twice is one template.

    Raises ValidationError where an entry names a unit other than the campaign's own.
    """
    content = export(campaign)
    document = imports.understand(content.encode())
    home = Units(campaign.start).spelled(campaign.unit)
    try:
        moving.transplanted(document.entries, home, home)
    except moving.ElsewhereError as error:
        raise ValidationError(
            _("This campaign names “%(unit)s”, and others could not repeat that. A pilot runs in one unit.")
            % {"unit": error}
        ) from error
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        last = campaign.templates.last()
        if last is not None and last.content == content:
            return last
        return Template.objects.create(
            campaign=campaign, version=last.version + 1 if last else 1, content=content, made_by=by
        )


def candidates(template: Template, territory: Unit, on: date) -> list[Unit]:
    """The units that could repeat a template: of the pilot's level, below the territory, existing on a day."""
    pilot = template.campaign.unit
    level = pilot.path.count("/")
    rows = places.within(territory).filter(places.existing(on)).exclude(pk=pilot.pk)
    rows = rows.exclude(kind=Unit.Kind.GROUP).defer("boundary").order_by("name_fold")
    return [unit for unit in rows if unit.path.count("/") == level]


def plan_replication(
    template: Template,
    *,
    name: str,
    territory: Unit,
    units: Collection[Unit],
    steps: int,
    first_day: date,
    step_days: int,
    by: User,
    scale: float = 1.0,
) -> Replication:
    """Say which units repeat a template, in how many steps and from when. Raises ValidationError by field."""
    said: dict[str, str] = {}
    allowed = {unit.pk for unit in candidates(template, territory, first_day)}
    strangers = [unit.name for unit in units if unit.pk not in allowed]
    if strangers:
        said["units"] = _("%(units)s: cannot repeat this pilot in %(territory)s on that day.") % {
            "units": ", ".join(strangers),
            "territory": territory.name,
        }
    if not units:
        said["units"] = _("Choose the units that repeat the pilot.")
    elif not 1 <= steps <= len(units):
        said["steps"] = _("There are %(units)d units; take between 1 and as many steps.") % {
            "units": len(units)
        }
    if not 1 <= step_days <= 366:
        said["step_days"] = _("Take between 1 and 366 days.")
    if not 0.1 <= scale <= 10:
        said["scale"] = _("Take between 0.1 and 10.")
    if said:
        raise ValidationError(said)
    replication = Replication(
        template=template,
        name=clean(name),
        territory=territory,
        steps=steps,
        first_day=first_day,
        step_days=step_days,
        scale=scale,
        made_by=by,
    )
    replication.clean_fields()
    with transaction.atomic():
        replication.save(force_insert=True)
        replication.units.set(units)
    return replication


@dataclass(frozen=True)
class Basis:
    """What an order is made from, each in the order of the units: which goes by the method."""

    units: Sequence[Unit]
    need: Sequence[float | None] = ()
    strata: Sequence[str] = ()
    covariates: Sequence[Sequence[float | None]] = ()
    covariate_names: Sequence[str] = ()


def draw_order(
    replication: Replication,
    method: str,
    basis: Basis,
    *,
    by: User,
    reason: str = "",
    seed: int | None = None,
) -> OrderDraw:
    """Choose or draw the order, and keep it beside all earlier ones; the last counts.

    A random one takes a seed of our own drawing, never one that a person looked for (`seed` is for tests and for
    redrawing what is on record). Another order for units that have one takes a reason, whichever replication of the same
    pilot the first one stands in. Raises ValidationError by field.
    """
    _refuse_begun(replication)
    wanted = set(replication.units.values_list("pk", flat=True))
    if len(basis.units) != len(wanted) or {unit.pk for unit in basis.units} != wanted:
        raise ValidationError({"order": _("Each unit has to stand in the order exactly once.")})
    if method == Method.RANDOM and seed is None:
        seed = secrets.randbelow(2**31)
    order = _order(replication, method, basis, seed)
    steps: list[list[int]] = [[] for _step in range(replication.steps)]
    for index in np.argsort(order.ranks):
        steps[int(order.steps[index])].append(basis.units[index].pk)
    draw = OrderDraw(
        replication=replication,
        method=method,
        seed=seed if method == Method.RANDOM else None,
        settings={
            "units": [unit.pk for unit in basis.units],
            "need": list(basis.need),
            "strata": list(basis.strata),
            "covariates": [list(row) for row in basis.covariates],
            "covariate_names": list(basis.covariate_names),
        },
        steps=steps,
        balance={
            "spread": [round(float(one), 4) for one in order.balance.spread],
            "candidates": order.balance.candidates,
            "kept": order.balance.kept,
            "always": order.balance.always,
            "never": order.balance.never,
        },
        reason=clean(reason)[:300],
        by=by,
    )
    with transaction.atomic():
        # All replications of a pilot draw one after another, so that none overlooks another's order.
        Campaign.objects.select_for_update().get(pk=replication.template.campaign_id)
        _refuse_begun(Replication.objects.select_for_update().get(pk=replication.pk))
        draw.number = (replication.draws.aggregate(last=Max("number"))["last"] or 0) + 1
        if not draw.reason and orders_before(replication).exists():
            raise ValidationError(
                {"reason": _("There is an order already. Say why there has to be another.")}
            )
        draw.save(force_insert=True)
    return draw


def _order(replication: Replication, method: str, basis: Basis, seed: int | None) -> planning.Order:
    covariates = None
    if basis.covariates:
        covariates = np.array(
            [[np.nan if one is None else one for one in row] for row in basis.covariates], dtype=np.float64
        )
    if method == Method.NEED:
        need = np.array([np.nan if one is None else one for one in basis.need], dtype=np.float64)
        return planning.by_need(need, replication.steps, covariates)
    if method == Method.HAND:
        return planning.by_hand(np.arange(len(basis.units)), replication.steps, covariates)
    names = sorted(set(basis.strata))
    strata = np.array([names.index(one) for one in basis.strata], dtype=np.int64) if names else None
    assert seed is not None
    return planning.randomised(
        len(basis.units), replication.steps, seed=seed, strata=strata, covariates=covariates
    )


def _refuse_begun(replication: Replication) -> None:
    if replication.begun_at is not None:
        raise ValidationError(_("The replication has begun; its order stands. Record a deviation instead."))


def begin(replication: Replication, *, by: User) -> None:
    """Settle the order that was chosen or drawn last: from now on it stands, and changes are deviations."""
    with transaction.atomic():
        kept = Replication.objects.select_for_update().get(pk=replication.pk)
        _refuse_begun(kept)
        draw = kept.draws.last()
        if draw is None:
            raise ValidationError(_("Choose or draw an order first."))
        rank = 0
        rows = []
        for step, keys in enumerate(draw.steps, start=1):
            start = kept.first_day + timedelta(days=kept.step_days * (step - 1))
            for key in keys:
                rows.append(ReplicationUnit(replication=kept, unit_id=key, step=step, rank=rank, start=start))
                rank += 1
        ReplicationUnit.objects.bulk_create(rows, batch_size=500)
        kept.begun_by, kept.begun_at = by, timezone.now()
        kept.save(update_fields=("begun_by", "begun_at"))
    replication.begun_by, replication.begun_at = by, kept.begun_at


def deviate(row: ReplicationUnit, *, start: date | None, reason: str, by: User) -> Deviation:
    """Let a unit begin on another day than decided, or leave it out (`start` None), for a reason that is kept."""
    said = clean(reason)[:300]
    if not said:
        raise ValidationError({"reason": _("Say why.")})
    with transaction.atomic():
        kept = ReplicationUnit.objects.select_for_update().get(pk=row.pk)
        if kept.campaign_id is not None:
            raise ValidationError(_("Its campaign is set up; change the campaign itself."))
        if kept.start == start:
            raise ValidationError({"start": _("That is when it begins already.")})
        deviation = Deviation.objects.create(row=kept, was=kept.start, became=start, reason=said, by=by)
        kept.start = start
        kept.save(update_fields=("start",))
    row.start = start
    return deviation


def set_up_step(replication: Replication, step: int, *, by: User) -> list[Campaign]:
    """Set up the campaigns of a step's units from the template: all of them, or none with what is wrong."""
    if replication.begun_at is None:
        raise ValidationError(_("The order is not settled yet."))
    document = imports.understand(replication.template.content.encode())
    made = []
    with transaction.atomic():
        rows = replication.rows.select_for_update(of=("self",)).filter(step=step, campaign=None)
        for row in rows.exclude(start=None).select_related("unit"):
            row.campaign = _set_up(replication, row, document.entries, by)
            row.save(update_fields=("campaign",))
            made.append(row.campaign)
        if not made:
            raise ValidationError(_("Every unit of this step has its campaign."))
    return made


def _set_up(replication: Replication, row: ReplicationUnit, entries: moving.Entries, by: User) -> Campaign:
    head: Head = entries["campaign"][0]
    assert row.start is not None
    moved = moving.transplanted(entries, head.unit, Units(row.start).spelled(row.unit))
    moved = moving.begun_on(moved, head.start, row.start, scale=replication.scale, documents=False)
    (head,) = moved["campaign"]
    head.code = f"{head.code[: 39 - len(row.unit.code)].rstrip('-')}-{row.unit.code}"
    head.name = f"{head.name[: 197 - len(row.unit.name)]} · {row.unit.name}"
    if Campaign.objects.filter(code=head.code).exists():
        raise ValidationError(_("There already is a campaign with the code %(code)s.") % {"code": head.code})
    _as_priors(moved, replication.template.campaign)
    outcome = imports.bring_in(imports.Document(Reader(), moved), by)
    if outcome.problems or outcome.campaign is None:
        raise ValidationError([f"{row.unit.name}: {one.path}: {one.message}" for one in outcome.problems])
    return outcome.campaign


def _as_priors(entries: moving.Entries, pilot: Campaign) -> None:
    """What the pilot measured is only assumed elsewhere, until that unit has measured for itself."""
    for one in entries["parameters"]:
        if one.source == Parameter.Source.MEASURED:
            one.source, one.origin = Parameter.Source.PRIOR.value, f"{pilot.name}, {pilot.unit.name}"[:200]

"""Setting targets: assigning one, dividing it among the units below, staging it, carrying it over a boundary change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign import curves
from tungnha.campaign.apportion import apportion
from tungnha.campaign.cascading import Proposal, propose
from tungnha.campaign.curves import Milestone
from tungnha.campaign.models import Campaign, Curve, CurvePoint, Target, TargetDecision, TrackedIndicator
from tungnha.campaign.queries import targets as reads
from tungnha.campaign.queries import territories
from tungnha.territory import queries as places
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

Method = TargetDecision.Method


def assign(
    tracked: TrackedIndicator, unit: Unit, value: int, *, effective: date, why: str, by: User
) -> TargetDecision:
    """Give a unit a target that is not (yet) divided.

    Refused where the units below have theirs already: the sum would no longer be right, so it is divided anew.
    """
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=tracked.campaign_id)
        _check_place(tracked, unit, effective)
        standing = reads.in_force(tracked, effective)
        _check_from_above(tracked, unit, value, standing)
        if tracked.indicator.adds_up and any(pk in standing for pk in _keys_below(unit)):
            raise ValidationError(
                {
                    "value": _(
                        "The units below %(unit)s have targets, which would no longer add up. Divide it anew."
                    )
                    % {"unit": unit.name}
                }
            )
        decision = _decide(tracked, unit, Method.ASSIGNED, effective=effective, why=why, by=by)
        Target.objects.create(decision=decision, unit=unit, value=value)
    return decision


def cascade(
    tracked: TrackedIndicator,
    unit: Unit,
    total: int,
    method: str,
    *,
    effective: date,
    why: str,
    by: User,
    fixed: Mapping[int, int] | None = None,
    seen: str | None = None,
) -> TargetDecision:
    """Give a unit a target and divide it among those below; what they had divided further is divided anew as before.

    `seen` is the digest of the proposal that the person looked at: when figures or units changed meanwhile,
    ValidationError, and nothing is applied. Every other fault also raises ValidationError by field.
    """
    _check_place(tracked, unit, effective)
    proposal = propose(tracked, unit, total, method, effective=effective, fixed=fixed)
    if seen is not None and seen != proposal.digest:
        raise ValidationError(
            {"seen": _("Figures or units changed since you looked. Look at the division again.")}
        )
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=tracked.campaign_id)
        standing = reads.in_force(tracked, effective)
        _check_from_above(tracked, unit, total, standing)
        decision = _decide(tracked, unit, method, effective=effective, why=why, by=by)
        rows = [Target(decision=decision, unit=unit, value=total), *_rows(decision, proposal)]
        if tracked.indicator.adds_up:
            assert sum(row.value for row in rows[1:]) == total
            rows += _follow_down(decision, {line.unit.pk: line.value for line in proposal.lines}, standing)
        Target.objects.bulk_create(rows, batch_size=200)
    return decision


def _rows(decision: TargetDecision, proposal: Proposal) -> list[Target]:
    return [
        Target(decision=decision, unit=line.unit, value=line.value, weight=line.part.weight, fixed=line.fixed)
        for line in proposal.lines
    ]


def _follow_down(
    decision: TargetDecision, changed: Mapping[int, int], standing: Mapping[int, int]
) -> list[Target]:
    """Targets below the units that got another one, level by level, in the proportions that they had. One query."""
    below: dict[int, list[int]] = {}
    units = Unit.objects.filter(path__startswith=decision.unit.path).order_by("code")
    for pk, parent in units.values_list("pk", "parent"):
        if pk in standing and parent is not None:
            below.setdefault(parent, []).append(pk)
    rows: list[Target] = []
    pending = [pair for pair in changed.items() if standing.get(pair[0], pair[1]) != pair[1]]
    while pending:
        above, value = pending.pop()
        heirs = below.get(above, [])
        weights = [standing[pk] for pk in heirs]
        if any(weights):
            shares = dict(zip(heirs, apportion(value, weights), strict=True))
            rows += [
                Target(decision=decision, unit_id=pk, value=share, weight=standing[pk])
                for pk, share in shares.items()
            ]
            pending += shares.items()
    return rows


def _decide(
    tracked: TrackedIndicator,
    unit: Unit,
    method: str,
    *,
    effective: date,
    why: str,
    by: User,
    basis: str = "",
) -> TargetDecision:
    reason = clean(why)[:300]
    if not reason:
        raise ValidationError({"why": _("Give the reason, or the document that sets it.")})
    return TargetDecision.objects.create(
        tracked=tracked, unit=unit, method=method, basis=basis, effective=effective, why=reason, by=by
    )


def _check_place(tracked: TrackedIndicator, unit: Unit, effective: date) -> None:
    """A target is of a unit in the campaign's territory that exists on the day from which it is in force."""
    territory = territories.on(tracked.campaign.unit, effective)
    if not unit.path.startswith(territory.path) or not territories.exists(unit, effective):
        raise ValidationError({"unit": territories.stranger(unit.code, territory, effective, unit)})


def _check_from_above(tracked: TrackedIndicator, unit: Unit, value: int, standing: Mapping[int, int]) -> None:
    """What a unit was given from above is not changed from below: the sums above would break."""
    if value < 0:
        raise ValidationError({"total": _("A target is not below zero.")})
    given = standing.get(unit.pk)
    if given is None or given == value or not tracked.indicator.adds_up:
        return
    if unit.parent_id in standing:
        assert unit.parent is not None
        raise ValidationError(
            {
                "total": _("%(unit)s was given %(value)s out of the target of %(above)s. Change it there.")
                % {
                    "unit": unit.name,
                    "value": number_format(given, force_grouping=True),
                    "above": unit.parent.name,
                }
            }
        )


def _keys_below(unit: Unit) -> list[int]:
    return list(unit.children.values_list("pk", flat=True))


def by_hand(unit: Unit, rows: Iterable[tuple[int, str, int]], effective: date) -> dict[int, int]:
    """Values by unit key from rows of (line number, unit code, value), for `cascade(fixed=…)`.

    Raises ValidationError at `by_hand` with a message for every line whose unit is unknown, abolished, not directly
    below, or named twice; then nothing is applied.
    """
    children = {each.code: each for each in unit.children.filter(places.existing(effective))}
    found: dict[int, int] = {}
    faults = []
    for line, code, value in rows:
        each = children.get(code)
        if each is None:
            reason = territories.stranger(code, unit, effective)
        elif each.pk in found:
            reason = _("%(unit)s is named twice.") % {"unit": each.name}
        elif value < 0:
            reason = _("A target is not below zero.")
        else:
            found[each.pk] = value
            continue
        faults.append(_("Line %(line)d: %(reason)s") % {"line": line, "reason": reason})
    if faults:
        raise ValidationError({"by_hand": faults})
    return found


def set_curve(
    tracked: TrackedIndicator,
    shape: str,
    *,
    step: int = 1,
    by: User,
    effective: date | None = None,
    why: str = "",
    points: Sequence[Milestone] = (),
) -> Curve:
    """Stage an indicator's targets over the campaign's days; `step` is 1 for days, 7 for weeks.

    By hand, `points` are the milestones: rising days and shares, the last one the deadline with the whole. Raises
    ValidationError by field.
    """
    campaign = tracked.campaign
    if shape == Curve.Shape.HAND:
        chosen = list(points)
        _check_points(campaign, chosen)
    else:
        draw = curves.front_loaded if shape == Curve.Shape.FRONT else curves.linear
        chosen = draw(campaign.start, campaign.deadline, step)
    curve = Curve(
        tracked=tracked, shape=shape, effective=effective or campaign.start, why=clean(why)[:300], by=by
    )
    curve.clean_fields(exclude=("tracked", "by"))
    with transaction.atomic():
        curve.save(force_insert=True)
        rows = [CurvePoint(curve=curve, day=each.day, share=each.share) for each in chosen]
        CurvePoint.objects.bulk_create(rows, batch_size=200)
    return curve


def _check_points(campaign: Campaign, points: Sequence[Milestone]) -> None:
    before = None
    for each in points:
        day = date_format(each.day, "SHORT_DATE_FORMAT")
        if not campaign.start <= each.day <= campaign.deadline:
            raise ValidationError({"points": _("%(day)s lies outside the campaign.") % {"day": day}})
        if before is not None and (each.day <= before.day or each.share < before.share):
            raise ValidationError({"points": _("%(day)s: days and shares have to rise.") % {"day": day}})
        before = each
    if before is None or before.day != campaign.deadline or before.share != curves.ALL:
        last = date_format(campaign.deadline, "SHORT_DATE_FORMAT")
        raise ValidationError({"points": _("The last milestone is the whole, on %(day)s.") % {"day": last}})


def carry_over(
    tracked: TrackedIndicator, effective: date, *, basis: str, why: str, by: User
) -> list[TargetDecision]:
    """Give the units of after a boundary change the targets of those before; the old ones stay as they were.

    Only the lowest targets move, so that each counts once; every sum is kept exactly. `basis` divides a unit of which no
    source says the parts (`Basis`), and what it touches is marked an estimate. Raises ValidationError where
    that is needed and not given, and then nothing is changed. One decision for each unit above the new ones.
    """
    told = territories.carried_targets(tracked, effective, basis)
    decisions = []
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=tracked.campaign_id)
        for above, lines in told:
            decision = _decide(
                tracked, above, Method.RESTATED, effective=effective, why=why, by=by, basis=basis
            )
            rows = [Target(decision=decision, unit=above, value=sum(line.value for line in lines))]
            rows += [
                Target(decision=decision, unit=line.unit, value=line.value, estimated=line.estimated)
                for line in lines
            ]
            Target.objects.bulk_create(rows, batch_size=200)
            decisions.append(decision)
    return decisions

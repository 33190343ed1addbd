"""Recording that units are renamed, merged or split, on a day in the future or the past; and taking that back.

A unit whose name, kind or extent changes ends, and a new one begins, under the same code or another. What was open in
the old ones follows later (`following.follow`): recording a change moves nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import shapely
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.territory.models import Followed, Succession, Unit, UnitChange
from tungnha.territory.queries import existing, within
from tungnha.territory.vietnamese import clean, fold

SUM_TOLERANCE = 1e-6
"""How far the shares of one unit may be from 1: the error of adding them up, not of measuring them."""


@dataclass(frozen=True)
class NewUnit:
    """A unit that begins. Without a `parent` it stands where the old ones stood."""

    code: str
    name: str
    kind: str
    parent: Unit | None = None


@dataclass(frozen=True)
class Part:
    """What of an old unit goes into the new one with a code: a share of it (1 is all), None where no source says."""

    old: Unit
    new: str
    share: float | None


@dataclass(frozen=True)
class Draft:
    """A change before it is recorded.

    `below` says, for each residential group (or other unit) under a unit that is cut up, into which new unit it goes:
    primary key → code. Those under a unit that goes over whole go along.
    """

    decided_by: str
    effective: date
    new: Sequence[NewUnit]
    parts: Sequence[Part]
    basis: str = ""
    below: Mapping[int, str] = field(default_factory=dict)


def merger(olds: Iterable[Unit], *, code: str, name: str, kind: str) -> tuple[list[NewUnit], list[Part]]:
    """Several units become one; one alone goes on under another name, code or kind."""
    return [NewUnit(code, name, kind)], [Part(old, code, 1.0) for old in olds]


def splitting(old: Unit, into: Sequence[tuple[NewUnit, float | None]]) -> tuple[list[NewUnit], list[Part]]:
    """One unit becomes several."""
    return [new for new, _share in into], [Part(old, new.code, share) for new, share in into]


def record(draft: Draft, *, by: str = "") -> UnitChange:
    """Record a change: end the old units, begin the new ones, and say which went into which.

    Raises ValidationError by field (`decided_by`, `effective`, `units`, `new`, `shares`, `below`), and then records
    nothing.
    """
    day = draft.effective
    olds = list({part.old.pk: part.old for part in draft.parts}.values())
    _check_shares(draft)
    with transaction.atomic():
        olds = list(Unit.objects.select_for_update().filter(pk__in=[old.pk for old in olds]).order_by("pk"))
        _check_olds(draft, olds)
        _check_new(draft, olds)
        change = UnitChange(decided_by=clean(draft.decided_by), effective=day, recorded_by=by)
        change.full_clean()
        change.save(force_insert=True)
        begun = {
            new.code: _begin(new, new.parent or olds[0].parent, day, olds[0].scheme) for new in draft.new
        }
        for part in draft.parts:
            _succeed(change, part.old, begun[part.new], part.share, draft.basis)
        for new in draft.new:
            _take_ground(begun[new.code], [part for part in draft.parts if part.new == new.code])
        whole = {part.old.pk: begun[part.new] for part in draft.parts if part.share == 1}
        for old in olds:
            for child in _below(old, day):
                _carry_along(change, child, whole.get(old.pk) or begun[draft.below[child.pk]], day)
        Unit.objects.filter(pk__in=[old.pk for old in olds]).update(valid_to=day)
    return change


def _below(old: Unit, day: date) -> list[Unit]:
    return list(Unit.objects.filter(existing(day), parent=old).order_by("name_fold", "pk"))


def _check_shares(draft: Draft) -> None:
    shares: dict[int, list[float | None]] = {}
    seen: set[tuple[int, str]] = set()
    codes = {new.code for new in draft.new}
    for part in draft.parts:
        if part.new not in codes or (part.old.pk, part.new) in seen:
            raise ValidationError(
                {"shares": _("%(unit)s goes into %(code)s twice, or into no new unit.") % _named(part)}
            )
        seen.add((part.old.pk, part.new))
        if part.share is not None and not 0 < part.share <= 1:
            raise ValidationError(
                {"shares": _("A share lies above 0 and up to 1; %(unit)s, %(code)s.") % _named(part)}
            )
        shares.setdefault(part.old.pk, []).append(part.share)
    if not draft.parts or codes - {part.new for part in draft.parts}:
        raise ValidationError({"new": _("Every new unit is made of a unit or a part of one.")})
    names = {part.old.pk: part.old.name for part in draft.parts}
    for pk, given in shares.items():
        known = [share for share in given if share is not None]
        if known:
            _check_sum(names[pk], known, missing=len(given) - len(known))
        elif len(given) == 1:
            raise ValidationError(
                {"shares": _("%(unit)s has one successor, so its share is 1.") % {"unit": names[pk]}}
            )


def _check_sum(name: str, shares: Iterable[float], *, missing: int = 0) -> None:
    total = sum(shares)
    if missing or abs(total - 1) > SUM_TOLERANCE:
        raise ValidationError(
            {
                "shares": _("The shares of %(unit)s add up to %(sum)s, not to 1; or leave all of them empty.")
                % {"unit": name, "sum": f"{total:.4g}"}
            }
        )


def _named(part: Part) -> dict[str, str]:
    return {"unit": part.old.name, "code": part.new}


def _check_olds(draft: Draft, olds: Sequence[Unit]) -> None:
    """Each old unit exists until the day, ends by no other change, and none stands below another."""
    day = draft.effective
    for old in olds:
        if old.valid_from >= day or (old.valid_to is not None and old.valid_to <= day):
            raise ValidationError(
                {"effective": _("%(unit)s does not exist before %(day)s.") % _when(old, day)}
            )
        if old.valid_to is not None:
            raise ValidationError(
                {
                    "units": _("%(unit)s already ends on %(day)s by another decision.")
                    % _when(old, old.valid_to)
                }
            )
        if any(other.pk != old.pk and old.path.startswith(other.path) for other in olds):
            raise ValidationError(
                {
                    "units": _("%(unit)s lies in another of these units. Record two changes.")
                    % {"unit": old.name}
                }
            )
        later = within(old).exclude(pk=old.pk).filter(Q(valid_from__gt=day) | Q(valid_to__gt=day)).first()
        if later is not None:
            raise ValidationError(
                {"units": _("%(unit)s lies in it and changes after that day.") % {"unit": later.name}}
            )
    whole = {part.old.pk for part in draft.parts if part.share == 1}
    codes = {new.code for new in draft.new}
    homeless = [
        child.name
        for old in olds
        if old.pk not in whole
        for child in _below(old, day)
        if draft.below.get(child.pk) not in codes
    ]
    if homeless:
        raise ValidationError(
            {"below": _("Say into which new unit these go: %(units)s.") % {"units": ", ".join(homeless)}}
        )


def _when(unit: Unit, day: date) -> dict[str, str]:
    return {"unit": unit.name, "day": date_format(day, "SHORT_DATE_FORMAT")}


def _check_new(draft: Draft, olds: Sequence[Unit]) -> None:
    """Each new unit has a name and a place, and a code that nobody else bears from that day on."""
    day, scheme = draft.effective, olds[0].scheme
    codes = [new.code for new in draft.new]
    if len(set(codes)) < len(codes):
        raise ValidationError({"new": _("Two new units have the same code.")})
    bearing = Unit.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), scheme=scheme, code__in=codes)
    taken = bearing.exclude(pk__in=[old.pk for old in olds]).first()
    if taken is not None:
        raise ValidationError(
            {
                "new": _("The code %(code)s is that of %(unit)s on that day.")
                % {"code": taken.code, "unit": taken.name}
            }
        )
    parents = {old.parent_id for old in olds}
    for new in draft.new:
        if not new.name.strip() or not new.code.strip():
            raise ValidationError({"new": _("A new unit needs a code and a name.")})
        if new.parent is None and len(parents) > 1:
            raise ValidationError(
                {
                    "new": _("The old units lie in different units; say in which %(unit)s lies.")
                    % {"unit": new.name}
                }
            )
        if new.parent is not None and (
            not Unit.objects.filter(existing(day), pk=new.parent.pk).exists()
            or any(new.parent.path.startswith(old.path) for old in olds)
        ):
            raise ValidationError(
                {"new": _("%(unit)s does not exist on that day.") % {"unit": new.parent.name}}
            )


def _begin(new: NewUnit, parent: Unit | None, day: date, scheme: str) -> Unit:
    unit = Unit(
        scheme=scheme,
        code=new.code.strip(),
        name=clean(new.name),
        name_fold=fold(new.name),
        kind=new.kind,
        parent=parent,
        path="/",
        valid_from=day,
    )
    unit.full_clean(exclude=("path", "name_fold"))
    unit.save(force_insert=True)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=("path",))
    return unit


def _succeed(change: UnitChange, old: Unit, new: Unit, share: float | None, basis: str) -> None:
    whole = share == 1
    Succession.objects.create(
        change=change,
        old=old,
        new=new,
        whole=whole,
        share=share,
        share_basis="whole unit" if whole else clean(basis)[:60] if share is not None else "",
    )


def _take_ground(unit: Unit, parts: Sequence[Part]) -> None:
    """Where a new unit is old ones whole, it covers their ground; otherwise somebody has to draw it."""
    if any(part.share != 1 for part in parts):
        return
    olds = [part.old for part in parts]
    if all(old.area_km2 is not None for old in olds):
        unit.area_km2 = sum(old.area_km2 or 0.0 for old in olds)
    if all(old.boundary for old in olds):
        shape = shapely.union_all([shapely.from_wkb(bytes(old.boundary or b"")) for old in olds])
        middle = shape.representative_point()
        unit.boundary, unit.source = shapely.to_wkb(shape), olds[0].source
        unit.longitude, unit.latitude = middle.x, middle.y
    elif len(olds) == 1:
        unit.longitude, unit.latitude = olds[0].longitude, olds[0].latitude
    unit.save(update_fields=("area_km2", "boundary", "source", "longitude", "latitude"))


def _carry_along(change: UnitChange, child: Unit, parent: Unit, day: date) -> None:
    """A unit below one that ends goes on below its successor, with everything below it."""
    below = _below(child, day)
    heir = _begin(NewUnit(child.code, child.name, child.kind), parent, day, child.scheme)
    _succeed(change, child, heir, 1.0, "")
    _take_ground(heir, [Part(child, heir.code, 1.0)])
    for one in below:
        _carry_along(change, one, heir, day)
    Unit.objects.filter(pk=child.pk).update(valid_to=day)


def state_shares(change: UnitChange, old: Unit, shares: Mapping[int, float], *, basis: str) -> None:
    """State how large the parts of a unit are that was cut up: successor's primary key → share.

    What waits for a person because no source said so may then follow by the rule. Raises ValidationError where the
    shares are not those of all its parts, or do not add up to 1.
    """
    parts = list(Succession.objects.filter(change=change, old=old, whole=False))
    if {part.new_id for part in parts} != set(shares) or not all(0 < share < 1 for share in shares.values()):
        raise ValidationError(
            {"shares": _("Give a share between 0 and 1 for each part of %(unit)s.") % {"unit": old.name}}
        )
    _check_sum(old.name, shares.values())
    if not clean(basis):
        raise ValidationError({"basis": _("Say what the shares were measured on.")})
    for part in parts:
        part.share, part.share_basis = shares[part.new_id], clean(basis)[:60]
    with transaction.atomic():
        Succession.objects.bulk_update(parts, ["share", "share_basis"])


def cancel(change: UnitChange) -> None:
    """Take back a change whose day has not come: the old units go on, the new ones never were.

    Raises ValidationError where the day has come, or something already belongs to a new unit.
    """
    if change.effective <= timezone.localdate():
        raise ValidationError(_("It is in effect, and stands. Record another change to undo it."))
    old = list(change.successions.values_list("old_id", flat=True))
    new = sorted(
        {one.new for one in change.successions.select_related("new")}, key=lambda unit: -len(unit.path)
    )
    if Followed.objects.filter(old__in=old, heir__in=[unit.pk for unit in new]).exists():
        raise ValidationError(_("Something has already followed it."))
    try:
        with transaction.atomic():
            change.delete()
            for unit in new:  # those below others first
                unit.delete()
            Unit.objects.filter(pk__in=old).update(valid_to=None)
    except ProtectedError as error:
        raise ValidationError(
            _("Something already belongs to one of the new units: %(what)s.")
            % {"what": ", ".join(sorted({str(one) for one in error.protected_objects})[:5])}
        ) from error

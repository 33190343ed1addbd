"""Units and organisations as a file names them.

A unit is its code, then its name for the reader: `00226 Phường Văn Miếu - Quốc Tử Giám`. Codes are reused between
eras, so a code is read as of the campaign's first day; `00004@2025-06-30` is the unit that bore it on another day.
Codes of another list than Vietnam's have its name before them: `la:123`.
"""

import re
from datetime import date, timedelta

from django.utils.translation import gettext as _

from tungnha.campaign.models import Organisation
from tungnha.territory import queries as places
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean, fold

PATTERN = r"^(?:([a-z][a-z0-9-]*):)?([0-9A-Za-z.-]+)(?:@(\d{4}-\d{2}-\d{2}))?(?: (.+))?$"
_READ = re.compile(PATTERN)
_DEFAULT_SCHEME = "vn"
_DASH = re.compile(r"\s*[-–—]\s*")


def _alike(name: str) -> str:
    """A unit's name apart from marks, case and the kind of dash in it."""
    return _DASH.sub("-", fold(name))


class Units:
    """Finds units by what a file says, and says what a file is to say. `on` is the campaign's first day."""

    def __init__(self, on: date) -> None:
        self.on = on
        self._bearing: dict[tuple[str, str], list[Unit]] = {}

    def _with_code(self, scheme: str, code: str) -> list[Unit]:
        """Every unit that ever bore a code, latest first."""
        if (scheme, code) not in self._bearing:
            rows = Unit.objects.filter(scheme=scheme, code=code).defer("boundary").order_by("-valid_from")
            self._bearing[scheme, code] = list(rows)
        return self._bearing[scheme, code]

    def _load(self, units: list[Unit]) -> None:
        """Read every unit that ever bore one of these units' codes, in one query."""
        codes = {(one.scheme, one.code) for one in units} - self._bearing.keys()
        self._bearing |= {key: [] for key in codes}
        rows = Unit.objects.filter(code__in={code for _scheme, code in codes}).defer("boundary")
        for one in rows.order_by("-valid_from"):
            if (one.scheme, one.code) in codes:
                self._bearing[one.scheme, one.code].append(one)

    def _on(self, scheme: str, code: str, day: date) -> Unit | None:
        alive = (
            one
            for one in self._with_code(scheme, code)
            if one.valid_from <= day and (one.valid_to is None or one.valid_to > day)
        )
        return next(alive, None)

    def find(self, text: str) -> Unit:
        """The unit a text means. Raises ValueError that says why there is none."""
        match = _READ.match(clean(text))
        if match is None:
            raise ValueError(
                _("“%(text)s” is not a unit's code, such as 00226 or 00226@2025-06-30.") % {"text": text}
            )
        scheme, code, day_text, name = match.groups()
        scheme = scheme or _DEFAULT_SCHEME
        try:
            day = date.fromisoformat(day_text) if day_text else self.on
        except ValueError as error:
            raise ValueError(_("There is no day %(text)s.") % {"text": day_text}) from error
        found = self._on(scheme, code, day)
        if found is None:
            raise ValueError(self._why_none(scheme, code, day))
        if name and _alike(name) != _alike(found.name):
            raise ValueError(
                _("The unit %(code)s is called “%(name)s”, not “%(given)s”.")
                % {"code": code, "name": found.name, "given": name}
            )
        return found

    def _why_none(self, scheme: str, code: str, day: date) -> str:
        facts = {"code": code, "day": day.isoformat()}
        earlier = next((one for one in self._with_code(scheme, code) if one.valid_from <= day), None)
        became = places.successors(earlier, day) if earlier else []
        if became:
            named = ", ".join(f"{one.code} {one.name}" for one in became)
            facts["units"] = named
            return _("No unit has the code %(code)s on %(day)s; it became %(units)s.") % facts
        return _("No unit has the code %(code)s on %(day)s.") % facts

    def spelled(self, unit: Unit) -> str:
        """How a file names a unit."""
        text = unit.code if unit.scheme == _DEFAULT_SCHEME else f"{unit.scheme}:{unit.code}"
        if self._on(unit.scheme, unit.code, self.on) != unit:
            day = unit.valid_to - timedelta(days=1) if unit.valid_to else unit.valid_from
            text += f"@{day.isoformat()}"
        return f"{text} {clean(unit.name)}"

    def canonical(self, text: str) -> str:
        """The one spelling of a unit's text. Raises ValueError as `find`."""
        return self.spelled(self.find(text))

    def below(self, top: Unit) -> list[str]:
        """Every unit below one on the campaign's first day, residential groups aside, as a file names them."""
        rows = places.within(top).filter(places.existing(self.on)).exclude(pk=top.pk)
        found = list(
            rows.exclude(kind=Unit.Kind.GROUP).only("scheme", "code", "name", "valid_from", "valid_to")
        )
        self._load(found)
        return sorted(self.spelled(one) for one in found)


def body_name(organisation: Organisation, territory: Unit, units: Units) -> str:
    """How a file names an organisation: bare in the campaign's own territory, else `name @ unit`."""
    if organisation.unit_id == territory.pk and " @ " not in organisation.name:
        return organisation.name
    return f"{organisation.name} @ {units.spelled(organisation.unit)}"


def read_body(text: str, units: Units) -> tuple[str, str]:
    """An organisation's name and its unit as a file names it ("" for the campaign's territory). Raises ValueError."""
    name, separator, unit = clean(text).rpartition(" @ ")
    return (name, units.canonical(unit)) if separator else (unit, "")

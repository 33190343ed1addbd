"""Whether an address's ward is the one a list is for, was once part of it, or is another."""

from dataclasses import dataclass, field

from tungnha.territory import queries
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold


@dataclass(frozen=True)
class Verdict:
    """A code of `validation.MESSAGES` and the words that its sentence needs."""

    code: str
    words: dict[str, str]


@dataclass(frozen=True)
class _Former:
    """A unit that no longer exists and of which the list's unit has all or part; `now` is what it became."""

    code: str
    name_fold: str
    now: tuple[str, ...]


@dataclass(frozen=True)
class Wards:
    """What there is to know about ward names for one unit's lists, so that rows are read without a database."""

    code: str
    name_fold: str
    former: tuple[_Former, ...]
    _known: dict[str, Verdict | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, unit: Unit) -> "Wards":
        """Read what is known of a unit's past."""
        former = []
        for old in queries.predecessors(unit):
            became = queries.successors(old) if old.valid_to is not None else []
            if any(new.pk == unit.pk for new in became):
                former.append(_Former(old.code, old.name_fold, tuple(new.name for new in became)))
        return cls(unit.code, unit.name_fold, tuple(former))

    def judge(self, ward: str) -> Verdict | None:
        """What is wrong with a ward that a row names by name or code; None where nothing is."""
        if ward not in self._known:
            self._known[ward] = self._judge(ward)
        return self._known[ward]

    def _judge(self, ward: str) -> Verdict | None:
        bare = fold(ward)
        if ward == self.code or bare in self.name_fold:
            return None
        named = [
            one
            for one in self.former
            if ward == one.code or (f" {one.name_fold}".endswith(f" {bare}") and bare)
        ]
        if not named:
            return Verdict("unit-other", {"unit": ward})
        now = dict.fromkeys(name for one in named for name in one.now)
        return Verdict("unit-abolished", {"unit": ward, "now": ", ".join(now)})

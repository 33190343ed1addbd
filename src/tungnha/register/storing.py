"""The people of a list into the tables: premises, households and residents, in write transactions of bounded length."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from tungnha.register.models import Household, ListFile, Resident
from tungnha.register.rows import Door, Person
from tungnha.territory import services as places
from tungnha.territory.models import Premises, Unit
from tungnha.territory.services import PremisesDraft
from tungnha.territory.statistics import freshen
from tungnha.territory.vietnamese import fold

AT_ONCE = 20_000
"""People in one write transaction. Keys are random, so each transaction rewrites most pages of their indexes: larger
ones are faster in all, and make others wait longer (about 0.2 s)."""
_LOOKED_UP = 500  # SQLite limits the parameters of a query

_HOUSEHOLD_COLUMNS = (
    "premises_id", "unit_id", "reference", "identity", "head_name", "head_fold", "list_file_id",
)  # fmt: skip
_IDENTITY = Person._fields.index("identity")
_RESIDENT_COLUMNS = ("household_id", *Person._fields[_IDENTITY:], "list_file_id")


def _upsert(table: str, columns: Sequence[str]) -> str:
    """A row is new, or is found again by its identity and takes what the list says."""
    names, values = ", ".join(columns), ", ".join(["%s"] * len(columns))
    said = ", ".join(f"{name}=excluded.{name}" for name in columns if name not in {"identity", "unit_id"})
    return f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT (identity) DO UPDATE SET {said}"  # noqa: S608


_HOUSEHOLD = _upsert("register_household", _HOUSEHOLD_COLUMNS)
_HEAD = "UPDATE register_household SET head_name=%s, head_fold=%s WHERE identity=%s"
_RESIDENT = _upsert("register_resident", _RESIDENT_COLUMNS)


class Intake:
    """Takes in a list's people part by part. What the list says first of a household stands.

    People wait until there are enough for a transaction; `finish` writes the last of them and places the premises.
    """

    def __init__(self, unit: Unit, list_file: ListFile) -> None:
        source = places.record_source(list_file.name, sha256=list_file.sha256, generated=list_file.generated)
        self._unit = unit
        self._list_file = list_file
        self._premises = places.PremisesOf(unit, source)
        self._ids: dict[bytes, int] = {}
        self._note(unit.households.all())
        self._has_head: dict[bytes, bool] = {}
        self._people: list[Person] = []
        self._doors: dict[Door, PremisesDraft] = {}
        self._many = False

    def knows(self, household: bytes) -> bool:
        """Whether a household is in the unit's register."""
        return household in self._ids

    def add(self, people: Iterable[Person], doors: Mapping[Door, PremisesDraft]) -> None:
        """Take in some people and the doors they are behind."""
        self._people += people
        for door, draft in doors.items():
            self._doors.setdefault(door, draft)
        if len(self._people) >= AT_ONCE:
            self._many = True
            self._write()

    def finish(self) -> places.PlacingReport:
        self._write()
        if self._many:
            freshen(Premises, Household, Resident)
        return places.place_premises(self._unit)

    def _write(self) -> None:
        people, doors = self._people, self._doors
        self._people, self._doors = [], {}
        premises = dict(zip(doors, self._premises.ensure(list(doors.values())), strict=True))
        self._write_households(people, premises)
        ids, list_file = self._ids, self._list_file.pk
        rows = [(ids[one.household], *one[_IDENTITY:], list_file) for one in people]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_RESIDENT, rows)

    def _write_households(self, people: Sequence[Person], premises: Mapping[Door, int]) -> None:
        fresh: dict[bytes, Person] = {}
        heads: dict[bytes, str] = {}
        for one in people:
            if one.household not in self._has_head:
                fresh[one.household] = one
                self._has_head[one.household] = bool(one.head)
            elif one.head and not self._has_head[one.household]:
                heads[one.household] = one.head
                self._has_head[one.household] = True
        unit, list_file = self._unit.pk, self._list_file.pk
        rows = []
        for key, one in fresh.items():
            head = heads.pop(key, one.head) or one.full_name
            rows.append((premises[one.door], unit, one.reference, key, head, fold(head), list_file))
        last = Household.objects.aggregate(last=Max("pk"))["last"] or 0
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_HOUSEHOLD, rows)
            cursor.executemany(_HEAD, [(head, fold(head), key) for key, head in heads.items()])
        self._note(self._unit.households.filter(pk__gt=last))
        meanwhile = [key for key in fresh if key not in self._ids]  # made by somebody else
        for start in range(0, len(meanwhile), _LOOKED_UP):
            self._note(Household.objects.filter(identity__in=meanwhile[start : start + _LOOKED_UP]))

    def _note(self, households: QuerySet[Household]) -> None:
        """Remember the ids of households."""
        rows = households.order_by().values_list("identity", "pk").iterator(chunk_size=5000)
        self._ids.update((bytes(identity), pk) for identity, pk in rows)

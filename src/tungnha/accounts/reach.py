"""How far the roles of one person reach on one day: one query, kept for as long as the person's object lives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from tungnha.accounts.roles import Action, allows

_BETWEEN = {
    # Byte order, so that the index over `path` serves: after the last "/" comes a digit, and ":" follows "9".
    "sqlite": "{one} >= {other} AND {one} < {other} || ':'",
    "postgresql": "{one} ~>=~ {other} AND {one} ~<~ ({other} || ':')",
}

# A role follows a unit into the one that takes all, or more than half, of it, from the day the change takes effect;
# and so on from there. What is already below the role's unit adds nothing, which keeps the steps few.
_REACH = """
WITH RECURSIVE reach (role, granted_at, path) AS (
    SELECT held.role, held.granted_at, unit.path
    FROM accounts_roleheld held JOIN territory_unit unit ON unit.id = held.unit_id
    WHERE held.user_id = %s AND held.valid_from <= %s AND (held.valid_to IS NULL OR held.valid_to > %s)
  UNION
    SELECT reach.role, reach.granted_at, heir.path
    FROM reach
    JOIN territory_unit old ON {old_below}
    JOIN territory_succession step ON step.old_id = old.id AND (step.whole OR step.share > 0.5)
    JOIN territory_unitchange change ON change.id = step.change_id AND change.effective <= %s
    JOIN territory_unit heir ON heir.id = step.new_id
    WHERE NOT ({heir_below})
)
SELECT role, granted_at, path FROM reach
"""


class Arm(NamedTuple):
    """One role, over one unit and everything below it."""

    role: str
    granted_at: datetime
    path: str


@dataclass(frozen=True)
class Reach:
    """Every role a person holds on a day, and where."""

    arms: tuple[Arm, ...]

    def paths(self, action: Action) -> list[str]:
        """The topmost places where some role allows an action."""
        return topmost(arm.path for arm in self.arms if allows(arm.role, action))

    def covers(self, action: Action, path: str) -> bool:
        """Whether some role allows an action in the unit with a path."""
        return any(path.startswith(arm.path) and allows(arm.role, action) for arm in self.arms)


NOTHING = Reach(())


def topmost(paths: Iterable[str]) -> list[str]:
    """Only the paths that no other one covers, so that a city's officer makes one condition, not hundreds."""
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def read(user_id: int, day: date) -> Reach:
    """What the database says a person holds on a day."""
    between = _BETWEEN[connection.vendor]
    statement = _REACH.format(
        old_below=between.format(one="old.path", other="reach.path"),
        heir_below=between.format(one="heir.path", other="reach.path"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [user_id, day, day, day])
        return Reach(tuple(Arm(role, _moment(moment), path) for role, moment, path in cursor.fetchall()))


def _moment(value: datetime | str) -> datetime:
    """A time as raw SQL gives it; SQLite gives its text, which is in UTC."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value

"""The table of roles: what each allows, and from where it may be given. `docs/roles.md` shows it; a test holds them equal."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(StrEnum):
    """What a person may want to do in a unit."""

    LOOK = "look"  # the map, the turfs, the counts
    PEOPLE = "people"  # names behind doors: households, stops, walk lists, letters
    IMPORT = "import"  # bring in a list, settle matches
    PLAN = "plan"  # set up and change campaigns, tasks, directives, themes, targets of the unit
    SIGN = "sign"  # review, approve, publish and withdraw wording
    REPORT = "report"  # answer for the unit: a task's state, a directive's response, a figure
    FIGURES = "figures"  # read plans, indicators, targets and figures; nobody's name
    MANAGE = "manage"  # users and roles
    UNITS = "units"  # recording merges, splits and renames of the units below, and deciding what cannot follow them
    AUDIT = "audit"  # the audit trail
    WALK = "walk"  # take a walk out on a phone and record at its doors


class Role(models.TextChoices):
    """What a person is, in a unit and everything below it."""

    ADMINISTRATOR = "administrator", _("Administrator")
    CITY_OFFICE = "city_office", _("City office")
    UNIT_OFFICER = "unit_officer", _("Unit officer")
    TEAM_LEADER = "team_leader", _("Team leader")
    VOLUNTEER = "volunteer", _("Volunteer")
    POINT_STAFF = "point_staff", _("Support point staff")
    ANALYST = "analyst", _("Analyst")
    AUDITOR = "auditor", _("Auditor")


class GivenBy(StrEnum):
    """Whose administrator may give and end a role."""

    UNIT = "unit"  # the unit's own, or any above it
    ABOVE = "above"  # only one above the unit: nobody appoints their equal, nor their own auditor


@dataclass(frozen=True)
class Rule:
    """What a role allows."""

    actions: frozenset[Action]
    given_by: GivenBy = GivenBy.UNIT


_OFFICE = frozenset(
    {
        Action.LOOK,
        Action.PEOPLE,
        Action.IMPORT,
        Action.PLAN,
        Action.SIGN,
        Action.REPORT,
        Action.FIGURES,
    }
)

RULES: dict[Role, Rule] = {
    # Runs the installation; has no need of residents' names.
    Role.ADMINISTRATOR: Rule(frozenset({Action.LOOK, Action.MANAGE, Action.UNITS}), GivenBy.ABOVE),
    Role.CITY_OFFICE: Rule(_OFFICE | {Action.UNITS}),
    # The ward's own officers and police go from door to door too; whoever in the city's office does is a volunteer as well.
    Role.UNIT_OFFICER: Rule(_OFFICE | {Action.WALK}),
    Role.TEAM_LEADER: Rule(frozenset({Action.LOOK, Action.PEOPLE, Action.WALK})),
    Role.VOLUNTEER: Rule(frozenset({Action.WALK})),
    Role.POINT_STAFF: Rule(frozenset({Action.LOOK})),
    Role.ANALYST: Rule(frozenset({Action.LOOK, Action.FIGURES})),
    Role.AUDITOR: Rule(frozenset({Action.LOOK, Action.AUDIT}), GivenBy.ABOVE),
}


BEHIND_TWO_FACTORS = frozenset({Action.PEOPLE, Action.MANAGE, Action.AUDIT})
"""What shows personal data, or could come to: a role that allows one of these needs a second factor at sign-in."""


def needs_second_factor(role: str) -> bool:
    """Whether a role counts only after a second factor."""
    return role in RULES and not RULES[Role(role)].actions.isdisjoint(BEHIND_TWO_FACTORS)


def allowing(action: Action) -> list[str]:
    """The roles that allow an action."""
    return [role.value for role, rule in RULES.items() if action in rule.actions]


def allows(role: str, action: Action) -> bool:
    """Whether a role allows an action. A role this version does not know allows nothing."""
    return role in RULES and action in RULES[Role(role)].actions

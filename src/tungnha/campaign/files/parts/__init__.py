"""What a campaign file may hold. A new part is a module like `phases.py` and a line here.

The order is the file's, and that in which parts are written: what a part refers to stands before it.
"""

from typing import Any

from tungnha.campaign.files.parts.directives import DirectivesPart
from tungnha.campaign.files.parts.head import HeadPart
from tungnha.campaign.files.parts.indicators import IndicatorsPart
from tungnha.campaign.files.parts.organisations import OrganisationsPart
from tungnha.campaign.files.parts.parameters import ParametersPart
from tungnha.campaign.files.parts.part import Part
from tungnha.campaign.files.parts.phases import PhasesPart
from tungnha.campaign.files.parts.plans import PlansPart
from tungnha.campaign.files.parts.rosters import RostersPart
from tungnha.campaign.files.parts.support import RequirementsPart
from tungnha.campaign.files.parts.tasks import TasksPart
from tungnha.campaign.files.parts.themes import ThemesPart
from tungnha.campaign.files.parts.touches import TouchesPart

PARTS: tuple[Part[Any], ...] = (
    HeadPart(),
    PhasesPart(),
    OrganisationsPart(),
    PlansPart(),
    TasksPart(),
    DirectivesPart(),
    ThemesPart(),
    TouchesPart(),
    IndicatorsPart(),
    RequirementsPart(),
    RostersPart(),
    ParametersPart(),
)

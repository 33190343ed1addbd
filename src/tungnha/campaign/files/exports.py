"""A campaign's set-up as a file."""

from tungnha.campaign.files.parts import PARTS
from tungnha.campaign.files.parts.part import Frame
from tungnha.campaign.files.schema import FORMAT
from tungnha.campaign.files.units import Units
from tungnha.campaign.files.writing import plain, written
from tungnha.campaign.models import Campaign

_TOP = """\
# A campaign of Từng Nhà. docs/campaign-file.md says what may stand here.
"""


def stored_frame(campaign: Campaign) -> Frame:
    """What the tables hold of a campaign, part by part, an entry for each thing that is stored."""
    frame = Frame(Units(campaign.start), campaign.unit)
    for part in PARTS:
        frame.entries[part.name] = part.stored(campaign, frame)
    return frame


def as_text(frame: Frame) -> str:
    """A file that holds what a frame holds."""
    sections = [f"{_TOP}format: {FORMAT}"]
    for part in PARTS:
        entries = part.gather(frame.entries[part.name], frame)
        content = plain(entries[0] if part.single else entries)
        sections.append("\n".join(written({part.name: content})))
    return "\n\n".join(sections) + "\n"


def export(campaign: Campaign) -> str:
    """A campaign's whole set-up as YAML. The same set-up gives the same text."""
    return as_text(stored_frame(campaign))

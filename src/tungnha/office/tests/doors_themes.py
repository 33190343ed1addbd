"""Doors of themes and their wording. The theme is of the city's campaign; the ward owns its wording."""

from typing import TYPE_CHECKING

from tungnha.accounts.roles import Action
from tungnha.campaign.models import ThemeEvent, Wording, WordingText
from tungnha.campaign.services import themes
from tungnha.office.tests.doors import ANYWHERE, CITY, WARD, Door, Need, World

if TYPE_CHECKING:
    from django.db.models import Model

READ = Need(Action.FIGURES, ANYWHERE)
# Without an owner the form comes back.
_GIVEN = {
    "name": "Định danh điện tử", "message": "Kích hoạt", "start": "2026-09-01", "end": "2026-11-29", "reached": "0",
    "lacks": "", "note": "",
}  # fmt: skip
DOORS = {
    "themes": Door(("campaign",), get=READ),
    "theme-new": Door(
        ("campaign",),
        get=Need(Action.PLAN, CITY),
        post=Need(Action.PLAN, CITY, 400, _GIVEN | {"code": "dinh-danh"}),
    ),
    "theme": Door(("theme",), get=READ),
    "theme-change": Door(("theme",), get=Need(Action.PLAN, CITY), post=Need(Action.PLAN, CITY, 400, _GIVEN)),
    "wording-write": Door(
        ("theme",),
        get=Need(Action.PLAN, WARD),
        post=Need(Action.PLAN, WARD, 302, {"language": "vi", "text": "Nội dung", "seen": "1"}),
    ),
    "wording-step": Door(
        ("wording",),
        post=Need(Action.SIGN, WARD, 302, {"step": "withdraw", "note": "Không cần", "seen": "1"}),
    ),
}


def objects(world: World) -> "dict[str, Model | str]":
    """A theme of the campaign with a draft that the author wrote."""
    theme = themes.create_theme(
        world.campaign,
        code="so-ho-khau",
        name="Bỏ sổ hộ khẩu giấy",
        message="Sổ giấy hết giá trị",
        start=world.campaign.start,
        end=world.campaign.deadline,
        by=world.author,
        owners=[world.ward],
    )
    wording = Wording.objects.create(theme=theme, number=1, revision=1)
    WordingText.objects.create(wording=wording, language="vi", text="Nội dung")
    ThemeEvent.objects.create(theme=theme, wording=wording, what="written", by=world.author)
    return {"campaign": world.campaign, "theme": theme, "wording": wording}

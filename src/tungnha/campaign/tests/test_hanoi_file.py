"""The demonstration's campaign file and the published schema."""

import json
from datetime import date
from pathlib import Path

import pytest

from tungnha.campaign.files import schema
from tungnha.campaign.files.exports import export
from tungnha.campaign.files.imports import bring_in, understand
from tungnha.campaign.files.units import Units
from tungnha.campaign.models import Campaign, Task, Touch
from tungnha.campaign.services import indicators
from tungnha.campaign.tests.conftest import make_officer, make_unit
from tungnha.territory import imports, queries
from tungnha.territory.models import Unit

FILE = Path(schema.__file__).parents[1] / "data/hanoi-90-ngay-dem.yaml"
DOCS = Path(schema.__file__).parents[4] / "docs"


@pytest.mark.slow
@pytest.mark.django_db
def test_the_campaign_of_hanoi_comes_in_whole():
    imports.load_vietnam(["01"])
    indicators.load()
    office = make_officer("office", "city_office", queries.unit("01"))
    document = understand(FILE.read_bytes())
    document.begin_on(date(2026, 10, 1))
    outcome = bring_in(document, office)
    assert [str(problem) for problem in outcome.problems] == []
    campaign = Campaign.objects.get()
    assert (campaign.start, campaign.deadline) == (date(2026, 10, 1), date(2026, 12, 29))
    every = 126
    assert Task.objects.count() == 8 * every + 2 + 1 + 3 + 1 + 1
    assert Touch.objects.count() == 3 * every
    assert bring_in(understand(export(campaign).encode()), office).differences == []


@pytest.mark.django_db
def test_a_units_name_may_be_written_with_any_dash():
    make_unit("00226")
    Unit.objects.update(name="Phường Văn Miếu - Quốc Tử Giám")
    units = Units(date(2026, 9, 1))
    for name in ("", " Phường Văn Miếu – Quốc Tử Giám", " phường văn miếu-quốc tử giám"):
        assert units.canonical(f"00226{name}") == "00226 Phường Văn Miếu - Quốc Tử Giám"
    with pytest.raises(ValueError, match="Văn Miếu - Quốc"):
        units.find("00226 Phường Ô Chợ Dừa")


def test_the_published_schema_is_the_programs():
    assert (DOCS / "campaign-file.schema.json").read_text(encoding="utf-8") == schema.as_text()


def test_the_page_on_the_file_explains_every_field_that_it_may_hold():
    text = (DOCS / "campaign-file.md").read_text(encoding="utf-8")
    definitions = json.loads(schema.as_text())["$defs"]
    fields = {name for one in definitions.values() for name in one["properties"]}
    assert {name for name in fields if f"`{name}`" not in text} == set()

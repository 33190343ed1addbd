"""The published schema of the campaign file: `docs/campaign-file.schema.json`, which editors understand."""

import json
from typing import Any, Literal

import msgspec
from msgspec import Struct

from tungnha.campaign.files.parts import PARTS

VERSION = 1
FORMAT = f"tungnha-campaign/{VERSION}"


def _file() -> type[Struct]:
    fields: list[Any] = [("format", Literal[FORMAT])]
    fields += [
        (part.name, part.entry) if part.single else (part.name, list[part.entry], [])  # type: ignore[name-defined]
        for part in PARTS
    ]
    return msgspec.defstruct(
        "CampaignFile", fields, kw_only=True, frozen=True, forbid_unknown_fields=True,
        namespace={"__doc__": "The set-up of a campaign. A part that is left out stays as it is; an empty one is emptied."},
    )  # fmt: skip


CampaignFile = _file()


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a campaign file."""
    made = msgspec.json.schema(CampaignFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT, **made}


def as_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"

"""Local rules ready to be adopted for a unit: data (`data/slot_rules.toml`, which names their source), read once."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from tungnha.campaign.touch_kinds import Named


@dataclass(frozen=True)
class Profile(Named):
    """Rules under a name, as fields of SlotRules."""

    rules: dict[str, Any]


def _read() -> dict[str, Profile]:
    text = files("tungnha.campaign").joinpath("data/slot_rules.toml").read_text(encoding="utf-8")
    return {
        code: Profile(code, {language: row.pop(language) for language in ("vi", "en")}, row)
        for code, row in tomllib.loads(text).items()
    }


PROFILES = _read()

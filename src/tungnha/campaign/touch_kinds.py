"""The kinds of touch a campaign plans and the channels they go through: data (`data/touch_kinds.toml`), read once."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from django.utils.translation import get_language


@dataclass(frozen=True)
class Named:
    """Something that the data names in several languages."""

    code: str
    names: dict[str, str]

    @property
    def label(self) -> str:
        """Its name in the reader's language; in English where the data has no other."""
        return self.names.get((get_language() or "en")[:2], self.names["en"])


@dataclass(frozen=True)
class Kind(Named):
    """A kind of touch: what goes through a channel at a time."""

    channel: str
    worded: bool
    audible: bool
    visiting: bool


def _read() -> tuple[dict[str, Named], dict[str, Kind]]:
    text = files("tungnha.campaign").joinpath("data/touch_kinds.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    channels = {code: Named(code, names) for code, names in data["channel"].items()}
    kinds = {}
    for code, row in data["kind"].items():
        channel = channels[row.pop("channel")].code
        traits = {trait: row.pop(trait, False) for trait in ("worded", "audible", "visiting")}
        kinds[code] = Kind(code, row, channel, **traits)
    return channels, kinds


CHANNELS, KINDS = _read()


def kinds_of(channel: str) -> list[str]:
    """The codes of the kinds that go through a channel."""
    return [kind.code for kind in KINDS.values() if kind.channel == channel]

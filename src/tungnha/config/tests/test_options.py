"""An administrator's settings are read, and a mistake in them is named."""

from dataclasses import fields
from pathlib import Path

import pytest

from tungnha.config import options

DOCUMENTED = Path(__file__).parents[4] / "docs/your-own-ward.md"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("TUNGNHA_MASTER_KEY", "TUNGNHA_CONFIG", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TUNGNHA_DATA", str(tmp_path))
    return tmp_path


def test_first_use_makes_a_private_key_and_keeps_it(folder):
    first = options.read()
    assert (folder / "master.key").stat().st_mode & 0o777 == 0o600
    assert len(first.master_key) == 32
    assert options.read().master_key == first.master_key


def test_environment_overrides_the_file(folder, monkeypatch):
    (folder / "tungnha.toml").write_text('language = "en"\ndebug = true\nhosts = ["a.example"]\n')
    monkeypatch.setenv("TUNGNHA_LANGUAGE", "vi")
    read = options.read()
    assert (read.language, read.debug, read.hosts) == ("vi", True, ("a.example",))


@pytest.mark.parametrize(
    ("text", "named"),
    [("colour = 1\n", "colour"), ("debug = [\n", "tungnha.toml"), ('debug = "perhaps"\n', "debug")],
)
def test_a_mistake_is_named(folder, text, named):
    (folder / "tungnha.toml").write_text(text)
    with pytest.raises(options.OptionsError, match=named):
        options.read()


def test_every_option_is_documented():
    text = DOCUMENTED.read_text(encoding="utf-8")
    names = {field.name for field in fields(options.Options)} - {"data", "master_key"}
    assert {name for name in names if f"`{name}`" not in text} == set()

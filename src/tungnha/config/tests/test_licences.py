"""No library that the program installs is under a licence that would bind its users."""

import re
from importlib import metadata
from pathlib import Path

LOCK = Path(__file__).parents[4] / "requirements/runtime.lock"


def _licences(name: str) -> str:
    fields = metadata.metadata(name)
    classifiers = [line for line in fields.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join([fields.get("License-Expression") or (fields.get("License") or "")[:80], *classifiers])


def test_no_runtime_dependency_is_gpl_or_non_commercial():
    names = re.findall(r"^([a-z0-9.-]+)==", LOCK.read_text(), re.MULTILINE)
    installed = {dist.metadata["Name"].lower().replace("_", "-") for dist in metadata.distributions()}
    bound = {
        name: text
        for name in names
        if name in installed and re.search(r"(?<!L)GPL|NonCommercial|-NC-", text := _licences(name))
    }
    assert bound == {}

"""Third-party browser files and fonts are exactly the ones that were pinned."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "vendor"


def test_every_vendored_file_has_its_pinned_hash_and_a_licence():
    pinned = json.loads((VENDOR / "vendor.json").read_text())
    expected = {
        f"{package['folder']}/{name}": digest
        for package in pinned
        for name, digest in package["sha256"].items()
    }
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "vendor.json"
    }
    assert found == expected
    assert all(package["licence"] for package in pinned)
    assert all(any("LICENSE" in name or "OFL" in name for name in package["sha256"]) for package in pinned)

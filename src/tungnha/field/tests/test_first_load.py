"""What the first load of the app weighs, as an installation really serves it."""

import json
import re
from urllib.request import Request, urlopen

import pytest

from tungnha.field.tests.serving import served

pytestmark = pytest.mark.slow
MOST = 150_000
"""Bytes of a first load without the map; the drawing of the map is part of the walk, and 400,000 with it."""


def fetched(address):
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"})) as answer:
        return answer.read(), answer.headers.get("Content-Encoding")


def test_the_app_is_served_compressed_and_its_first_load_is_small(tmp_path):
    with served(tmp_path / "data", doors=1) as server:
        with urlopen(f"{server}/di/sw.js") as answer:
            files = json.loads(re.search(r"const FILES = (\[.*?\]);", answer.read().decode())[1])
        loads = {
            path: fetched(server + path) for path in ["/di/", "/di/sw.js", "/di/app.webmanifest", *files]
        }
        large = {path: how for path, (body, how) in loads.items() if len(body) > 1_500 and how != "gzip"}
    assert {path for path in large if not path.endswith(".png")} == set()
    assert sum(len(body) for body, _ in loads.values()) <= MOST

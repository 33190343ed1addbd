"""The command explains itself without loading what it does not need."""

import subprocess
import sys


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tungnha", *arguments], capture_output=True, text=True, check=False
    )


def test_help_names_every_command_and_loads_no_heavy_library():
    run = _run("--help")
    assert run.returncode == 0
    assert all(word in run.stdout for word in ("demo", "letters", "lists", "turfs", "units", "--json"))
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tungnha", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert [
        name
        for name in ("numba", "duckdb", "typst", "pikepdf", "scipy", "django.db")
        if f" {name}\n" in loaded
    ] == []


def test_an_unknown_command_is_wrong_use():
    assert _run("fly").returncode == 2

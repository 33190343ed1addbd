"""An installation as its owner has it: the `tungnha` command on a data folder, and its server."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

PATIENCE = 120
"""Seconds to wait for a process: a machine that does much beside the tests takes its time."""


def environment(folder, **options):
    """What the command needs to find an installation in `folder`; `options` are settings, as second_factor="no"."""
    given = os.environ | {"TUNGNHA_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "tungnha.config.settings"}
    given.pop("TUNGNHA_MASTER_KEY", None)
    return given | {f"TUNGNHA_{name.upper()}": value for name, value in options.items()}


def tungnha(environment, *words):
    """What the command says."""
    done = subprocess.run(
        [sys.executable, "-m", "tungnha", "--json", *words],
        env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout) if done.stdout else {}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(*command, answers_at, **given):
    """A server's process, from its first answer to its end."""
    process = subprocess.Popen(command, **given)
    try:
        given_up = time.monotonic() + PATIENCE
        while not _answers(answers_at):
            assert process.poll() is None, f"{command[0]} ended"
            if time.monotonic() > given_up:
                pytest.fail(f"nothing answers at {answers_at}")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(address):
    try:
        urllib.request.urlopen(address, timeout=10).close()
    except OSError:
        return False
    return True


@contextmanager
def served(environment, port=None):
    """The address of an installation while it is served."""
    port = port or free_port()
    address = f"http://localhost:{port}"
    command = (sys.executable, "-m", "tungnha", "serve", "--port", str(port))
    with running(*command, answers_at=f"{address}/dang-nhap/", env=environment):
        yield address

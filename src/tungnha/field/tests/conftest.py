"""A browser page in which the app's modules run by themselves, served from this machine (WebCrypto needs that)."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tungnha.field.tests.handling import SMALL_PHONE, take_into_use
from tungnha.field.tests.places import ground
from tungnha.ledger import guards
from tungnha.ledger.models import Entry

STATIC = Path(__file__).parents[1] / "static"


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def log_message(self, *args):
        pass


@pytest.fixture
def page(browser):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"http://127.0.0.1:{server.server_port}/field/field.css")
    yield opened
    context.close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(transactional_db):
    """The walk, in a database where commits are real; afterwards the ledger is emptied, which takes its guards down."""
    from django.db import connection

    yield ground()
    guards.take_down(connection)
    Entry.objects.all().delete()
    guards.put_up(connection)


@pytest.fixture
def phone(browser, live_server, place):
    """A signed-in volunteer's phone, 360 px wide, with the walk on it."""
    context = browser.new_context(**SMALL_PHONE)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    take_into_use(page, live_server.url)
    yield page
    context.close()
    assert problems == []

"""Position stamps in a real browser: asked, agreed, stamped by the alley, taken back."""

import json

import pytest

from tungnha.accounts import services as accounts
from tungnha.field.tests.handling import (
    PASSWORD,
    SMALL_PHONE,
    do_doors,
    go,
    open_walk,
    stored,
    sync_all,
    take_into_use,
)
from tungnha.outreach.models import PositionConsent, PositionStamp
from tungnha.outreach.services import positions
from tungnha.territory.models import Street

pytestmark = pytest.mark.browser

AT_THE_FIRST_DOOR = {"latitude": 21.03001, "longitude": 105.84001, "accuracy": 20}
FAR_AWAY = {"latitude": 21.1, "longitude": 105.84, "accuracy": 20}


@pytest.fixture
def located(browser, live_server, place):
    """A volunteer's phone that knows where it is, in a campaign that stamps; and what it sends."""
    officer = accounts.create_user("to-cong-tac", PASSWORD)
    accounts.grant_role(officer, "city_office", place.ward.parent)
    positions.decide(
        place.member.team.campaign, on=True, days=30, document="12/QĐ-UBND", reason="Có phản ánh", by=officer
    )
    context = browser.new_context(**SMALL_PHONE, geolocation=AT_THE_FIRST_DOOR, permissions=["geolocation"])
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.sent = []
    page.on("request", lambda asked: page.sent.append((asked.url, asked.post_data or "")))
    take_into_use(page, live_server.url)
    yield page
    context.close()
    assert problems == []


def stamps():
    return list(PositionStamp.objects.order_by("recorded_at").values_list("street__name", flat=True))


def answer(page, word):
    page.click(f"main section.card button:has-text('{word}')")
    page.wait_for_selector("a[href='#/position']")


def waiting_stamps(page):
    return len([key for key in stored(page, "kept") if key.startswith("stamp:")])


def test_a_visit_is_stamped_with_the_alley_and_never_with_a_place(located):
    page = located
    answer(page, "Tôi đồng ý")
    open_walk(page)
    page.click("a.next")
    page.click("[data-outcome=refused]")
    page.wait_for_function("() => location.hash.split('/').length > 3")
    page.wait_for_timeout(300)
    page.context.set_geolocation(FAR_AWAY)
    page.click("[data-outcome=refused]")
    page.wait_for_timeout(300)
    sync_all(page)
    page.wait_for_timeout(200)
    sync_all(page)
    assert sorted(stamps(), key=str) == sorted(["Ngõ 34/5", None], key=str)
    assert [one.given for one in PositionConsent.objects.all()] == [True]
    for url, body in page.sent:
        assert "21.0" not in body, url
        assert "105.8" not in body, url
    told = [json.loads(body) for url, body in page.sent if url.endswith("/stamps")]
    streets = {one["street"] for batch in told for one in batch["stamps"]}
    assert streets == {0, Street.objects.get().pk}


def test_who_does_not_agree_goes_on_as_before_and_is_stamped_nowhere(located):
    page = located
    answer(page, "Tôi không đồng ý")
    open_walk(page)
    do_doors(page, 2)
    sync_all(page)
    assert stamps() == []
    assert waiting_stamps(page) == 0
    assert not [url for url, _body in page.sent if url.endswith("/stamps")]
    go(page, "#/")
    page.wait_for_selector("a[href='#/position']")  # not asked again, and one tap away


def test_taking_it_back_forgets_what_was_not_sent_yet(located):
    page = located
    answer(page, "Tôi đồng ý")
    page.context.set_offline(True)
    open_walk(page)
    do_doors(page, 1)
    page.wait_for_timeout(300)
    assert waiting_stamps(page) == 1
    go(page, "#/position")
    answer(page, "Tôi không đồng ý")
    assert waiting_stamps(page) == 0
    page.context.set_offline(False)
    sync_all(page)
    assert stamps() == []
    assert [one.given for one in PositionConsent.objects.all()] == [False, True]

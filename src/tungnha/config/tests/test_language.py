"""The first page is Vietnamese, whatever the browser says; a choice is kept."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def language(client, **headers):
    return client.get(reverse("sign-in"), headers=headers)["Content-Language"]


def test_an_english_browser_gets_vietnamese(client):
    assert language(client, **{"accept-language": "en-US,en"}) == "vi"


def test_a_choice_is_kept(client):
    client.post(reverse("set-language"), {"language": "en"})
    assert language(client, **{"accept-language": "vi"}) == "en"


def test_an_unknown_language_is_not_taken(client):
    client.cookies["django_language"] = "tlh"
    assert language(client) == "vi"

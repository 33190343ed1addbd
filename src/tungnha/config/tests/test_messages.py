"""One English message has one Vietnamese, whichever room says it."""

import polib

from tungnha.config import messages


def _catalogue(*entries):
    return {(entry.msgctxt or "", entry.msgid): entry for entry in entries}


def test_two_rooms_that_translate_a_message_differently_are_named_with_what_they_say():
    catalogues = {
        "office": _catalogue(polib.POEntry(msgid="Done", msgstr="Hoàn thành")),
        "outreach": _catalogue(polib.POEntry(msgid="Done", msgstr="Xong")),
        "public": _catalogue(polib.POEntry(msgid="Done", msgstr="Xong")),
    }
    assert messages.disagreements(catalogues) == [
        "two translations: 'Done': 'Hoàn thành' in office; 'Xong' in outreach, public"
    ]


def test_plural_forms_are_compared_too():
    catalogues = {
        room: _catalogue(
            polib.POEntry(msgid="%(n)s door", msgid_plural="%(n)s doors", msgstr_plural={0: words})
        )
        for room, words in {"office": "%(n)s nhà", "outreach": "%(n)s hộ"}.items()
    }
    assert messages.disagreements(catalogues) == [
        "two translations: '%(n)s door': '%(n)s nhà' in office; '%(n)s hộ' in outreach"
    ]


def test_another_context_is_another_message():
    catalogues = {
        "office": _catalogue(polib.POEntry(msgid="Office", msgstr="Trang nghiệp vụ")),
        "territory": _catalogue(polib.POEntry(msgctxt="premises", msgid="Office", msgstr="Cơ quan")),
    }
    assert messages.disagreements(catalogues) == []


def test_a_message_with_and_without_a_context_is_asked_for_twice(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}{% translate "closed" %}{% translate "closed" context "day" %}', encoding="utf-8"
    )
    assert messages._messages_in([page]) == {("", "closed"), ("day", "closed")}


def test_a_message_inside_an_f_string_is_named_by_its_line():
    assert messages.unseen("""first = _("seen")\nsecond = f"{_('unseen')}: {first}"\n""") == [2]

"""Themes and their wording: who writes, signs and publishes, in which order, and what withdrawing takes away."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tungnha.campaign import signing
from tungnha.campaign.models import Organisation, Theme, Wording
from tungnha.campaign.queries import themes as reads
from tungnha.campaign.services import calendar, themes, wording
from tungnha.campaign.services.calendar import Planned
from tungnha.campaign.services.themes import Goal
from tungnha.campaign.signing import NotNowError, Standing, Step
from tungnha.campaign.tests.conftest import make_officer, make_plan, make_theme, make_unit, published
from tungnha.campaign.tests.test_plans import refused
from tungnha.register.models import Household, ListFile, Resident
from tungnha.territory.models import Premises, Source

MIDDLE = date(2026, 10, 15)


@pytest.fixture(autouse=True)
def today(on):
    on(MIDDLE)


@pytest.fixture
def theme(campaign, office, city):
    return make_theme(campaign, office, [city])


def state(one):
    one.refresh_from_db()
    return (one.state, one.signed)


def test_a_theme_that_ends_before_it_starts_is_refused(campaign, office, city):
    refused("end", make_theme, campaign, office, [city], start=MIDDLE, end=MIDDLE - timedelta(days=1))
    assert not Theme.objects.exists()


def test_what_a_theme_needs(campaign, office, city, wards):
    elsewhere = make_unit("79", kind="city")
    refused("owners", make_theme, campaign, office, [])
    assert elsewhere.name in refused("owners", make_theme, campaign, office, [city, elsewhere])
    refused("owners", make_theme, campaign, office, [city, city])
    refused("goals", make_theme, campaign, office, [city], goals=[Goal("smoke")])
    refused("goals", make_theme, campaign, office, [city], goals=[Goal("letters", 0)])
    refused("goals", make_theme, campaign, office, [city], goals=[Goal("letters"), Goal("letters", 2)])
    refused("lacks", make_theme, campaign, office, [city], reached=3, lacks=3)
    refused("premises_kinds", make_theme, campaign, office, [city], premises_kinds=["castle"])
    assert not Theme.objects.exists()
    made = make_theme(campaign, office, [city], goals=[Goal("letters", 1, None), Goal("loudspeaker", 2, 1)])
    assert list(made.channels.values_list("channel", "times", "weeks")) == [
        ("letters", 1, None),
        ("loudspeaker", 2, 1),
    ]
    with pytest.raises(ValidationError):
        make_theme(campaign, office, [city])


def test_an_organisation_and_a_unit_of_one_key_are_two_owners(campaign, office, city):
    body = Organisation.objects.create(pk=city.pk, unit=city, kind="union", name="Thành đoàn")
    assert [str(one) for one in make_theme(campaign, office, [city, body]).owners.all()] == [
        city.name,
        "Thành đoàn",
    ]


def test_wording_goes_from_draft_to_in_force_through_its_owners(campaign, office, city, wards):
    ward, officer = wards[0], make_officer("ward", "unit_officer", wards[0])
    chief = make_officer("chief", "city_office", city)
    theme = make_theme(campaign, office, [ward, city])
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    for step, by, expected in (
        (Step.REVIEW, officer, ("reviewed", 0)),
        (Step.SIGN, officer, ("reviewed", 1)),
        (Step.SIGN, chief, ("approved", 2)),
        (Step.PUBLISH, chief, ("published", 2)),
        (Step.WITHDRAW, officer, ("withdrawn", 2)),
    ):
        wording.take_step(made, step, by=by, note="Sai số điện thoại" if step is Step.WITHDRAW else "")
        assert state(made) == expected
    told = [(one.what, one.owner, one.by.username) for one in theme.events.all()]
    assert told == [
        ("added", "", "office"),
        ("written", "", "office"),
        ("reviewed", ward.name, "ward"),
        ("signed", ward.name, "ward"),
        ("signed", city.name, "chief"),
        ("published", city.name, "chief"),
        ("withdrawn", ward.name, "ward"),
    ]


def test_history_is_only_added_to(theme):
    event = theme.events.get()
    event.note = "khác"
    with pytest.raises(TypeError):
        event.save()


def test_nobody_signs_out_of_turn_or_for_another(campaign, office, city, wards):
    first, second = (make_officer(f"w{n}", "unit_officer", wards[n]) for n in range(2))
    theme = make_theme(campaign, office, wards[:2])
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    assert wards[0].name in refused("step", wording.take_step, made, Step.REVIEW, by=second)
    wording.take_step(made, Step.REVIEW, by=first)
    refused("step", wording.take_step, made, Step.SIGN, by=second)
    refused("step", wording.take_step, made, Step.PUBLISH, by=second)
    wording.take_step(made, Step.SIGN, by=first)
    assert wards[1].name in refused("step", wording.take_step, made, Step.SIGN, by=first)
    wording.take_step(made, Step.SIGN, by=second)
    refused("step", wording.take_step, made, Step.PUBLISH, by=first)
    assert state(made) == ("approved", 2)


def test_who_wrote_it_neither_reviews_nor_signs_it(theme, office, signer, city):
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    wording.write_text(theme, language="en", text="Content", by=signer)
    for writer in (office, signer):
        refused("step", wording.take_step, made, Step.REVIEW, by=writer)
    assert reads.open_steps(made, list(theme.owners.all()), office)[0].written
    third = make_officer("third", "city_office", city)
    wording.take_step(made, Step.REVIEW, by=third)
    refused("step", wording.take_step, made, Step.SIGN, by=signer)
    assert [one.mine for one in reads.open_steps(made, list(theme.owners.all()), third)] == [True, True, True]


def test_an_analyst_signs_nothing(theme, office, city):
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    refused("step", wording.take_step, made, Step.REVIEW, by=make_officer("reader", "analyst", city))


def test_two_signers_do_not_collide(theme, office, signer, city):
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    seen = made.revision
    wording.take_step(made, Step.REVIEW, by=signer, seen=seen)
    other = make_officer("other", "city_office", city)
    refused("step", wording.take_step, made, Step.SIGN, by=other, seen=seen)
    refused("text", wording.write_text, theme, language="vi", text="Khác", by=office, seen=seen)
    assert state(made) == ("reviewed", 0)


def test_sent_back_it_loses_its_signatures_and_takes_a_reason(theme, office, signer):
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    wording.take_step(made, Step.REVIEW, by=signer)
    wording.take_step(made, Step.SIGN, by=signer)
    refused("text", wording.write_text, theme, language="vi", text="Khác", by=office)
    refused("note", wording.take_step, made, Step.RETURN, by=signer)
    wording.take_step(made, Step.RETURN, by=signer, note="Thiếu địa chỉ")
    assert state(made) == ("draft", 0)
    wording.write_text(theme, language="vi", text="Có địa chỉ", by=office)
    assert [one.text for one in made.texts.all()] == ["Có địa chỉ"]


def test_a_new_version_starts_again_while_the_old_one_stays_in_force(theme, office, signer):
    first = published(theme, office, signer, "Một")
    second = wording.write_text(theme, language="en", text="Two", by=office)
    assert [(one.language, one.text) for one in second.texts.all()] == [("en", "Two"), ("vi", "Một")]
    assert list(reads.usable_wording(MIDDLE)) == [first]
    for step in (Step.REVIEW, Step.SIGN, Step.PUBLISH):
        wording.take_step(second, step, by=signer)
    assert list(reads.usable_wording(MIDDLE)) == [second]
    assert state(first)[0] == "replaced"


def test_the_table_itself_keeps_one_wording_in_force(theme, office, signer):
    published(theme, office, signer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.create(theme=theme, number=9, state="published")


def test_review_needs_text_in_the_campaigns_language(theme, office, signer):
    made = wording.write_text(theme, language="en", text="Content", by=office)
    refused("step", wording.take_step, made, Step.REVIEW, by=signer)
    refused("language", wording.write_text, theme, language="tiếng Việt", text="x", by=office)
    wording.write_text(theme, language="vi", text="Nội dung", by=office)
    wording.write_text(theme, language="vi", text="  ", by=office)
    refused("step", wording.take_step, made, Step.REVIEW, by=signer)


def test_a_message_that_ends_being_true_stops_by_itself(campaign, office, signer, city, on):
    last = date(2026, 10, 31)
    theme = make_theme(campaign, office, [city], end=last)
    made = published(theme, office, signer)
    assert list(reads.usable_wording(last)) == [made]
    assert list(reads.usable_wording(last + timedelta(days=1))) == []
    assert list(reads.usable_wording(theme.start - timedelta(days=1))) == []
    later = wording.write_text(theme, language="vi", text="Muộn", by=office)
    wording.take_step(later, Step.REVIEW, by=signer)
    wording.take_step(later, Step.SIGN, by=signer)
    on(last + timedelta(days=1))
    refused("step", wording.take_step, later, Step.PUBLISH, by=signer)


def test_a_channels_own_text_comes_before_the_one_for_all(theme, office, signer):
    wording.write_text(theme, language="vi", text="Cho loa", channel="loudspeaker", by=office)
    published(theme, office, signer, "Cho mọi kênh")
    said = {c: reads.usable_text(theme, MIDDLE, "vi", c).text for c in ("loudspeaker", "letters", "")}
    assert said == {"loudspeaker": "Cho loa", "letters": "Cho mọi kênh", "": "Cho mọi kênh"}
    assert reads.usable_text(theme, MIDDLE, "en") is None
    assert reads.usable_text(theme, theme.end + timedelta(days=1), "vi") is None


def slot(theme, unit, day, **changed):
    facts = {
        "kind": "loudspeaker_slot",
        "title": "Loa",
        "start": day,
        "end": day,
        "theme": theme,
        "unit": unit,
    }
    return Planned(**(facts | changed))


def test_withdrawing_cancels_what_is_to_come_and_says_why(theme, campaign, office, signer, city):
    made = published(theme, office, signer)
    before, after = (
        calendar.plan_touch(campaign, slot(theme, city, MIDDLE + timedelta(days=n)), by=office)
        for n in (-3, 3)
    )
    visit = calendar.plan_touch(
        campaign, slot(theme, city, MIDDLE + timedelta(days=3), kind="visit_phase"), by=office
    )
    wording.take_step(made, Step.WITHDRAW, by=signer, note="Sai số điện thoại")
    for one in (before, after, visit):
        one.refresh_from_db()
    assert [one.cancelled_from is not None for one in (before, after, visit)] == [False, True, False]
    assert "Sai số điện thoại" in after.cancelled_reason
    assert (after.cancelled_by, after.revision) == (signer, 1)
    assert not reads.usable_wording(MIDDLE).exists()


def test_a_campaign_goes_with_everything_planned_in_it(theme, campaign, office, signer, city):
    made = published(theme, office, signer)
    clip = slot(theme, city, MIDDLE, kind="clip", wording=made)
    calendar.plan_touch(campaign, clip, by=office)
    campaign.delete()
    assert not Theme.objects.exists()


def test_dropping_a_draft_cancels_nothing(theme, campaign, office, signer, city):
    published(theme, office, signer)
    touch = calendar.plan_touch(campaign, slot(theme, city, MIDDLE), by=office)
    draft = wording.write_text(theme, language="vi", text="Hai", by=office)
    wording.take_step(draft, Step.WITHDRAW, by=signer, note="Không cần")
    touch.refresh_from_db()
    assert touch.cancelled_from is None


def test_moving_a_themes_days_takes_a_reason_and_changes_what_is_planned(theme, campaign, office, city):
    touch = calendar.plan_touch(campaign, slot(theme, city, MIDDLE), by=office)
    facts = {
        "name": theme.name, "message": theme.message, "start": theme.start, "owners": [city], "by": office,
    }  # fmt: skip
    sooner = theme.end - timedelta(days=9)
    refused("note", themes.change_theme, theme, end=sooner, **facts)
    themes.change_theme(theme, end=sooner, note="Quyết định mới", **facts)
    touch.refresh_from_db()
    assert (Theme.objects.get().end, touch.revision) == (sooner, 1)
    assert theme.events.last().note == "01/09/2026 – 29/11/2026 → 01/09/2026 – 20/11/2026. Quyết định mới"


def test_signed_wording_is_not_stretched_by_who_may_not_sign_it(theme, office, signer, city):
    published(theme, office, signer)
    facts = {"name": theme.name, "start": theme.start, "owners": [city], "note": "Kéo dài"}
    longer = {"message": theme.message, "end": theme.end + timedelta(days=30)}
    other = {"message": "Điều khác", "end": theme.end}
    for change in (longer, other):
        with pytest.raises(ValidationError):
            themes.change_theme(theme, by=office, **facts, **change)  # the office wrote it
    themes.change_theme(theme, by=signer, **facts, **longer)
    assert Theme.objects.get().end == longer["end"]


def test_nothing_is_planned_with_a_withdrawn_version(theme, campaign, office, signer, city):
    made = published(theme, office, signer)
    wording.take_step(made, Step.WITHDRAW, by=signer, note="Sai")
    made.refresh_from_db()
    refused("wording", calendar.plan_touch, campaign, slot(theme, city, MIDDLE, wording=made), by=office)


def test_owners_stay_while_wording_is_being_signed(theme, office, signer, city, wards):
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    facts = {
        "name": theme.name, "message": theme.message, "start": theme.start, "end": theme.end, "by": office,
    }  # fmt: skip
    wording.take_step(made, Step.REVIEW, by=signer)
    refused("owners", themes.change_theme, theme, owners=[wards[0]], **facts)
    wording.take_step(made, Step.RETURN, by=signer, note="Đổi cơ quan")
    themes.change_theme(theme, owners=[wards[0]], **facts)
    assert [one.unit for one in theme.owners.all()] == [wards[0]]


def test_the_audience_is_who_lacks_the_step_in_those_premises(campaign, office, city, wards):
    source = Source.objects.create(name="test", generated=True)
    listed = ListFile.objects.create(unit=wards[0], name="x", sha256="0" * 64, generated=True)
    for number, (kind, step) in enumerate((("block", 0), ("block", 1), ("block", 4), ("house", 1))):
        door = Premises.objects.create(unit=wards[0], kind=kind, address="x", address_fold="x", source=source)
        home = Household.objects.create(
            premises=door, unit=wards[0], identity=bytes([number] * 16), list_file=listed
        )
        Resident.objects.create(
            household=home,
            identity=bytes([number] * 16),
            full_name=f"{kind} {step}",
            step=step,
            list_file=listed,
        )
    theme = make_theme(campaign, office, [city], reached=1, lacks=4, premises_kinds=["block"])
    assert [one.full_name for one in reads.residents_meant(theme)] == ["block 1"]
    everyone = make_theme(campaign, office, [city], code="moi-nguoi")
    assert reads.residents_meant(everyone).count() == 4


STEPS = st.lists(st.sampled_from(list(Step)), max_size=12)


@given(STEPS, st.integers(1, 4))
def test_nothing_is_published_that_not_every_owner_signed_since_it_was_last_sent_back(steps, owners):
    standing, done = Standing("draft"), []
    for step in steps:
        try:
            standing = signing.after(standing, step, owners)
        except NotNowError:
            continue
        done.append(step)
        if standing.state == "published" and step is Step.PUBLISH:
            round_ = done[len(done) - done[::-1].index(Step.RETURN) :] if Step.RETURN in done else done
            assert round_ == [Step.REVIEW, *[Step.SIGN] * owners, Step.PUBLISH]
    if Step.WITHDRAW in done:
        assert (done[-1], signing.steps(standing.state)) == (Step.WITHDRAW, ())


class WhateverPeopleTry(TestCase):
    """Random people try random steps; what is stored afterwards was always right."""

    @given(
        st.lists(st.tuples(st.sampled_from([*Step, "write"]), st.integers(0, 3), st.booleans()), max_size=25)
    )
    def test_the_rules_of_signing_hold(self, tries):
        city = make_unit("01", kind="city")
        wards = [make_unit(f"0{n}", city) for n in range(2, 4)]
        people = [
            make_officer(f"p{n}", "unit_officer", where) for n, where in enumerate((*wards, city, city))
        ]
        theme = make_theme(make_plan(city).campaign, people[2], [*wards, city], end=date(2100, 1, 1))
        for step, who, fresh in tries:
            under_way = theme.wordings.order_by("-number").first()
            try:
                if step == "write":
                    wording.write_text(theme, language="vi", text="x", by=people[who])
                elif under_way:
                    seen = under_way.revision if fresh else under_way.revision - 1
                    wording.take_step(under_way, step, by=people[who], note="Vì", seen=seen)
                    assert fresh
            except ValidationError:
                pass
        assert theme.wordings.filter(state="published").count() <= 1
        for one in theme.wordings.all():
            wrote = reads.writers(one)
            signed = []
            for event in one.events.all():
                if event.what in {"reviewed", "signed"}:
                    assert event.by_id not in wrote
                    signed.append(event.owner)
                if event.what == "returned":
                    signed = []
                if event.what == "published":
                    assert signed == [str(owner) for owner in (wards[0], *wards, city)]

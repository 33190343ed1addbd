"""Directives, themes, the calendar, indicators with targets, and required support models, through the file."""

from datetime import date

import pytest

from tungnha.campaign.files.exports import export
from tungnha.campaign.files.imports import bring_in, look, understand
from tungnha.campaign.files.tests.test_round_trip import GOOD
from tungnha.campaign.models import Campaign, Directive, Recipient, TargetDecision, Theme, Touch, Wording
from tungnha.campaign.services import indicators, support

MORE = """
directives:
  - number: 45/CV-UBND
    issued: 2026-09-02
    issuer: UBND Thành phố
    subject: Lập tổ cơ động
    action: |-
      Mỗi phường, xã lập ít nhất một tổ.

      Báo cáo bằng văn bản.
    deadline: 2026-09-12
    remind_days:
      - -3
      - 0
    every_unit: true
    organisations:
      - Thành đoàn

themes:
  - code: kich-hoat
    name: Kích hoạt định danh điện tử
    message: Ai đã có hồ sơ thì kích hoạt.
    start: 2026-09-01
    end: 2026-11-29
    reached: record
    lacks: level1
    channels:
      - channel: letters
      - channel: loudspeaker
        times: 3
        weeks: 1
    owners:
      - organisation: Thành đoàn
      - unit: 01 Đơn vị 01
    wording:
      - language: vi
        text: |-
          Kính gửi bà con.
          Xin mời kích hoạt.

calendar:
  - kind: campaign_day
    title: Ngày thứ Bảy tình nguyện
    day: 2026-09-05
    begins: "08:00"
    minutes: 240
    repeats: FREQ=WEEKLY;BYDAY=SA
    until: 2026-11-29
    place: Nhà văn hóa
    theme: kich-hoat
    every_unit: true
  - kind: letter_wave
    title: Phát thư ngỏ
    day: 2026-09-10
    minutes: 14400
    theme: kich-hoat
    units:
      - 00000 Đơn vị 00000
    organisation: Thành đoàn

indicators:
  - code: EID3
    period: day
    targets:
      - unit: 00000 Đơn vị 00000
        value: 100
      - unit: 00001 Đơn vị 00001
        value: 150
      - unit: 00002 Đơn vị 00002
        value: 250
      - unit: 01 Đơn vị 01
        value: 500
    stages:
      shape: linear
      every: 7
  - code: DVC1
    period: month
    weight: 0
    targets:
      - unit: 01 Đơn vị 01
        value: 62.03
    stages:
      shape: hand
      milestones:
        - day: 2026-10-01
          share: 33.33
        - day: 2026-11-29
          share: 100

support_required:
  - unit_kind: ward
    kind: to-co-dong
"""
ALL = GOOD[: GOOD.index("\nrosters:")] + MORE + GOOD[GOOD.index("\nrosters:") :]


@pytest.fixture(autouse=True)
def _catalogues(office):
    indicators.load()
    support.ensure_kinds()


def bring(office, text):
    outcome = bring_in(understand(text.encode()), office)
    assert [str(one) for one in outcome.problems] == []
    return outcome


def refused(office, text):
    before = export(Campaign.objects.get()) if Campaign.objects.exists() else ""
    problems = bring_in(understand(text.encode()), office).problems
    assert (export(Campaign.objects.get()) if Campaign.objects.exists() else "") == before
    return [one.path for one in problems]


def test_all_parts_come_in_and_go_out_again(office, wards):
    bring(office, ALL)
    campaign = Campaign.objects.get()
    assert export(campaign) == ALL
    assert bring(office, ALL).differences == []
    assert Recipient.objects.count() == 4
    assert Touch.objects.filter(kind="campaign_day").count() == 3
    assert Wording.objects.get().state == "draft"
    assert [
        one.value for one in TargetDecision.objects.get(tracked__indicator__code="DVC1").targets.all()
    ] == [6203]


def test_what_changes_in_the_file_changes_there(office):
    bring(office, ALL)
    changed = (
        ALL.replace("deadline: 2026-09-12", "deadline: 2026-09-14")
        .replace("Xin mời kích hoạt.", "Mời bà con kích hoạt.")
        .replace("minutes: 240", "minutes: 180")
        .replace("value: 100", "value: 120")
        .replace("value: 250", "value: 230")
        .replace("kind: to-co-dong", "kind: diem-24-24")
        .replace("times: 3", "times: 4")
    )
    bring(office, changed)
    assert export(Campaign.objects.get()) == changed
    assert Directive.objects.get().recipients.count() == 4
    assert Touch.objects.count() == 4


def test_what_was_issued_or_said_is_not_taken_back_by_a_file(office):
    bring(office, ALL)
    head = ALL[: ALL.index("phases:")]
    assert refused(office, head + "directives: []\n") == ["directives"]
    assert refused(office, head + "themes: []\n") == ["themes"]
    assert refused(office, head + "indicators: []\n") == ["indicators", "indicators"]
    without = ALL.replace("    organisations:\n      - Thành đoàn\n\nthemes", "\nthemes")
    assert refused(office, without) == ["directives[1].units"]
    assert Theme.objects.count() == 1


def test_what_is_no_longer_planned_is_cancelled(office):
    document = understand(ALL.encode())
    document.begin_on(date(2099, 9, 1))
    assert bring_in(document, office).problems == []
    text = export(Campaign.objects.get())
    bring(office, text[: text.index("phases:")] + "calendar: []\nsupport_required: []\n")
    assert Touch.objects.filter(cancelled_from=None).count() == 0
    assert Campaign.objects.get().support_requirements.count() == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("value: 500", "value: 501"), "indicators[1].targets"),
        (("      - unit: 00002 Đơn vị 00002\n        value: 250\n", ""), "indicators[1].targets"),
        (("code: EID3", "code: EID99"), "indicators[1].code"),
        (("value: 62.03", "value: 62.033"), "indicators[2].targets"),
        (("share: 33.33", "share: 133"), "indicators[2].stages.milestones[1].share"),
        (("kind: to-co-dong", "kind: to-co"), "support_required[1].kind"),
        (("deadline: 2026-09-12", "deadline: 2026-09-01"), "directives[1].deadline"),
        (("- channel: letters", "- channel: thu"), "themes[1].channels"),
        (("theme: kich-hoat", "theme: kich"), "calendar[1].theme"),
        (("kind: campaign_day", "kind: ngay"), "calendar[1].kind"),
        (("FREQ=WEEKLY;BYDAY=SA", "FREQ=HOURLY"), "calendar[1].repeats"),
        (("      - organisation: Thành đoàn\n      - unit: 01 Đơn vị 01\n", "      - unit: 99999\n"), "themes[1].owners[1].unit"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_path_once(office, change, path):
    changed = ALL.replace(*change, 1)
    assert changed != ALL
    assert [one.path for one in look(understand(changed.encode()), office).problems] == [path]


def test_a_campaign_at_another_time_moves_all_but_nothing_else(office):
    document = understand(ALL.encode())
    document.begin_on(date(2027, 3, 1))
    assert bring_in(document, office).problems == []
    assert Touch.objects.filter(kind="campaign_day").first().day.weekday() == 5
    assert str(Directive.objects.get().deadline) == "2027-03-12"

"""The demonstration as a newcomer meets it: built by the command, opened in a browser, papers in the hand."""

import re
import subprocess
from pathlib import Path

import pytest

from tungnha.field.tests.installed import environment, served, tungnha

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.data]


@pytest.fixture(scope="module")
def demo(real_data, tmp_path_factory):
    extract = real_data / "osm/central_hanoi_ways_2023-12-13.geojson"
    installed = environment(tmp_path_factory.mktemp("demo"), osm=str(extract))
    return tungnha(installed, "demo", "--no-serve"), installed


@pytest.fixture(scope="module")
def address(demo):
    with served(demo[1]) as url:
        yield url


def _text(pdf: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout


def _ink(pdf: Path) -> float:
    """Share of the first page that is not white, so that a page without its static part is noticed."""
    picture = subprocess.run(
        ["pdftoppm", "-r", "40", "-gray", "-f", "1", "-l", "1", str(pdf)], capture_output=True, check=True
    ).stdout
    pixels = picture.split(b"255\n", 1)[1]
    return sum(value < 200 for value in pixels) / len(pixels)


def test_the_facts_that_the_demonstration_prints_are_the_real_ones(demo):
    facts = demo[0]["facts"]
    assert facts["population_of_the_126"] == 8_811_473
    assert facts["units"]["since"] == 127
    assert facts["units"]["pairs"] == 794
    assert facts["streets"]["real"] is True
    assert facts["pilot_became"] == ["Phường Nghĩa Đô", "Phường Phú Thượng", "Phường Xuân Đỉnh"]
    assert facts["list"]["accepted"] + facts["list"]["rejected"] == facts["list"]["rows"]
    assert facts["turfs"]["doors"] + facts["turfs"]["without_position"] == facts["letters"]["letters"]


def test_an_officer_finds_an_alley_opens_its_turf_and_takes_its_papers(demo, address, browser, tmp_path):
    from playwright.sync_api import expect

    page = browser.new_page(locale="vi-VN", viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page.goto(address)
    page.fill("input[name=username]", "can-bo-phuong")
    page.fill("input[name=password]", demo[0]["users"]["can-bo-phuong"])
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("Văn Miếu")).first.click()
    expect(page.get_by_text("DỮ LIỆU MÔ PHỎNG").first).to_be_visible()
    page.fill("input[type=search]", "ngo linh quang")
    page.keyboard.press("Enter")
    page.locator("a[href*='/dia-ban/']").first.wait_for()
    page.locator("a[href^='/dia-ban/']").first.click()
    page.wait_for_url(re.compile(r"/dia-ban/\d+/"))
    with page.expect_download() as download:
        page.locator("a[href$='phieu-di.pdf']").first.click()
    download.value.save_as(tmp_path / "list.pdf")
    with page.expect_download() as download:
        page.locator("table a[href*='/thu/']").first.click()
    download.value.save_as(tmp_path / "letter.pdf")
    page.close()
    walk_list, letter = _text(tmp_path / "list.pdf"), _text(tmp_path / "letter.pdf")
    assert "Phiếu đi" in walk_list
    assert "MÔ PHỎNG" in walk_list
    assert "THƯ NGỎ" in letter
    codes = set(re.findall(r"\b[A-Z0-9]{5}\b", walk_list))
    assert codes & set(re.findall(r"\b[A-Z0-9]{5}\b", letter)), (
        "the letter's door code is not on the walk list"
    )
    assert re.search(r"\b00\d{10}\b", walk_list + letter) is None, "a personal number is on paper"
    assert _ink(tmp_path / "list.pdf") > 0.03
    assert _ink(tmp_path / "letter.pdf") > 0.03

import json
import zlib

import pikepdf
import pytest
from click.testing import CliRunner

from tungnha.channels.letters import queries, services
from tungnha.channels.letters.checking import NotAWaveError, check
from tungnha.cli import main
from tungnha.register.models import Household

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(register, orders):
    unit, _ = register
    return queries.wave_folder(services.make_letters(unit, orders, engine="sequential", generated=True))


def _check(folder, **kwargs):
    return check(
        folder,
        key=services.letter_key(),
        expected=queries.printed_texts,
        engine="sequential",
        **kwargs,
    )


def _problems(folder):
    return {(problem.file, problem.page, problem.code) for problem in _check(folder).problems}


def _change(path, change):
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(path)


def test_letters_as_made_are_right(folder):
    report = _check(folder)
    assert report.problems == []
    assert (report.files, report.pages, report.read) == (2, 30, 30)
    assert _check(folder, every=10).read == 2 + 1 + 2 + 1 - 0


def test_a_lost_static_page_is_seen_though_the_file_is_well_formed(folder):
    def empty(pdf):
        form = pdf.pages[0].resources.XObject.S
        form.write(b"q Q")

    _change(folder / "0001.pdf", empty)
    codes = {code for file, _, code in _problems(folder) if file == "0001.pdf"}
    assert {"checksum", "picture", "static-text"} <= codes


def test_a_changed_code_or_name_and_swapped_qr_are_seen(folder, register):
    _, households = register
    Household.objects.filter(pk=households[3]).update(head_name="Người Khác")
    Household.objects.filter(pk=households[5]).update(identity=b"another identity")
    assert _problems(folder) == {("0001.pdf", 4, "name"), ("0001.pdf", 6, "code")}


def test_ink_outside_the_anchors_is_seen(folder):
    def scribble(pdf):
        page = pdf.pages[1]
        page.Contents = pikepdf.Stream(pdf, b"100 30 60 20 re f\n" + page.Contents.read_bytes())

    _change(folder / "0002.pdf", scribble)
    assert _problems(folder) == {("0002.pdf", 0, "checksum"), ("0002.pdf", 2, "picture")}


def test_letters_signed_with_another_key_are_not_genuine(folder):
    report = check(folder, key=b"x" * 32, expected=queries.printed_texts, engine="sequential")
    assert {problem.code for problem in report.problems} == {"token"}
    assert len(report.problems) == 30


def test_missing_and_foreign_files_are_seen(folder):
    (folder / "0001.pdf").rename(folder / "9999.pdf")
    assert _problems(folder) == {("0001.pdf", 0, "missing"), ("9999.pdf", 0, "not-listed")}


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(NotAWaveError):
        _check(tmp_path)


def test_the_command_checks_and_says_so(folder):
    runner = CliRunner()
    result = runner.invoke(main, ["--json", "letters", "check", str(folder)])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["problems"] == []
    (folder / "0002.pdf").write_bytes(zlib.compress(b"no letters"))
    result = runner.invoke(main, ["letters", "check", str(folder)])
    assert result.exit_code == 1
    assert "0002.pdf" in result.stdout
    listed = json.loads(runner.invoke(main, ["--json", "letters", "list"]).stdout)
    assert [(wave["files"], wave["letters"]) for wave in listed["waves"]] == [(2, 30)]


def test_a_sample_can_be_made_without_a_wave(tmp_path):
    target = tmp_path / "sample.pdf"
    result = CliRunner().invoke(main, ["letters", "sample", "open_letter_vi", str(target)])
    assert result.exit_code == 0, result.output
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) == 1
    assert CliRunner().invoke(main, ["letters", "sample", "nothing", str(target)]).exit_code == 2

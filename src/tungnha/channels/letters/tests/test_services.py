import csv
import hashlib

import numpy as np
import pikepdf
import pytest

from tungnha.channels.letters.models import LetterWave
from tungnha.channels.letters.queries import wave_folder
from tungnha.channels.letters.services import LetterOrder, LettersError, make_letters
from tungnha.register.models import Household

pytestmark = pytest.mark.django_db


def test_a_wave_has_one_file_an_order_and_a_manifest_that_matches(register, orders, tmp_path):
    unit, _ = register
    counted = []
    wave = make_letters(
        unit, orders, "open_letter_vi", ordered_by="turf-plan:1", engine="sequential", advance=counted.append
    )
    assert counted == [18, 12]
    batches = list(wave.batches.all())
    assert [(batch.number, batch.letters, batch.rejected) for batch in batches] == [(1, 18, []), (2, 12, [])]
    with (wave_folder(wave) / "manifest.csv").open() as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"0001.pdf", "0002.pdf", "template.pdf", "wave.json"}
    for name, row in rows.items():
        assert hashlib.sha256((wave_folder(wave) / name).read_bytes()).hexdigest() == row["sha256"]
    for batch in batches:
        path = tmp_path / batch.file
        assert rows[path.name]["sha256"] == batch.sha256
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) == batch.letters
            assert pdf.check_pdf_syntax() == []


def test_a_letter_that_cannot_be_set_is_named_and_the_others_are_made(register, orders):
    unit, households = register
    Household.objects.filter(pk=households[0]).update(head_name="Nguyễn \U0001f600")
    Household.objects.filter(pk=households[20]).update(head_name="Nguyễn Thị " * 14)
    wave = make_letters(unit, orders, engine="sequential")
    first, second = wave.batches.all()
    assert [(one["household"], one["code"], one["field"]) for one in first.rejected] == [
        (households[0], "glyph", "name")
    ]
    assert "U+1F600" in first.rejected[0]["message"]
    assert [(one["household"], one["code"]) for one in second.rejected] == [(households[20], "overrun")]
    assert (first.letters, second.letters) == (17, 11)


@pytest.mark.parametrize(
    ("numbers", "picks", "message"),
    [
        ((), (), "no households|không có hộ"),
        ((1, 1), ([0], [1]), "same number|cùng số"),
        ((1, 2), ([0, 1], [1]), "two letters|hai thư"),
    ],
)
def test_orders_that_make_no_sense_are_refused(register, numbers, picks, message):
    unit, households = register
    orders = [LetterOrder(number, households[pick]) for number, pick in zip(numbers, picks, strict=True)]
    with pytest.raises(LettersError, match=f"(?i){message}"):
        make_letters(unit, orders)
    assert not LetterWave.objects.exists()


def test_an_unknown_household_or_template_leaves_nothing_behind(register, tmp_path):
    unit, households = register
    with pytest.raises(LettersError, match="99999999"):
        make_letters(unit, [LetterOrder(1, np.array([99999999]))])
    with pytest.raises(LettersError, match="no template"):
        make_letters(unit, [LetterOrder(1, households)], "nothing")
    assert not LetterWave.objects.exists()
    assert not (tmp_path / "files").exists()


def test_a_failure_half_way_leaves_nothing_behind(register, orders, tmp_path, monkeypatch):
    unit, _ = register
    monkeypatch.setattr(
        "tungnha.channels.letters.services._write_manifest", lambda *a: (_ for _ in ()).throw(OSError("full"))
    )
    with pytest.raises(OSError, match="full"):
        make_letters(unit, orders, engine="sequential")
    assert not LetterWave.objects.exists()
    assert list((tmp_path / "files" / "letters").iterdir()) == []

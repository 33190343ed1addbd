import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tungnha.channels.letters import sheet, wave
from tungnha.channels.letters.stamping import Letter, MisfitError, Typesetter, make_file

ANCHOR = sheet.Anchor("name", 100, 200, 220, 40, 17, 9, 1.2, "serif", "left")
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyẽễỗữỵ ƀɃĭĬĕĔ'"
FACE = sheet.subset("serif", LETTERS)


@given(st.text(LETTERS, max_size=90))
def test_text_stays_within_its_box_or_is_rejected(text):
    try:
        operators = Typesetter(ANCHOR, FACE, 842).set(text)
    except MisfitError as misfit:
        assert misfit.code == "overrun"  # noqa: PT017
        return
    if not text.strip(" "):
        assert operators == ""
        return
    size = float(re.search(r"/serif ([\d.]+) Tf", operators)[1])
    assert ANCHOR.min <= size <= ANCHOR.size
    words = []
    for left, base, codes in re.findall(r"1 0 0 1 ([\d.]+) ([\d.]+) Tm<([0-9A-F]*)>Tj", operators):
        glyphs = [int(codes[place : place + 4], 16) for place in range(0, len(codes), 4)]
        assert float(left) + sum(FACE.widths[glyph] for glyph in glyphs) * size / 1000 <= 100 + 220 + 0.1
        assert 842 - 240 < float(base) < 842 - 200
        back = {glyph: letter for letter, glyph in FACE.glyphs.items()}
        words += "".join(back[glyph] for glyph in glyphs).split()
    assert words == text.split()


def test_a_sign_without_a_glyph_is_named():
    with pytest.raises(MisfitError, match="U\\+4E2D") as caught:
        Typesetter(ANCHOR, FACE, 842).set("a 中")
    assert caught.value.code == "glyph"


def test_the_same_letters_give_the_same_bytes(tmp_path):
    digests = set()
    for attempt in range(2):
        layout = sheet.lay_out("open_letter_vi", {"unit": "Phường Mẫu"})
        links = wave.Links.under("https://example.vn/app", b"k" * 32, 1)
        prepared = wave.prepare(layout, links, "Số 1Nguyễn", "Thư ngỏ")
        letters = [Letter(number, ("Nguyễn", "Số 1", "K7M4P", "")) for number in range(70)]
        done = make_file(next(wave.jobs(prepared, links, [(tmp_path / f"{attempt}.pdf", letters)])))
        assert (done.letters, done.rejected) == (70, ())
        digests.add(done.sha256)
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [("Xin chào", "no anchor"), ("#pagebreak()\n#pagebreak()", "one page"), ("#nothing", "unknown variable")],
)
def test_a_template_that_cannot_be_used_is_refused(tmp_path, source, message):
    path = tmp_path / "mine.typ"
    path.write_text(source)
    with pytest.raises(sheet.TemplateError, match=message):
        sheet.lay_out(path, {})

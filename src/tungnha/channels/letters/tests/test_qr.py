import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from tungnha.channels.letters import qr

COMPACT = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def _characters(texts):
    return np.array([list(text) for text in texts], dtype=np.uint8)


def _same_as_segno(kind, modules, texts, mode):
    for code, text in zip(modules, texts, strict=True):
        made = segno.make(text, version=kind.version, mask=kind.mask, mode=mode, error="M", boost_error=False)
        assert np.array_equal(code, np.array([list(row) for row in made.matrix]))


def _read(code):
    picture = np.kron(np.pad(1 - code, qr.QUIET_ZONE, constant_values=1), np.ones((4, 4))) * 255
    found = zxingcpp.read_barcodes(picture.astype(np.uint8))
    assert len(found) == 1
    return bytes(found[0].bytes)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 120).flatmap(
        lambda n: st.lists(st.text(COMPACT, min_size=n, max_size=n), min_size=1, max_size=4)
    )
)
def test_alphanumeric_codes_equal_segnos_and_are_read(texts):
    kind = qr.symbol(len(texts[0]), alphanumeric=True)
    modules = qr.batch(kind, _characters(text.encode() for text in texts))
    _same_as_segno(kind, modules, texts, "alphanumeric")
    assert [_read(code) for code in modules] == [text.encode() for text in texts]


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 80).flatmap(lambda n: st.lists(st.binary(min_size=n, max_size=n), min_size=1, max_size=4))
)
def test_byte_codes_equal_segnos(texts):
    kind = qr.symbol(len(texts[0]), alphanumeric=False)
    _same_as_segno(kind, qr.batch(kind, _characters(texts)), texts, "byte")


def test_fixed_modules_never_move():
    texts = [f"HTTPS://EXAMPLE.VN/T/{number:032d}".encode() for number in range(10**9, 10**9 + 300)]
    kind = qr.symbol(len(texts[0]), alphanumeric=True)
    characters = _characters(texts)
    bits = qr.data_bits(characters, alphanumeric=True)
    fixed = qr.fixed_modules(kind, (bits != bits[0]).any(axis=0))
    modules = qr.batch(kind, characters)
    assert fixed.mean() > 0.25
    assert (modules[:, fixed] == modules[0, fixed]).all()


def test_wrong_texts_are_refused():
    kind = qr.symbol(3, alphanumeric=True)
    with pytest.raises(qr.QRError, match="expected 3"):
        qr.batch(kind, _characters([b"ABCD"]))
    with pytest.raises(qr.QRError, match="does not hold"):
        qr.batch(kind, _characters([b"abc"]))
    with pytest.raises(qr.QRError, match="no QR code"):
        qr.symbol(500, alphanumeric=True)

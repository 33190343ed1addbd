"""The app's modules, each by itself in a real browser."""

import random
import uuid

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tungnha.outreach.notes import without_secrets
from tungnha.territory.vietnamese import fold

pytestmark = pytest.mark.browser


def test_what_the_phone_seals_the_server_opens_and_nobody_else(page):
    ours, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    sealed = page.evaluate(
        """async ([point, text]) => {
            const { seal } = await import("/field/hpke.js");
            const bytes = new TextEncoder();
            return Array.from(await seal(Uint8Array.from(point), bytes.encode(text), bytes.encode("tungnha entry 1")));
        }""",
        [list(point), "Đã kích hoạt"],
    )
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    assert suite.decrypt(bytes(sealed), ours, b"tungnha entry 1").decode() == "Đã kích hoạt"
    for key, info in ((other, b"tungnha entry 1"), (ours, b"other")):
        with pytest.raises(InvalidTag):
            suite.decrypt(bytes(sealed), key, info)


REFUSED = {
    "số cccd 001 085 000 001": "note-number",
    "001085000001": "note-number",
    "cmnd 012.345.678": "note-number",
    "số ０８５０００００１": "note-number",
    "số ٠٨٥٠٠٠٠٠١": "note-number",
    "mã 482913": "note-code",
    "mã 48  29 13": "note-code",
    "OTP là 4829": "note-code",
    "mật khẩu: Hanoi2026": "note-password",
    "mật khẩu Hanoi2026": "note-password",
    "MK LÀ hoa sữa": "note-password",
    "gọi lại số 0912345678": "note-phone",
    "gọi 0912–345–678": "note-phone",
    "nhà 12A ngõ 34/5, tầng 3": "",
    "hẹn 18h30 ngày 25/11/2026": "",
    "hẹn ngày 25.11.2026 lúc 19h": "",
    "quên mật khẩu, hẹn làm lại": "",
    "quên mật khẩu 2 lần": "",
    "chó dữ": "",
}
GUARD = """async (notes) => {
    const { refused } = await import("/field/guard.js");
    return notes.map(refused);
}"""


def test_a_note_holds_no_number_code_or_password(page):
    assert dict(zip(REFUSED, page.evaluate(GUARD, [*REFUSED]), strict=True)) == REFUSED


def test_the_phone_refuses_exactly_what_the_server_masks(page):
    """What a phone lets through must reach the supervisor as it was written."""
    chance = random.Random(4)
    pieces = ["otp", "OTP là", "mật khẩu", "mk", "mk:", "là", "pass", "pin", "số", "ngõ", "25/11/2026", "25.11.2026", "1", "12",
              "4829", "482913", "0912345678", "001085000001", "Hanoi26", " ", " ", " ", ".", "-", "/", "–", "\n", "\u00a0", "_",
              "٣", "５", "ĐÀO", "İ"]  # fmt: skip
    notes = ["".join(chance.choices(pieces, k=chance.randrange(1, 9))) for _ in range(4_000)] + [*REFUSED]
    refused = [bool(why) for why in page.evaluate(GUARD, notes)]
    assert refused == [without_secrets(note) != note for note in notes]
    assert 0.2 < sum(refused) / len(refused) < 0.95
    assert all(without_secrets(without_secrets(note)) == without_secrets(note) for note in notes)


def test_the_phone_folds_as_the_server_does(page):
    words = ["Đường  Xuân LA", "Nguyễn Thị ĐÀO", "Hoàng Hoa Thám", "ngõ 34/5"]
    folded = page.evaluate(
        """async (words) => {
            const { fold } = await import("/field/text.js");
            return words.map(fold);
        }""",
        words,
    )
    assert folded == [fold(word) for word in words]


def test_ids_are_of_version_7_and_in_the_order_of_their_making(page):
    ids = page.evaluate(
        """async () => {
            const { uuid7 } = await import("/field/entries.js");
            return [1_000, 2_000, 1_790_000_000_000].map((now) => uuid7(now));
        }"""
    )
    made = [uuid.UUID(one) for one in ids]
    assert [one.version for one in made] == [7, 7, 7]
    assert made == sorted(made)
    assert int(made[2].hex[:12], 16) == 1_790_000_000_000


PIN = """async () => {
    const vault = await import("/field/vault.js");
    await vault.create("123456");
    const kept = await vault.encrypt({ a: "Đào" });
    vault.lock();
    const answers = [];
    for (const pin of %s) answers.push(await vault.unlock(pin));
    const { all } = await import("/field/storage.js");
    return [answers, vault.isOpen() ? await vault.decrypt(kept) : null, await all("keys")];
}"""


def test_the_vault_opens_with_its_pin_only(page):
    answers, kept, _ = page.evaluate(PIN % '["000000", "123456"]')
    assert (answers, kept) == ([{"open": False, "left": 4}, {"open": True, "left": 5}], {"a": "Đào"})


def test_five_wrong_pins_leave_nothing(page):
    answers, kept, keys = page.evaluate(PIN % '["1", "2", "3", "4", "5"]')
    assert answers[-1] == {"open": False, "left": 0}
    assert (kept, keys) == (None, [])


STREETS = [{"s": 7, "at": [[21.03, 105.84], [21.031, 105.84]]}, {"s": 8, "at": [[21.03, 105.845]]}]


@pytest.mark.parametrize(
    ("latitude", "longitude", "accuracy", "street"),
    [
        (21.0301, 105.8401, 10, 7),
        (21.0300, 105.8449, 10, 8),
        (21.0300, 105.8425, 10, 0),  # 260 m from either
        (21.0300, 105.8412, 150, 7),  # 125 m away, and uncertain by 150
        (21.0300, 105.8400, 201, None),  # too uncertain to say anything
        (21.0300, 105.8400, None, None),
    ],
)
def test_a_place_becomes_the_nearest_street_of_the_walk_or_none(page, latitude, longitude, accuracy, street):
    found = page.evaluate(
        "([streets, fix]) => import('/field/position.js').then(({ nearest }) => nearest(streets, fix))",
        [STREETS, {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}],
    )
    assert found == street

"""Whatever stands in an address, a page answers; it never breaks."""

import pytest

from tungnha.accounts import services
from tungnha.accounts.roles import Role
from tungnha.office.tests import doors
from tungnha.office.tests.test_doors import addresses, signed_in

pytestmark = pytest.mark.django_db
ASKED = (
    "ngay", "don-vi-ngay", "ky", "tu", "den", "truoc", "thuoc", "loai", "don-vi", "don_vi", "chu_de", "chi-tieu", "dong",
    "chien-dich", "trang", "cot", "xep", "q", "between", "within", "mau", "ngon-ngu", "kenh", "loc", "nguoi", "tai",
)  # fmt: skip
"""Everything that some page reads out of its address."""


@pytest.mark.parametrize(
    "nonsense", ["0001-01-01", "9999-12-31", "9" * 30, "9" * 30 + "." + "9" * 30, "\x00"]
)
@pytest.mark.parametrize("part", doors.parts())
def test_nonsense_in_an_address_breaks_no_page(world, part, nonsense):
    user = services.create_user("huong", "mật khẩu thật dài 9")
    for role in Role:
        services.grant_role(user, role, world.city)
    client = signed_in(user)
    client.raise_request_exception = False
    broken = set()
    for name, door, address in addresses(doors.parts()[part], world):
        if door.get is None:
            continue
        for asked in (dict.fromkeys(ASKED, nonsense), {"ngay": nonsense, "loai": nonsense, "xem": "tuan"}):
            if client.get(address, asked).status_code >= 500:
                broken.add((name, len(asked)))
    assert broken == set()

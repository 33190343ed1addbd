"""A small register to write letters from."""

import numpy as np
import pytest

from tungnha.channels.letters.services import LetterOrder

NAMES = (
    "Nguyễn Thị Hồng Hạnh",
    "Y Bhĭt Ƀyă",
    "H'Wĕn Niê Kdăm",
    "Đặng Thuỳ Trâm",
    "",
    "Công Tằng Tôn Nữ Nguyễn Thị Hoàng Kim Ngọc Thuỳ Dương Ánh Nguyệt",
)


@pytest.fixture
def register(db):
    """A ward with 30 households; returns the unit and the households' numbers."""
    from tungnha.register.models import Household, ListFile
    from tungnha.territory.models import Premises, Source, Unit

    source = Source.objects.create(name="test", generated=True)
    city = Unit.objects.create(
        code="01", kind="city", name="Thành phố Hà Nội", name_fold="ha noi", path="/1/"
    )
    unit = Unit.objects.create(
        code="00190",
        kind="ward",
        name="Phường Văn Miếu – Quốc Tử Giám",
        name_fold="",
        parent=city,
        path="/1/2/",
    )
    file = ListFile.objects.create(unit=unit, name="test.csv", sha256="0" * 64, generated=True)
    numbers = []
    for number in range(30):
        premises = Premises.objects.create(
            unit=unit,
            address=f"Số {number + 1} ngách 34/5 ngõ 34 phố Tôn Đức Thắng",
            group="Tổ dân phố số 7",
            address_fold="",
            source=source,
        )
        household = Household.objects.create(
            premises=premises,
            unit=unit,
            identity=number.to_bytes(16, "big"),
            head_name=NAMES[number % len(NAMES)],
            head_fold="",
            list_file=file,
        )
        numbers.append(household.pk)
    return unit, np.array(numbers, dtype=np.int64)


@pytest.fixture
def orders(register):
    """The register's households in two walks, the second backwards."""
    _, households = register
    return [LetterOrder(1, households[:18]), LetterOrder(2, households[:17:-1])]


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.TUNGNHA_DATA = tmp_path

"""What a provider says is read by the names of its kind; the rest is not looked at."""

import pytest

from tungnha.accounts import oidc

CLAIMS = {
    "sub": "9f2c", "TechID": "T-1", "LoaiTaiKhoan": "1", "HoVaTen": "NGUYỄN THỊ HƯỜNG", "SoDinhDanh": "001085000001",
    "NgayThangNamSinh": "19850102", "loginIdp": "BCA",
}  # fmt: skip


@pytest.fixture(autouse=True)
def provider(settings):
    settings.TUNGNHA_OIDC = settings.TUNGNHA_OIDC | {
        "issuer": "https://xacthuc.example",
        "client_id": "tungnha",
    }


def test_the_national_portals_names_are_understood():
    told = oidc.read(oidc.PRESETS["vn-national"], CLAIMS)
    assert told.identifiers == (("subject", "9f2c"), ("number", "001085000001"))
    assert (told.issuer, told.name) == ("https://xacthuc.example", "NGUYỄN THỊ HƯỜNG")


@pytest.mark.parametrize("changed", [{"LoaiTaiKhoan": "2"}, {"LoaiTaiKhoan": None}, {"sub": ""}])
def test_an_organisation_or_nobody_is_refused(changed):
    with pytest.raises(oidc.RefusedError):
        oidc.read(oidc.PRESETS["vn-national"], CLAIMS | changed)


def test_a_plain_provider_says_subject_and_name_only():
    told = oidc.read(oidc.PRESETS["standard"], CLAIMS | {"name": "Hường"})
    assert (told.identifiers, told.name) == ((("subject", "9f2c"),), "Hường")


def test_without_a_provider_there_is_no_button(settings):
    settings.TUNGNHA_OIDC = settings.TUNGNHA_OIDC | {"issuer": ""}
    assert oidc.label() == ""

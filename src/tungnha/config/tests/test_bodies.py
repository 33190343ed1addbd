"""Nobody fills the memory: a body is refused by its announced size, before it is read."""

import pytest
from django.test import Client

from tungnha.accounts import services

pytestmark = pytest.mark.django_db
FORM, LIST, MORE = 5 * 1024**2, 101 * 1024**2, 101 * 1024**2 + 1


@pytest.mark.parametrize(
    ("signed_in", "size", "refused"),
    [(False, FORM, False), (False, FORM + 1, True), (True, LIST, False), (True, MORE, True)],
)
def test_a_stranger_sends_a_form_and_who_signed_in_a_list(signed_in, size, refused):
    client = Client()
    if signed_in:
        client.force_login(services.create_user("huong", "mật khẩu thật dài 9"))
    response = client.generic(
        "POST", "/dang-nhap/", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(size)
    )
    assert (response.status_code == 413) is refused

"""Web Authentication: what the browser is asked, and whether its answer holds. Stores nothing."""

from typing import Any, NamedTuple

from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tungnha import sealing
from tungnha.accounts.models import Passkey, User

_SECONDS = 300
"""How long a question waits for its answer."""


class RefusedError(Exception):
    """The browser's answer does not hold."""


class Question(NamedTuple):
    """What the browser is asked (as JSON), and what must be kept in the session until it answers."""

    options: dict[str, Any]
    state: dict[str, Any]


class Answer(NamedTuple):
    """A credential that answered, and its count of uses."""

    passkey: Passkey
    sign_count: int


def possible(host: str) -> bool:
    """Whether passkeys work under a host name: never under a bare address."""
    return not host.startswith("[") and not host.replace(".", "").isdigit()


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name="Từng Nhà"))


def _kept(state: Any) -> dict[str, Any]:
    return {**state, "asked_at": timezone.now().timestamp()}


def _still(state: dict[str, Any] | None) -> dict[str, Any]:
    if state is None or timezone.now().timestamp() - state["asked_at"] > _SECONDS:
        raise RefusedError
    return state


def _credentials(user: User) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(one.credential)) for one in user.passkeys.all()]


def ask_to_add(user: User, host: str) -> Question:
    """Ask the browser for a new credential, another than those the person has."""
    entity = PublicKeyCredentialUserEntity(
        id=sealing.blind(str(user.pk), "passkey user"),
        name=user.username,
        display_name=user.get_full_name() or user.username,
    )
    options, state = _server(host).register_begin(
        entity,
        _credentials(user),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return Question(dict(options), _kept(state))


def added(
    host: str, state: dict[str, Any] | None, response: dict[str, Any]
) -> tuple[AttestedCredentialData, int]:
    """The credential that the browser made, and its count. Raises RefusedError."""
    try:
        made = _server(host).register_complete(_still(state), response)
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError from error
    assert made.credential_data is not None
    return made.credential_data, made.counter


def ask_for_one(user: User, host: str) -> Question:
    """Ask the browser for one of the person's credentials."""
    options, state = _server(host).authenticate_begin(
        _credentials(user), user_verification=UserVerificationRequirement.PREFERRED
    )
    return Question(dict(options), _kept(state))


def answered(user: User, host: str, state: dict[str, Any] | None, response: dict[str, Any]) -> Answer:
    """Which of the person's credentials signed the question. Raises RefusedError."""
    try:
        credential = _server(host).authenticate_complete(_still(state), _credentials(user), response)
        count = AuthenticationResponse.from_dict(response).response.authenticator_data.counter
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError from error
    return Answer(user.passkeys.get(credential_id=credential.credential_id), count)

"""Sign-in through a city's own identity provider, or the national portal's: OpenID Connect, code flow with PKCE.

A provider says who somebody is, never what they may do here: that person must already be one of ours and linked, by the
link of their invitation or by an administrator. What it says besides an identifier and a name is not looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from joserfc.errors import JoseError
from requests import RequestException

from tungnha.accounts.models import OutsideIdentity
from tungnha.accounts.queries.people import Told

_PATIENCE = 10
"""Seconds the provider has to answer."""

By = OutsideIdentity.By


class RefusedError(Exception):
    """The provider did not vouch for anybody: it was refused, out of reach, or its answer does not hold."""


@dataclass(frozen=True)
class Preset:
    """How a kind of provider is asked and names what it says."""

    name: str
    identifiers: Mapping[str, str]
    """Kind of identifier → claim."""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Where it does not describe itself at `/.well-known/openid-configuration`: setting → path below the issuer."""
    asked: Mapping[str, str] = field(default_factory=dict)
    must: Mapping[str, str] = field(default_factory=dict)
    """Claims without which somebody is not let in."""


PRESETS = {
    "standard": Preset(name="name", identifiers={By.SUBJECT: "sub"}),
    # The sign-in of the national public service portal, as public clients of it show. `LoaiTaiKhoan` 1 is a citizen;
    # organisations have accounts too, and nobody is an organisation here.
    "vn-national": Preset(
        name="HoVaTen",
        identifiers={By.SUBJECT: "sub", By.NUMBER: "SoDinhDanh"},
        endpoints={
            "authorize_url": "/oauth2/authorize",
            "access_token_url": "/oauth2/token",
            "userinfo_endpoint": "/oauth2/userinfo",
            "jwks_uri": "/oauth2/jwks",
        },
        asked={"acr_values": "LoA1"},
        must={"LoaiTaiKhoan": "1"},
    ),
}


def configured() -> bool:
    """Whether this installation has an identity provider."""
    return bool(settings.TUNGNHA_OIDC["issuer"] and settings.TUNGNHA_OIDC["client_id"])


def label() -> str:
    """What the button says; empty without a provider."""
    given = settings.TUNGNHA_OIDC
    return (given["label"] or given["issuer"].partition("://")[2].partition("/")[0]) if configured() else ""


def issuer() -> str:
    """The provider's address, under which identities are linked."""
    address: str = settings.TUNGNHA_OIDC["issuer"]
    return address


def kinds() -> list[By]:
    """By what the provider's people are known."""
    return [By(one) for one in _preset().identifiers]


def _preset() -> Preset:
    return PRESETS[settings.TUNGNHA_OIDC["preset"]]


def _client() -> DjangoOAuth2App:
    given = settings.TUNGNHA_OIDC
    return _registered(*(given[name] for name in ("issuer", "client_id", "client_secret", "preset", "scope")))


@cache
def _registered(issuer: str, client_id: str, client_secret: str, preset: str, scope: str) -> DjangoOAuth2App:
    """The client; kept, because it remembers what the provider said about itself and its keys."""
    endpoints = {name: f"{issuer}{path}" for name, path in PRESETS[preset].endpoints.items()}
    if not endpoints:
        endpoints["server_metadata_url"] = f"{issuer}/.well-known/openid-configuration"
    client: DjangoOAuth2App = OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={"scope": scope, "code_challenge_method": "S256", "default_timeout": _PATIENCE},
        **endpoints,
    )
    return client


def ask(request: HttpRequest, return_to: str) -> HttpResponseRedirect:
    """Send the person to the provider; state, nonce and PKCE verifier wait in the session. Raises RefusedError."""
    try:
        answer: HttpResponseRedirect = _client().authorize_redirect(request, return_to, **_preset().asked)
    except (OAuthError, RequestException, ValueError) as error:
        raise RefusedError from error
    return answer


def told(request: HttpRequest) -> Told:
    """What the provider says about who came back. Raises RefusedError."""
    preset = _preset()
    client = _client()
    try:
        token = client.authorize_access_token(request)
        vouched = token.get("userinfo") or {}
        if preset.endpoints:  # the portal puts its claims only where one asks for them
            claims = dict(client.userinfo(token=token))
            if vouched and vouched["sub"] != claims.get("sub"):
                raise RefusedError("userinfo is about somebody else")
        else:
            claims = dict(vouched)
    except (OAuthError, JoseError, RequestException, ValueError, KeyError, RuntimeError) as error:
        raise RefusedError from error
    return read(preset, claims)


def read(preset: Preset, claims: Mapping[str, Any]) -> Told:
    """Identifiers and name out of a provider's claims. Raises RefusedError when one is missing that must be there."""
    if any(str(claims.get(claim, "")) != wanted for claim, wanted in preset.must.items()):
        raise RefusedError("an account of another kind")
    found = tuple((by, str(claims[claim])) for by, claim in preset.identifiers.items() if claims.get(claim))
    if By.SUBJECT not in dict(found):
        raise RefusedError("no subject")
    return Told(issuer(), found, str(claims.get(preset.name, ""))[:150])

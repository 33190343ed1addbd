"""What the audit trail hears of each page: one middleware, and the signals of signing in.

A page need not do anything. `scope` notes what the page was allowed to open, and for which unit; when the page is done,
one entry is written if it showed personal data, changed something, was a download, or was refused.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from tungnha.accounts.models import AuditEntry, User
from tungnha.accounts.models.people import Opened
from tungnha.accounts.roles import Action
from tungnha.accounts.services.audit import keep
from tungnha.accounts.services.people import forget_ended_sessions
from tungnha.accounts.whence import address_of, agent_of

Kind = AuditEntry.Kind

SHOWING_PEOPLE = frozenset({Action.PEOPLE, Action.IMPORT, Action.MANAGE, Action.AUDIT})
"""Actions whose pages show somebody's personal data, so that reading one is recorded."""

_View = TypeVar("_View", bound=Callable[..., Any])
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def unrecorded(view: _View) -> _View:
    """Mark a view that changes nothing anybody would ask about, such as the language of the page."""
    view.unrecorded = True  # type: ignore[attr-defined]
    return view


class Trail:
    """Writes at most one entry a request, before the page is sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User):
            request.user.opened = Opened()
        response = self.get_response(request)
        entry = _told(request) or _entry(request, response)
        if entry is not None:
            _say_where(entry, request, response)
            keep(entry)
        return response


def tell(
    request: HttpRequest,
    kind: str,
    *,
    actor_id: int | None = None,
    name: str = "",
    unit_id: int | None = None,
) -> None:
    """Say what a request was about where no signed-in page says it: signing in, and what a phone's token opens."""
    request.told = AuditEntry(kind=kind, actor_id=actor_id, actor_name=name, unit_id=unit_id)  # type: ignore[attr-defined]


def _told(request: HttpRequest) -> AuditEntry | None:
    return getattr(request, "told", None)


def _entry(request: HttpRequest, response: HttpResponseBase) -> AuditEntry | None:
    user = request.user
    if not isinstance(user, User) or request.resolver_match is None:
        return None
    opened = user.opened or Opened()
    kind = _kind(request, response, opened)
    if kind is None:
        return None
    unit_id = opened.unit_id or request.resolver_match.kwargs.get("unit_id")
    return AuditEntry(kind=kind, actor_id=user.pk, actor_name=user.username, unit_id=unit_id)


def _kind(request: HttpRequest, response: HttpResponseBase, opened: Opened) -> str | None:
    status = response.status_code
    assert request.resolver_match is not None
    if status in {403, 404}:
        return Kind.REFUSAL
    if hasattr(request.resolver_match.func, "unrecorded"):
        return None
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        return Kind.DOWNLOAD  # by whichever method: a list of people is asked for by POST
    if status < 400 and request.method not in _SAFE:
        return Kind.CHANGE
    return Kind.READ if opened.actions & SHOWING_PEOPLE else None  # also around a form that was refused


def _say_where(entry: AuditEntry, request: HttpRequest, response: HttpResponseBase) -> None:
    """The page, its record and from where it was asked. Never the query: it may hold the name somebody looked for."""
    entry.route = request.resolver_match.url_name or "" if request.resolver_match else ""
    entry.path = _path(request)[:300]
    entry.status = response.status_code
    if entry.kind == Kind.CHANGE and isinstance(response, HttpResponse):
        entry.led_to = response.headers.get("Location", "").partition("?")[0][:300]
    entry.address, entry.agent = address_of(request), agent_of(request)


def _path(request: HttpRequest) -> str:
    """The address without what in it is a secret: the token of a link."""
    token = request.resolver_match.kwargs.get("token", "") if request.resolver_match else ""
    return request.path.replace(token, "…") if token else request.path


@receiver(user_logged_in)
def _signed_in(request: HttpRequest | None, user: User, **_rest: Any) -> None:
    if request is None:
        return
    request.session["began"] = {
        "at": timezone.now().isoformat(),
        "address": address_of(request),
        "agent": agent_of(request),
    }
    forget_ended_sessions(user)
    tell(request, Kind.SIGN_IN, actor_id=user.pk, name=user.username)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest | None, user: User | None, **_rest: Any) -> None:
    if request is not None and user is not None:
        tell(request, Kind.SIGN_OUT, actor_id=user.pk, name=user.username)


@receiver(user_login_failed)
def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_rest: Any) -> None:
    """A name nobody bears is not written down: it may be a password typed into the wrong field."""
    if request is not None:
        known = User.objects.filter(username=credentials.get("username") or "").first()
        tell(
            request, Kind.FAILURE, actor_id=known.pk if known else None, name=known.username if known else ""
        )

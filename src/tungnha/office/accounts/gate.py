"""Between the password and the pages stands the second factor.

Whether a session has passed is known from the session and the person's own row, both read for every page anyway; whether
the person must pass, from the roles that every page asks for. So the gate costs no query of its own.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from tungnha.accounts import scope
from tungnha.accounts.models import User
from tungnha.accounts.scope import Action

_View = TypeVar("_View", bound=Callable[..., Any])
_PASSED = "second_factor"


def before_second_factor(view: _View) -> _View:
    """Mark a view that is open between the password and the second factor."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def person(request: HttpRequest) -> User:
    """The signed-in person, on a page that lets in nobody else."""
    assert isinstance(request.user, User)
    return request.user


def passed(request: HttpRequest) -> bool:
    """Whether this session has passed the second factor that the person has now."""
    since = request.user.second_factor_at if isinstance(request.user, User) else None
    return since is not None and request.session.get(_PASSED) == since.isoformat()


def let_pass(request: HttpRequest, user: User) -> None:
    """Remember that the person passed; under a new key, as after every step up."""
    assert user.second_factor_at is not None
    request.session[_PASSED] = user.second_factor_at.isoformat()
    request.session.cycle_key()


def held_back(request: HttpRequest) -> str | None:
    """The address to which a signed-in person must go first, or None."""
    user = request.user
    if not isinstance(user, User) or passed(request):
        return None
    if user.second_factor_at is not None:
        return "second-factor"
    must = settings.TUNGNHA_SECOND_FACTOR and scope.must_pass_second_factor(user)
    return "second-factor-new" if must else None


def way_in(request: HttpRequest, going_to: str) -> str:
    """Where to go after the first step: on, or to the second one first. Not every address waits for the gate to say
    so: the volunteer's app is open to all, and only what it asks for is not.
    """
    way = held_back(request)
    return f"{reverse(way)}?{urlencode({'next': going_to})}" if way else going_to


class SecondFactorMiddleware:
    """Sends whoever has not passed to where they can; nothing else is there for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        del args, kwargs
        if not getattr(view, "login_required", True) or hasattr(view, "before_second_factor"):
            return None
        way = held_back(request)
        if way is None:
            return None
        if request.headers.get("HX-Request"):  # a part of a page cannot be the way in
            return HttpResponse(headers={"HX-Redirect": reverse(way)})
        return redirect(way_in(request, request.get_full_path()) if request.method == "GET" else way)


def onward(request: HttpRequest) -> str:
    """Where the person was going before they were held back: an address of ours, or the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else reverse("home")


def ways(request: HttpRequest) -> dict[str, Callable[[], bool]]:
    """For the head of every page: whether the person is in, and which rooms they find there."""
    return {
        "inside": lambda: request.user.is_authenticated and held_back(request) is None,
        "manages": lambda: scope.could(request.user, Action.MANAGE),
        "audits": lambda: scope.could(request.user, Action.AUDIT),
    }

"""One's own page: password, second factor, and where one is signed in."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tungnha.accounts.models import User
from tungnha.accounts.queries import people as reads
from tungnha.accounts.services import factors, people
from tungnha.office.accounts.forms import ChangedPassword
from tungnha.office.accounts.gate import person
from tungnha.office.accounts.sign_in import show_codes
from tungnha.office.forms import accepted


def _page(request: HttpRequest, form: ChangedPassword) -> HttpResponse:
    user = person(request)
    held = user.roles.filter(reads.held_still()).select_related("unit").order_by("valid_from")
    context: dict[str, Any] = {
        "form": form,
        "held": held,
        "has_app": hasattr(user, "totp"),
        "passkeys": user.passkeys.order_by("added_at"),
        "codes_left": user.recovery_codes.filter(used_at=None).count(),
        "sessions": reads.open_sessions(user),
        "here": request.session.session_key,
    }
    return render(request, "office/accounts/me.html", context, status=400 if form.errors else 200)


@never_cache
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """What one holds and how one signs in."""
    return _page(request, ChangedPassword())


@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Choose another password; everywhere else one is signed out."""
    user = person(request)
    form = ChangedPassword(request.POST)
    # By way of the sign-in, so that guesses at an unattended screen count and lock out as they do there.
    if (
        form.is_valid()
        and authenticate(request, username=user.username, password=form.cleaned_data["current"]) is None
    ):
        form.add_error("current", _("This is not your present password."))
    if not accepted(form, lambda password, **_rest: people.change_password(user, password)):
        return _page(request, form)
    update_session_auth_hash(request, user)
    people.end_sessions(user, but=request.session.session_key)
    messages.success(request, _("The password is changed. Everywhere else you are signed out."))
    return redirect("me")


@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes in place of the old ones."""
    user = person(request)
    if user.second_factor_at is None:
        return redirect("second-factor-new")
    return show_codes(request, user)


@require_POST
def remove_app(request: HttpRequest) -> HttpResponse:
    """Take the authenticator app away."""
    return _removed(request, factors.remove_totp)


@require_POST
def remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Take one of one's passkeys away."""
    return _removed(request, lambda user: factors.remove_passkey(user, passkey_id))


def _removed(request: HttpRequest, remove: Callable[[User], None]) -> HttpResponse:
    try:
        remove(person(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Removed."))
    return redirect("me")


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out elsewhere."""
    ended = people.end_sessions(person(request), but=request.session.session_key)
    messages.success(request, _("Signed out in %(count)d other places.") % {"count": ended})
    return redirect("me")

"""Coming in: password, second factor, and the link of an invitation."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tungnha import sealing
from tungnha.accounts import oidc, passkeys, totp, trail
from tungnha.accounts.models import AuditEntry, User
from tungnha.accounts.services import factors, people
from tungnha.office.accounts.forms import ChosenPassword
from tungnha.office.accounts.gate import (
    before_second_factor,
    held_back,
    let_pass,
    onward,
    passed,
    person,
    way_in,
)
from tungnha.office.accounts.qr import picture
from tungnha.office.forms import accepted

BACKEND = "django.contrib.auth.backends.ModelBackend"
_QUESTION, _SECRET = "passkey_question", "totp_secret"


@method_decorator(never_cache, "dispatch")
class SignIn(LoginView):
    template_name = "office/accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_success_url(self) -> str:
        return way_in(self.request, super().get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"elsewhere": oidc.label()}


def locked_out(request: HttpRequest, response: object = None, credentials: object = None) -> HttpResponse:
    """What a person sees after too many wrong passwords. `AXES_LOCKOUT_CALLABLE` names this function."""
    del response, credentials
    return render(request, "office/accounts/locked_out.html", status=429)


def host_of(request: HttpRequest) -> str:
    """The name under which the pages are served here: the scope of a passkey."""
    host = request.get_host()
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def ask(request: HttpRequest, question: passkeys.Question) -> dict[str, Any]:
    """Keep what is needed to judge the answer, and give the page what to ask."""
    request.session[_QUESTION] = question.state
    return question.options


def _answer(request: HttpRequest) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The question kept, used up by this, and what the browser answered."""
    state = request.session.pop(_QUESTION, None)
    try:
        given = json.loads(request.POST["credential"])
    except ValueError:
        given = {}
    return state, given if isinstance(given, dict) else {}


@never_cache
@before_second_factor
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step: a passkey, a code of the app, or a recovery code."""
    user = person(request)
    if user.second_factor_at is None or passed(request):
        return redirect(onward(request))
    wrong = ""
    if request.method == "POST":
        try:
            _judge(request, user)
        except ValidationError as error:
            trail.tell(request, AuditEntry.Kind.FAILURE, actor_id=user.pk, name=user.username)
            wrong = " ".join(error.messages)
        else:
            let_pass(request, user)
            trail.tell(request, AuditEntry.Kind.SIGN_IN, actor_id=user.pk, name=user.username)
            return redirect(onward(request))
    host = host_of(request)
    question = (
        ask(request, passkeys.ask_for_one(user, host))
        if passkeys.possible(host) and user.passkeys.exists()
        else None
    )
    context = {"wrong": wrong, "question": question, "next": onward(request)}
    return render(request, "office/accounts/second_factor.html", context, status=400 if wrong else 200)


def _judge(request: HttpRequest, user: User) -> None:
    if request.POST.get("credential"):
        factors.check_passkey(user, host_of(request), *_answer(request))
    else:
        factors.check_code(user, request.POST.get("code", "")[:40])


@never_cache
@before_second_factor
@require_http_methods(["GET", "HEAD", "POST"])
def new_second_factor(request: HttpRequest) -> HttpResponse:
    """Add an authenticator app or a passkey. Whoever has a factor already must have passed it first."""
    user = person(request)
    if held_back(request) == "second-factor":
        return redirect("second-factor")
    wrong = ""
    secret = _secret(request)
    if request.method == "POST":
        first = user.second_factor_at is None
        try:
            _add(request, user, secret)
        except ValidationError as error:
            wrong = " ".join(error.messages)
        else:
            del request.session[_SECRET]
            let_pass(request, user)
            if first:
                return show_codes(request, user)
            messages.success(request, _("The second factor is added."))
            return redirect("me")
    host = host_of(request)
    context = {
        "wrong": wrong,
        "picture": picture(totp.address(secret, user.username)),
        "spelt": totp.spelt(secret),
        "question": ask(request, passkeys.ask_to_add(user, host)) if passkeys.possible(host) else None,
        "must": held_back(request) is not None,
        "next": onward(request),
    }
    return render(request, "office/accounts/second_factor_new.html", context, status=400 if wrong else 200)


def _secret(request: HttpRequest) -> bytes:
    """The secret offered to the app, the same until it is taken up; sealed in the session, as it will be in the table."""
    kept = request.session.get(_SECRET)
    if kept is None:
        secret = totp.new_secret()
        request.session[_SECRET] = sealing.seal(secret.hex()).hex()
        return secret
    return bytes.fromhex(sealing.unseal(bytes.fromhex(kept)))


def _add(request: HttpRequest, user: User, secret: bytes) -> None:
    if request.POST.get("credential"):
        state, given = _answer(request)
        factors.add_passkey(user, host_of(request), state, given, name=request.POST.get("name", ""))
    else:
        factors.add_totp(user, secret, request.POST.get("code", "")[:10])


def show_codes(request: HttpRequest, user: User) -> HttpResponse:
    """New recovery codes, the only time they can be read."""
    context = {"codes": factors.new_recovery_codes(user), "next": onward(request)}
    return render(request, "office/accounts/recovery_codes.html", context)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invited person chooses a password."""
    user = people.invited(token)
    if user is None:
        return render(request, "office/accounts/invitation_over.html", status=410)
    form = ChosenPassword(request.POST or None)
    if request.method == "POST" and accepted(form, lambda password, **_again: people.accept(token, password)):
        user.refresh_from_db()
        login(request, user, BACKEND)
        return redirect(way_in(request, reverse("home")))
    context = {
        "form": form,
        "person": user,
        "elsewhere": oidc.label(),
        "token": token,
    }
    return render(request, "office/accounts/invitation.html", context, status=400 if form.errors else 200)

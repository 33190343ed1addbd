"""Coming in through an identity provider."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tungnha.accounts import oidc, trail
from tungnha.accounts.models import AuditEntry, User
from tungnha.accounts.queries import people as reads
from tungnha.accounts.services import identities, people
from tungnha.office.accounts.gate import onward, way_in
from tungnha.office.accounts.sign_in import BACKEND

_INVITED, _NEXT = "invited_with", "going_to"


@never_cache
@login_not_required
@require_GET
def go(request: HttpRequest) -> HttpResponse:
    """To the provider, and back as somebody who is linked already."""
    return _sent(request, None)


@never_cache
@login_not_required
@require_GET
def go_invited(request: HttpRequest, token: str) -> HttpResponse:
    """To the provider with an invitation: whoever comes back is linked to the invited person."""
    if people.invited(token) is None:
        return redirect("invitation", token)
    return _sent(request, token)


def _sent(request: HttpRequest, token: str | None) -> HttpResponse:
    if not oidc.configured():
        raise Http404
    request.session[_INVITED], request.session[_NEXT] = token, onward(request)
    try:
        return oidc.ask(request, request.build_absolute_uri(reverse("outside-return")))
    except oidc.RefusedError:
        messages.error(
            request, _("The identity provider does not answer. Try later, or sign in with a password.")
        )
        return redirect("sign-in")


@never_cache
@login_not_required
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """From the provider: sign in who is linked, or link who was invited."""
    if not oidc.configured():
        raise Http404
    token, going_to = request.session.pop(_INVITED, None), request.session.pop(_NEXT, reverse("home"))
    try:
        told = oidc.told(request)
        user = _invited(told, token) if token else reads.linked(told)
    except oidc.RefusedError:
        return _refused(request, _("The identity provider did not confirm who you are. Try again."))
    except ValidationError as error:
        return _refused(request, " ".join(error.messages))
    if user is None:
        return _refused(
            request, _("Nobody here is linked to this identity. Ask your administrator for an invitation.")
        )
    login(request, user, BACKEND)
    return redirect(way_in(request, going_to))


def _invited(told: reads.Told, token: str) -> User | None:
    user = people.invited(token)
    if user is not None:
        by, value = told.identifiers[0]
        identities.link(
            user, issuer=told.issuer, by=by, value=value, linked_by=user.username, token=token, name=told.name
        )
    return user


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    trail.tell(request, AuditEntry.Kind.FAILURE)
    messages.error(request, reason)
    return redirect("sign-in")

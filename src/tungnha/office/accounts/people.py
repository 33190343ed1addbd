"""People and their roles, for administrators."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts import oidc, scope
from tungnha.accounts.models import RoleHeld, User
from tungnha.accounts.queries import people as reads
from tungnha.accounts.roles import Role
from tungnha.accounts.scope import Action
from tungnha.accounts.services import factors, identities, people, roles
from tungnha.office import access
from tungnha.office.accounts.forms import EndForm, IdentityForm, PersonForm, RoleForm
from tungnha.office.accounts.qr import picture
from tungnha.office.forms import accepted
from tungnha.territory import queries as places
from tungnha.territory.models import Unit

_PAGE = 50


def _administrator(request: HttpRequest) -> User:
    """The person who asks, if they manage some unit, or Http404."""
    user = request.user
    if not isinstance(user, User) or not scope.could(user, Action.MANAGE):
        raise Http404
    return user


def _person(request: HttpRequest, pk: int) -> User:
    """Somebody who holds, will hold or held a role in the administrator's units, with `shown_roles`, or Http404."""
    people_here = reads.people_seen_by(_administrator(request), former=True)
    person = get_object_or_404(people_here, pk=pk)
    shown: list[RoleHeld] = person.shown_roles  # type: ignore[attr-defined]
    scope.concerns(request.user, shown[0].unit_id)
    return person


def _stood_over(request: HttpRequest, pk: int) -> User:
    """Such a person whose every role is this administrator's to give, or Http404."""
    person = _person(request, pk)
    if not scope.stands_over(_administrator(request), person):
        raise Http404
    return person


def _units(request: HttpRequest) -> QuerySet[Unit]:
    managed = access.units(request, Action.MANAGE).filter(places.existing())
    return managed.order_by(Length("path"), "name_fold")


def _roles(request: HttpRequest, units: QuerySet[Unit]) -> list[Role]:
    """The roles that this administrator may give in some unit."""
    administrator, given_in = _administrator(request), list(units)
    return [role for role in Role if any(scope.may_give(administrator, role, unit) for unit in given_in)]


def _role_form(request: HttpRequest, form: type[RoleForm]) -> RoleForm:
    units = _units(request)
    return form(request.POST or None, units=units, roles=_roles(request, units))


@require_safe
def people_page(request: HttpRequest) -> HttpResponse:
    """Who holds a role in one's units."""
    text, former = request.GET.get("q", "")[:100], request.GET.get("truoc") == "co"
    found = reads.people_seen_by(_administrator(request), text=text, former=former)
    page = Paginator(found, _PAGE).get_page(request.GET.get("trang"))
    context = {"page": page, "q": text, "former": former}
    return render(request, "office/accounts/people.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """Add a person with their first role; the answer is the link that lets them in."""
    administrator = _administrator(request)
    form = _role_form(request, PersonForm)
    made: list[tuple[User, str]] = []
    if request.method == "POST" and accepted(
        form, lambda **given: made.append(people.invite(by=administrator, **given))
    ):
        scope.concerns(request.user, form.cleaned_data["unit"].pk)
        return _show_link(request, *made[0])
    return render(
        request, "office/accounts/person_new.html", {"form": form}, status=400 if form.errors else 200
    )


def _show_link(request: HttpRequest, person: User, token: str) -> HttpResponse:
    """The link of an invitation, the only time it can be read."""
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    context = {"person": person, "link": link, "picture": picture(link), "days": people.INVITATION_DAYS}
    return render(request, "office/accounts/link.html", context)


def _about(request: HttpRequest, person: User) -> dict[str, Any]:
    administrator = _administrator(request)
    shown: list[RoleHeld] = person.shown_roles  # type: ignore[attr-defined]
    own = person.pk == administrator.pk
    today = timezone.localdate()
    waiting, linked = reads.open_invitation(person), person.outside_identities.exists()
    return {
        "person": person,
        "own": own,
        "held": [
            {
                "role": one,
                "ends": not own
                and (one.valid_to is None or one.valid_to > today)
                and scope.may_give(administrator, one.role, one.unit),
            }
            for one in shown
        ],
        "stands_over": scope.stands_over(administrator, person),
        "waiting": waiting,
        "linked": linked,
        "shut_out": not (person.has_usable_password() or waiting or linked),
        "elsewhere": oidc.label(),
    }


@require_safe
def person_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: their roles in one's units, and how they sign in."""
    person = _person(request, person_id)
    context = _about(request, person) | {
        "form": _role_form(request, RoleForm),
        "identity_form": IdentityForm(),
    }
    return render(request, "office/accounts/person.html", context)


@require_POST
def give_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give the person a role."""
    person, administrator = _person(request, person_id), _administrator(request)
    form = _role_form(request, RoleForm)
    if accepted(form, roles.give_role, administrator=administrator, user=person):
        messages.success(request, _("The role is given."))
        return redirect("person", person.pk)
    context = _about(request, person) | {"form": form, "identity_form": IdentityForm()}
    return render(request, "office/accounts/person.html", context, status=400)


@require_POST
def end_role(request: HttpRequest, role_id: int) -> HttpResponse:
    """End a role today, or on the day given."""
    administrator = _administrator(request)
    held = get_object_or_404(reads.roles_seen_by(administrator), pk=role_id)
    scope.concerns(request.user, held.unit_id)
    form = EndForm(request.POST)
    if accepted(form, roles.take_role, administrator=administrator, held=held):
        messages.success(request, _("The end of the role is set."))
    else:
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    return redirect("person", held.user_id)


@never_cache
@require_POST
def send_link(request: HttpRequest, person_id: int) -> HttpResponse:
    """Make a new link, for somebody who lost theirs or forgot their password."""
    person = _stood_over(request, person_id)
    return _show_link(request, person, people.new_link(person, by=_administrator(request).username))


@require_POST
def reset_second_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    """Take a person's second factors away and sign them out everywhere."""
    person = _stood_over(request, person_id)
    factors.reset(person)
    messages.success(request, _("The second factor is reset. At the next sign-in a new one is set up."))
    return redirect("person", person.pk)


@require_POST
def unlock(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let a person try again after too many wrong passwords or codes."""
    person = _stood_over(request, person_id)
    people.unlock(person)
    messages.success(request, _("They may try again at once."))
    return redirect("person", person.pk)


@require_POST
def link_identity(request: HttpRequest, person_id: int) -> HttpResponse:
    """Say who the person is at the identity provider, or (`action=unlink`) forget it."""
    person, administrator = _stood_over(request, person_id), _administrator(request)
    if request.POST.get("action") == "unlink":
        identities.unlink(person)
        messages.success(request, _("The link to the identity provider is removed."))
        return redirect("person", person.pk)
    form = IdentityForm(request.POST)
    if oidc.configured() and accepted(
        form, identities.link, user=person, issuer=oidc.issuer(), linked_by=administrator.username
    ):
        messages.success(request, _("They may sign in through the identity provider."))
        return redirect("person", person.pk)
    context = _about(request, person) | {"form": _role_form(request, RoleForm), "identity_form": form}
    return render(request, "office/accounts/person.html", context, status=400)

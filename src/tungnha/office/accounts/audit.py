"""The audit trail, for auditors."""

from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tungnha.accounts import scope
from tungnha.accounts.models import User
from tungnha.accounts.queries import audit
from tungnha.accounts.scope import Action
from tungnha.office import access, address
from tungnha.office.accounts.forms import TrailFilter
from tungnha.territory import queries as places

_PAGE = 100


@require_safe
def trail_page(request: HttpRequest) -> HttpResponse:
    """What was done that concerns the auditor's units, the latest first.

    Pages follow the last entry shown (`truoc`), not a count: the trail grows while one reads, and counting millions of
    entries would take longer than reading a page of them.
    """
    user = request.user
    if not isinstance(user, User) or not scope.could(user, Action.AUDIT):
        raise Http404
    units = (
        access.units(request, Action.AUDIT).filter(places.existing()).order_by(Length("path"), "name_fold")
    )
    form = TrailFilter(request.GET or None, units=units)
    entries = audit.seen_by(user)
    if form.is_valid():
        asked = form.cleaned_data
        entries = audit.narrowed(
            entries,
            person=asked["nguoi"],
            kind=asked["loai"],
            unit=asked["don_vi"],
            first=asked["tu"],
            last=asked["den"],
        )
    before = address.key(request, "truoc")
    shown = audit.latest(entries, before, _PAGE + 1)
    context = {
        "form": form,
        "entries": shown[:_PAGE],
        "next": shown[_PAGE - 1].pk if len(shown) > _PAGE else None,
        "first": not before,
        "narrowed": form.is_bound,
    }
    return render(request, "office/accounts/trail.html", context, status=400 if form.errors else 200)

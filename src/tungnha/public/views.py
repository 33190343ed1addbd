"""Pages without a sign-in. They never say anything about a household, and answer the same to everybody."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.outreach.services.reports import report_visitor
from tungnha.public import queries
from tungnha.public.forms import ReportForm


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(
        request, f"public/{name}.html", context | {"hotline": settings.TUNGNHA_HOTLINE}, status=status
    )


@login_not_required
@never_cache
@require_safe
def visitor(request: HttpRequest, token: str) -> HttpResponse:
    """What a pass's QR code opens: is this visitor real?"""
    found = queries.visitor(token)
    return _page(request, "visitor", {"visitor": found, "token": token})


@login_not_required
@never_cache
@require_safe
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """What a letter's QR code opens."""
    unit = queries.letter_from(token)
    return _page(request, "letter", {"unit": unit}, status=200 if unit else 404)


@login_not_required
@require_safe
def at_my_door(request: HttpRequest) -> HttpResponse:
    """How to tell a real visitor from an impostor."""
    return _page(request, "door", {})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Report a visitor; `?the=` is the pass they showed."""
    shown = queries.visitor(request.GET.get("the", ""))
    form = ReportForm(request.POST or None, unit=shown.unit)
    if request.method == "POST" and form.is_valid() and form.unit is not None:
        given = form.cleaned_data
        try:
            report_visitor(
                form.unit, given["what"], given["text"], phone=given["phone"], assignment=shown.assignment
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("public-reported")
    return _page(request, "report", {"form": form, "visitor": shown}, status=400 if form.errors else 200)


@login_not_required
@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """The report is with the ward."""
    return _page(request, "reported", {})

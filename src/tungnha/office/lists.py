"""Bringing in a list: upload, look at the guessed columns, correct them, run, read the report, take the rows to mend."""

import io
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.accounts.scope import Action
from tungnha.engine.ahead import ahead
from tungnha.office import access, queries, services
from tungnha.office.list_forms import ListUpload
from tungnha.register import imports, mapping
from tungnha.register.mapping import FIELDS
from tungnha.register.models import ListFile
from tungnha.register.reading import ListError
from tungnha.register.sweeping import begin_unswept
from tungnha.territory.models import Unit

_ISSUES_SHOWN = 200
FIELD_LABELS = {
    "reference": gettext_lazy("Household's reference"),
    "relation": gettext_lazy("Relation to the head"),
    "head": gettext_lazy("Head of household"),
    "name": gettext_lazy("Full name"),
    "birth": gettext_lazy("Date or year of birth"),
    "sex": gettext_lazy("Sex"),
    "number": gettext_lazy("Personal number"),
    "phone": gettext_lazy("Phone"),
    "phone_owner": gettext_lazy("Whose phone"),
    "address": gettext_lazy("Address"),
    "group": gettext_lazy("Residential group"),
    "ward": gettext_lazy("Ward or commune"),
    "stay": gettext_lazy("Residence"),
    "step": gettext_lazy("Step reached"),
    "home_support": gettext_lazy("Needs help at home"),
    "block": gettext_lazy("Apartment block"),
    "floor": gettext_lazy("Floor"),
    "latitude": gettext_lazy("Latitude"),
    "longitude": gettext_lazy("Longitude"),
}


def _about(request: HttpRequest, unit: Any) -> dict[str, Any]:
    del request
    generated = queries.is_generated(unit)
    return {"unit": unit, "tab": "lists", "sees_people": True, "imports": True, "generated": generated}


@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The unit's lists, and the place to send another."""
    unit = access.unit(request, unit_id, Action.IMPORT)
    form = ListUpload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        waiting = services.keep_upload(sent["file"], unit, request.user.pk or 0, generated=sent["generated"])
        return redirect("list-preview", unit.pk, waiting.token)
    context = _about(request, unit) | {"form": form, "lists": ListFile.objects.filter(unit=unit)}
    return render(request, "office/lists.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, unit_id: int, token: str) -> HttpResponse:
    """The first rows under the guessed columns; the columns may be corrected, then the list is run."""
    unit = access.unit(request, unit_id, Action.IMPORT)
    waiting = services.waiting_upload(token, unit, request.user.pk or 0)
    if waiting is None:
        raise Http404
    if request.POST.get("action") == "forget":
        services.forget_upload(waiting)
        return redirect("lists", unit.pk)
    try:
        columns = _chosen(request) if request.method == "POST" else None
        if request.POST.get("action") == "run" and columns is not None:
            padding = request.POST.get("padding") == "yes"
            return _run(request, unit, waiting, columns, confirm_padding=padding)
        shown = imports.preview(services.open_upload(waiting), unit, columns=columns, name=waiting.name)
    except ListError as error:
        messages.error(request, str(error))
        services.forget_upload(waiting)
        return redirect("lists", unit.pk)
    context = _about(request, unit) | {
        "waiting": waiting,
        "shown": shown,
        "columns": _columns(shown, columns),
        "fields": [(name, label) for name, label in FIELD_LABELS.items() if name in FIELDS],
        "issues": [
            {
                "row": one.row,
                "field": FIELD_LABELS.get(one.field, one.field),
                "value": one.value,
                "message": one.message,
            }
            for sheet in shown.sheets
            for one in sheet.issues
        ][:_ISSUES_SHOWN],
        "padding": any(issue.code == "number-padding" for sheet in shown.sheets for issue in sheet.issues),
    }
    return render(request, "office/preview.html", context)


def _columns(shown: imports.Preview, chosen: dict[str, int] | None) -> list[dict[str, Any]]:
    """Each column of the first table with what it is taken for: as chosen, else as guessed."""
    if shown.layout is None:
        return []
    taken = {column: name for name, column in (chosen or {}).items()}
    return [
        {"guess": guess, "field": guess.field if chosen is None else taken.get(guess.column, "")}
        for guess in shown.layout.guesses
    ]


def _chosen(request: HttpRequest) -> dict[str, int]:
    """Field → column, from the form. Of two columns given the same field the first counts."""
    found: dict[str, int] = {}
    for key, name in request.POST.items():
        number = key.removeprefix("column-")
        if key.startswith("column-") and number.isdecimal() and name in FIELDS:
            found.setdefault(str(name), int(number))
    return found


def _run(
    request: HttpRequest,
    unit: Unit,
    waiting: services.Waiting,
    columns: dict[str, int],
    *,
    confirm_padding: bool,
) -> HttpResponse:
    file = services.open_upload(waiting)
    shown = imports.preview(file, unit, columns=columns, name=waiting.name)
    report = imports.run(
        file,
        unit,
        columns,
        name=waiting.name,
        generated=waiting.generated,
        by=request.user.get_username(),
        confirm_padding=confirm_padding,
        work=partial(ahead, start=begin_unswept),
    )
    if shown.layout is not None:
        mapping.save(shown.layout.header, columns)
    services.keep_report(report.list_file, report.issues, report.mend_file)
    services.forget_upload(waiting)
    messages.success(request, _("The list is in. %(count)d rows were accepted.") % {"count": report.accepted})
    return redirect("list", report.list_file.pk)


@require_safe
def report(request: HttpRequest, list_id: int) -> HttpResponse:
    """What an import found, row by row."""
    list_file = access.list_file(request, list_id)
    rows = [
        row | {"field": FIELD_LABELS.get(row["field"], row["field"])}
        for row in services.report_issues(list_file)
    ]
    page = Paginator(rows, 100).get_page(request.GET.get("trang"))
    context = _about(request, list_file.unit) | {
        "list": list_file,
        "page": page,
        "has_mend_file": services.report_mend_file(list_file) is not None,
    }
    return render(request, "office/list.html", context)


@require_safe
def mend_file(request: HttpRequest, list_id: int) -> FileResponse:
    """The rejected rows with the reason before each, to be mended and sent again."""
    list_file = access.list_file(request, list_id)
    path = services.report_mend_file(list_file)
    if path is None:
        raise Http404
    response = FileResponse(
        io.BytesIO(imports.read_mend_file(path)), as_attachment=True, filename=f"can-sua-{list_file.pk}.csv"
    )
    response["Cache-Control"] = "private, no-store"
    return response

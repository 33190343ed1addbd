"""Papers to take along: a turf's walk list, its letters, one household's letter; and a unit's people as a list."""

import hashlib
import io
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from tungnha.accounts.scope import Action
from tungnha.channels.letters.models import LetterBatch
from tungnha.office import access, queries
from tungnha.office.list_forms import ListOut
from tungnha.outreach.models import Stop, Turf
from tungnha.register import exports
from tungnha.territory.models import Unit

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _pdf(content: bytes, name: str) -> FileResponse:
    response = FileResponse(
        io.BytesIO(content), as_attachment=True, filename=name, content_type="application/pdf"
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _letters_of(turf: Turf) -> tuple[LetterBatch, Path]:
    batch = queries.letter_batch(turf)
    if batch is None:
        raise Http404
    root = Path(settings.TUNGNHA_DATA).resolve()
    path = (root / batch.file).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise Http404
    return batch, path


@require_safe
def walk_list(request: HttpRequest, turf_id: int) -> FileResponse:
    """The turf's walk list; `?chu=lon` for large type."""
    from tungnha.outreach import walklists  # noqa: PLC0415 - the page layout engine is heavy

    turf = access.turf(request, turf_id, Action.PEOPLE)
    content = walklists.pdf(turf, large=request.GET.get("chu") == "lon")
    return _pdf(content, f"phieu-di-{turf.plan.unit.code}-{turf.number + 1:03d}.pdf")


@require_safe
def letters(request: HttpRequest, turf_id: int) -> FileResponse:
    """Every letter of the turf, in walking order."""
    turf = access.turf(request, turf_id, Action.PEOPLE)
    batch, path = _letters_of(turf)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != batch.sha256:
        raise Http404  # not the file that was made and checked
    return _pdf(content, f"thu-{turf.plan.unit.code}-{turf.number + 1:03d}.pdf")


@require_safe
def letter(request: HttpRequest, turf_id: int, household_id: int) -> FileResponse:
    """One household's letter, cut out of its turf's file."""
    import pikepdf  # noqa: PLC0415 - heavy

    turf = access.turf(request, turf_id, Action.PEOPLE)
    stop = get_object_or_404(Stop, turf=turf, household_id=household_id)
    batch, path = _letters_of(turf)
    unset = {each["household"] for each in batch.rejected}
    if household_id in unset:
        raise Http404
    before = (
        Stop.objects.filter(turf=turf, position__lt=stop.position).exclude(household_id__in=unset).count()
    )
    with pikepdf.open(path) as whole, pikepdf.new() as single:
        pages = len(whole.pages) // max(batch.letters, 1)
        single.pages.extend(whole.pages[before * pages : (before + 1) * pages])
        content = io.BytesIO()
        single.save(content)
    return _pdf(
        content.getvalue(), f"thu-{turf.plan.unit.code}-{turf.number + 1:03d}-{stop.position + 1:03d}.pdf"
    )


@require_POST
def people(request: HttpRequest, unit_id: int) -> HttpResponse | StreamingHttpResponse:
    """The unit's people in the importer's own columns, personal numbers and phones masked."""
    return _people(request, access.unit(request, unit_id, Action.PEOPLE), numbers=False)


@require_POST
def people_in_full(request: HttpRequest, unit_id: int) -> HttpResponse | StreamingHttpResponse:
    """The same with personal numbers and phones, for those who may bring in such a list.

    It has an address of its own so that the audit trail says which of the two was taken out.
    """
    return _people(request, access.unit(request, unit_id, Action.IMPORT), numbers=True)


def _people(request: HttpRequest, unit: Unit, *, numbers: bool) -> HttpResponse | StreamingHttpResponse:
    form = ListOut(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    wanted = exports.Export(unit, request.user.get_username(), numbers)
    response: HttpResponse | StreamingHttpResponse
    if form.cleaned_data["kind"] == "csv":
        response = StreamingHttpResponse(exports.as_csv(wanted), content_type="text/csv; charset=utf-8")
    else:
        try:
            response = HttpResponse(exports.as_workbook(wanted), content_type=_WORKBOOK)
        except exports.ExportError as error:
            messages.error(request, str(error))
            return redirect("households", unit.pk)
    response["Content-Disposition"] = f'attachment; filename="dan-cu-{unit.code}.{form.cleaned_data["kind"]}"'
    response["Cache-Control"] = "private, no-store"
    return response

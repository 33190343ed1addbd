"""Letters to every household of a unit: made for the plan in use, listed wave by wave, and which could not be set."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.accounts.scope import Action, may
from tungnha.channels.letters import queries as made
from tungnha.channels.letters.services import MANIFEST, LettersError
from tungnha.office import access, queries, services
from tungnha.office.list_forms import LetterFacts
from tungnha.office.views import about

AT_MOST = 40_000
"""Letters a page may make while somebody waits: about ten seconds. More are made by the command."""


@require_http_methods(["GET", "HEAD", "POST"])
def waves(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The unit's waves of letters, and the place to make one for the plan in use."""
    unit = access.unit(request, unit_id, Action.PLAN if request.method == "POST" else Action.PEOPLE)
    plan = queries.latest_plan(unit)
    form = LetterFacts(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and plan is not None and form.is_valid():
        try:
            wave = services.write_letters(plan, form.cleaned_data, at_most=AT_MOST)
        except LettersError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The letters are made."))
            return redirect("letter-wave", wave.pk)
    if request.method == "POST":
        status = 400
    page = Paginator(made.waves(unit.letter_waves.all()), 50).get_page(request.GET.get("trang"))
    context = about(request, unit, "letters") | {
        "plan": plan,
        "form": form,
        "page": page,
        "makes": may(request.user, Action.PLAN, unit),
    }
    return render(request, "office/letter_waves.html", context, status=status)


@require_safe
def wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    """A wave's files, and the letters that could not be set, with the reason."""
    shown = access.wave(request, wave_id)
    batches = list(shown.batches.all())
    rejected = [{"turf": batch.number, **each} for batch in batches for each in batch.rejected]
    page = Paginator(rejected, 100).get_page(request.GET.get("trang"))
    context = about(request, shown.unit, "letters") | {
        "wave": shown,
        "files": len(batches),
        "letters": sum(batch.letters for batch in batches),
        "page": page,
    }
    return render(request, "office/letter_wave.html", context)


@require_safe
def manifest(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The list of a wave's files with their checksums, for the printer and for whoever checks the prints."""
    path = made.wave_folder(access.wave(request, wave_id)) / MANIFEST
    if not path.is_file():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="manifest-{wave_id}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response

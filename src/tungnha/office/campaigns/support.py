"""Support models: the matrix of units by kinds, which units lack one, the register, and what is required of whom."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, may, visible_units
from tungnha.campaign.models import Campaign, SupportEvidence, SupportKind, SupportModel, SupportRequirement
from tungnha.campaign.queries import support as reads
from tungnha.campaign.services import support as services
from tungnha.office import address
from tungnha.office.campaigns.files import handed_out
from tungnha.office.campaigns.frame import around, campaign_planned, campaign_seen
from tungnha.office.campaigns.sheets import download
from tungnha.office.campaigns.support_forms import (
    CloseModelForm,
    KindForm,
    ModelEvidenceForm,
    ModelForm,
    NewModelForm,
    RequirementForm,
)
from tungnha.office.forms import accepted
from tungnha.territory.models import Unit
from tungnha.territory.queries import existing

_PAGE = 60
_TREND_DAYS = 60


def _line(days: list[reads.TrendDay]) -> str:
    """The points of a curve in a box 100 wide and 40 high, 0% at the bottom. Dots, whatever the page's language."""
    wide = max(len(days) - 1, 1)
    return " ".join(
        f"{100 * n / wide:.2f},{40 - 0.4 * one.percent:.2f}"
        for n, one in enumerate(days)
        if one.percent is not None
    )


@require_safe
def matrix(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Units by kinds on a day, with the share of units that have each kind, and the share over the last days."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "support")
    day = address.day(request, "ngay") or context["today"]
    known = reads.categories(campaign, request.user, day)
    asked = request.GET.get("loai", "")
    chosen = [asked] if asked in known else known
    units = reads.units_of(campaign, request.user, chosen)
    models = reads.models_of(campaign, request.user)
    table = reads.coverage(models, units, day)
    page = Paginator(table.rows, _PAGE).get_page(request.GET.get("trang"))
    days = reads.trend(models, units, day - timedelta(days=_TREND_DAYS - 1), day)
    names = dict(Unit.Kind.choices)
    context |= {
        "on": day,
        "table": table,
        "page": page,
        "rows": [(row, list(zip(table.kinds, row.counts, strict=True))) for row in page],
        "categories": [(kind, names[kind]) for kind in known],
        "category": asked if asked in known else "",
        "line": _line(days),
        "first": days[0],
        "last": days[-1],
        "lacks": reads.lacks(campaign, request.user, day),
        "may_open": _own_units(request, campaign).exists(),
    }
    return render(request, "office/campaigns/support.html", context)


@require_safe
def lacking(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """For each thing that is required, the units that lack it. `?tai=csv` as a file."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "support")
    day = address.day(request, "ngay") or context["today"]
    lacks = reads.lacks(campaign, request.user, day)
    if request.GET.get("tai") == "csv":
        rows = [
            [
                unit.code,
                unit.name,
                one.requirement.get_unit_kind_display(),
                str(one.requirement.kind or _("any kind")),
            ]
            for one in lacks
            for unit in one.lacking
        ]
        header = [_("Unit's code"), _("Unit"), _("Category"), _("Kind that is missing")]
        return download([header, *rows], f"thieu-mo-hinh-{campaign.code}-{day:%Y%m%d}", "csv")
    context |= {"lacks": lacks, "on": day}
    return render(request, "office/campaigns/support_lacking.html", context)


@require_safe
def models(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The register: models by kind, unit and words, those that are open or all."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "support")
    rows = reads.models_of(campaign, request.user)
    kind, unit = address.key(request, "loai"), address.key(request, "don-vi")
    text = request.GET.get("q", "")[:100]
    if request.GET.get("da-dong") != "co":
        rows = rows.filter(Q(closed=None) | Q(closed__gte=context["today"]))
    if kind:
        rows = rows.filter(kind=kind)
    if unit:
        rows = rows.filter(unit__path__contains=f"/{unit}/")
    if text.strip():
        rows = rows.filter(Q(name__icontains=text.strip()) | Q(unit__name__icontains=text.strip()))
    page = Paginator(rows, _PAGE).get_page(request.GET.get("trang"))
    context |= {
        "page": page,
        "rows": [(one, one.is_open(context["today"])) for one in page],
        "kinds": SupportKind.objects.all(),
        "kind": kind,
        "unit": unit,
        "q": text,
        "closed_too": request.GET.get("da-dong") == "co",
        "may_open": _own_units(request, campaign).exists(),
    }
    return render(request, "office/campaigns/support_models.html", context)


def _own_units(request: HttpRequest, campaign: Campaign) -> QuerySet[Unit]:
    """Units of today in the territory for which the person answers."""
    own = visible_units(request.user, Action.REPORT).filter(
        existing(campaign.today()), path__startswith=campaign.unit.path
    )
    return own.exclude(kind=Unit.Kind.GROUP).order_by("name_fold")


@require_http_methods(["GET", "HEAD", "POST"])
def new_model(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Register a model in one of the person's units."""
    campaign = campaign_seen(request, campaign_id)
    units = _own_units(request, campaign)
    if not units.exists():
        raise Http404
    asked = {name: request.GET.get(word) for name, word in (("unit", "don-vi"), ("kind", "loai"))}
    initial = {"opened": campaign.today(), **{name: value for name, value in asked.items() if value}}
    form = NewModelForm(request.POST or None, units=units, initial=initial)
    if request.method == "POST" and accepted(form, services.open_model, by=request.user):
        messages.success(request, _("The model is registered."))
        return redirect("support", campaign.pk)
    return _form_page(request, campaign, form, _("Register a model"))


def _form_page(request: HttpRequest, campaign: Campaign, form: Any, title: str, **more: Any) -> HttpResponse:
    context = around(request, campaign, "support") | {"form": form, "title": title, **more}
    return render(request, "office/campaigns/support_form.html", context, status=400 if form.errors else 200)


def _seen(request: HttpRequest, pk: int) -> SupportModel:
    """A model in a unit whose figures the person reads, or Http404."""
    return get_object_or_404(reads.models_seen_by(request.user).select_related("continues__unit"), pk=pk)


def _own(request: HttpRequest, pk: int) -> SupportModel:
    """A model of a unit for which the person answers, or Http404."""
    model = _seen(request, pk)
    if not may(request.user, Action.REPORT, model.unit):
        raise Http404
    return model


def _model_page(request: HttpRequest, model: SupportModel, **form: Any) -> HttpResponse:
    context: dict[str, Any] = {
        "model": model,
        "evidence": model.evidence.select_related("attachment", "by"),
        "events": model.events.select_related("by"),
        "after": SupportModel.objects.filter(continues=model).select_related("unit").first(),
        "answers": may(request.user, Action.REPORT, model.unit),
    }
    if context["answers"]:
        context["proof"] = ModelEvidenceForm()
        if model.closed is None:
            context["close"] = CloseModelForm()
    context |= form
    return render(request, "office/campaigns/support_model.html", context, status=400 if form else 200)


@require_safe
def model_page(request: HttpRequest, model_id: int) -> HttpResponse:
    """One model: what it is, its proof and its history."""
    return _model_page(request, _seen(request, model_id))


@require_http_methods(["GET", "HEAD", "POST"])
def change_model(request: HttpRequest, model_id: int) -> HttpResponse:
    """Correct what is known of a model."""
    model = _own(request, model_id)
    kept = {name: getattr(model, name) for name in ModelForm.base_fields}
    form = ModelForm(request.POST or None, initial=kept)
    if request.method == "POST" and accepted(form, services.change_model, model=model, by=request.user):
        return redirect("support-model", model.pk)
    context = {"form": form, "model": model}
    return render(
        request, "office/campaigns/support_change.html", context, status=400 if form.errors else 200
    )


@require_POST
def close_model(request: HttpRequest, model_id: int) -> HttpResponse:
    """Close a model after its last day."""
    model = _own(request, model_id)
    form = CloseModelForm(request.POST)
    if accepted(form, services.close_model, model=model, by=request.user):
        return redirect("support-model", model.pk)
    return _model_page(request, model, close=form)


@require_POST
def add_evidence(request: HttpRequest, model_id: int) -> HttpResponse:
    """Add what shows that a model is there."""
    model = _own(request, model_id)
    form = ModelEvidenceForm(request.POST, request.FILES)
    if accepted(form, services.add_evidence, model=model, by=request.user):
        return redirect("support-model", model.pk)
    return _model_page(request, model, proof=form)


@require_safe
def evidence_file(request: HttpRequest, evidence_id: int) -> FileResponse:
    """A file that proves a model, for whoever sees it."""
    evidence = get_object_or_404(SupportEvidence.objects.select_related("attachment"), pk=evidence_id)
    _seen(request, evidence.model_id)
    return handed_out(evidence.attachment)


def _kinds_page(request: HttpRequest, campaign: Campaign, **form: Any) -> HttpResponse:
    context = around(request, campaign, "support")
    known = reads.categories(campaign, request.user, context["today"])
    context |= {
        "kinds": SupportKind.objects.all(),
        "requirements": campaign.support_requirements.select_related("kind"),
        "form": KindForm() if _adds_kinds(request, campaign) else None,
        "requirement_form": RequirementForm(categories=known),
    }
    context |= form
    return render(request, "office/campaigns/support_kinds.html", context, status=400 if form else 200)


def _adds_kinds(request: HttpRequest, campaign: Campaign) -> bool:
    """Whether the person plans at the top of the territory: a kind is every campaign's, not this one's."""
    top = Unit.objects.get(pk=campaign.unit.path.split("/")[1])
    return may(request.user, Action.PLAN, top)


@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The kinds there are, a place to add one, and what is required of whom."""
    campaign = campaign_planned(request, campaign_id)
    if request.method != "POST":
        return _kinds_page(request, campaign)
    if not _adds_kinds(request, campaign):
        raise Http404
    form = KindForm(request.POST)
    if accepted(form, services.add_kind):
        return redirect("support-kinds", campaign.pk)
    return _kinds_page(request, campaign, form=form)


@require_POST
def require(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Require a kind of every unit of a category."""
    campaign = campaign_planned(request, campaign_id)
    known = reads.categories(campaign, request.user, campaign.today())
    form = RequirementForm(request.POST, categories=known)
    if accepted(form, services.require, campaign=campaign):
        return redirect("support-kinds", campaign.pk)
    return _kinds_page(request, campaign, requirement_form=form)


@require_POST
def require_no_longer(request: HttpRequest, requirement_id: int) -> HttpResponse:
    """Require it no longer."""
    requirement = get_object_or_404(SupportRequirement, pk=requirement_id)
    campaign = campaign_planned(request, requirement.campaign_id)
    services.require_no_longer(requirement)
    return redirect("support-kinds", campaign.pk)

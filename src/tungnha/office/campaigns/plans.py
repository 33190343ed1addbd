"""The plan's pages: its chart, its tasks, what is late and whose it is, and the organisations that act."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.campaign.models import Campaign, Organisation, Plan, Task
from tungnha.campaign.queries import plans as reads
from tungnha.campaign.services import campaigns as campaign_services
from tungnha.campaign.services import plans as services
from tungnha.office import address
from tungnha.office.campaigns.chart import chart
from tungnha.office.campaigns.files import handed_out
from tungnha.office.campaigns.frame import around, campaign_planned, campaign_seen
from tungnha.office.campaigns.plan_forms import OrganisationForm, PlanForm, TasksForm
from tungnha.office.forms import accepted
from tungnha.territory import queries as places
from tungnha.territory.models import Unit

_LINES = 100
_TASKS = 50
LATE = "tre"
"""The filter's word for tasks that are late, beside the states."""


@require_safe
def overview(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The plan along its days, a bar for each line, over the tasks that the person sees."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "plan")
    tasks = reads.tasks_of(campaign, request.user)
    lines = reads.lines(tasks, context["today"])
    phases = list(campaign.phases.all())
    axis = chart(campaign, phases, lines, context["today"])
    page = Paginator(lines, _LINES).get_page(request.GET.get("trang"))
    rows: dict[int, list[Any]] = {}
    for line in page:
        rows.setdefault(line.plan_id, []).append((line, axis.place(line.start, line.due)))
    context |= {
        "chart": axis,
        "phases": phases,
        "page": page,
        "groups": [(plan, rows.get(plan.pk, [])) for plan in reads.plans_of(campaign)],
        "summary": reads.summary(tasks, context["today"]),
        "mistimed": reads.mistimed(tasks)[:20],
    }
    return render(request, "office/campaigns/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_plan(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Enter a plan that was issued."""
    campaign = campaign_planned(request, campaign_id)
    form = PlanForm(request.POST or None, request.FILES or None, initial={"issuer": _last_issuer(campaign)})
    if request.method == "POST" and accepted(form, services.add_plan, campaign=campaign, by=request.user):
        return redirect("campaign", campaign.pk)
    context = around(request, campaign, "plan") | {"form": form}
    return render(request, "office/campaigns/plan_form.html", context, status=400 if form.errors else 200)


def _last_issuer(campaign: Campaign) -> str:
    """Plans of a campaign mostly come from one office."""
    last = reads.plans_of(campaign).last()
    return last.issuer if last else ""


def _plan(request: HttpRequest, pk: int) -> Plan:
    """A plan of a campaign that the person plans, or Http404."""
    plan = get_object_or_404(Plan.objects.select_related("campaign__unit", "attachment"), pk=pk)
    campaign_planned(request, plan.campaign_id)
    return plan


@require_http_methods(["GET", "HEAD", "POST"])
def change_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Correct a plan's number, date, issuer or title, or put in another scan."""
    plan = _plan(request, plan_id)
    kept = {name: getattr(plan, name) for name in ("number", "issued", "issuer", "title")}
    form = PlanForm(request.POST or None, request.FILES or None, initial=kept)
    if request.method == "POST" and accepted(form, services.change_plan, plan=plan, by=request.user):
        return redirect("campaign", plan.campaign_id)
    context = around(request, plan.campaign, "plan") | {"form": form, "plan": plan}
    return render(request, "office/campaigns/plan_form.html", context, status=400 if form.errors else 200)


@require_safe
def plan_file(request: HttpRequest, plan_id: int) -> FileResponse:
    """The scan of a plan, for everybody who sees its campaign."""
    plan = get_object_or_404(Plan.objects.select_related("attachment"), pk=plan_id)
    campaign_seen(request, plan.campaign_id)
    return handed_out(plan.attachment)


def those_who_act(campaign: Campaign) -> dict[str, Any]:
    """Who may be given something: the territory's units of today, and the organisations in them."""
    units = places.within(campaign.unit).filter(places.existing() | Q(pk=campaign.unit_id))
    units = units.exclude(kind=Unit.Kind.GROUP).order_by("name_fold")
    bodies = Organisation.objects.filter(unit__path__startswith=campaign.unit.path)
    return {"units": units, "top": campaign.unit, "organisations": bodies}


@require_http_methods(["GET", "HEAD", "POST"])
def new_tasks(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Add a line to a plan: one task for each unit or organisation that is to do it."""
    plan = _plan(request, plan_id)
    campaign = plan.campaign
    form = TasksForm(
        request.POST or None,
        initial={"start": campaign.start, "due": campaign.deadline},
        **those_who_act(campaign),
    )
    if request.method == "POST" and accepted(form, services.add_tasks, plan=plan, by=request.user):
        return redirect("campaign", campaign.pk)
    context = around(request, campaign, "plan") | {"form": form, "plan": plan}
    return render(request, "office/campaigns/tasks_form.html", context, status=400 if form.errors else 200)


@require_safe
def tasks(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The tasks a person sees, by state, unit, line or words."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "plan")
    state, text = request.GET.get("trang-thai", ""), request.GET.get("q", "")[:100].strip()
    rows = _filtered(request, reads.tasks_of(campaign, request.user), state, text, context["today"])
    page = Paginator(rows, _TASKS).get_page(request.GET.get("trang"))
    context |= {
        "page": page,
        "rows": [(task, task.is_late(context["today"])) for task in page],
        "unproven": reads.without_evidence(page),
        "states": [*Task.State.choices],
        "late_word": LATE,
        "state": state,
        "q": text,
        "line": request.GET.get("dong", ""),
    }
    return render(request, "office/campaigns/tasks.html", context)


def _filtered(
    request: HttpRequest, rows: QuerySet[Task], state: str, text: str, today: Any
) -> QuerySet[Task]:
    if state == LATE:
        rows = rows.filter(reads.late(today))
    elif state in Task.State.values:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(
            Q(title__icontains=text) | Q(unit__name__icontains=text) | Q(organisation__name__icontains=text)
        )
    plan, line = (address.number(part) for part in request.GET.get("dong", ".").partition(".")[::2])
    if plan is not None and line is not None:
        rows = rows.filter(plan=plan, line=line)
    return rows.order_by("due", "line", "unit__name_fold", "pk")


@require_safe
def late(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What is late and whose it is."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "plan")
    groups = reads.behind(reads.tasks_of(campaign, request.user), context["today"])
    context |= {"groups": groups, "late": sum(len(group.tasks) for group in groups)}
    return render(request, "office/campaigns/late.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def organisations(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Departments, unions and press agencies of the campaign's territory, and the place to add one."""
    campaign = campaign_planned(request, campaign_id)
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and accepted(form, campaign_services.add_organisation, unit=campaign.unit):
        return redirect("organisations", campaign.pk)
    context = around(request, campaign, "plan")
    context |= {
        "form": form,
        "organisations": those_who_act(campaign)["organisations"].select_related("unit"),
    }
    return render(request, "office/campaigns/organisations.html", context, status=400 if form.errors else 200)

"""One task: where it stands, its history, what it waits for and its proof; and everything that may be done with it."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, concerns, may
from tungnha.campaign.models import Evidence, Task, TaskDependency
from tungnha.campaign.queries import plans as reads
from tungnha.campaign.services import plans as services
from tungnha.office.campaigns.files import handed_out
from tungnha.office.campaigns.frame import around
from tungnha.office.campaigns.plan_forms import DependencyForm, EvidenceForm, MoveForm, TaskForm
from tungnha.office.forms import accepted


def _seen(request: HttpRequest, pk: int) -> Task:
    """A task of a unit whose figures the person reads, or Http404."""
    task = get_object_or_404(reads.tasks_seen_by(request.user).select_related("plan__campaign__unit"), pk=pk)
    concerns(request.user, task.unit_id)
    return task


def _answered(request: HttpRequest, pk: int) -> Task:
    """A task for whose unit the person answers, or Http404."""
    task = _seen(request, pk)
    if not may(request.user, Action.REPORT, task.unit):
        raise Http404
    return task


def _planned(request: HttpRequest, pk: int) -> Task:
    """A task of a campaign that the person plans, or Http404."""
    task = _seen(request, pk)
    if not may(request.user, Action.PLAN, task.plan.campaign.unit):
        raise Http404
    return task


def _states(task: Task, *, plans: bool) -> list[str]:
    """Where the person may bring the task. Only who planned it drops it, or takes it up again."""
    if task.state == Task.State.DROPPED and not plans:
        return []
    return [state for state in services.ONWARD[task.state] if plans or state != Task.State.DROPPED]


def _page(request: HttpRequest, task: Task, context: dict[str, Any]) -> HttpResponse:
    """The task's page, with the forms that the person may use; a form with errors stands in its place."""
    today = context["today"]
    answers = may(request.user, Action.REPORT, task.unit)
    if answers:
        states = _states(task, plans=context["plans"])
        if states and "move" not in context:
            context["move"] = MoveForm(states=states, initial={"seen": task.state})
        context.setdefault("proof", EvidenceForm())
    related = ("needs__unit", "needs__organisation", "task__unit", "task__organisation")
    links = TaskDependency.objects.select_related(*related)
    before, after = list(links.filter(task=task)), list(links.filter(needs=task))
    linked = [*(link.needs_id for link in before), *(link.task_id for link in after)]
    seen = set(reads.tasks_seen_by(request.user).filter(pk__in=linked).values_list("pk", flat=True))
    context |= {
        "task": task,
        "late": task.is_late(today),
        "overdue": (today - task.due).days,
        "waits_for": [
            (link, link.needs_id in seen, services.timing_warning(task, link.needs)) for link in before
        ],
        "needed_by": [(link, link.task_id in seen) for link in after],
        "evidence": task.evidence.select_related("attachment", "by"),
        "events": task.events.select_related("by"),
        "state_names": dict(Task.State.choices),
    }
    bad = any(context[name].errors for name in ("move", "proof") if name in context)
    return render(request, "office/campaigns/task.html", context, status=400 if bad else 200)


@require_safe
def task_page(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task, for whoever reads its unit's figures."""
    task = _seen(request, task_id)
    return _page(request, task, around(request, task.plan.campaign, "plan"))


@require_POST
def move_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Bring a task into another state, as far as the person may."""
    task = _answered(request, task_id)
    context = around(request, task.plan.campaign, "plan")
    form = MoveForm(request.POST, states=_states(task, plans=context["plans"]))
    if accepted(form, services.move_task, task=task, by=request.user, today=context["today"]):
        messages.success(request, _("Recorded: %(state)s.") % {"state": task.get_state_display()})
        return redirect("task", task.pk)
    return _page(request, task, context | {"move": form})


@require_POST
def add_evidence(request: HttpRequest, task_id: int) -> HttpResponse:
    """Add proof to a task."""
    task = _answered(request, task_id)
    form = EvidenceForm(request.POST, request.FILES)
    if accepted(form, services.add_evidence, task=task, by=request.user):
        messages.success(request, _("The evidence is kept."))
        return redirect("task", task.pk)
    return _page(request, task, around(request, task.plan.campaign, "plan") | {"proof": form})


@require_safe
def evidence_file(request: HttpRequest, evidence_id: int) -> FileResponse:
    """A file that proves a task, for whoever sees the task."""
    evidence = get_object_or_404(Evidence.objects.select_related("attachment"), pk=evidence_id)
    _seen(request, evidence.task_id)
    return handed_out(evidence.attachment)


@require_http_methods(["GET", "HEAD", "POST"])
def change_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Reword a task or move its days."""
    task = _planned(request, task_id)
    kept = {"title": task.title, "start": task.start, "due": task.due}
    form = TaskForm(request.POST or None, initial=kept)
    if request.method == "POST" and accepted(form, services.change_task, task=task, by=request.user):
        return redirect("task", task.pk)
    context = around(request, task.plan.campaign, "plan") | {"form": form, "task": task}
    return render(request, "office/campaigns/task_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def add_dependency(request: HttpRequest, task_id: int) -> HttpResponse:
    """Choose a task that has to be done before this one."""
    task = _planned(request, task_id)
    others = reads.tasks_of(task.plan.campaign, request.user).exclude(pk=task.pk)
    form = DependencyForm(request.POST or None, tasks=others.order_by("plan__issued", "plan", "line", "pk"))
    if request.method == "POST" and accepted(form, services.add_dependency, task=task):
        return redirect("task", task.pk)
    context = around(request, task.plan.campaign, "plan") | {"form": form, "task": task}
    return render(request, "office/campaigns/task_form.html", context, status=400 if form.errors else 200)


@require_POST
def remove_dependency(request: HttpRequest, dependency_id: int) -> HttpResponse:
    """Let a task wait no longer for another."""
    dependency = get_object_or_404(TaskDependency, pk=dependency_id)
    task = _planned(request, dependency.task_id)
    services.remove_dependency(dependency)
    return redirect("task", task.pk)

"""The changes of units that a person settles: the list, recording one, what it moves, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, reach_of, visible_units
from tungnha.office import access
from tungnha.office.changes.decisions import must_settle, settled_units, undecided_for
from tungnha.office.changes.forms import KINDS, SPLIT, DecisionForm, WhichForm
from tungnha.office.forms import accepted
from tungnha.territory import changes as services
from tungnha.territory import following
from tungnha.territory.models import Followed, Succession, Unit, UnitChange
from tungnha.territory.queries import existing

_PAGE = 50
_SHOWN = 100
"""Things of one kind that a change's page names; it counts them all."""


def _settled_by(request: HttpRequest) -> QuerySet[UnitChange]:
    """The changes that concern some unit below those for which the person settles changes."""
    return UnitChange.objects.filter(successions__in=_own_links(request)).distinct()


def _own_links(request: HttpRequest) -> QuerySet[Succession]:
    """What became what below those units, or at the top of them."""
    here = visible_units(request.user, Action.UNITS)
    return Succession.objects.filter(
        Q(old__parent__in=here) | Q(new__parent__in=here) | Q(new__parent=None, new__in=here)
    )


def _concerned(request: HttpRequest, change: UnitChange) -> QuerySet[Unit]:
    """The units that a change ends, of those about which the person decides: one decision may concern many provinces."""
    ended = following.concerned(change).select_related("parent")
    return Unit.objects.filter(pk__in=settled_units(request, ended))


def _changeable(request: HttpRequest) -> QuerySet[Unit]:
    """Units of today whose change the person may record: those below their own. A unit itself is changed from above."""
    units = access.units(request, Action.UNITS).filter(existing(), valid_to=None)
    return units.exclude(path__in=reach_of(request.user).paths(Action.UNITS)).order_by("name_fold")


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The changes that were recorded, latest first, and how much waits for a decision."""
    must_settle(request)
    page = Paginator(_settled_by(request), _PAGE).get_page(request.GET.get("trang"))
    context = {
        "page": page,
        "today": timezone.localdate(),
        "waiting": len(undecided_for(request)),
        "changeable": _changeable(request).exists(),
    }
    return render(request, "office/changes/changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_change(request: HttpRequest) -> HttpResponse:
    """Record a change: first which units (by GET), then by which document and into what."""
    must_settle(request)
    units = _changeable(request)
    which = WhichForm(request.GET if "loai" in request.GET else None, units=units)
    if not which.is_valid():
        context = {"form": which, "any": units.exists()}
        return render(request, "office/changes/which.html", context, status=400 if which.errors else 200)
    kind, olds = which.cleaned_data["loai"], list(which.cleaned_data["don_vi"])
    groups = list(Unit.objects.filter(existing(), parent=olds[0]).order_by("name_fold"))
    form = DecisionForm(request.POST or None, kind=kind, olds=olds, groups=groups)
    made: list[UnitChange] = []

    def record(**given: Any) -> None:
        made.append(form.record(request.user.get_username(), given))

    if request.method == "POST" and accepted(form, record):
        return redirect("change", made[0].pk)
    context = {
        "form": form,
        "olds": olds,
        "splits": kind == SPLIT,
        "kind": dict(KINDS)[kind],
    }
    return render(request, "office/changes/decision.html", context, status=400 if form.errors else 200)


@dataclass(frozen=True)
class Kind:
    """What a change does with one kind of thing."""

    label: str | Promise
    by_itself: bool
    follows: Sequence[following.Move]
    waits: Sequence[following.Move]


def _by_kind(moves: Sequence[following.Move]) -> list[Kind]:
    return [
        Kind(
            follower.label,
            follower.by_itself,
            [move for move in moves if move.follower is follower and move.heir],
            [move for move in moves if move.follower is follower and not move.heir],
        )
        for follower in following.followers()
    ]


def _change(request: HttpRequest, pk: int) -> UnitChange:
    return get_object_or_404(_settled_by(request), pk=pk)


@require_safe
def change_page(request: HttpRequest, change_id: int) -> HttpResponse:
    """What a change moves: counts and lists by kind, what waits for a person, and what has already moved."""
    change = _change(request, change_id)
    concerned = _concerned(request, change)
    links = change.successions.select_related("old", "new").order_by(
        "old__name_fold", "-share", "new__name_fold"
    )
    page = Paginator(links, _PAGE).get_page(request.GET.get("trang"))
    moved = Followed.objects.filter(old__in=concerned).select_related("old", "heir").order_by("-pk")
    today = timezone.localdate()
    kinds = _by_kind(following.moves(concerned, change.effective))
    context = {
        "change": change,
        "future": change.effective > today,
        "cancels": not change.successions.exclude(pk__in=_own_links(request)).exists(),
        "page": page,
        "kinds": kinds,
        "follows": sum(len(kind.follows) for kind in kinds if not kind.by_itself),
        "waits": sum(len(kind.waits) for kind in kinds),
        "moved": moved[:_SHOWN],
        "moved_count": moved.count(),
        "shown": _SHOWN,
    }
    return render(request, "office/changes/change.html", context)


@require_POST
def apply_change(request: HttpRequest, change_id: int) -> HttpResponse:
    """Move now what follows a change by the rule. Before its day there is nothing to move."""
    change = _change(request, change_id)
    done = following.follow(timezone.localdate(), _concerned(request, change))
    count = sum(done.moved.values())
    messages.success(request, ngettext("%(n)s moved.", "%(n)s moved.", count) % {"n": count})
    return redirect("change", change.pk)


@require_POST
def cancel_change(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take back a change whose day has not come; for those who settle all of it."""
    change = _change(request, change_id)
    if change.successions.exclude(pk__in=_own_links(request)).exists():
        raise Http404
    try:
        services.cancel(change)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("change", change_id)
    return redirect("changes")

"""What could not follow a change of units by the rule: the list, and a person's decision, unit by unit."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, may
from tungnha.office import access
from tungnha.office.changes.forms import HeirForm, SharesForm
from tungnha.office.forms import accepted
from tungnha.territory import changes, following, queries
from tungnha.territory.following import Move
from tungnha.territory.models import Succession, Unit, UnitChange

_PAGE = 50


def must_settle(request: HttpRequest) -> None:
    """Http404 for those who settle changes nowhere."""
    if not access.units(request, Action.UNITS).exists():
        raise Http404


def settled_units(request: HttpRequest, olds: Iterable[Unit]) -> set[int]:
    """Of units that ended, those about which the person decides: in what each lay in, or in what that became."""
    units = list(olds)
    above = queries.levels_above(units, timezone.localdate())
    return {
        old.pk
        for old in units
        if may(request.user, Action.UNITS, above[old.pk] or old)
        or (old.parent is not None and may(request.user, Action.UNITS, old.parent))
    }


def undecided_for(request: HttpRequest) -> list[Move]:
    """Everything that waits for this person's decision, by the unit that it stood in."""
    found = following.undecided(timezone.localdate())
    settled = settled_units(request, {move.old.pk: move.old for move in found}.values())
    return sorted(
        (move for move in found if move.old.pk in settled), key=lambda move: (move.old.name_fold, move.old.pk)
    )


@require_safe
def undecided(request: HttpRequest) -> HttpResponse:
    """Units that ended with something open in them that cannot follow by the rule."""
    must_settle(request)
    moves = undecided_for(request)
    counts = Counter(move.old.pk for move in moves)
    olds = {move.old.pk: move.old for move in moves}
    page = Paginator([(olds[pk], count) for pk, count in counts.items()], _PAGE).get_page(
        request.GET.get("trang")
    )
    return render(request, "office/changes/undecided.html", {"page": page, "total": len(moves)})


def _old(request: HttpRequest, pk: int) -> Unit:
    """A unit that has ended and about which the person decides, or Http404."""
    ended = Unit.objects.filter(valid_to__lte=timezone.localdate()).select_related("parent")
    old = get_object_or_404(ended, pk=pk)
    if not settled_units(request, [old]):
        raise Http404
    return old


def _heirs(old: Unit) -> QuerySet[Unit]:
    """Where things may go on: what the unit or those below it became, and the level above."""
    today = timezone.localdate()
    became: Any = Q(predecessors__old__path__startswith=old.path)
    above = queries.levels_above([old], today)[old.pk]
    if above is not None:
        became |= Q(pk=above.pk)
    return Unit.objects.filter(queries.existing(today)).filter(became).distinct().order_by("name_fold")


def _page(request: HttpRequest, old: Unit, **form: Any) -> HttpResponse:
    moves = following.undecided(timezone.localdate(), Unit.objects.filter(pk=old.pk))
    parts = list(
        Succession.objects.filter(old=old, whole=False)
        .select_related("new", "change")
        .order_by("new__name_fold")
    )
    movable = [move for move in moves if not move.follower.by_itself]
    context = {
        "old": old,
        "roles": [move for move in moves if move.follower.by_itself],
        "parts": parts,
        "form": HeirForm(moves=movable, heirs=_heirs(old)) if movable else None,
        "shares": SharesForm(parts=parts) if parts and all(part.share is None for part in parts) else None,
    } | form
    return render(request, "office/changes/undecided_unit.html", context, status=400 if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def undecided_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What waits in one unit that ended, and sending some or all of it to a unit of today."""
    old = _old(request, unit_id)
    if request.method != "POST":
        return _page(request, old)
    today = timezone.localdate()
    moves = [
        move
        for move in following.undecided(today, Unit.objects.filter(pk=old.pk))
        if not move.follower.by_itself
    ]
    form = HeirForm(request.POST, moves=moves, heirs=_heirs(old))
    done: list[int] = []

    def decide(items: list[str], heir: Unit) -> None:
        by_kind: dict[str, set[int]] = {}
        for item in items:
            kind, _dot, key = item.partition(".")
            by_kind.setdefault(kind, set()).add(int(key))
        person: Any = request.user
        for kind, keys in by_kind.items():
            done.append(
                following.decide(kind, keys, heir, day=today, by=person.pk, username=person.get_username())
            )

    if not accepted(form, decide):
        return _page(request, old, form=form)
    messages.success(request, ngettext("%(n)s moved.", "%(n)s moved.", sum(done)) % {"n": sum(done)})
    return redirect("undecided")


@require_POST
def state_shares(request: HttpRequest, unit_id: int) -> HttpResponse:
    """State how large the parts of a unit are, after which the rule may decide."""
    old = _old(request, unit_id)
    parts = list(Succession.objects.filter(old=old, whole=False).select_related("new", "change"))
    if not parts:
        raise Http404
    form = SharesForm(request.POST, parts=parts)
    change: UnitChange = parts[0].change
    if not accepted(form, changes.state_shares, change=change, old=old):
        return _page(request, old, shares=form)
    following.follow(timezone.localdate(), Unit.objects.filter(pk=old.pk))
    return redirect("undecided")

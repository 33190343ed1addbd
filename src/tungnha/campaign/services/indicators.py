"""Keeping the catalogue of indicators, and choosing those that a campaign follows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tungnha.campaign import catalogue
from tungnha.campaign.catalogue import Catalogue, CatalogueError, Problem
from tungnha.campaign.models import (
    Campaign,
    EssentialService,
    Indicator,
    ServiceList,
    ServiceOwner,
    TrackedIndicator,
)


@dataclass(frozen=True)
class Loaded:
    """How many rows of each file the tables now hold as given."""

    indicators: int
    lists: int
    services: int
    owners: int


def load(folder: Path = catalogue.SHIPPED) -> Loaded:
    """Bring a catalogue in; what has the same code is replaced, so that loading twice changes nothing.

    Raises CatalogueError with every fault, and then loads nothing.
    """
    read = catalogue.read(folder)
    with transaction.atomic():
        problems = [*_changed_kinds(read), *_store_lists(read)]
        if problems:
            raise CatalogueError(problems)
        _replace(Indicator, read.indicators, ["code"])
        problems = [*_store_services(read), *_store_owners(read)]
        if problems:
            raise CatalogueError(problems)
    return Loaded(len(read.indicators), len(read.lists), len(read.services), len(read.owners))


def _changed_kinds(read: Catalogue) -> list[Problem]:
    """Indicators that a campaign follows keep their kind: their figures and targets would mean something else."""
    followed = dict(Indicator.objects.exclude(tracked=None).values_list("code", "kind"))
    return [
        Problem(
            catalogue.INDICATORS,
            number,
            "kind",
            _("A campaign follows %(code)s already: its kind stays “%(kind)s”.")
            % {"code": each.code, "kind": followed[each.code]},
        )
        for number, each in enumerate(read.indicators, start=2)
        if followed.get(each.code, each.kind) != each.kind
    ]


def _replace(model: type[Any], rows: list[Any], key: list[str]) -> None:
    """Insert rows, or put them in the place of those with the same key."""
    fields = [each.attname for each in model._meta.concrete_fields if not each.primary_key]  # noqa: SLF001
    others = [each.removesuffix("_id") for each in fields if each.removesuffix("_id") not in key]
    model.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=others, batch_size=50
    )


def _unknown(file: str, column: str, rows: list[tuple[Any, str]], known: dict[str, Any]) -> list[Problem]:
    return [
        Problem(file, number, column, _("“%(code)s” is not known.") % {"code": code})
        for number, (_row, code) in enumerate(rows, start=2)
        if code and code not in known
    ]


def _by_code(model: type[models.Model]) -> dict[str, Any]:
    return {row.code: row for row in model._default_manager.all()}  # type: ignore[attr-defined] # noqa: SLF001


def _store_lists(read: Catalogue) -> list[Problem]:
    known = _by_code(ServiceList) | {row.code: row for row, _code in read.lists}
    problems = _unknown(catalogue.LISTS, "extends", read.lists, known)
    if not problems:
        _replace(ServiceList, [row for row, _code in read.lists], ["code"])
        stored = _by_code(ServiceList)
        for row, before in read.lists:
            ServiceList.objects.filter(code=row.code).update(extends=stored.get(before))
    return problems


def _store_services(read: Catalogue) -> list[Problem]:
    lists = _by_code(ServiceList)
    problems = _unknown(catalogue.SERVICES, "list", read.services, lists)
    if not problems:
        for row, code in read.services:
            row.first_in = lists.get(code)
        _replace(EssentialService, [row for row, _code in read.services], ["code"])
    return problems


def _store_owners(read: Catalogue) -> list[Problem]:
    services = _by_code(EssentialService)
    problems = _unknown(catalogue.OWNERS, "service", read.owners, services)
    if not problems:
        for row, code in read.owners:
            row.service = services[code]
        _replace(ServiceOwner, [row for row, _code in read.owners], ["service", "since"])
    return problems


def track(campaign: Campaign, indicator: Indicator, *, period: str = "", weight: int = 1) -> TrackedIndicator:
    """Let a campaign follow an indicator, or change how it does. An empty period is the indicator's own."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        found = TrackedIndicator.objects.filter(campaign=campaign, indicator=indicator).first()
        if found is None:
            last = campaign.tracked.aggregate(last=Max("position"))["last"] or 0
            found = TrackedIndicator(campaign=campaign, indicator=indicator, position=last + 1)
        chosen = period or indicator.period
        if found.pk and chosen != found.period and found.figures.exists():
            raise ValidationError(
                {
                    "period": _("Figures were reported by the %(period)s already: it stays.")
                    % {"period": found.get_period_display()}
                }
            )
        found.period, found.weight = chosen, weight
        found.clean_fields(exclude=("campaign", "indicator"))
        found.save()
    return found


def untrack(tracked: TrackedIndicator) -> None:
    """Follow an indicator no longer. Raises ValidationError once it has figures or targets, which are kept."""
    with transaction.atomic():
        if tracked.figures.exists() or tracked.decisions.exists():
            raise ValidationError(
                _("%(code)s has figures or targets, which are kept. Give it the weight 0 instead.")
                % {"code": tracked.indicator.code}
            )
        tracked.delete()

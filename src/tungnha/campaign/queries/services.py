"""Reads of essential services: what each list is known to hold, and how many of its services no source names."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from tungnha.campaign.models import EssentialService, ServiceList, ServiceOwner


@dataclass(frozen=True)
class Known:
    """A list with the services in it that have a name here, those of the lists it extends included."""

    of: ServiceList
    named: list[EssentialService]

    @property
    def unnamed(self) -> int:
        return self.of.size - len(self.named)


def lists() -> list[Known]:
    """Every list, oldest first."""
    owners = Prefetch("owners", ServiceOwner.objects.order_by("since"))
    services = EssentialService.objects.prefetch_related(owners).order_by("number")
    by_list: dict[int, list[EssentialService]] = {}
    for each in services.exclude(first_in=None):
        by_list.setdefault(each.first_in_id or 0, []).append(each)
    every = {each.pk: each for each in ServiceList.objects.all()}

    def named(one: ServiceList | None) -> list[EssentialService]:
        return [*named(every.get(one.extends_id or 0)), *by_list.get(one.pk, [])] if one else []

    return [Known(each, named(each)) for each in every.values()]


def unplaced() -> QuerySet[EssentialService]:
    """Services that a source names without saying which list they belong to."""
    return EssentialService.objects.filter(first_in=None).prefetch_related("owners")

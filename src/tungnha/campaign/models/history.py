"""Rows that are only ever added: what somebody did stays as it was written."""

from typing import Any, NoReturn

from django.db import models


class OnlyAddedQuerySet(models.QuerySet[Any]):
    """Refuses to change or delete; adding and reading are as usual."""

    def update(self, **changes: Any) -> NoReturn:
        del changes
        raise TypeError("History is only added to.")

    def delete(self) -> NoReturn:
        raise TypeError("History is only added to.")


class OnlyAdded(models.Model):
    """A line of history. It goes only together with what it is the history of."""

    objects = OnlyAddedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("History is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        del args, kwargs
        raise TypeError("History is only added to.")

"""The world of the doors, for every test of the pages."""

from tungnha.office.tests.test_doors import world

__all__ = ["world"]

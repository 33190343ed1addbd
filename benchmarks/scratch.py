"""A scratch installation with one real ward, for the benchmarks that go through the database."""

import os
import tempfile
from pathlib import Path

DATA = Path(os.environ.get("TUNGNHA_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


def ward():
    """A fresh database in a temporary folder; the ward with its real streets, or invented ones where there is no map."""
    os.environ["TUNGNHA_DATA"] = tempfile.mkdtemp(prefix="tungnha-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from tungnha.territory import generator, imports, queries

    call_command("migrate", verbosity=0)
    imports.load_vietnam(["01"])
    unit = queries.unit("00226")
    if DATA.is_dir():
        imports.import_boundaries(DATA / "hanoi/hanoi_126_wards.geojson")
        unit = queries.unit("00226")
        imports.import_streets(unit, DATA / "osm/central_hanoi_ways_2023-12-13.geojson")
    else:
        generator.make_streets(unit)
    return unit

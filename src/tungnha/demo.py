"""The demonstration: a real ward on its real streets, with generated people, from list file to letters in the hand."""

import json
import secrets
import shutil
import sys
import time
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tungnha.engine.beside import beside

if TYPE_CHECKING:
    from tungnha.outreach.models import TurfPlan
    from tungnha.territory.models import Unit

WARD = "00226"  # Văn Miếu – Quốc Tử Giám, since 1 July 2025
PILOT = "00611"  # Xuân Tảo, the pilot's ward until 30 June 2025
CITY = "01"
SEED = 6
TEAMS, DAYS = 40, 30
PRINTED = 20
PLAYERS, EVENINGS = 12, 3
ON_PAPER = {(EVENINGS - 1, 4)}  # the last evening of one of them, for a supervisor to look at
OFFICER, VOLUNTEER = "can-bo-phuong", "tinh-nguyen-vien"
DAY_OF_CAMPAIGN = 40
CAMPAIGN = Path(__file__).parent / "campaign/data/hanoi-90-ngay-dem.yaml"
MARKER = "demonstration"
DEVELOPMENT_DATA = Path(__file__).parents[3] / "shared" / "data"


@dataclass
class Outcome:
    """What was made, where it is, and how long each step took (seconds)."""

    seconds: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


class Teller:
    """Says each step and its time as it happens, unless the answer is meant for a machine."""

    def __init__(self, outcome: Outcome, *, quiet: bool) -> None:
        self.outcome = outcome
        self.quiet = quiet

    def say(self, text: str) -> None:
        if not self.quiet:
            click.echo(text)

    @contextmanager
    def step(self, name: str, label: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        seconds = time.perf_counter() - began
        self.outcome.seconds[name] = round(seconds, 2)
        self.say(f"  {label}  ({seconds:.1f} s)")


def _clear_earlier(data: Path) -> None:
    """Remove an earlier demonstration. A folder that holds anything else is left alone."""
    if (data / "tungnha.sqlite3").exists() and not (data / MARKER).exists():
        raise click.ClickException(
            _(
                "%(folder)s holds an installation that is not a demonstration. Set TUNGNHA_DATA to another folder."
            )
            % {"folder": data}
        )
    for leftover in data.glob("tungnha.sqlite3*"):
        leftover.unlink()
    shutil.rmtree(data / "files", ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARKER).touch()
    options = data / "tungnha.toml"
    if (
        not options.exists()
    ):  # people are generated and passwords printed: a second step would protect nothing
        options.write_text("second_factor = false\n", encoding="utf-8")


def _map_data(name: str) -> Path | None:
    """A file of real map data: beside the project in development, or where `tungnha fetch-data` put it."""
    candidates = [DEVELOPMENT_DATA / name, settings.TUNGNHA_DATA / "maps" / Path(name).name]
    return next((path for path in candidates if path.is_file()), None)


def _territory(tell: Teller, facts: dict[str, Any]) -> "Unit":
    """Real units of both eras, the ward's boundary, and its streets: real ones where a map is at hand."""
    from tungnha.territory import generator, imports, queries

    with tell.step("units", _("Hanoi's units before and after 1 July 2025")):
        loaded = imports.load_vietnam([CITY])
        boundaries = _map_data("hanoi/hanoi_126_wards.geojson")
        if boundaries:
            imports.import_boundaries(boundaries)
    ward = queries.unit(WARD)
    city = queries.unit(CITY)
    pilot = next(unit for unit in queries.units_named("Phường Xuân Tảo") if unit.code == PILOT)
    facts["units"] = {"before": loaded.before, "since": loaded.since, "pairs": loaded.pairs}
    facts["population_of_the_126"] = sum(
        queries.population(unit) or 0 for unit in queries.current_units(city)
    )
    facts["pilot_became"] = [unit.name for unit in queries.successors(pilot)]
    tell.say(
        _("    The pilot's former ward %(old)s became part of: %(new)s")
        % {"old": f"{pilot.name} ({PILOT})", "new": ", ".join(facts["pilot_became"])}
    )
    extract = (
        Path(settings.TUNGNHA_OSM)
        if settings.TUNGNHA_OSM
        else _map_data("osm/central_hanoi_ways_2023-12-13.geojson")
    )
    with tell.step("streets", _("Streets and alleys of %(ward)s") % {"ward": ward.name}):
        if extract:
            imports.import_streets(ward, extract)
        else:
            generator.make_streets(ward, seed=SEED)
    facts["streets"] = {
        "real": extract is not None,
        "file": extract.name if extract else None,
        "named": ward.streets.count(),
    }
    if not extract:
        tell.say(
            _("    NO MAP WAS AT HAND: this alley network is invented. Set TUNGNHA_OSM to a real extract.")
        )
    return ward


def _people(tell: Teller, facts: dict[str, Any], ward: "Unit", places: dict[str, str]) -> None:
    """A list with typical errors, through the real importer."""
    from tungnha.engine.ahead import ahead
    from tungnha.register import generator, imports
    from tungnha.register.sweeping import begin_unswept
    from tungnha.territory import queries

    folder = settings.TUNGNHA_DATA / "files" / "demonstration"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"danh-sach-{ward.code}.xlsx"
    with tell.step("list", _("A list of generated people, with an office's errors")):
        rows = generator.write_list(path, ward, queries.population(ward) or 40_000, seed=SEED)
    with tell.step("import", _("Its import: good rows in, bad rows back")):
        work = partial(ahead, start=begin_unswept)
        report = imports.run(path, ward, generated=True, by="demo", work=work)
    facts["list"] = {
        "rows": rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "warned": report.warned,
    }
    places["list"] = str(path)
    if report.mend_file:  # in clear, since these people are generated
        mend = folder / f"can-sua-{ward.code}.csv"
        mend.write_bytes(imports.read_mend_file(report.mend_file))
        places["to_mend"] = str(mend)


def _walks(tell: Teller, facts: dict[str, Any], ward: "Unit", places: dict[str, str]) -> "TurfPlan":
    """Turfs, their days, and the first walk lists; the pages print the others when asked."""
    from tungnha.outreach import walklists
    from tungnha.outreach.services import turfs as services
    from tungnha.planning.turfs import Limits

    with tell.step("turfs", _("Turfs and walking order on the streets")):
        plan = services.make_turfs(ward, Limits(minutes=150.0), seed=SEED)
        services.date_shifts(
            plan, teams=TEAMS, days=DAYS, start=timezone.localdate(), minutes_per_shift=180.0
        )
    facts["turfs"] = plan.figures
    folder = settings.TUNGNHA_DATA / "files" / "walklists" / str(plan.pk)
    with tell.step("walk_lists", _("Walk lists of the first %(count)d turfs") % {"count": PRINTED}):
        folder.mkdir(parents=True, exist_ok=True)
        for turf in plan.turfs.all()[:PRINTED]:
            (folder / f"{turf.number + 1:04d}.pdf").write_bytes(walklists.pdf(turf))
    places["walk_lists"] = str(folder)
    return plan


def _letters(tell: Teller, facts: dict[str, Any], plan: "TurfPlan", places: dict[str, str]) -> None:
    """A letter for every household, a file a turf; some are read back."""
    from tungnha.channels.letters import queries as letters
    from tungnha.office.services import write_letters

    with tell.step("letters", _("A letter for each household, in walking order")):
        wave = write_letters(plan, {"hotline": "024 3000 0000"}, engine=settings.TUNGNHA_ENGINE)
    batches = list(wave.batches.all())
    facts["letters"] = {"files": len(batches), "letters": sum(batch.letters for batch in batches)}
    places["letters"] = str(letters.wave_folder(wave))


def _staff(ward: "Unit") -> dict[str, str]:
    """A ward officer, a city officer and a volunteer who may sign in. Returns name → password."""
    from tungnha.accounts import services
    from tungnha.accounts.roles import Role
    from tungnha.territory import queries

    made = {}
    for name, role, unit in (
        (OFFICER, Role.UNIT_OFFICER, ward),
        ("to-cong-tac", Role.CITY_OFFICE, queries.unit(CITY)),
        (VOLUNTEER, Role.VOLUNTEER, ward),
    ):
        password = secrets.token_urlsafe(12)
        services.grant_role(services.create_user(name, password), role, unit)
        made[name] = password
    return made


def _fieldwork(tell: Teller, facts: dict[str, Any], plan: "TurfPlan") -> None:
    """Some evenings at the doors, played by a virtual team, and a walk in the volunteer's hands for today."""
    from tungnha.accounts.models import User
    from tungnha.campaign.models import Campaign
    from tungnha.field.virtual.evenings import SHIFT, play_evenings
    from tungnha.field.virtual.phones import Faults
    from tungnha.field.virtual.servers import Direct
    from tungnha.office.fieldwork.callbacks import slots_ahead
    from tungnha.outreach import training
    from tungnha.outreach.services import teams
    from tungnha.outreach.services.attendance import plan_shifts
    from tungnha.outreach.services.callbacks import plan_callbacks
    from tungnha.outreach.services.training import sit
    from tungnha.progress.services import review

    now = timezone.now()
    today = timezone.localdate()
    campaign = Campaign.objects.get()
    officer, volunteer = (User.objects.get(username=name) for name in (OFFICER, VOLUNTEER))
    with tell.step("field_work", _("Evenings at the doors, played by a virtual team")):
        played = play_evenings(
            plan, campaign, Direct(), volunteers=PLAYERS, seed=SEED, by=officer, faults=Faults(),
            evenings=[now - timedelta(days=back) for back in range(EVENINGS, 0, -1)], on_paper=ON_PAPER,
        )  # fmt: skip
        flags = sum(review(campaign, today - timedelta(days=back)) for back in range(EVENINGS, 0, -1))
        plan_callbacks(plan.unit, campaign, slots_ahead(campaign, days=5, teams=4))
        team = teams.make_team(campaign, plan.unit, "Tổ 1")
        member = teams.add_member(team, volunteer)
        plan_shifts(
            team, day=today, until=today + timedelta(days=4), start=SHIFT[0], end=SHIFT[1], by=officer
        )
        asked = training.course(training.DOORSTEP).questions
        sit(volunteer, training.DOORSTEP, {place: one.right for place, one in enumerate(asked)})
        teams.give(plan.turfs.order_by("-number")[0], member, by=officer)
    facts["field_work"] = {"visits": len(played.saved), "unsent": played.unsent, "to_look_at": flags}


def _campaign(tell: Teller, facts: dict[str, Any]) -> None:
    """The city's campaign from its file, through the real importer, in the midst of its ninety days."""
    from tungnha.accounts.models import User
    from tungnha.campaign.files import imports

    document = imports.understand(CAMPAIGN.read_bytes())
    document.begin_on(timezone.localdate() - timedelta(days=DAY_OF_CAMPAIGN - 1))
    with tell.step("campaign", _("The 90-day campaign of the city, from its file")):
        outcome = imports.bring_in(document, User.objects.get(username="to-cong-tac"))
    if outcome.problems:
        raise click.ClickException("\n".join(str(problem) for problem in outcome.problems))
    facts["campaign"] = {"file": CAMPAIGN.name, "day": DAY_OF_CAMPAIGN}


@click.command()
@click.option(
    "--serve/--no-serve",
    default=None,
    help="Serve the pages afterwards; the default asks whether this is a terminal.",
)
@click.option("--port", default=8000, show_default=True)
@click.pass_context
def demo(ctx: click.Context, *, serve: bool | None, port: int) -> None:
    """Build the demonstration ward and open its pages.

    Everything goes into the data folder, whose earlier demonstration is replaced. The people are always generated.
    """
    from tungnha.campaign.services import indicators

    as_json = ctx.obj["json"]
    outcome = Outcome()
    tell = Teller(outcome, quiet=as_json)
    _clear_earlier(settings.TUNGNHA_DATA)
    call_command("migrate", verbosity=0, interactive=False)
    indicators.load()
    with translation.override(settings.LANGUAGE_CODE):
        tell.say(_("Từng Nhà: the demonstration. ALL PEOPLE ARE GENERATED."))
        began = time.perf_counter()
        ward = _territory(tell, outcome.facts)
        _people(tell, outcome.facts, ward, outcome.places)
        plan = _walks(tell, outcome.facts, ward, outcome.places)
        _letters(tell, outcome.facts, plan, outcome.places)
        users = _staff(ward)
        _campaign(tell, outcome.facts)
        _fieldwork(tell, outcome.facts, plan)
        outcome.seconds["total"] = round(time.perf_counter() - began, 2)
        outcome.places |= {
            "data": str(settings.TUNGNHA_DATA),
            "pages": f"http://127.0.0.1:{port}/",
            "app": f"http://127.0.0.1:{port}/di/",
        }
        if as_json:
            click.echo(json.dumps(asdict(outcome) | {"users": users}, ensure_ascii=False))
        else:
            _tell_where(tell, outcome, users)
    if serve or (serve is None and sys.stdout.isatty()):
        from tungnha.office.commands import serve as serve_pages

        beside(_open_when_served, outcome.places["pages"])
        ctx.invoke(serve_pages, host="127.0.0.1", port=port, workers=1, threads=4)


def _open_when_served(address: str) -> None:
    for _second in range(60):
        time.sleep(1.0)
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own address
        except OSError:
            continue
        webbrowser.open(address)
        return


def _tell_where(tell: Teller, outcome: Outcome, users: dict[str, str]) -> None:
    figures = outcome.facts["turfs"]
    tell.say(
        _("%(doors)d households in %(turfs)d turfs, %(letters)d letters, in %(seconds).0f s.")
        % {
            "doors": figures["doors"] + figures["without_position"],
            "turfs": figures["turfs"],
            "letters": outcome.facts["letters"]["letters"],
            "seconds": outcome.seconds["total"],
        }
    )
    for label, key in (
        (_("The list"), "list"),
        (_("Rows to mend"), "to_mend"),
        (_("Walk lists"), "walk_lists"),
        (_("Letters"), "letters"),
        (_("Pages"), "pages"),
        (_("The volunteer's app"), "app"),
    ):
        tell.say(f"  {label:<20} {outcome.places[key]}")
    sign_in = _("Sign in as")
    for name, password in users.items():
        tell.say(f"  {sign_in:<20} {name}  {password}")
    tell.say(
        _("Open the pages again with: TUNGNHA_DATA=%(data)s .venv/bin/tungnha serve")
        % {"data": outcome.places["data"]}
    )

"""The `tungnha` command. Each room brings its own commands; this file only gathers them."""

import importlib
import os
import sys

import click

# Command or group → the module that holds it, and its line in the help. Loaded only when asked for, so that
# help stays instant.
_COMMANDS = {
    "audit": ("tungnha.accounts.commands", "Look after the audit trail."),
    "campaigns": ("tungnha.campaign.files.commands", "Bring a campaign in from a file, and write it out."),
    "demo": ("tungnha.demo", "Build the demonstration ward and open its pages."),
    "fetch-data": ("tungnha.territory.commands", "Fetch public map data, with checksum and attribution."),
    "field": ("tungnha.field.commands", "Rehearse field work with a virtual team."),
    "indicators": ("tungnha.campaign.commands", "Load and list indicators and essential services."),
    "init": ("tungnha.office.commands", "Make the data folder and the database ready."),
    "ledger": ("tungnha.ledger.commands", "Check, rebuild and export what happened; settle what is held."),
    "letters": ("tungnha.office.commands", "Make and check letters."),
    "lists": ("tungnha.register.commands", "Import, check and export household and resident lists."),
    "review": ("tungnha.progress.commands", "Look at a day's visits for what a supervisor should see."),
    "serve": ("tungnha.office.commands", "Serve the pages."),
    "streets": ("tungnha.territory.commands", "Load streets, alleys and buildings."),
    "turfs": ("tungnha.outreach.commands", "Cut turfs and print walk lists."),
    "units": ("tungnha.territory.commands", "Load and look up administrative units."),
    "users": ("tungnha.accounts.commands", "Add people, give them roles, help them sign in."),
}


class _Rooms(click.Group):
    """Finds a command in the room that owns it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        _set_up_django()
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


def _set_up_django() -> None:
    from tungnha.config.options import OptionsError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tungnha.config.settings")
    try:
        import django

        django.setup()
    except OptionsError as error:
        click.echo(f"tungnha: {error}", err=True)
        sys.exit(2)


@click.command(cls=_Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tungnha")
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON, for machines.")
@click.pass_context
def main(ctx: click.Context, *, as_json: bool) -> None:
    """Từng Nhà: from a city's units and a household list to walk lists and letters in the hand.

    Exit codes: 0 done, 1 done with rows or checks that failed, 2 wrong use or settings.
    """
    from tungnha.accounts.command_trail import recorded

    ctx.obj = {"json": as_json}
    ctx.with_resource(recorded())

"""The app as an installation serves it: a data folder of its own, `tungnha serve`, a walk of some doors.

python -m tungnha.field.tests.serving 300     # makes the walk in TUNGNHA_DATA
"""

import subprocess
import sys
from contextlib import contextmanager

from tungnha.field.tests import installed


@contextmanager
def served(folder, doors):
    """The address of a server over a fresh folder. Its process is ended afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = installed.environment(folder, master_key="11" * 32)
    environment.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "-m", __name__, str(doors)], env=environment, check=True)
    with installed.served(environment) as address:
        yield address


if __name__ == "__main__":
    import django

    django.setup()
    from django.core.management import call_command

    from tungnha.field.tests.places import ground

    call_command("migrate", verbosity=0)
    ground(int(sys.argv[1]))

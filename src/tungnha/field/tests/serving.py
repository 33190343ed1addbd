"""The app as an installation serves it: a data folder of its own, `tungnha serve`, a walk of some doors.

python -m tungnha.field.tests.serving 300     # makes the walk in TUNGNHA_DATA
"""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager


@contextmanager
def served(folder, doors):
    """The address of a server over a fresh folder. Its process is ended afterwards."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        "TUNGNHA_DATA": str(folder),
        "TUNGNHA_MASTER_KEY": "11" * 32,
        "DJANGO_SETTINGS_MODULE": "tungnha.config.settings",
    }
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | own
    subprocess.run([sys.executable, "-m", __name__, str(doors)], env=environment, check=True)
    command = [sys.executable, "-m", "tungnha", "serve", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, env=environment, start_new_session=True, **quiet)
    try:
        _wait(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait(port, server):
    for _ in range(1_200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            if server.poll() is not None:
                raise RuntimeError("the server ended") from None
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    import django

    django.setup()
    from django.core.management import call_command

    from tungnha.field.tests.places import ground

    call_command("migrate", verbosity=0)
    ground(int(sys.argv[1]))

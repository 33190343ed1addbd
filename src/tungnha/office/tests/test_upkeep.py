"""Upkeep goes on beside the server, never inside the process that forks the workers."""

import multiprocessing
import threading

from tungnha.office import upkeep


def test_upkeep_leaves_the_server_without_a_thread_and_ends_with_it():
    before = threading.active_count()
    upkeep.start()
    (child,) = (child for child in multiprocessing.active_children() if child.name == "keep_settling")
    try:
        assert threading.active_count() == before
        assert child.daemon, "it would outlive the server"
    finally:
        child.terminate()
        child.join()

"""Garbage collection between the runs of the script, without a search of the imports.

Streamlit collects after every run. Libraries keep over a hundred thousand objects alive
that the collector looks through each time, for longer than a redraw takes, and what
many sessions hold comes to as much again; nothing else can run meanwhile.
"""

import gc
import time
from functools import cache
from threading import Thread

SHARE, LOOK, QUIET = 1 / 20, 1.0, 0.01
"""Of the work that collecting may be; seconds between two looks; seconds of CPU between
them below which nobody waits.
"""


@cache
def set_imports_aside() -> None:
    """Let the collector pass over what is alive now; to be called before any data."""
    collect_all()
    Thread(target=_collect_now_and_then, daemon=True).start()


def collect_all() -> None:
    """Collect among what was set aside too, and set aside what is alive now.

    With the imports the session that is under way is set aside, and all that it comes
    to hold would stay for ever.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _collect_now_and_then() -> None:
    took = 0.0
    since = looked = time.process_time()
    while True:
        time.sleep(LOOK)
        now = time.process_time()
        quiet = now - looked < QUIET
        if is_due(now - since, took, quiet=quiet):
            start = time.thread_time()
            (collect_all if quiet else gc.collect)()
            took, since = time.thread_time() - start, time.process_time()
        looked = time.process_time()


def is_due(worked: float, took: float, *, quiet: bool) -> bool:
    """Whether to collect, after so much work since, and what it took the last time.

    What the visitors left is collected when all is quiet.
    """
    return worked > (took if quiet else took / SHARE)

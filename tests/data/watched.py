"""The page, with a line in a log when a training begins and one when it ends.

The clock is the machine's, so that a test in another process can compare its own.
"""

import os
import runpy
import time
from pathlib import Path

from regcore.compare import train
from regcore.page import training


def note(event: str) -> None:
    """Write one line to the log."""
    with Path(os.environ["TRAINING_LOG"]).open("a") as log:
        log.write(f"{event} {time.monotonic()}\n")


def watched(problem, settings, progress):
    """Train, and note the begin and the end, whatever ends it."""
    note("begin")
    try:
        return train(problem, settings, progress)
    finally:
        note("end")


training.train = watched
runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")

"""The page, with a log of its trainings, where drawing other rows takes for ever.

SLICE says for how many seconds a place is had while others wait.

A training writes a line when it begins and one when it ends. The clock is the
machine's, so that a test in another process can compare its own.
"""

import os
import runpy
import time
from dataclasses import replace
from pathlib import Path

from regcore.compare import train
from regcore.page import computing, training
from regcore.questions import trust


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


def endless(result, progress):
    """Move a little, and never end by itself."""
    for share in range(10_000):
        time.sleep(0.05)
        progress(share / 10_000)


computing.TURNS.most = float(os.environ.get("SLICE", computing.SLICE))
training.train = watched
trust.RESAMPLED = replace(trust.RESAMPLED, compute=endless)
runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")

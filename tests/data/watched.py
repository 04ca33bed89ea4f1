"""The page with a log of its trainings, and what takes for ever.

A file «slice» beside the log says for how many seconds a place is had while others
wait; it is looked at whenever a page is drawn.

Drawing other rows is endless, and files that begin with «slow» are read for minutes.
A training and such a reading write a line when they begin and one when they end. The
clock is the machine's, so that a test in another process can compare its own.
"""

import os
import runpy
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from regcore.compare import train
from regcore.intake import read
from regcore.page import capacity, computing, training
from regcore.questions import trust


def note(event: str) -> None:
    """Write one line to the log."""
    with Path(os.environ["COMPUTATIONS_LOG"]).open("a") as log:
        log.write(f"{event} {time.monotonic()}\n")


def noted(act: Callable) -> Callable:
    """Act, and note the begin and the end, whatever ends it."""

    def watched(*given, **named):
        note("begin")
        try:
            return act(*given, **named)
        finally:
            note("end")

    return watched


def endless(result, progress):
    """Move a little, and never end by itself."""
    for share in range(10_000):
        time.sleep(0.05)
        progress(share / 10_000)


@noted
def read_slowly(raw, reading, watch):
    """Tell for two minutes, and read then."""
    for step in range(6_000):
        time.sleep(0.02)
        watch.progress(step / 6_000)
    return read(raw, reading=reading, watch=watch)


def read_by_first_word(raw, reading, watch):
    """Read at once what does not begin with «slow»."""
    how = read_slowly if raw.startswith(b"slow") else read
    return how(raw, reading=reading, watch=watch)


asked = Path(os.environ["COMPUTATIONS_LOG"]).with_name("slice")
computing.TURNS.most = float(asked.read_text()) if asked.exists() else computing.SLICE
training.train = noted(train)
trust.RESAMPLED = replace(trust.RESAMPLED, compute=endless)
capacity.read = read_by_first_word
runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")

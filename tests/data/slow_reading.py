"""The page, whose readings take minutes; a log says when one begins and how it ends."""

import os
import runpy
import time
from pathlib import Path

from regcore.page import capacity


def note(event: str) -> None:
    """Write one line to the log."""
    with Path(os.environ["READING_LOG"]).open("a") as log:
        log.write(f"{event}\n")


def slow(raw, reading, watch):
    """Tell for two minutes, and read then."""
    note("begin")
    try:
        for step in range(6_000):
            time.sleep(0.02)
            watch.progress(step / 6_000)
    finally:
        note("end")
    return read(raw, reading=reading, watch=watch)


read, capacity.read = capacity.read, slow
runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")

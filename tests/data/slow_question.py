"""The page, where drawing other rows takes as long as nobody waits for."""

import runpy
import time
from dataclasses import replace
from pathlib import Path

from regcore.questions import trust


def endless(result, progress):
    """Move a little, and never end by itself."""
    for share in range(10_000):
        time.sleep(0.05)
        progress(share / 10_000)


trust.RESAMPLED = replace(trust.RESAMPLED, compute=endless)
runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")

"""How long a step of λ takes while two others do the slowest things there are.

Run `python -m tests.benchmarks.beside [what ...]`, such as `batches digits`. Seconds
from the touch until the page is whole again, for a small sample.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from websockets.exceptions import WebSocketException

from tests.benchmarks.intake import file_of
from tests.benchmarks.small_server import digits
from tests.conftest import ROOT
from tests.visitor import Server, Visitor, serving
from tests.visits import csv_of

MOVES, MOST, PAUSE = 20, 2.0, 0.5
"""Steps of λ, seconds that 95 % of them may take, and seconds between two."""

PATIENCE = 600.0


def classes() -> bytes:
    """50 classes and 2,000 columns of numbers."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(1_500, 2_000)).round(3)).add_prefix("x")
    names = np.array([f"k{at}" for at in range(50)])
    return csv_of(X.assign(kind=names[rng.integers(0, 50, len(X))]))


def train(visitor: Visitor) -> None:
    """Take what the page offers instead of what takes long, else train it."""
    visitor.settle(PATIENCE)
    for label in ("Train on", "Train all the same"):
        found = [one for one in visitor.all("button") if label in one.proto.label]
        if found:
            visitor.press(found[0])
            visitor.settle(PATIENCE)
            return


def batches(port: int) -> Visitor:
    """Epochs without end, row by row."""
    return Visitor(port, "epochs=100000&batch-size=1")


def resamples(port: int) -> Visitor:
    """Half-samples of three classes."""
    visitor = Visitor(port, "sample=wine")
    visitor.settle(PATIENCE)
    visitor.touch(visitor.one("expandable", "Can I trust"), True)
    return visitor


def upload(make: Callable[[], bytes]) -> Callable[[int], Visitor]:
    """Read and train on a file."""

    def begin(port: int) -> Visitor:
        visitor = Visitor(port)
        visitor.settle(PATIENCE)
        visitor.upload(make(), "slow.csv")
        return visitor

    return begin


SLOW: dict[str, Callable[[int], Visitor]] = {
    "batches": batches,
    "resamples": resamples,
    "classes": upload(classes),
    "decimals": upload(lambda: file_of("decimals", 195)),
    "digits": upload(lambda: digits(195)),
}


def moves(port: int, lasts: Callable[[], bool]) -> list[float]:
    """Seconds of each step of λ, as long as others are at it."""
    visitor, seconds = Visitor(port), []
    visitor.settle(PATIENCE)
    for _ in range(2 * MOVES):
        slider = visitor.one("slider", "Penalty strength")
        options = [*slider.proto.options]
        start = time.monotonic()
        visitor.touch(slider, [options[5 + len(seconds)]])
        visitor.settle(PATIENCE)
        seconds.append(time.monotonic() - start)
        if len(seconds) >= MOVES or not lasts():
            break
        time.sleep(PAUSE)
    visitor.close()
    return seconds


def beside(server: Server, begin: Callable[[int], Visitor]) -> list[float]:
    """Measure the steps while two others are at it."""
    others: list[Visitor] = []

    def go() -> None:
        try:
            others.append(begin(server.port))
            train(others[-1])
        except (OSError, WebSocketException):
            # Its connection was closed, as nobody waits for it any more.
            return

    threads = [threading.Thread(target=go, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    found = moves(server.port, lambda: any(thread.is_alive() for thread in threads))
    for other in others:
        other.close()
    return found


def main(asked: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for what in asked:
            log = Path(folder) / what
            with serving(ROOT / "app.py", log, life=5) as server:
                alone = moves(server.port, lambda: True)
                seconds = beside(server, SLOW[what])
                peak = server.memory("VmHWM")
            p50, p95 = np.quantile(seconds, [0.5, 0.95])
            print(
                f"{what}: {len(seconds)} steps of λ, median {p50:.2f} s, 95 % "
                f"{p95:.2f} s, most {max(seconds):.2f} s (alone {max(alone):.2f} s, "
                f"memory {peak:.0f} MB): {'holds' if p95 <= MOST else 'FAILS'}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:] or [*SLOW])

"""What the page's server takes when many use it, beside a plain page.

Run `python -m tests.benchmarks.load` on a quiet machine with two cores (`--visitors 8`
for a smaller crowd). The plain page reads with pandas, fits with scikit-learn and draws
as many charts. CPU and memory are of the server's process, in seconds and megabytes.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tests.conftest import ROOT
from tests.visitor import Server, Visitor, serving
from tests.visits import csv_of

PAGE, PLAIN = ROOT / "app.py", Path(__file__).with_name("plain_page.py")

ROWS, LIFE, ORPHAN = 21_000, 5, 5_000_000
"""Rows of the file; seconds a session lives on without a connection; an orphan's bytes.
"""

Line = tuple[str, float, float]
"""What was measured, how much it is, and how much it may be."""


def houses(seed: int) -> bytes:
    """About 1.4 MB: eight numbers, one category, a target that depends on them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(ROWS + seed, 8)).round(4)
    table = pd.DataFrame(X).add_prefix("x")
    near = rng.integers(0, 5, len(X))
    table["near"] = np.array(["bay", "inland", "island", "ocean", "hills"])[near]
    table["price"] = (X[:, :4].sum(1) + near + rng.normal(size=len(X))).round(3)
    return csv_of(table)


def shows(visitor: Visitor, name: str) -> bool:
    """Whether the page is whole and speaks of this file."""
    lines = [part.proto.label.replace("\\", "") for part in visitor.all("expandable")]
    there = any(line.startswith(f"{name} · ") and "rows ×" in line for line in lines)
    return there and len(visitor.all("metric")) >= 3 and not visitor.faults


def together(tasks: list[Callable[[], None]]) -> None:
    """Do everything at once."""
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def arrive(server: Server, count: int) -> list[Visitor]:
    """Let some visitors open the page, and see it whole."""
    visitors = [Visitor(server.port) for _ in range(count)]
    for visitor in visitors:
        visitor.settle()
    return visitors


def crowd(script: Path, log: Path, count: int) -> tuple[list[float], float, int]:
    """Seconds of uploads at once, the highest memory, and how many were right."""
    files = [houses(at) for at in range(count)]
    seconds, right = [0.0] * count, [False] * count
    with serving(script, log) as server:
        visitors = arrive(server, count)
        server.forget_peak()

        def send(at: int) -> None:
            start, name = time.monotonic(), f"houses{at}.csv"
            visitors[at].upload(files[at], name)
            visitors[at].settle(600)
            seconds[at] = time.monotonic() - start
            right[at] = shows(visitors[at], name)

        together([lambda at=at: send(at) for at in range(count)])
        return seconds, server.memory("VmHWM"), sum(right)


def alone(log: Path) -> Iterator[Line]:
    """One visitor: one upload, and then many one after the other."""
    with serving(PAGE, log) as server:
        (visitor,) = arrive(server, 1)
        visitor.upload(houses(99), "first.csv")
        visitor.settle()
        before = server.seconds()
        visitor.upload(houses(0), "second.csv")
        visitor.settle()
        yield "an upload of 1.4 MB alone, CPU", server.seconds() - before, 1.0


def again(log: Path, uploads: int) -> Iterator[Line]:
    """Many uploads in one session."""
    with serving(PAGE, log) as server:
        (visitor,) = arrive(server, 1)
        for at in range(uploads):
            visitor.upload(houses(at), f"{at}.csv")
            visitor.settle()
            if at == 2:
                before = server.memory()
        yield f"{uploads} uploads in one session, MB", server.memory() - before, 50.0


def left(log: Path, visitors: int, orphans: int) -> Iterator[Line]:
    """What stays when all have left and one comes and goes."""
    with serving(PAGE, log, life=LIFE) as server:
        for visitor in arrive(server, 1):
            visitor.close()
        before = server.memory()
        some = arrive(server, visitors)
        for at, visitor in enumerate(some):
            visitor.upload(houses(at), "houses.csv")
            visitor.settle()
            visitor.close()
        yield f"{visitors} sessions that left, MB", _after_life(server) - before, 60.0
        (visitor,) = arrive(server, 1)
        before = server.memory()
        for _ in range(orphans):
            visitor.upload(bytes(ORPHAN), "orphan.csv", told=False)
        held = server.memory() - before
        visitor.close()
        rest = _after_life(server) - before
        yield f"{orphans} orphans ({held:.0f} MB), MB after their session", rest, 30.0


def _after_life(server: Server) -> float:
    for _ in range(2):
        time.sleep(2 * LIFE + 3)
        for visitor in arrive(server, 1):
            visitor.close()
    time.sleep(2 * LIFE + 3)
    return server.memory()


def measured(asked: argparse.Namespace, log: Path) -> Iterator[Line]:
    """Everything in turn."""
    yield from alone(log)
    count = asked.visitors
    peer, peak, right = crowd(PLAIN, log, count)
    peer_p95 = float(np.quantile(peer, 0.95))
    print(f"plain page, {count} at once: p95 {peer_p95:.1f} s, {peak:.0f} MB, {right}")
    seconds, peak, right = crowd(PAGE, log, count)
    yield f"{count} uploads at once, not right", count - right, 0
    p95 = float(np.quantile(seconds, 0.95))
    yield f"{count} uploads at once, p95, s", p95, min(10.0, peer_p95 / 2)
    yield f"{count} uploads at once, highest memory, MB", peak, 600.0
    yield from again(log, asked.uploads)
    yield from left(log, asked.visitors // 2, asked.orphans)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--visitors", type=int, default=32)
    parser.add_argument("--uploads", type=int, default=60)
    parser.add_argument("--orphans", type=int, default=50)
    with tempfile.TemporaryDirectory() as folder:
        for what, figure, most in measured(parser.parse_args(), Path(folder) / "log"):
            verdict = "holds" if figure <= most else "FAILS"
            print(f"{what}: {figure:.2f}, at most {most:.2f}: {verdict}", flush=True)


if __name__ == "__main__":
    main()

"""Time and memory of every step from a large CSV to three models.

Run `python -m tests.benchmarks.pipeline [rows]`. Times are ratios to pandas.read_csv of
the same bytes, memory is in sizes of the file; the bytes themselves are not counted.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pandas as pd

from regcore import Settings, read
from regcore.compare import train
from regcore.design.roles import assign_roles, guess_types
from regcore.design.target import propose_target
from regcore.problem import pose
from regcore.threads import one_thread_a_product
from tests.benchmarks.intake import ROWS, memory, mixed, ragged, reset_peak


def _steps(raw: bytes) -> None:
    """Print one line a step: its seconds, its work, and what memory grew to."""
    before = memory("VmRSS")

    @contextmanager
    def step(name: str) -> Iterator[None]:
        reset_peak()
        start, worked = time.perf_counter(), time.process_time()
        yield
        seconds, work = time.perf_counter() - start, time.process_time() - worked
        peak, kept = memory("VmHWM") - before, memory("VmRSS") - before
        print(name, seconds, work, peak / len(raw), kept / len(raw), sep="\t")

    with step("pandas.read_csv"):
        plain = pd.read_csv(BytesIO(raw))
    del plain
    before = memory("VmRSS")
    with step("read"):
        table = read(raw).table
    with step("types guessed"):
        guesses = guess_types(table)
    with step("target proposed"):
        propose_target(table, guesses)
    settings = Settings(target="y")
    with step("roles assigned"):
        assign_roles(table, settings, guesses)
    with step("design and sums"):
        problem = pose(table, settings)
    with step("trained"):
        train(problem, settings)


def _warm(raw: bytes) -> None:
    """Do everything once with a small table, as a page's process has."""
    small = raw[: raw.rindex(b"\n", 0, 3_000_000) + 1]
    settings = Settings(target="y")
    train(pose(read(small).table, settings), settings)


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for make in (mixed, ragged):
            path = Path(folder) / f"{make.__name__}.csv"
            path.write_bytes(make(rows))
            print(f"{make.__name__}: {path.stat().st_size / 1e6:.0f} MB")
            command = [sys.executable, "-m", __spec__.name, str(path), "steps"]
            lines = subprocess.check_output(command, text=True).splitlines()
            rows_of = [line.split("\t") for line in lines]
            unit = [float(figure) for figure in rows_of[0][1:3]]
            for name, seconds, work, peak, kept in rows_of:
                print(
                    f"  {name:16s} {float(seconds):6.2f} s, "
                    f"{float(seconds) / unit[0]:5.2f} x its time, "
                    f"{float(work) / unit[1]:5.2f} x its CPU, "
                    f"memory up to +{float(peak):.2f}, then +{float(kept):.2f} x file"
                )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one_thread_a_product()
        bytes_of_file = Path(sys.argv[1]).read_bytes()
        _warm(bytes_of_file)
        _steps(bytes_of_file)
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS)

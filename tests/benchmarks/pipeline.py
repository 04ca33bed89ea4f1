"""Time and memory of every step from a large CSV to three models.

Run `python -m tests.benchmarks.pipeline [rows]`. Times are ratios to pandas.read_csv of
the same file, memory is in sizes of the file. All memory counts that the process grows
by from before the file is opened: also the bytes of the file, which are let go when the
table is there. A program that keeps them, as the page's uploader does, needs 1.00 more
from then on.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pandas as pd

from regcore import Settings, read
from regcore.compare import train
from regcore.design.leaks import find_leaks
from regcore.design.sheet import Sheet
from regcore.problem import pose
from regcore.solve.threads import one_thread_a_product
from tests.benchmarks.intake import ROWS, memory, mixed, ragged, reset_peak

WARM_BYTES = 3_000_000

SETTINGS = Settings(target="y")

Figures = dict[str, list[float]]
"""Of each step: seconds, seconds of CPU, and the bytes memory rose to and stayed at."""


def two_classes(rows: int) -> bytes:
    """The mixed table with the sign of its target as a word."""
    head, *lines = mixed(rows).splitlines()
    cut = [line.rpartition(b",") for line in lines]
    signs = [(b"yes", b"no")[y.startswith(b"-")] for _, _, y in cut]
    rest = [
        b"%b,%b" % (row, sign) for (row, _, _), sign in zip(cut, signs, strict=True)
    ]
    return b"\n".join([head, *rest, b""])


def _ours(path: Path, done: Callable[[str], object]) -> None:
    table = read(path.read_bytes()).table
    done("read")
    sheet = Sheet.of(table)
    done("types guessed")
    _ = sheet.target
    done("target proposed")
    problem = pose(table, SETTINGS, sheet=sheet)
    done("prepared")
    result = train(problem, SETTINGS)
    done("trained")
    _ = result.summary
    done("scored")
    find_leaks(problem.design)
    done("leaks looked for")


def _pandas(path: Path, done: Callable[[str], object]) -> None:
    pd.read_csv(BytesIO(path.read_bytes()))
    done("pandas.read_csv")


def _measure(path: Path, steps: Callable[[Path, Callable], None]) -> None:
    """Print one line a step, after everything was done once with a small table."""
    with path.open("rb") as file, tempfile.NamedTemporaryFile() as small:
        head = file.read(WARM_BYTES)
        small.write(head[: head.rindex(b"\n") + 1])
        small.flush()
        steps(Path(small.name), lambda step: None)
    reset_peak()
    before = memory("VmRSS")
    clocks = [time.perf_counter(), time.process_time()]

    def done(step: str) -> None:
        now = [time.perf_counter(), time.process_time()]
        took = [end - start for start, end in zip(clocks, now, strict=True)]
        peak, kept = memory("VmHWM") - before, memory("VmRSS") - before
        print(step, *took, peak, kept, sep="\t")
        reset_peak()
        clocks[:] = time.perf_counter(), time.process_time()

    steps(path, done)


def _figures(path: Path, how: str) -> Figures:
    """Measure in a process of its own, so that nothing that was freed is used again."""
    command = [sys.executable, "-m", __spec__.name, str(path), how]
    lines = subprocess.check_output(command, text=True).splitlines()
    split = [line.split("\t") for line in lines]
    return {step: [float(figure) for figure in figures] for step, *figures in split}


def _all(steps: Figures) -> list[float]:
    seconds, work, peaks, kept = zip(*steps.values(), strict=True)
    return [sum(seconds), sum(work), max(peaks), kept[-1]]


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for make in (mixed, two_classes, ragged):
            path = Path(folder) / f"{make.__name__}.csv"
            path.write_bytes(make(rows))
            size = path.stat().st_size
            print(f"{make.__name__}: {size / 1e6:.0f} MB")
            plain, ours = _figures(path, "pandas"), _figures(path, "ours")
            unit = plain["pandas.read_csv"]
            for name, step in {**plain, **ours, "all of ours": _all(ours)}.items():
                print(
                    f"  {name:16s} {step[0]:6.2f} s, {step[0] / unit[0]:6.2f} x its "
                    f"time, {step[1] / unit[1]:6.2f} x its CPU, memory up to "
                    f"+{step[2] / size:.2f}, then +{step[3] / size:.2f} x file"
                )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one_thread_a_product()
        _measure(Path(sys.argv[1]), {"ours": _ours, "pandas": _pandas}[sys.argv[2]])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS)

"""Time and memory of reading a large file, as ratios to plain pandas.read_csv.

Run `python -m tests.benchmarks.intake [rows]`.
"""

import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 800_000
RUNS = 3


def mixed(rows: int) -> bytes:
    """Numbers, categories, dates, ids and missing cells in 21 columns."""
    generator = np.random.default_rng(0)
    columns: dict[str, np.ndarray] = {"id": np.arange(rows)}
    for place in range(9):
        columns[f"x{place}"] = np.round(generator.normal(size=rows) * 1000, 6)
    for place in range(4):
        columns[f"n{place}"] = generator.integers(0, 10_000, rows)
    days = np.datetime64("2020-01-01") + generator.integers(0, 900, rows)
    columns["day"] = days.astype(str)
    for place, levels in enumerate((3, 12, 200, 5_000)):
        codes = generator.integers(0, levels, rows)
        columns[f"level{place}"] = np.array([f"group {i}" for i in range(levels)])[
            codes
        ]
    columns["note"] = np.array([f"row number {i}, seen" for i in range(rows)])
    columns["y"] = np.round(generator.normal(size=rows), 4)
    table = pd.DataFrame(columns)
    table.loc[generator.random(rows) < 0.03, "x3"] = np.nan
    return table.to_csv(index=False).encode()


def clean(rows: int) -> bytes:
    """Numbers only, no missing cell and no quote."""
    generator = np.random.default_rng(1)
    table = pd.DataFrame(generator.normal(size=(rows // 4, 40)).round(12))
    table.columns = [f"x{place}" for place in table]
    return table.to_csv(index=False).encode()


def ragged(rows: int) -> bytes:
    """The mixed table with one short row in every thousand, and one at the end."""
    lines = mixed(rows).splitlines(keepends=True)
    for at in range(2_000, len(lines), 1_000):
        lines[at] = lines[at][: lines[at].index(b",", 30)] + b"\n"
    return b"".join([*lines, b"1,2\n"])


def memory(field: str) -> int:
    """Bytes of memory of this process, now (VmRSS) or at its highest (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def reset_peak() -> None:
    """Forget the highest memory so far; a child starts with its parent's."""
    Path("/proc/self/clear_refs").write_text("5")


def _measure(path: str, how: str) -> None:
    raw = Path(path).read_bytes()
    from regcore.intake import read

    # The page's process has read a table before.
    small = raw[: raw.rindex(b"\n", 0, 3_000_000) + 1]
    read(small)
    pd.read_csv(BytesIO(small))
    reset_peak()
    before = memory("VmRSS")
    start, worked = time.perf_counter(), time.process_time()
    table = read(raw).table if how == "ours" else pd.read_csv(BytesIO(raw))
    seconds, work = time.perf_counter() - start, time.process_time() - worked
    growth = (memory("VmHWM") - before) / len(raw)
    print(seconds, work, growth, *table.shape)


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for make in (mixed, clean, ragged):
            path = Path(folder) / f"{make.__name__}.csv"
            path.write_bytes(make(rows))
            print(f"{make.__name__}: {path.stat().st_size / 1e6:.0f} MB")
            best = {}
            for how in ("pandas", "ours"):
                # Each run in a process of its own, so that peaks do not add up.
                command = [sys.executable, "-m", __spec__.name, str(path), how]
                runs = [
                    [*map(float, subprocess.check_output(command).split())]
                    for _ in range(RUNS)
                ]
                seconds, work, growth, *shape = map(min, zip(*runs, strict=True))
                best[how] = seconds, work
                print(
                    f"  {how:6s} {seconds:6.2f} s, {work:6.2f} s of CPU, "
                    f"memory +{growth:.2f} x file, {shape[0]:,.0f} x {shape[1]:.0f}"
                )
            # The second ratio is not disturbed by what else the machine does.
            time_ratio, work_ratio = np.divide(best["ours"], best["pandas"])
            print(f"  ratio  {time_ratio:6.2f} in time, {work_ratio:.2f} in CPU")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _measure(*sys.argv[1:])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS)

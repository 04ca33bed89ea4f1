"""Seconds of CPU to read files of many sizes, beside pandas.read_csv on the same file.

Run `python -m tests.benchmarks.intake [kinds] [megabytes]`, such as `ragged 2.2 20`.
Each reading has a process of its own, which has read a small table before.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

SIZES = (0.1, 0.5, 1.9, 2.2, 20.0, 170.0)
RUNS = 3
# A part of a file that is repeated, so that making it takes no longer than reading it.
PART_BYTES = 4_000_000


def decimals(rows: int) -> pd.DataFrame:
    """14 columns of numbers, none missing."""
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(rows, 14)).round(6))
    return table.add_prefix("x")


def mixed(rows: int) -> pd.DataFrame:
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
        names = np.array([f"group {i}" for i in range(levels)])
        columns[f"level{place}"] = names[generator.integers(0, levels, rows)]
    columns["note"] = np.array([f"row number {i}, seen" for i in range(rows)])
    columns["y"] = np.round(generator.normal(size=rows), 4)
    table = pd.DataFrame(columns)
    table.loc[generator.random(rows) < 0.03, "x3"] = np.nan
    return table


def codes(rows: int) -> pd.DataFrame:
    """Return the decimals and a column with zeros in front."""
    table = decimals(rows)
    return table.assign(zip=[f"{place % 100_000:05d}" for place in range(rows)])


def folded(rows: int) -> pd.DataFrame:
    """Numbers, and quoted text over three lines."""
    table = decimals(rows)[["x0", "x1", "x2", "x3"]]
    notes = [f'he said "{i}",\nthen left,\nand came back' for i in range(rows)]
    return table.assign(note=notes, y=range(rows))


def _ragged(text: str) -> str:
    """One short row in every thousand, one long one, and one at the end."""
    lines = text.splitlines(keepends=True)
    for at in range(200, len(lines), 1_000):
        lines[at] = lines[at][: lines[at].index(",", 30)] + "\n"
        lines[at - 100] = lines[at - 100].replace("\n", ",8,9\n")
    return "".join([*lines, "1,2\n"])


KINDS: dict[str, tuple[Callable[[int], pd.DataFrame], str]] = {
    "decimals": (decimals, ","),
    "mixed": (mixed, ","),
    "codes": (codes, ","),
    "ragged": (decimals, ","),
    "folded": (folded, ","),
    "comma": (decimals, ";"),
}


def file_of(kind: str, megabytes: float) -> bytes:
    """Return a file of some kind and about some size."""
    make, separator = KINDS[kind]
    wanted, some = int(megabytes * 1e6), make(100)
    decimal = "," if separator == ";" else "."

    def written(table: pd.DataFrame) -> str:
        text = table.to_csv(index=False, sep=separator, decimal=decimal)
        return _ragged(text) if kind == "ragged" and len(table) > 100 else text

    a_row = len(written(some)) / 100
    raw = written(make(int(min(wanted, PART_BYTES) / a_row))).encode()
    rows = raw[raw.index(b"\n") + 1 :]
    return raw + rows * max(0, round((wanted - len(raw)) / len(rows)))


def _peer(raw: bytes, separator: str) -> None:
    """Read the table as a careful script would, which knows how it is cut."""
    names = raw[: raw.index(b"\n")].decode().split(separator)
    pd.read_csv(
        BytesIO(raw),
        sep=separator,
        decimal="," if separator == ";" else ".",
        dtype={"zip": "str"} if "zip" in names else None,
        on_bad_lines="skip",
    )


def memory(field: str) -> int:
    """Bytes of memory of this process, now (VmRSS) or at its highest (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def reset_peak() -> None:
    """Forget the highest memory so far; a child starts with its parent's."""
    Path("/proc/self/clear_refs").write_text("5")


def _measure(path: str, separator: str, how: str) -> None:
    raw = Path(path).read_bytes()
    from regcore.intake import read

    # The page's process has read a table before.
    small = raw[: raw.rindex(b"\n", 0, 90_000) + 1]
    read(small)
    _peer(small, separator)
    reset_peak()
    before = memory("VmRSS")
    start = time.process_time()
    if how == "ours":
        read(raw)
    else:
        _peer(raw, separator)
    worked = time.process_time() - start
    print(worked, (memory("VmHWM") - before) / len(raw))


def compare(kind: str, megabytes: float) -> tuple[float, float, float, float]:
    """Seconds of CPU of ours and of pandas, and memory in sizes of the file."""
    separator = KINDS[kind][1]
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(file_of(kind, megabytes))
        file.flush()
        best = []
        for how in ("ours", "pandas"):
            command = [sys.executable, "-m", "tests.benchmarks.intake", "-measure"]
            runs = [
                subprocess.check_output([*command, file.name, separator, how])
                for _ in range(RUNS)
            ]
            times, sizes = zip(*(map(float, run.split()) for run in runs), strict=True)
            best += [min(times), min(sizes)]
    return best[0], best[2], best[1], best[3]


def main(words: list[str]) -> None:
    sizes = [float(word) for word in words if word[0].isdigit()] or SIZES
    print(f"{'':10s}{'MB':>6s}{'s':>8s}{'s/MB':>8s}{'pandas':>8s}{'ratio':>7s}  memory")
    for kind in [word for word in words if word in KINDS] or KINDS:
        last = 0.0, 0.0
        for megabytes in sizes:
            ours, peer, ours_memory, peer_memory = compare(kind, megabytes)
            most = 2 * peer + 0.05 if megabytes < 100 else 1.5 * peer
            over = " over" if megabytes >= 0.5 and ours > most else ""
            step = last[0] and ours / last[1] > 1.5 * megabytes / last[0]
            print(
                f"{kind:10s}{megabytes:6.1f}{ours:8.3f}{ours / megabytes:8.4f}"
                f"{peer:8.3f}{ours / peer:7.2f}  {ours_memory:.1f} "
                f"({peer_memory:.1f}) x file{over}{' step' if step else ''}",
                flush=True,
            )
            last = megabytes, ours


if __name__ == "__main__":
    if sys.argv[1:2] == ["-measure"]:
        _measure(*sys.argv[2:])
    else:
        main(sys.argv[1:])

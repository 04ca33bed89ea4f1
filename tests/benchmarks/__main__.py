"""Ours against every peer that is installed, on the same data in the same process.

Run `python -m tests.benchmarks` for the whole of it (a few minutes on two cores),
`--quick` for less than one, `--out FILE` to keep the table.
"""

import argparse
import os
import platform
import sys
from pathlib import Path

# One thread for everybody: two that fight for a busy core are far slower than one.
for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

LIMIT, QUICK_LIMIT = 4.0, 0.2
"""Seconds beyond which one run is enough."""


def main() -> None:
    """Hold all contests, print as they end, then say where the limits are."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="less than a minute")
    parser.add_argument("--only", default="", help="tasks with this in their name")
    parser.add_argument("--out", type=Path, help="file to write the table to")
    arguments = parser.parse_args()
    # NumPy reads the number of threads when it is loaded.
    import numpy as np

    from tests.benchmarks import curves, exact, limits, paths
    from tests.benchmarks.contest import fastest, hold, markdown

    read, product = limits.machine()
    head = (
        f"Python {platform.python_version()}, NumPy {np.__version__}; CPU time of one "
        f"thread, which reads {read / 1e9:.1f} GB/s and multiplies "
        f"{product / 1e9:.0f} GFLOP/s."
    )
    print(head)
    lines = []
    for part in (curves, exact, paths):
        for contest in part.contests(quick=arguments.quick):
            if arguments.only not in contest.task:
                continue
            held = hold(contest, 3, QUICK_LIMIT if arguments.quick else LIMIT)
            lines += held
            print(f"{contest.task}: {fastest(held)}", flush=True)
    text = [head, "", markdown(lines), ""]
    if not arguments.only:
        text += ["- " + line for line in limits.limits(read, product)]
        if not arguments.quick:
            text += ["- " + line for line in limits.growth()]
    print("\n".join(text))
    if arguments.out:
        arguments.out.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

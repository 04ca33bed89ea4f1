"""A server with 1 GB of memory and files that are too much for it: it must live.

Run `python -m tests.benchmarks.small_server [megabytes ...]`. The limit is that of a
control group where one can be made, else of the data that a process may hold. Files of
100, 150 and 190 MB (or as many as are said) are sent one after the other, each from a
tab that is closed after it, with a pause between kinds. Each must be answered, or
refused in a sentence.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.exceptions import WebSocketException

from tests.benchmarks.intake import file_of
from tests.benchmarks.load import shows
from tests.conftest import ROOT
from tests.visitor import Server, Visitor, serving
from tests.visits import plain

LIMIT = 1_000 * 2**20
SIZES = 100, 150, 190
LIFE = 5
GROUPS = Path("/sys/fs/cgroup")
PATIENCE = 400
"""Seconds for one file: reading ends by itself after two minutes."""


def digits(megabytes: float) -> bytes:
    """Single digits, which take most for their size."""
    rows = b"1,2,3,4,5,6,7,8,9,0\n2,1,4,3,6,5,8,7,0,9\n3,3,1,1,2,2,5,5,7,8\n"
    return b"a,b,c,d,e,f,g,h,i,y\n" + rows * int(megabytes * 1e6 / len(rows))


def spaced(megabytes: float) -> bytes:
    """Decimals set apart by blanks, whose rows are cut one by one."""
    return file_of("decimals", megabytes).replace(b",", b" ")


KINDS = {
    "decimals": lambda size: file_of("decimals", size),
    "words and numbers": lambda size: file_of("mixed", size),
    "digits": digits,
    "blanks": spaced,
}


@contextmanager
def limited() -> Iterator[tuple[str, ...]]:
    """A command that lets another have no more memory than the limit."""
    group = GROUPS / "memory" / f"page-{os.getpid()}"
    file = "memory.limit_in_bytes"
    if not group.parent.exists():
        group, file = GROUPS / group.name, "memory.max"
    try:
        group.mkdir()
        (group / file).write_text(str(LIMIT))
    except OSError as error:
        print(f"No control group ({error}): the data of the process is limited.")
        yield ("prlimit", f"--data={LIMIT}", "env", f"REGULARIZE_MEMORY={LIMIT}")
        return
    try:
        enter = f'echo $$ > {group}/cgroup.procs && exec "$@"'
        yield ("sh", "-c", enter, "sh")
    finally:
        group.rmdir()


def sent(server: Server, raw: bytes, name: str) -> str:
    """Say what became of a file, from a tab of its own."""
    visitor = Visitor(server.port)
    visitor.settle()
    visitor.upload(raw, name)
    in_time = visitor.settle(PATIENCE)
    refusals = [text for text in visitor.said() if name in text.replace("\\", "")]
    visitor.close()
    if not in_time:
        return "STILL AT IT"
    if shows(visitor, name):
        return "answered"
    return f"refused: {plain(refusals[0])}" if refusals else "NEITHER"


def main(sizes: list[float]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        limited() as before,
        serving(ROOT / "app.py", Path(folder) / "log", *before, life=LIFE) as server,
    ):
        for kind, make in KINDS.items():
            for size in sizes:
                try:
                    became = sent(server, make(size), f"{kind}{size:.0f}.csv")
                    peak = server.memory("VmHWM")
                except (OSError, WebSocketException) as error:
                    sys.exit(f"{kind}, {size:.0f} MB: DEAD ({error!r})")
                print(
                    f"{kind}, {size:.0f} MB: {became} (highest {peak:.0f} MB)",
                    flush=True,
                )
            time.sleep(2 * LIFE)


if __name__ == "__main__":
    main([*map(float, sys.argv[1:])] or [*SIZES])

"""How much memory the page may use, and whether a file has room in it."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regcore.heap import give_back
from regcore.intake import IntakeError

VARIABLE = "REGULARIZE_MEMORY"

TIMES = 4
"""Memory from reading a file to the three models, in sizes of the file.

Beside the file itself: 2.6 were measured for 50 MB of numbers, 3.2 for words. Single
digits, two bytes a cell, take 10: each cell becomes a number of eight bytes.
"""

ALWAYS = 5_000_000
"""Bytes of a file that is always read."""

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}

_PROCESS, _CGROUPS = Path("/proc/self"), Path("/sys/fs/cgroup")

_UNLIMITED = 2**60

_lock = threading.Lock()
_promised: list[int] = []


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Keep memory for a file of so many bytes while it is read.

    Raises
    ------
    IntakeError
        if there is a limit, and too little of it is left.
    """
    if size <= ALWAYS:
        yield
        return
    need = TIMES * size
    with _lock:
        _refuse(size, need, memory_limit())
        _promised.append(need)
    try:
        yield
    finally:
        with _lock:
            _promised.remove(need)


def memory_limit() -> int | None:
    """Bytes the page may use: REGULARIZE_MEMORY, or its control group's, if any.

    Raises
    ------
    IntakeError
        if the variable is no amount of memory.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if not said:
        return min(_of_control_groups(), default=None)
    amount = re.fullmatch(r"(\d+)([KMG]?)B?", said, re.IGNORECASE)
    if amount is None:
        raise IntakeError(
            f"{VARIABLE} is «{said}», which is no amount of memory, so no large file "
            "is read; who runs the page must set it to bytes, or to such as 1G."
        )
    return int(amount[1]) * UNITS[amount[2].upper()]


def _refuse(size: int, need: int, limit: int | None) -> None:
    if limit is None:
        return
    give_back()
    free = max(limit - _used() - sum(_promised), 0)
    if need > free:
        raise IntakeError(
            f"The file has {_megabytes(size)}, and to read it and train on it takes "
            f"about {_megabytes(need)} of memory; of the {_megabytes(limit)} that "
            f"this page may use {_megabytes(free)} are free. Leave out rows or "
            "columns, or try again when others have left."
        )


def _used() -> int:
    """Bytes this process has in memory, where the system says it."""
    try:
        pages = (_PROCESS / "statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _of_control_groups() -> Iterator[int]:
    """Limits of the groups that this process is in, of either version."""
    try:
        groups = (_PROCESS / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for group in groups:
        _, kinds, path = group.split(":", 2)
        if kinds not in ("", "memory"):
            continue
        name = "memory.limit_in_bytes" if kinds else "memory.max"
        top = _CGROUPS / kinds
        own = top / path.lstrip("/")
        # Within a container the path may be that of the host; the top is its own.
        for folder in {top, own, *own.parents} - set(top.parents):
            yield from _limit_in(folder / name)


def _limit_in(file: Path) -> Iterator[int]:
    try:
        said = file.read_text(encoding="ascii").strip()
    except OSError:
        return
    if said.isdigit() and int(said) < _UNLIMITED:
        yield int(said)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"

"""What reading a file may take of the machine: memory, and time."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from regcore.heap import give_back
from regcore.intake import Intake, IntakeError, Reading, Watch, read
from regcore.settings import NotNowError
from regcore.solve.effort import Work
from regcore.words import duration

VARIABLE = "REGULARIZE_MEMORY"

ALWAYS = 30_000_000
"""Bytes of memory that any reading may take."""

MOST_SECONDS = 120.0
"""How long one file may be read."""

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}

_PROCESS, _CGROUPS = Path("/proc/self"), Path("/sys/fs/cgroup")

_UNLIMITED = 2**60

_lock = threading.Lock()
_promised: dict[object, int] = {}


SUMS = "To add this table up takes {need}; {free}. Choose fewer features, or {later}."
"""Why there is no room for the sums of a table that is elsewhere."""


class NoRoomError(IntakeError, NotNowError):
    """A file or a table cannot be read now, and perhaps later."""


def file_of(size: int) -> str:
    """Why there is no room for a file of so many bytes."""
    return (
        f"The file has {_megabytes(size)}, and to read it and train on it takes "
        "{need}; {free}. Leave out rows or columns, or {later}."
    )


@contextmanager
def room_for(refusal: str) -> Iterator[Callable[[int], None]]:
    """Let a reading ask for memory, which is kept for it until it ends.

    Parameters
    ----------
    refusal : what is said where there is none, with places for what is needed, what is
        free and what to do later

    Returns
    -------
    Callable
        Takes the bytes that are needed in all. It raises NoRoomError if there is a
        limit and too little of it is left.
    """
    reading = object()

    def ask(need: int) -> None:
        if need <= ALWAYS:
            return
        with _lock:
            _promised.pop(reading, None)
            _refuse(refusal, need, memory_limit())
            _promised[reading] = need

    try:
        yield ask
    finally:
        with _lock:
            _promised.pop(reading, None)


def read_within(raw: bytes, reading: Reading, tell: Callable[[float], None]) -> Intake:
    """Read a file within the limits.

    Parameters
    ----------
    tell : told the share that is done; what it raises ends the reading

    Raises
    ------
    NoRoomError
        if there is too little memory now.
    IntakeError
        if it cannot be read, or takes too long.
    """
    work = Work(tell)

    def progress(share: float) -> None:
        work(share)
        if work.seconds > MOST_SECONDS:
            raise IntakeError(
                f"To read the file takes longer than {duration(MOST_SECONDS)}, which "
                "is the limit; leave out rows or columns you do not need."
            )

    with room_for(file_of(len(raw))) as room:
        return read(raw, reading=reading, watch=Watch(progress, room))


@contextmanager
def promised(need: float) -> Iterator[None]:
    """Keep memory for a training, so that no file is read into it meanwhile."""
    training = object()
    with _lock:
        _promised[training] = int(need)
    try:
        yield
    finally:
        with _lock:
            _promised.pop(training)


def spare_memory() -> int:
    """Bytes that are free of the limit, or of the whole machine if there is none."""
    try:
        limit = memory_limit()
    except NoRoomError:
        return ALWAYS
    if limit is None:
        limit = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with _lock:
        return _free(limit)


def memory_limit() -> int | None:
    """Bytes the page may use: REGULARIZE_MEMORY, or its control group's, if any.

    Raises
    ------
    NoRoomError
        if the variable is no amount of memory.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if not said:
        return min(_of_control_groups(), default=None)
    amount = re.fullmatch(r"(\d+)([KMG]?)B?", said, re.IGNORECASE)
    if amount is None:
        raise NoRoomError(
            f"{VARIABLE} is «{said}», which is no amount of memory, so no large file "
            "is read; who runs the page must set it to bytes, or to such as 1G."
        )
    return int(amount[1]) * UNITS[amount[2].upper()]


def _refuse(refusal: str, need: int, limit: int | None) -> None:
    if limit is None:
        return
    give_back()
    free = _free(limit)
    if need > free:
        has = f"of the {_megabytes(limit)} that this page may use {_megabytes(free)}"
        raise NoRoomError(
            refusal.format(
                need=f"about {_megabytes(need)} of memory",
                free=f"{has} are free",
                later="try again when others have left",
            )
        )


def _free(limit: int) -> int:
    return max(limit - _used() - sum(_promised.values()), 0)


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

"""Who watches a reading: told how far it is and how much memory it needs.

What is told may raise, which ends the reading. The steps of a reading do not hand it
on to each other: each of them tells it by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from regcore.intake.texts import count_byte


def _nothing(_: float) -> None:
    """Let everything go on."""


@dataclass(frozen=True)
class Watch:
    """What a reading tells.

    Attributes
    ----------
    progress : the share that is done, often enough to end a reading by raising
    room : the bytes of memory from here to a trained model, before they are taken
    """

    progress: Callable[[float], None] = _nothing
    room: Callable[[int], None] = _nothing


UNWATCHED = Watch()

_watch: ContextVar[Watch] = ContextVar("watch", default=UNWATCHED)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Tell this one of what is read within the block."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def told(share: float) -> None:
    """Tell how much is done."""
    _watch.get().progress(share)


CUT = 0.5
"""Share of a reading that cutting a text into cells is taken for."""

BYTES = 2
"""Copies of a text that are held at once: as it came and in UTF-8, or as columns."""

CELL = 30
"""Bytes a cell takes from a text to a trained model, beside those copies.

28 were measured for single digits in ten classes, 24 for words, 21 for text that
differs in every cell, 10 for decimals.
"""

CELL_ONE_BY_ONE = 110
"""The same where rows are cut one by one: each cell is an object; 92 were measured."""

CELL_OF_COLUMNS = 60
"""The same of a file with typed columns, which are written as text first."""

MARKUP = 8
"""Sizes of its markup that a workbook takes."""

APART = 1 << 18
"""Bytes between the places where a text is looked at for its commonest marks."""


def room_for_text(raw: bytes) -> None:
    """Ask for the room of a text, of which nothing but the bytes is known."""
    _ask(raw, _commonest(raw, b",;\t|"), CELL)


def room_one_by_one(data: bytes, separator: str) -> None:
    """Ask for the room of a text whose rows are cut one by one."""
    _ask(data, separator.encode()[-1], CELL_ONE_BY_ONE)


def room_for_columns(size: int, cells: int) -> None:
    """Ask for the room of typed columns of so many bytes."""
    _watch.get().room(BYTES * size + CELL_OF_COLUMNS * cells)


def room_for_markup(size: int) -> None:
    """Ask for the room of a workbook with markup of so many bytes."""
    _watch.get().room(MARKUP * size)


def _ask(text: bytes, separator: int, a_cell: int) -> None:
    cells = sum(count_byte(text, by) for by in (separator, _commonest(text, b"\n\r")))
    _watch.get().room(BYTES * len(text) + a_cell * cells)


def _commonest(text: bytes, marks: bytes) -> int:
    places = range(0, len(text), APART)
    some = b"".join([text[at : at + APART // 64] for at in places])
    return max(marks, key=some.count)

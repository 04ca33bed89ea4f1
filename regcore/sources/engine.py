"""What is asked of whoever keeps the table, and how SQL is written for it.

Names come into a query as quoted identifiers only. Values come into it as numbers that
we write, and texts not at all: they are in tables of our own, which are joined.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar

import pyarrow as pa

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Integers
from regcore.settings import DesignError

BEAT = 0.1
"""Seconds between two looks at whether a query is still wanted."""

T = TypeVar("T")


class Engine(Protocol):
    """Who keeps the table, and tables of our own beside it.

    Attributes
    ----------
    table : what stands after FROM
    types : SQL type of each column, by its name
    row : the column that numbers the rows, quoted
    total : the function that sums with the fewest lost digits
    """

    table: str
    types: Mapping[str, str]
    row: str
    total: str

    def ask(self, query: str, tick: Tick = no_tick) -> pa.Table:
        """Return what a query finds."""
        ...

    def pieces(self, query: str, tick: Tick = no_tick) -> Iterator[pa.RecordBatch]:
        """Yield what a query finds in pieces, as far as it is asked for."""
        ...

    def keep(self, name: str, query: str, tick: Tick = no_tick) -> None:
        """Keep what a query finds as a table of our own."""
        ...

    def put(self, name: str, table: pa.Table) -> None:
        """Keep a table of our own."""
        ...

    def drop(self, name: str) -> None:
        """Forget a table of our own, if there is one of that name."""
        ...


def identifier(name: str) -> str:
    """Quote a name.

    Raises
    ------
    DesignError
        if it has a character that no name in SQL has
    """
    if not name or "\0" in name:
        raise DesignError(f"SQL cannot name a column {name!r}; rename it.")
    return '"' + name.replace('"', '""') + '"'


def real(value: float) -> str:
    """Write a number so that every engine takes it for one of double precision."""
    return f"CAST({float(value)!r} AS DOUBLE PRECISION)"


def whole(column: pa.ChunkedArray) -> Integers:
    """Return a column of an answer as whole numbers."""
    numbers: Integers = column.to_numpy().astype(int)
    return numbers


def until_done(work: Callable[[], T], cancel: Callable[[], None], tick: Tick) -> T:
    """Run a query in a thread of its own, and cancel it where `tick` raises."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            tick()
            thread.join(BEAT)
    except BaseException:
        while thread.is_alive():
            cancel()
            thread.join(BEAT)
        raise
    if failed:
        raise failed[0]
    return done[0]

"""What is asked of whoever keeps the table, and how SQL is written for it.

Names come into a query as quoted identifiers only. Values come into it as numbers that
we write, and texts not at all: they are in tables of our own, which are joined.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

import pyarrow as pa

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Integers
from regcore.settings import DesignError, NotNowError
from regcore.words import listed, named

BEAT = 0.1
"""Seconds between two looks at whether a query is still wanted."""

A_PIECE = 32_768
"""Rows that are handed over at once."""

WHOLE = ("smallint", "int", "integer", "bigint")
"""Types of whole numbers, as PostgreSQL and Spark call them."""

T = TypeVar("T")


class Engine(Protocol):
    """Who keeps the table, and tables of our own beside it.

    Attributes
    ----------
    table : what stands after FROM
    types : SQL type of each column, by its name
    row : the column that numbers the rows, quoted
    unique : whether the engine sees to it that no two rows have one number
    most_summed : numbers of a row up to which the engine sums; wider rows come here
    """

    table: str
    types: Mapping[str, str]
    row: str
    unique: bool
    most_summed: int

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

    def changed(self) -> bool:
        """Whether it is known that the table was written to since it was connected."""
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


def some_of_types(
    types: Mapping[str, str], columns: Sequence[str] | None
) -> Mapping[str, str]:
    """Return the types of some columns; of all for None.

    Raises
    ------
    DesignError
        if there is no such column
    """
    if columns is None:
        return types
    unknown = [named(name) for name in columns if name not in types]
    if unknown:
        raise DesignError(f"The table has no column {listed(unknown)}.")
    return {name: types[name] for name in columns}


def real(value: float) -> str:
    """Write a number so that every engine takes it for one of double precision."""
    return f"CAST({float(value)!r} AS DOUBLE PRECISION)"


def whole(column: pa.ChunkedArray) -> Integers:
    """Return a column of an answer as whole numbers."""
    numbers: Integers = column.to_numpy().astype(int)
    return numbers


def row_number(types: Mapping[str, str], table: str, key: str | None) -> str:
    """Return the column that names the rows of a table of a database, quoted.

    Raises
    ------
    DesignError
        if it holds no whole numbers
    """
    if key is None or types.get(key) not in WHOLE:
        raise DesignError(
            f"The rows of {named(table)} have no numbers of their own; give a column "
            "of whole numbers that names them as `key`."
        )
    return identifier(key)


def first_line(error: Exception) -> str:
    """Return the first line of what an engine says."""
    return str(error).strip().split("\n")[0]


class Turn:
    """One query at a time on a connection; in between it forgets what is unwanted.

    Parameters
    ----------
    forget : drops a table of our own
    cancel : ends the query that runs
    errors, failed : what a query raises, and the sentence that it then is
    """

    def __init__(
        self,
        forget: Callable[[str], object],
        cancel: Callable[[], object],
        errors: type[Exception] | tuple[type[Exception], ...],
        failed: str,
    ) -> None:
        self._forget, self._unwanted = forget, deque[str]()
        self._cancel, self._errors, self._failed = cancel, errors, failed
        self._busy, self._streams = threading.Lock(), 0

    def run(self, work: Callable[[], T], tick: Tick = no_tick) -> T:
        """Run a query; what `tick` raises ends it.

        Raises
        ------
        NotNowError
            if it fails
        """
        with self.taken(tick):
            try:
                return until_done(work, self._cancel, tick)
            except self._errors as error:
                said = f"{self._failed}: {first_line(error)}"
                raise NotNowError(said) from error

    @contextmanager
    def taken(self, tick: Tick = no_tick) -> Iterator[None]:
        """Have the connection for the length of the block; what `tick` raises ends it.

        However long another query takes, who waits can be called off.
        """
        with held(self._busy, tick):
            self._clear()
            yield

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Forget nothing for the length of the block, in which an answer comes in."""
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    def drop(self, name: str) -> None:
        """Forget a table as soon as no query runs.

        Nobody waits: it is called where a problem is collected, and that may be while
        this very thread has the connection.
        """
        self._unwanted.append(name)
        if self._busy.acquire(blocking=False):
            try:
                self._clear()
            finally:
                self._busy.release()

    def _clear(self) -> None:
        while self._unwanted and not self._streams:
            self._forget(self._unwanted.popleft())


@contextmanager
def held(lock: threading.Lock, tick: Tick) -> Iterator[None]:
    """Hold a lock for the length of the block; what `tick` raises ends the waiting."""
    while not lock.acquire(timeout=BEAT):
        tick()
    try:
        yield
    finally:
        lock.release()


def until_done(work: Callable[[], T], cancel: Callable[[], object], tick: Tick) -> T:
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

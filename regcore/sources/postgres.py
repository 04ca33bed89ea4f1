"""A table of PostgreSQL, asked by the same text; see `Engine`.

What is kept is kept in temporary tables of one session, which asks for no more than to
read the table and to make these.
"""

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import psycopg
import pyarrow as pa

from regcore.model.blocks import Tick, no_tick
from regcore.settings import DesignError
from regcore.sources.engine import (
    A_PIECE,
    Turn,
    first_line,
    identifier,
    row_number,
    some_of_types,
)
from regcore.words import named

T = TypeVar("T")

MOST_SUMMED = 24
"""Of 18 numbers its own sums and what is done for them here took 9 µs of CPU a row and
rows that come here 17, of 30 numbers 36 and 24, of 100 it was 1,050 and 114."""

CELLS = 200_000
"""Cells that are fetched at once: until they are numbers nobody can call it off."""

_FROM_OID: Mapping[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    1114: pa.timestamp("us"),
    1700: pa.float64(),
}
"""Types of an answer by their number in PostgreSQL; all others are text."""

_TO_SQL: Sequence[tuple[Callable[[pa.DataType], bool], str]] = (
    (pa.types.is_floating, "DOUBLE PRECISION"),
    (pa.types.is_integer, "BIGINT"),
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_timestamp, "TIMESTAMP"),
)
"""Types of a table of our own in SQL; all others are text."""

_COLUMNS = """
SELECT a.attname, CASE WHEN t.typtype = 'e' THEN 'ENUM'
    ELSE format_type(COALESCE(NULLIF(t.typbasetype, 0), a.atttypid), NULL) END,
    CASE WHEN a.attcollation = 0 THEN '' ELSE ' COLLATE "C"' END
FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

_FOUND = """
SELECT c.oid, n.nspname, c.relname
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass(%s)
"""

_UNIQUE = """
SELECT a.attname, i.indisprimary, NOT (c.relkind = 'r' AND c.relhassubclass)
FROM pg_index AS i
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
JOIN pg_class AS c ON c.oid = i.indrelid
WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
    AND i.indnkeyatts = 1
"""
"""Columns in which no cell comes twice, and whether none does in tables below it."""


class PostgreSQL:
    """A session that reads one table.

    Parameters
    ----------
    address : such as ``postgres://user@host/database``; what it leaves out, such as a
        password, is taken from the environment and files of libpq
    table : name, or schema and name with a point between
    key : column of whole numbers that names the rows; without it the primary key
    columns : those that are read; None for all
    """

    most_summed = MOST_SUMMED
    size: int

    def __init__(
        self,
        address: str,
        table: str,
        key: str | None,
        columns: Sequence[str] | None = None,
    ) -> None:
        try:
            self._connection = psycopg.connect(address, autocommit=True)
        except psycopg.Error as error:
            raise DesignError(
                f"PostgreSQL cannot be reached: {first_line(error)}"
            ) from error
        # To compile hundreds of sums takes it longer than to add them up. What a text
        # or a moment is as the key of its row must not depend on who asks.
        for setting in ("jit = off", "datestyle = ISO", "client_encoding = UTF8"):
            self._connection.execute(f"SET {setting}")
        weakref.finalize(self, self._connection.close)
        self._turn = Turn(
            partial(_drop, self._connection),
            self._connection.cancel_safe,
            psycopg.Error,
            "PostgreSQL could not answer",
        )
        number, found = self._find(table)
        there = self._rows(_COLUMNS, number)
        self.types: Mapping[str, str] = {name: kind for name, kind, _ in there}
        self.row, self.unique = self._key(number, table, key)
        self.types = some_of_types(self.types, columns)
        # Texts are equal that have the same letters, whatever else a column compares.
        own = [
            f"{identifier(name)}{letters} AS {identifier(name)}"
            for name, _, letters in there
            if name in self.types or identifier(name) == self.row
        ]
        self.table = f"(SELECT {', '.join(own)} FROM {found})"
        (self.size,) = self._rows("SELECT pg_table_size(%s::oid)", number)[0]

    def _find(self, table: str) -> tuple[int, str]:
        """Return the number of a table and its name with its schema, quoted."""
        ways = [identifier(table), ".".join(map(identifier, table.split(".", 1)))]
        for name in ways:
            for number, schema, bare in self._rows(_FOUND, name):
                return number, f"{identifier(schema)}.{identifier(bare)}"
        raise DesignError(f"The database has no table {named(table)}.")

    def _key(self, number: int, table: str, key: str | None) -> tuple[str, bool]:
        """Return the column that names the rows, and whether it is known to."""
        found = self._rows(_UNIQUE, number)
        own = key or next((name for name, primary, _ in found if primary), None)
        known = any(own == name and alone for name, _, alone in found)
        return row_number(self.types, table, own), known

    def _rows(self, query: str, value: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(_text(query), [value]).fetchall()

    def ask(self, query: str, tick: Tick = no_tick) -> pa.Table:
        """See `Engine.ask`."""

        def work() -> pa.Table:
            cursor = self._connection.execute(_text(query))
            return _table(cursor, cursor.fetchall())

        return self._turn.run(work, tick)

    def pieces(self, query: str, tick: Tick = no_tick) -> Iterator[pa.RecordBatch]:
        """See `Engine.pieces`."""
        whole = self._connection.transaction()
        with whole, self._connection.cursor(name="pieces") as cursor:
            self._turn.run(partial(cursor.execute, _text(query)), tick)
            most = max(1, CELLS // len(cursor.description or [""]))
            fetch = partial(cursor.fetchmany, most)
            found = iter(lambda: self._turn.run(fetch, tick), [])
            tables = (_table(cursor, rows) for rows in found)
            while some := list(islice(tables, -(-A_PIECE // most))):
                yield from pa.concat_tables(some).combine_chunks().to_batches()

    def keep(self, name: str, query: str, tick: Tick = no_tick) -> None:
        """See `Engine.keep`."""
        self.drop(name)
        made = _text(f"CREATE TEMPORARY TABLE {name} AS {query}")
        self._turn.run(partial(self._connection.execute, made), tick)

    def put(self, name: str, table: pa.Table) -> None:
        """See `Engine.put`."""
        self.drop(name)
        columns = ", ".join(f"{f.name} {_type(f.type)}" for f in table.schema)

        def work() -> None:
            made = f"CREATE TEMPORARY TABLE {name} ({columns})"
            self._connection.execute(_text(made))
            copied = _text(f"COPY {name} FROM STDIN")
            with self._connection.cursor().copy(copied) as copy:
                for row in zip(*(c.to_pylist() for c in table.columns), strict=True):
                    copy.write_row(row)

        self._turn.run(work)

    def drop(self, name: str) -> None:
        """See `Engine.drop`."""
        self._turn.drop(name)

    def changed(self) -> bool:
        """See `Engine.changed`: PostgreSQL does not tell."""
        return False


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    # With the session all that it kept is gone.
    with suppress(psycopg.OperationalError):
        connection.execute(_text(f"DROP TABLE IF EXISTS pg_temp.{name}"))


def _text(query: str) -> bytes:
    # The names in it are quoted, and its values are numbers that we write.
    return query.encode()


def _table(cursor: psycopg.Cursor[Any], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Return rows as a table, numbers with double precision."""
    description = cursor.description or []
    columns = list(zip(*rows, strict=True)) or [()] * len(description)
    arrays = []
    for column, values in zip(description, columns, strict=True):
        kind = _FROM_OID.get(column.type_code, pa.string())
        if pa.types.is_floating(kind):
            values = tuple(None if v is None else float(v) for v in values)
        arrays.append(pa.array(values, kind))
    return pa.Table.from_arrays(arrays, [column.name for column in description])


def _type(kind: pa.DataType) -> str:
    return next((name for is_, name in _TO_SQL if is_(kind)), "TEXT")

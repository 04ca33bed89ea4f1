"""DuckDB inside this process: Parquet files and CSV files, of any number and size."""

import copy
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import starmap
from pathlib import Path

import duckdb
import pyarrow as pa

from regcore.model.blocks import Tick, no_tick
from regcore.settings import DesignError
from regcore.sources.engine import (
    A_PIECE,
    Turn,
    first_line,
    identifier,
    some_of_types,
    until_done,
)
from regcore.words import counted, named

A_FILE = 2**32
"""Rows of a file are numbered from so many times its place among the files."""

OURS = ("file_row_number", "file_index")
"""Columns of every Parquet file that say which row it is."""


class DuckDB:
    """A connection that reads these files and nothing else; see `Engine`.

    Its limits are locked, and so is the way to all other files. What it keeps goes to a
    folder of its own on the disk where the memory ends.

    Parameters
    ----------
    files, kind : all "parquet" or all "csv"
    memory, disk : the most that it may take, such as "4GB", with all beside it
    columns : those that are read; None for all
    tick : called every moment while it connects; what it raises ends that
    """

    most_summed, unique = 0, True
    types: Mapping[str, str]
    _first: "DuckDB"

    def __init__(
        self,
        files: Sequence[Path],
        kind: str,
        *,
        memory: str,
        disk: str,
        columns: Sequence[str] | None = None,
        tick: Tick = no_tick,
    ) -> None:
        spill = tempfile.mkdtemp(prefix="regcore-")
        try:
            self._connection = duckdb.connect(
                config={
                    "memory_limit": memory,
                    "temp_directory": spill,
                    "max_temp_directory_size": disk,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "python_enable_replacements": False,
                }
            )
        except duckdb.Error as error:
            shutil.rmtree(spill, ignore_errors=True)
            raise DesignError(
                f"DuckDB cannot begin with the memory {named(memory)} and the disk "
                f"{named(disk)}: {first_line(error)}"
            ) from error
        weakref.finalize(self, _leave, self._connection, spill)
        self._turn = _turn(self._connection)
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self.table, self.row = "files", identifier("row")
        self._written = {file: _written(file) for file in files}
        try:
            self._look_at(files, kind, columns, tick)
        except duckdb.Error as error:
            raise DesignError(
                f"The {counted(len(files), 'file')} cannot be read as one table: "
                f"{first_line(error)}"
            ) from error
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def beside(self) -> "DuckDB":
        """Return another connection to the same files, with tables of its own."""
        other = copy.copy(self)
        # The first takes all down that the files and the limits stand on.
        other._first = self
        other._connection = self._connection.cursor()
        other._turn = _turn(other._connection)
        weakref.finalize(other, other._connection.close)
        return other

    def _look_at(
        self,
        files: Sequence[Path],
        kind: str,
        columns: Sequence[str] | None,
        tick: Tick,
    ) -> None:
        paths = ", ".join(map(_text, files))
        read = f"read_{kind}([{paths}], union_by_name = true)"
        there = self._types(read, tick)
        self.types = some_of_types(there, columns)
        lower = {name.lower() for name in there}
        while self.row.strip('"') in lower:
            self.row = identifier(self.row.strip('"') + "_")
        if kind == "csv":
            self._take_in(files, tick)
            return
        taken = [name for name in OURS if name in lower]
        if taken:
            raise DesignError(
                f"The files have a column {named(taken[0])}, the name under which rows "
                "are counted; rename it."
            )
        own = ", ".join(starmap(_known, self.types.items()))
        self._do(
            f"CREATE VIEW files AS SELECT {own}, CAST(file_index AS BIGINT) * {A_FILE} "
            f"+ file_row_number AS {self.row} FROM {read}",
            tick,
        )
        self._connection.execute(f"SET allowed_paths = [{paths}]")

    def _do(self, query: str, tick: Tick) -> duckdb.DuckDBPyConnection:
        do = partial(self._connection.execute, query)
        return until_done(do, self._connection.interrupt, tick)

    def _types(self, read: str, tick: Tick) -> dict[str, str]:
        found = self._do(f"DESCRIBE SELECT * FROM {read}", tick).fetchall()
        return {name: kind for name, kind, *_ in found}

    def _take_in(self, files: Sequence[Path], tick: Tick) -> None:
        """Copy CSV files, which are slow to read and whose rows have no numbers."""
        columns = ", ".join(f"{identifier(n)} {k}" for n, k in self.types.items())
        self._connection.execute(f"CREATE TABLE files ({columns}, {self.row} BIGINT)")
        for place, file in enumerate(files):
            there = self._types(f"read_csv([{_text(file)}])", tick)
            own = [name for name in there if name in self.types]
            types = ", ".join(f"{_text(n)}: {_text(self.types[n])}" for n in own)
            given = f", types = {{{types}}}" if own else ""
            number = f"{place * A_FILE} + row_number() OVER () - 1 AS {self.row}"
            selected = ", ".join([*map(identifier, own), number])
            self._do(
                f"INSERT INTO files BY NAME SELECT {selected} "
                f"FROM read_csv([{_text(file)}]{given})",
                tick,
            )
        if self.changed():
            raise DesignError(
                "A file was written to while it was read; connect it again, or a copy "
                "that nobody writes to."
            )
        self._written = {}

    def ask(self, query: str, tick: Tick = no_tick) -> pa.Table:
        """See `Engine.ask`."""
        return self._turn.run(
            lambda: self._connection.sql(query).to_arrow_table(), tick
        )

    def pieces(self, query: str, tick: Tick = no_tick) -> Iterator[pa.RecordBatch]:
        """See `Engine.pieces`."""
        found = self._turn.run(
            lambda: self._connection.sql(query).to_arrow_reader(A_PIECE), tick
        )
        with self._turn.streaming():
            more = partial(next, found, None)
            while (piece := self._turn.run(more, tick)) is not None:
                yield piece

    def keep(self, name: str, query: str, tick: Tick = no_tick) -> None:
        """See `Engine.keep`."""
        made = f"CREATE OR REPLACE TEMP TABLE {name} AS {query}"
        self._turn.run(partial(self._connection.execute, made), tick)

    def put(self, name: str, table: pa.Table) -> None:
        """See `Engine.put`."""
        with self._turn.taken():
            self._connection.register("handed", table)
            self._connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM handed"
            )
            self._connection.unregister("handed")

    def drop(self, name: str) -> None:
        """See `Engine.drop`."""
        self._turn.drop(name)

    def changed(self) -> bool:
        """See `Engine.changed`; files of CSV are copied when they are connected."""
        return any(_written(file) != then for file, then in self._written.items())


def _turn(connection: duckdb.DuckDBPyConnection) -> Turn:
    return Turn(
        partial(_drop, connection),
        connection.interrupt,
        duckdb.Error,
        "DuckDB could not read the table",
    )


def _written(file: Path) -> tuple[int, int]:
    """When a file was written, in nanoseconds, and its bytes; zeros if it is gone."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _drop(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {name}")


def _leave(connection: duckdb.DuckDBPyConnection, folder: str) -> None:
    connection.close()
    shutil.rmtree(folder, ignore_errors=True)


def _known(name: str, kind: str) -> str:
    """A column of Parquet without NaN, which says nothing.

    The least and largest that Parquet tells leave NaN out, and DuckDB answers by these
    what it compares with NaN.
    """
    column = identifier(name)
    if kind not in ("FLOAT", "DOUBLE"):
        return column
    number = f"isfinite({column}) OR isinf({column})"
    return f"CASE WHEN {number} THEN {column} END AS {column}"


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"

"""A table of Spark, asked by the same text as sqlglot writes it for Spark.

What is kept stays on the workers, in memory and then on their disks; a worker that is
lost is Spark's to replace, and what it kept is made again from the table.
"""

import sys
import uuid
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import sqlglot
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from sqlglot import exp

from regcore.model.blocks import Tick, no_tick
from regcore.settings import DesignError
from regcore.sources.engine import A_PIECE, Turn, first_line, row_number, some_of_types

T = TypeVar("T")

ERRORS = (PySparkException, Py4JError)

CONF: Mapping[str, str] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
"""So that what overflows is an error, and a moment that of a clock in Greenwich."""


class Spark:
    """A session of its own beside the one that is given; see `Engine`.

    Parameters
    ----------
    session : one, or an address such as ``spark://host:7077``
    table : a table or a view, as that session names it
    key : column of whole numbers that names the rows
    columns : those that are read; None for all
    """

    most_summed, unique = sys.maxsize, False

    def __init__(
        self,
        session: str | Path | SparkSession,
        table: str,
        key: str | None,
        columns: Sequence[str] | None = None,
    ) -> None:
        try:
            if isinstance(session, str | Path):
                session = SparkSession.builder.master(str(session)).getOrCreate()
            # Spark Connect has none, and could not be called off.
            context = session.sparkContext
            rows = session.table(table)
            # All sessions know it, and temporary views of the other it can read.
            view = f"regcore_{uuid.uuid4().hex}"
            rows.createGlobalTempView(view)
            self._session = session.newSession()
            for name, value in CONF.items():
                self._session.conf.set(name, value)
        except ERRORS as error:
            raise DesignError(
                f"Spark cannot read that table: {first_line(error)}"
            ) from error
        self.table = f"global_temp.{view}"
        self.types: Mapping[str, str] = dict(rows.dtypes)
        self.row = row_number(self.types, table, key)
        self.types = some_of_types(self.types, columns)
        self._kept: dict[str, DataFrame] = {}
        cancel = partial(context.cancelJobGroup, view)
        forget = partial(_forget, self._kept)
        self._turn = Turn(forget, cancel, ERRORS, "Spark could not answer")
        self._context, self._group = context, view
        weakref.finalize(self, _leave, self._session, view, self._kept)

    def ask(self, query: str, tick: Tick = no_tick) -> pa.Table:
        """See `Engine.ask`."""
        return self._run(lambda: self._found(query).toArrow(), tick)

    def pieces(self, query: str, tick: Tick = no_tick) -> Iterator[pa.RecordBatch]:
        """See `Engine.pieces`."""
        found = self._run(lambda: self._found(query), tick)
        rows = self._run(partial(found.toLocalIterator, prefetchPartitions=True), tick)
        while some := self._run(lambda: list(islice(rows, A_PIECE)), tick):
            columns = [pa.array(column) for column in zip(*some, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, found.columns)

    def keep(self, name: str, query: str, tick: Tick = no_tick) -> None:
        """See `Engine.keep`."""

        def work() -> None:
            found = self._kept[name] = self._found(query).persist()
            # Nothing is read before it is asked for.
            found.count()
            found.createOrReplaceTempView(name)

        self._run(work, tick)

    def put(self, name: str, table: pa.Table) -> None:
        """See `Engine.put`."""

        def work() -> None:
            self._session.createDataFrame(table).createOrReplaceTempView(name)

        self._run(work, no_tick)

    def drop(self, name: str) -> None:
        """See `Engine.drop`."""
        self._turn.drop(name)

    def changed(self) -> bool:
        """See `Engine.changed`: Spark does not tell."""
        return False

    def _found(self, query: str) -> DataFrame:
        return self._session.sql(_text(query))

    def _run(self, work: Callable[[], T], tick: Tick) -> T:
        """Run jobs, in a thread of their own, in the group that is cancelled."""

        def grouped() -> T:
            self._context.setJobGroup(self._group, "regcore", interruptOnCancel=True)
            return work()

        return self._turn.run(grouped, tick)


def _text(query: str) -> str:
    written: str = sqlglot.parse_one(query, read="duckdb").transform(_own).sql("spark")
    return written


def _own(node: exp.Expr) -> exp.Expr:
    """Write the parts of a moment as Spark has them."""
    if isinstance(node, exp.Extract):
        if node.name == "EPOCH":
            moment = exp.cast(node.expression, "TIMESTAMPLTZ")
            return exp.func("UNIX_SECONDS", moment)
        if node.name == "ISODOW":
            return exp.Extract(
                this=exp.var("DAYOFWEEK_ISO"), expression=node.expression
            )
    return node


def _forget(kept: dict[str, DataFrame], name: str) -> None:
    if name in kept:
        kept.pop(name).unpersist()


def _leave(session: SparkSession, view: str, kept: dict[str, DataFrame]) -> None:
    # With the cluster all that it kept is gone.
    with suppress(*ERRORS, OSError):
        session.catalog.dropGlobalTempView(view)
        for name in list(kept):
            _forget(kept, name)

"""A table behind an engine: its columns, a sample of it, where each row belongs."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from regcore.design.buckets import BUCKETS, Key, P, Roles, Sql, place, sql_of_whole
from regcore.design.columns import plain
from regcore.design.guesses import Guess, guess_type
from regcore.design.sheet import Sheet
from regcore.model.blocks import Tick, no_tick
from regcore.settings import ColumnType, DesignError, Preparation
from regcore.sources.cells import Cells, readable
from regcore.sources.engine import Engine, identifier
from regcore.sources.fields import LOCKED

SAMPLE = 20_000
"""Rows that types and roles are read off."""

APART = 1_618_033_988
"""Seed of the sample: drawn by that of the split it would be of one side alone."""


@dataclass(frozen=True)
class Table:
    """A table behind an engine.

    Attributes
    ----------
    columns : those that hold one value a cell
    length : its rows, when it was connected
    """

    engine: Engine
    columns: Mapping[str, Cells]
    length: int
    _looks: list[tuple[Sheet, float]] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, engine: Engine, tick: Tick = no_tick) -> "Table":
        """Look at the table of an engine.

        Raises
        ------
        DesignError
            if it has no row or no column that can be read, a row without a number or
            two of one number
        """
        columns = {cells.name: cells for cells in readable(engine.types)}
        row = f"t.{engine.row}"
        # In files the number is that of the row, and to tell numbers apart takes long.
        own = f"COUNT({row})" if engine.unique else f"COUNT(DISTINCT {row})"
        counts = f"COUNT(*) AS n, COUNT({row}) AS numbered, {own} AS apart"
        found = engine.ask(f"SELECT {counts} FROM {engine.table} AS t", tick)
        rows, numbered, apart = (column[0].as_py() for column in found.columns)
        if not columns or not rows:
            raise DesignError(
                "The table has no row with values; connect one that has some."
            )
        if numbered < rows:
            raise DesignError(
                f"The column {engine.row}, which names the rows, is empty in "
                f"{rows - numbered:,} of them; give another one as `key`."
            )
        if apart < rows:
            raise DesignError(
                f"The column {engine.row}, which names the rows, has {apart:,} "
                f"different numbers for {rows:,} of them; give another one as `key`."
            )
        return cls(engine, columns, rows)

    @property
    def unread(self) -> tuple[str, ...]:
        """Columns that hold several values a cell, or none that could be read."""
        return tuple(name for name in self.engine.types if name not in self.columns)

    @property
    def sheet(self) -> Sheet:
        """What is guessed of the table from a sample of its rows."""
        return self.look()

    def look(self, tick: Tick = no_tick) -> Sheet:
        """Look at a sample of the rows, drawn by their hash, once.

        A row at the end that sums up the others is no total here: of a sample none can
        be known.
        """
        if self._looks:
            return self._looks[0][0]
        start = time.monotonic()
        rows, column = self._placed(self._row_key, seed=APART)
        most = min(P, -(-P * SAMPLE // self.length))
        order = f"t.{self.engine.row}"
        names = dict.fromkeys([*map(identifier, self.engine.types), self.engine.row])
        own = ", ".join(f"t.{name}" for name in names)
        self.engine.keep(
            "sampled", f"SELECT {own} FROM {rows} WHERE t.{column} < {most}", tick
        )
        cells = self._cells("sampled AS t", order, tick)
        sheet = Sheet.of(cells, tick)
        types = {**sheet.types, **self._vary_elsewhere(cells, sheet, tick)}
        found = Sheet(sheet.table, types, ()), time.monotonic() - start
        self._looks.append(found)
        return found[0]

    @property
    def seconds(self) -> float:
        """Seconds that the first look took; 0 before it."""
        return self._looks[0][1] if self._looks else 0.0

    def _cells(self, rows: str, order: str, tick: Tick) -> pd.DataFrame:
        cells = self.columns.values()
        selected = ", ".join(f"{c.cell} AS v{i}" for i, c in enumerate(cells))
        found = self.engine.ask(f"SELECT {selected} FROM {rows} ORDER BY {order}", tick)
        frame: pd.DataFrame = found.rename_columns(list(self.columns)).to_pandas()
        return frame

    def _vary_elsewhere(
        self, sample: pd.DataFrame, sheet: Sheet, tick: Tick
    ) -> dict[str, Guess]:
        """Guess anew of columns without two values in the sample.

        To their cells there the least and the largest of all rows are added.
        """
        alike = (ColumnType.CONSTANT, ColumnType.EMPTY)
        asked = [name for name, guess in sheet.types.items() if guess.type in alike]
        if not asked or len(sample) == self.length:
            return {}
        ends = [self.columns[name].ordered for name in asked]
        both = ", ".join(
            f"MIN({c}) AS a{i}, MAX({c}) AS b{i}" for i, c in enumerate(ends)
        )
        found = self.engine.ask(f"SELECT {both} FROM {self.engine.table} AS t", tick)
        types = {}
        for i, name in enumerate(asked):
            two = [found[f"{end}{i}"].to_pandas() for end in "ab"]
            column = pd.concat([*two, sample[name]]).rename(name)
            types[name] = guess_type(plain(column.to_frame())[name])
        return types

    def sampled(
        self, settings: Preparation, needed: Sequence[str], tick: Tick = no_tick
    ) -> pd.Series:
        """The part of each row of the sample, in its order; NaN of unusable rows."""
        rows, place = self.placed(settings, "sampled")
        part, order = part_of(f"t.{place}", settings, needed), f"t.{self.engine.row}"
        query = f"SELECT {part} AS part FROM {rows} ORDER BY {order}"
        parts: pd.Series = self.engine.ask(query, tick)["part"].to_pandas()
        return parts

    def placed(self, settings: Preparation, table: str = "") -> tuple[str, str]:
        """Return the rows t with the place of their key, and its column, quoted."""
        if settings.key is not None:
            key = self.columns[settings.key].key()
            return self._placed(key, settings.seed, table)
        return self._placed(self._row_key, settings.seed, table)

    @property
    def _row_key(self) -> Key[Sql]:
        return sql_of_whole(f"t.{self.engine.row}")

    def _placed(self, key: Key[Sql], seed: int, table: str = "") -> tuple[str, str]:
        low, high, column = map(self._free, ("low", "high", "place"))
        own = place(Key(Sql(f"t.{low}"), Sql(f"t.{high}")), seed)
        keyed = (
            f"(SELECT t.*, {key.low} AS {low}, {key.high} AS {high} "
            f"FROM {table or self.engine.table} AS t) AS t"
        )
        return f"(SELECT t.*, {own} AS {column} FROM {keyed}) AS t", column

    def _free(self, name: str) -> str:
        """Return a name that no column has, quoted."""
        taken = {column.lower() for column in self.engine.types}
        while name in taken:
            name += "_"
        return identifier(name)


def part_of(place: str, settings: Preparation, needed: Sequence[str]) -> str:
    """Return which part a row belongs to, in SQL; see `regcore.sources.encoded`.

    Parameters
    ----------
    place : of its key
    needed : cells without which it cannot be used
    """
    roles = Roles.of(settings.validation_share, settings.test_share)
    gaps = " OR ".join(f"{cell} IS NULL" for cell in needed)
    # Without brackets sqlglot 30.17 takes 1 + a % b for (1 + a) % b.
    bucket = f"({place} % {BUCKETS})"
    return (
        f"CASE WHEN {gaps} THEN NULL "
        f"WHEN {place} < {roles.held_out} THEN -1 - {bucket} "
        f"WHEN {place} >= {roles.locked} THEN {LOCKED} + {bucket} ELSE {bucket} END"
    )

"""The features as columns of an encoded table: numbers as such, levels as codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from regcore.design.chosen import ChosenNumber, read_chosen
from regcore.design.date_fits import wanted_parts
from regcore.design.dateparts import date_part
from regcore.design.dates import read_dates
from regcore.design.datetexts import DateOrder
from regcore.design.preparation import order_of
from regcore.design.roles import ColumnRole
from regcore.model.blocks import Tick
from regcore.model.losses import Array, Integers
from regcore.settings import ColumnType, DesignError, Preparation
from regcore.sources.cells import Cells
from regcore.sources.engine import Engine, whole
from regcore.sources.levels import Levels, levels_of
from regcore.words import named

MOST_DIFFERENT = 200_000
"""Different values of a category, or of texts that are read as dates or numbers."""

LOCKED = 1000
"""Parts from which on rows are locked away."""

EPOCH = np.datetime64("1970-01-01", "s")


@dataclass(frozen=True)
class Field:
    """One feature in the encoded table.

    Attributes
    ----------
    measures : what is measured of a cell, and the column of the encoded table with it
    select : the columns of the encoded table, from a row t of the table
    join : what must be joined to t for it
    order : how dates are read
    wrong : how often each text of the training rows comes that is no date
    levels : of a category
    """

    role: ColumnRole
    measures: Mapping[str, str] = field(default_factory=dict)
    select: Mapping[str, str] = field(default_factory=dict)
    join: str = ""
    order: DateOrder | None = None
    wrong: pd.Series = field(default_factory=lambda: pd.Series(dtype=int))
    levels: Levels | None = None

    def measured(self, place: int, expressions: Mapping[str, str]) -> "Field":
        """Return the same with these measures, as the feature of that number."""
        names = {what: f"x{place}_{i}" for i, what in enumerate(expressions)}
        select = {names[what]: text for what, text in expressions.items()}
        return replace(self, measures=names, select=select)


@dataclass(frozen=True)
class Different:
    """The different cells of a column.

    Attributes
    ----------
    table : their `value`, how often each comes, and how often in training rows
    """

    cells: Cells
    table: pa.Table

    @property
    def values(self) -> pd.Series:
        """The cells, as the table would have them."""
        column: pd.Series = self.table["value"].to_pandas()
        return column.rename(self.cells.name)

    @property
    def rows(self) -> Integers:
        """How often each comes."""
        return whole(self.table["n"])

    @property
    def trains(self) -> Integers:
        """How often each comes in training rows."""
        return whole(self.table["trains"])

    def put(self, engine: Engine, name: str, values: list[Array]) -> str:
        """Keep what cells become as v0, v1 … of a table, and return how to join it.

        A cell of which all that it becomes is NaN is not kept.
        """
        said = self.values.notna().to_numpy() & ~np.isnan(values).all(axis=0)
        columns = {
            f"v{i}": pa.array(v[said], from_pandas=True) for i, v in enumerate(values)
        }
        kept = self.table["value"].filter(pa.array(said))
        engine.put(name, pa.table({"value": kept, **columns}))
        return f"LEFT JOIN {name} ON {name}.value = {self.cells.cell}"


@dataclass(frozen=True)
class Reader:
    """Finds what each feature becomes.

    Attributes
    ----------
    rows : what stands after FROM: the table, as t
    part : which part a row of it belongs to, in SQL; see `table.Table`
    sample : the rows that were looked at
    chosen : how columns of text are read that were made numbers
    """

    engine: Engine
    columns: Mapping[str, Cells]
    rows: str
    part: str
    sample: pd.DataFrame
    chosen: Mapping[str, ChosenNumber]
    settings: Preparation

    def field(self, role: ColumnRole, place: int, tick: Tick) -> Field:
        """Return what a feature becomes; `place` is its number among them.

        Raises
        ------
        DesignError
            if it has too many levels, or no date where there were to be dates
        """
        cells = self.columns[role.column]
        if role.type is ColumnType.NUMBER:
            if cells.kind == "number":
                return Field(role).measured(place, {"number": cells.number()})
            return self._numbers(role, place, self.different(cells, tick))
        if role.type is ColumnType.DATE:
            return self._dates(role, place, cells, tick)
        return self._levels(role, place, self.different(cells, tick))

    def different(self, cells: Cells, tick: Tick) -> Different:
        """Return the different cells of a column.

        Raises
        ------
        DesignError
            if there are too many
        """
        found = self.engine.ask(
            f"SELECT {cells.cell} AS value, "
            f"COUNT({self.part}) AS n, "
            f"COUNT(CASE WHEN {trains(self.part)} THEN 1 END) AS trains "
            f"FROM {self.rows} GROUP BY 1 LIMIT {MOST_DIFFERENT + 1}",
            tick,
        )
        if len(found) > MOST_DIFFERENT:
            raise DesignError(
                f"Column {named(cells.name)} has more than {MOST_DIFFERENT:,} "
                "different values, too many to be told apart; leave it out or give "
                "it another type."
            )
        return Different(cells, found)

    def _numbers(self, role: ColumnRole, place: int, found: Different) -> Field:
        frame = pd.DataFrame({role.column: found.values})
        read = read_chosen(frame, [self.chosen[role.column]])[role.column]
        values = read.to_numpy(dtype=float, na_value=np.nan)
        join = found.put(self.engine, f"m{place}", [values])
        return Field(role, join=join).measured(place, {"number": f"m{place}.v0"})

    def _dates(self, role: ColumnRole, place: int, cells: Cells, tick: Tick) -> Field:
        order = order_of(self.sample[role.column], role, self.settings)
        parts = wanted_parts(order, self.settings.dates)
        blank = Field(role, order=order)
        if cells.kind == "moment":
            return blank.measured(place, {part: cells.part(part) for part in parts})
        found = self.different(cells, tick)
        times = read_dates(found.values, order)
        none = np.isnat(times)
        join = found.put(
            self.engine,
            f"m{place}",
            [np.where(none, np.nan, _measured(times, part)) for part in parts],
        )
        wrong = none & found.values.notna().to_numpy() & (found.trains > 0)
        counts = pd.Series(found.trains[wrong], index=found.values[wrong])
        counts = counts.sort_values(ascending=False, kind="stable")
        measures = {part: f"m{place}.v{i}" for i, part in enumerate(parts)}
        return replace(blank, join=join, wrong=counts).measured(place, measures)

    def _levels(self, role: ColumnRole, place: int, found: Different) -> Field:
        name, column = f"m{place}", f"c{place}"
        levels, codes = levels_of(found.values, found.rows, found.trains, column)
        last = len(levels.lines) - 1
        gap = codes[found.values.isna().to_numpy()].tolist() or [last]
        join = found.put(self.engine, name, [np.where(codes == last, np.nan, codes)])
        code = (
            f"COALESCE({name}.v0, CASE WHEN {found.cells.cell} IS NULL THEN {gap[0]} "
            f"ELSE {last} END)"
        )
        select = {column: f"CAST({code} AS SMALLINT)"}
        return Field(role, select=select, join=join, levels=levels)


SIDES: Mapping[str, str] = {
    "training": f"(part >= 0 AND part < {LOCKED})",
    "held out": "part < 0",
    "locked away": f"part >= {LOCKED}",
}
"""Which rows of an encoded table train, are held out and are locked away, in SQL."""


def trains(part: str) -> str:
    """Whether a row of that part trains, in SQL."""
    return f"({part} >= 0 AND {part} < {LOCKED})"


def _measured(times: np.ndarray, part: str) -> Array:
    """A part of each date; of its days the seconds since 1970, as the engine does."""
    if part == "days":
        return (times - EPOCH) / np.timedelta64(1, "s")
    return date_part(times, part, EPOCH)

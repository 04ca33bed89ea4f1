"""The table encoded once: a number a column, and the part that each row belongs to.

A training row's part is its bucket, 0 … 199; that of a row held out is −1 less its
bucket; rows that are locked away have parts from `LOCKED` on, and rows that cannot be
used have none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from regcore.design.columns import LARGEST
from regcore.model.blocks import Tick
from regcore.settings import DesignError
from regcore.sources.classes import Outcome
from regcore.sources.engine import Engine
from regcore.sources.fields import Field, trains
from regcore.words import named

T = TypeVar("T")

A_QUERY = 200
"""Columns that one query measures, and sums that it adds up."""

TARGET = "y"
"""The target's column of the encoded table."""


@dataclass(frozen=True)
class Counts:
    """Rows of the table.

    Attributes
    ----------
    rows, targets, usable : all, those with a target, those that can be used
    training, held_out : those that train, and that are held out
    """

    rows: int
    targets: int
    usable: int
    training: int
    held_out: int

    @property
    def locked(self) -> int:
        """Those that are locked away."""
        return self.usable - self.training - self.held_out


def encode(
    engine: Engine,
    name: str,
    rows: str,
    part: str,
    outcome: Outcome,
    fields: Sequence[Field],
    tick: Tick,
) -> None:
    """Keep all rows with the part, the target and every feature as numbers.

    Parameters
    ----------
    rows : what stands after FROM: the table, as t
    part : of a row of it, in SQL
    """
    columns = {"part": f"CAST({part} AS SMALLINT)", TARGET: outcome.value}
    for field in fields:
        columns |= field.select
    selected = ", ".join(f"{text} AS {column}" for column, text in columns.items())
    joins = " ".join([outcome.join, *(field.join for field in fields)])
    engine.keep(name, f"SELECT {selected} FROM {rows} {joins}", tick)


def count(engine: Engine, name: str, tick: Tick) -> Counts:
    """Count the rows of an encoded table."""
    found = engine.ask(
        f"SELECT COUNT(*) AS n, COUNT({TARGET}) AS y, COUNT(part) AS usable, "
        f"COUNT(CASE WHEN {trains('part')} THEN 1 END) AS training, "
        f"COUNT(CASE WHEN part < 0 THEN 1 END) AS held_out FROM {name}",
        tick,
    )
    return Counts(*(column[0].as_py() for column in found.columns))


def ranges(
    engine: Engine, name: str, columns: Mapping[str, str], tick: Tick
) -> dict[str, tuple[int, float, float]]:
    """Known training cells of each column of an encoded table, the least, the largest.

    Parameters
    ----------
    columns : and the name of the table's column behind each

    Raises
    ------
    DesignError
        if a number is too large to be scaled
    """
    found: dict[str, tuple[int, float, float]] = {}
    for some in some_of(list(columns), A_QUERY):
        asked = ", ".join(f"COUNT({c}), MIN({c}), MAX({c})" for c in some)
        query = (
            f"SELECT CASE WHEN {trains('part')} THEN 1 ELSE 0 END AS trains, {asked} "
            f"FROM {name} WHERE part IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        sides = engine.ask(query, tick).columns[1:]
        for at, column in enumerate(some):
            known, low, high = (side.to_pylist() for side in sides[3 * at : 3 * at + 3])
            if max(abs(end or 0.0) for end in (*low, *high)) > LARGEST:
                raise DesignError(
                    f"Column {named(columns[column])} has a number that is too large "
                    f"to be scaled (the limit is {LARGEST:g}); correct it or leave the "
                    "column out."
                )
            # Those that train come last. Without any cell of theirs there is no range.
            pair = (low[-1], high[-1]) if known[-1] else (np.nan, np.nan)
            found[column] = known[-1], *map(float, pair)
    return found


def some_of(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Yield so many items at a time."""
    for first in range(0, len(items), most):
        yield items[first : first + most]

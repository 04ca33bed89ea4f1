"""The classes of a target, as numbers of the encoded table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.design.target import merge_counted, read_target
from regcore.settings import Task
from regcore.sources.engine import Engine, real
from regcore.sources.fields import Different
from regcore.sources.fitting import Term

TABLE = "classes"
"""Our own table of the classes that cells are of."""


@dataclass(frozen=True)
class Outcome:
    """The target of every row.

    Attributes
    ----------
    classes : their names; none of a number
    value : of a row t of the table, in SQL
    join : what must be joined to t for it
    merged : a sentence on classes that were spelled in several ways
    """

    task: Task
    value: str
    classes: tuple[str, ...] = ()
    join: str = ""
    merged: tuple[str, ...] = ()

    @property
    def outputs(self) -> int:
        """Columns of Y: one a class, where there are three or more."""
        return len(self.classes) if self.task is Task.MULTICLASS else 1

    def terms(self, column: str, sample: pd.Series) -> list[Term]:
        """Return the columns of Y in SQL, from the column of the encoded table."""
        if not self.classes:
            return [Term(column, float(np.median(sample.dropna())))]
        if self.outputs == 1:
            return [Term(column, 0.0)]
        return [
            Term(f"CASE WHEN {column} = {real(j)} THEN {real(1)} ELSE {real(0)} END", 0)
            for j in range(self.outputs)
        ]


def classes_of(engine: Engine, found: Different, task: Task) -> Outcome:
    """Keep the class of each cell.

    Raises
    ------
    DesignError
        if these are not the classes of the task
    """
    known = found.values.notna().to_numpy() & (found.rows > 0)
    cells, rows = found.values[known], found.rows[known]
    spelled, merged = merge_counted(pd.Series(rows, index=cells), found.cells.name)
    # Two of each cell tell classes apart as all rows do, but for one of one row.
    few = spelled.repeat(np.minimum(rows, 2).tolist())
    target = read_target(few.rename(found.cells.name), task)
    code = dict(zip(few, target.values, strict=True))
    codes = np.full(len(known), np.nan)
    codes[known] = spelled.map(code)
    join = found.put(engine, TABLE, [codes])
    return Outcome(task, f"{TABLE}.v0", target.classes, join, merged)

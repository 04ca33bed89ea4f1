"""Another table, predicted by the three models, and what was new in it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.files.tables import predicted_columns
from regcore.model.metrics import Measured, measure
from regcore.settings import ColumnType, DesignError
from regcore.words import counted, listed, named, one_or_many

MOST_NAMED = 6


@dataclass(frozen=True)
class Scored:
    """Predictions for another table.

    Attributes
    ----------
    table : the row, the actual value where the table has it, what each model predicts
    notes : sentences on what the table lacks, and on what no training row had
    measured : the metrics on the rows whose target is known; empty without one
    rows : how many these are
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    measured: tuple[Measured, ...]
    rows: int


def score_table(result: Comparison, table: pd.DataFrame) -> Scored:
    """Predict every row of another table, read as the first was.

    A column that is missing, and a cell without a value, count as a gap in training
    did.

    Raises
    ------
    DesignError
        one sentence, if no column of the models is there, or text where there were
        numbers
    """
    recipe, design = result.problem.design.recipe, result.problem.design
    missing = [name for name in _sources(result) if name not in table]
    if len(missing) == len(recipe.sources):
        raise DesignError(
            f"None of the columns that the models use is in this file; they are "
            f"{listed([named(name) for name in missing], MOST_NAMED)}."
        )
    absent = [e.column for e in recipe.encodings if e.column not in table]
    whole = table.reindex(columns=[*table.columns, *absent])
    rows = recipe.rows(whole)
    frame = pd.DataFrame({"row": np.arange(1, len(table) + 1)}, index=table.index)
    known = np.zeros(len(table), bool)
    measured: tuple[Measured, ...] = ()
    if design.target in table:
        actual = result.fitted("none").cleaned(whole)[design.target]
        frame["actual"] = actual.to_numpy()
        known, Y = design.outputs(actual)
        if known.any():
            measured = measure(
                design.task.metrics,
                result.problem.loss,
                rows.matrix()[known],
                Y,
                result.W,
                result.b,
                guess=design.Y.mean(axis=0),
                unit=float(design.y_scale.deviation[0]),
            )
    return Scored(
        pd.concat([frame, predicted_columns(result, whole)], axis=1).reset_index(
            drop=True
        ),
        (*_lacks(missing), *_gaps(result, table), *recipe.unseen_in_words(rows)),
        measured,
        int(known.sum()),
    )


def _sources(result: Comparison) -> list[str]:
    """Columns that a feature is made from, in the order of the table."""
    recipe = result.problem.design.recipe
    return [e.column for e in recipe.encodings if e.column in recipe.sources]


def _lacks(missing: list[str]) -> list[str]:
    if not missing:
        return []
    columns = listed([named(name) for name in missing], MOST_NAMED)
    are = one_or_many(len(missing), "is", "are")
    return [f"{columns} {are} not in this file, and counted as gaps in every row."]


def _gaps(result: Comparison, table: pd.DataFrame) -> list[str]:
    """Say where numbers and dates have gaps in columns that had none in training."""
    usual = {
        entry.column
        for entry in result.problem.design.ledger
        if entry.filled or entry.type is ColumnType.CATEGORY
    }
    gaps = {
        name: int(table[name].isna().sum())
        for name in _sources(result)
        if name in table and name not in usual
    }
    return [
        f"{named(name)}: {counted(count, 'cell')} without a value, which no training "
        "row has; taken as the median of the training rows."
        for name, count in gaps.items()
        if count
    ]

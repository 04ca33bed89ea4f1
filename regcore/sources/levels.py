"""The levels of a category, fitted on its different cells and how often they come."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.design.columns import CategoryColumn, coded, fit_category, level_codes
from regcore.model.losses import Array, Integers


@dataclass(frozen=True)
class Levels:
    """A category as codes.

    Attributes
    ----------
    code : the code of a row of the encoded table, in SQL
    encoding, note : as `fit_category` gives them; None and why where nothing varies
    lines : (codes, columns), what each stands for
    rows : (codes,), how many rows have each
    trains : how many training rows are no gap
    merged : levels of the training rows that share a column
    """

    code: str
    encoding: CategoryColumn | None
    note: str
    lines: Array
    rows: Integers
    trains: int
    merged: int


def levels_of(
    values: pd.Series, rows: Integers, trains: Integers, code: str
) -> tuple[Levels, Integers]:
    """Fit the levels.

    Parameters
    ----------
    values : the different cells
    rows, trains : how often each comes, and how often in training rows

    Returns
    -------
    the levels, and the code of each of the values
    """
    column, seen = coded(values), trains > 0
    training = column[seen]
    encoding, note = fit_category(training, times=trains[seen])
    known = int(trains[values.notna().to_numpy()].sum())
    if encoding is None:
        nothing = np.zeros((1, 0))
        levels = Levels(code, None, note, nothing, np.array([rows.sum()]), known, 0)
        return levels, np.zeros(len(values), dtype=int)
    encoded = encoding.encode(column)
    # A code of −1 is the last.
    codes = encoded.codes.astype(int) % len(encoded.lines)
    merged = len(level_codes(training)[1]) - len(encoding.levels)
    counts = np.bincount(codes, rows, len(encoded.lines)).astype(int)
    merged = merged if encoding.other else 0
    lines = _with_averages(encoded.lines, np.bincount(codes, trains))
    return Levels(code, encoding, note, lines, counts, known, merged), codes


def _with_averages(lines: Array, rows: Integers) -> Array:
    """Let levels that no training row has stand for the average of their columns.

    Parameters
    ----------
    rows : training rows of each code; of none after the last that has any
    """
    average = rows @ np.nan_to_num(lines[: len(rows)]) / rows.sum()
    return np.where(np.isnan(lines), average, lines)

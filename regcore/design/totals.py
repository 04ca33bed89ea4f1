"""Totals below the data: rows that sum up the others, and would outweigh them all."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regcore.design.columns import is_number
from regcore.intake.layout import TOTAL
from regcore.model.losses import Array

TAIL = 10
"""Last rows that are looked at."""

ROUNDED = 1e-4
"""Share of a sum by which its rounding may be off."""

BEYOND = 1.5
"""A sum is more than so many times the largest of what it sums up."""


MANY = 10
"""Rows above from which one as large as their sum is no chance."""

UNLIKELY = 1e3
"""Values that a row could have had instead of the sums, from which it is no chance."""


def totals_below(table: pd.DataFrame) -> np.ndarray:
    """Positions of the last rows that are totals.

    At least half of the numbers of one are the sums of their columns, and not by
    chance, as a small count below a few others may be; or they are as large as any
    above, and the row is named so: it has a word such as «total» as its first cell or
    beside a gap, which no row above has there, as a level would be.
    """
    start = max(0, len(table) - TAIL)
    names = [name for name in table if is_number(table[name])]
    if not len(table) or not names:
        return np.array([], dtype=int)
    columns = [table[name].to_numpy(dtype=float, na_value=np.nan) for name in names]
    # What overflows is refused later, in a sentence.
    with np.errstate(over="ignore", invalid="ignore"):
        return start + _find(columns, start, _named(table, start))


def _find(columns: Sequence[Array], start: int, named: np.ndarray) -> np.ndarray:
    """Places of totals among the last rows, given which are named so."""
    tail = np.column_stack([column[start:] for column in columns])
    sums = np.array([np.nansum(column[:start]) for column in columns])
    before = np.array(
        [np.fmax.reduce(np.abs(column[:start]), initial=0.0) for column in columns]
    )
    others = np.abs(tail[~named])
    largest = np.fmax(before, np.fmax.reduce(others, axis=0, initial=0.0))
    found: list[int] = []
    for at, row in enumerate(tail):
        known = ~np.isnan(row)
        is_sum = np.abs(row - sums) <= ROUNDED * np.abs(sums)
        is_sum &= np.isfinite(sums) & (np.abs(sums) > BEYOND * before)
        outweighs = named[at] & (np.abs(row) >= largest)
        total = known.any() and np.mean((is_sum | outweighs)[known]) >= 0.5
        if total and not named[at] and start + at - len(found) < MANY:
            agreeing = [columns[j] for j in np.flatnonzero(is_sum).tolist()]
            total = _alternatives(agreeing, sums[is_sum]) >= UNLIKELY
        if total:
            found.append(at)
        else:
            sums = sums + np.where(known, row, 0.0)
            before = np.fmax(before, np.abs(row))
    return np.array(found, dtype=int)


def _alternatives(columns: Sequence[Array], sums: Array) -> float:
    """About how many rows of values up to the sums there could be."""
    count = 1.0
    for column, total in zip(columns, np.abs(sums), strict=True):
        values = np.unique(column[np.isfinite(column)])
        step = float(np.diff(values).min(initial=np.inf))
        count *= min(max(total / step, 1.0), 1.0 / ROUNDED)
    return count


def _named(table: pd.DataFrame, start: int) -> np.ndarray:
    """Whether each row from a start on is called a total."""
    tail = table.iloc[start:]
    named = np.zeros(len(tail), dtype=bool)
    texts = [(at, name) for at, name in enumerate(table) if not is_number(table[name])]
    if not texts:
        return named
    gaps = tail.isna().any(axis=1).to_numpy()
    for place, name in texts:
        cells = tail[name].astype("str").str.strip()
        words = cells.str.fullmatch(TOTAL).fillna(False).to_numpy(bool)
        words = words & (gaps | (place == 0))
        if words.any():
            above = table[name].iloc[:start].astype("str").str.strip()
            named |= words & ~above.isin(cells[words]).any()
    return named

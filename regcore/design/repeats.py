"""Rows that are there more than once: the same in every feature and the target.

What is held out and is a repeat of a training row was trained on; scores on such rows
say how well a model remembers.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from regcore.design.columns import is_number
from regcore.model.blocks import BLOCK
from regcore.model.losses import Array

SAMPLE = 4_000
"""Rows from which it is estimated how often two rows are equal by chance."""

CHANCE = 0.5
"""Share of the repeats found that may come by chance, for them to be said."""

_SHIFT = np.uint64(32)
_ODD = np.uint64(0x9E3779B97F4A7C15)


def row_hashes(
    columns: Mapping[str, pd.Series], target: Array, rows: np.ndarray
) -> np.ndarray:
    """Return a hash of each row, (n,): rows that are equal have the same.

    Parameters
    ----------
    columns : of the features, with all rows of the table
    target : (n,), numbers or class codes
    rows : (n,), the rows of the table that they are of
    """
    weights = np.random.default_rng(0).integers(1, 2**63, len(columns) + 1) | 1
    parts = [*(_numbers(column) for column in columns.values()), None]
    found = np.zeros(len(rows), dtype=np.uint64)
    for first in range(0, len(rows), BLOCK):
        block = slice(first, first + BLOCK)
        for numbers, weight in zip(parts, weights.astype(np.uint64), strict=True):
            values = target[block] if numbers is None else numbers[rows[block]]
            found[block] += weight * _mixed(values)
    return found


def find_repeats(
    hashes: np.ndarray,
    columns: Mapping[str, pd.Series],
    target: Array,
    rows: np.ndarray,
    train: np.ndarray,
    held_out: np.ndarray,
) -> np.ndarray:
    """Which of the rows held out repeat a training row, as a mask.

    None does where about as many would by chance, as in a table of few levels.

    Parameters
    ----------
    hashes, columns, target, rows : see `row_hashes`
    train, held_out : places among the rows
    """
    found: np.ndarray = np.isin(hashes[held_out], hashes[train])
    if found.any():
        chance = _expected(columns, target[train], rows[train])
        found &= chance * len(held_out) <= CHANCE * found.sum()
    return found


def _expected(
    columns: Mapping[str, pd.Series], target: Array, rows: np.ndarray
) -> float:
    """Return the share of rows that would repeat one of these by chance.

    By chance is: if the columns had nothing to do with each other. Two rows are then
    equal with the probability p = Π_j Σ_v c(c − 1)/(m(m − 1)), with c of m sampled rows
    having the value v in the column j, and 1 − (1 − p)^n repeat one of n.
    """
    some = np.arange(0, len(rows), max(1, len(rows) // SAMPLE))
    picked = [target[some], *(_numbers(c)[rows[some]] for c in columns.values())]
    equal, m = 1.0, len(some)
    for values in picked:
        counts = np.unique(values, return_counts=True)[1].astype(float)
        equal *= float((counts * (counts - 1)).sum()) / (m * max(1, m - 1))
    return float(-np.expm1(len(rows) * np.log1p(-min(equal, 1 - 1e-12))))


def _numbers(column: pd.Series) -> np.ndarray:
    """Return numbers that tell the cells of a column apart."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy()
    if is_number(column):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return pd.factorize(column)[0]


def _mixed(values: np.ndarray) -> np.ndarray:
    """Return the bits of numbers so mixed that their sums hardly ever agree."""
    # Zero has two signs, and no number many.
    plain = np.where(np.isnan(values), np.nan, values + 0.0)
    bits = plain.astype(np.float64).view(np.uint64) * _ODD
    bits ^= bits >> _SHIFT
    mixed: np.ndarray = bits * _ODD
    return mixed

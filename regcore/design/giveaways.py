"""Whether one column gives the target away."""

import numpy as np

from regcore.design.columns import MOST_LEVELS
from regcore.model.losses import Array

FEWEST_ROWS = 15
"""Rows below which anything fits by chance."""

FEWEST_OF_A_CLASS = 8
"""Rows of the second largest class below which one cut parts it by chance."""

UNEXPLAINED = 1e-3
"""Share of the target's variance that may be left by what decides a number."""

STRAY = 0.005
"""Rows that may contradict a feature that decides the class, as a share of the second
largest class."""

FLIPPED = 0.02
"""The same for a feature of few values, as a copy of the class is."""

RARE = 0.25
"""Share of the rows of one of two classes below which a level that it has hardly comes
by chance."""

MOST_CLASSES = 3
"""Classes of which none may have a level of its own; of many, each may."""

PURE, COMMON = 0.9, 0.5
"""Shares of the level's rows that must be of the class, and of the class's of the
level."""

DISORDER = 1e-3
"""1 − |rank correlation| of a feature that is a copy of the target in its own scale."""

PROBE = 4_000
"""Rows that are looked at before all are."""


def decides_class(values: Array, codes: np.ndarray) -> bool:
    """Whether the class is a function of the value, but for a few stray rows.

    A copy of the class may have some flipped. Values are few, or the classes lie in as
    many stretches of the value as there are classes.
    """
    few = len(np.unique(values[:PROBE])) <= MOST_LEVELS
    most = FLIPPED if few else STRAY
    return all(
        _stray_share(values[at], codes[at]) <= most for at in _probes(len(values))
    )


def level_of_a_class(
    values: Array, codes: np.ndarray
) -> tuple[int, int, int, int] | None:
    """Return what a level and a rare class share: rows of both, of each, the class."""
    few = len(np.unique(values[:PROBE])) <= MOST_LEVELS
    if not few or codes.max() >= MOST_CLASSES:
        return None
    group = np.unique(values, return_inverse=True)[1]
    counts = _counts(group, codes)
    rows, sizes = counts.sum(axis=1), counts.sum(axis=0)
    fits = counts >= np.fmax(PURE * rows[:, np.newaxis], COMMON * sizes)
    fits &= (counts >= FEWEST_OF_A_CLASS) & (
        sizes <= RARE * 2 / len(sizes) * len(codes)
    )
    if not fits.any():
        return None
    at, kind = np.unravel_index(int(np.where(fits, counts, 0).argmax()), counts.shape)
    return int(counts[at, kind]), int(rows[at]), int(sizes[kind]), int(kind)


def _stray_share(values: Array, codes: np.ndarray) -> float:
    """Return how many rows contradict it, as a share of the second largest class."""
    _, group = np.unique(values, return_inverse=True)
    counts = _counts(group, codes)
    sizes = np.sort(np.bincount(codes))
    stray = len(codes) - int(counts.max(axis=1).sum())
    if len(counts) > len(codes) / 10:
        # A value that hardly any row shares says nothing but by its neighbours.
        changes = int(np.count_nonzero(np.diff(counts.argmax(axis=1))))
        stray += max(0, changes - int(np.count_nonzero(sizes)) + 1)
    return stray / max(1, int(sizes[-2])) if len(sizes) > 1 else 0.0


def decides_number(values: Array, y: Array) -> bool:
    """Whether the number is a straight line of the value, or a constant in each."""
    return all(
        _left_by_value(values[at], y[at]) <= UNEXPLAINED for at in _probes(len(y))
    )


def _left_by_value(values: Array, y: Array) -> float:
    """Return the share of the variance that the value leaves, at its best."""
    left = 1.0 - _correlation(values, y) ** 2
    levels, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    if left <= UNEXPLAINED or len(levels) > len(y) / 10:
        return left
    means = np.bincount(group, y) / counts
    total = float(((y - y.mean()) ** 2).sum())
    return float(((y - means[group]) ** 2).sum()) / total if total > 0 else 1.0


def is_banded(values: Array, y: Array) -> bool:
    """Whether each of a few values is a stretch of the number, but for a few rows.

    A value with one number alone is no stretch: who pays in cash leaves no tip.
    """
    if len(np.unique(values[:PROBE])) > MOST_LEVELS:
        return False
    levels, counts = np.unique(values, return_counts=True)
    beside = len(values) - int(counts.max())
    if beside < FEWEST_OF_A_CLASS or len(levels) > len(values) / 10:
        return False
    if any(np.ptp(y[values == level]) == 0 for level in levels):
        return False
    group = np.unique(y, return_inverse=True)[1]
    band = np.unique(values, return_inverse=True)[1]
    stretches = _counts(group, band)
    stray = len(y) - int(stretches.max(axis=1).sum())
    changes = int(np.count_nonzero(np.diff(stretches.argmax(axis=1))))
    return stray + changes - len(levels) + 1 <= 2 * round(FLIPPED * beside)


def _counts(group: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """How many rows there are of each kind in each group, (groups, kinds)."""
    shape = int(group.max()) + 1, int(kind.max()) + 1
    return np.bincount(group * shape[1] + kind, minlength=shape[0] * shape[1]).reshape(
        shape
    )


def same_order(values: Array, y: Array) -> bool:
    """Whether nearly the same ranks come of the value and the number."""
    if len(np.unique(y[:PROBE])) < FEWEST_ROWS:
        return False
    return all(
        1.0 - abs(_correlation(_ranks(values[at]), _ranks(y[at]))) <= DISORDER
        for at in _probes(len(y))
    )


def _probes(n: int) -> list[slice]:
    """A few of n rows, evenly spread, and then all of them."""
    return [slice(None, None, max(1, n // PROBE)), slice(None)]


def _ranks(values: Array) -> Array:
    """Return the rank of each value, the mean rank of equal ones."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2.0)[group]


def _correlation(a: Array, b: Array) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0

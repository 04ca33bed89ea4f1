"""Features that give the target away, found before anything is trained.

Three kinds: a feature that decides the class or the number alone; one that puts the
rows in the same order as a number; a few whose weighted sum is the number. Only
training rows are looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from regcore.design.matrix import Design
from regcore.design.sums import MOST_ROWS, near_sum
from regcore.losses import Array
from regcore.settings import Task

FEWEST_ROWS = 15
"""Training rows below which anything fits by chance."""

FEWEST_OF_A_CLASS = 8
"""Training rows of the second largest class below which one cut parts it by chance."""

STRAY = 0.005
"""Rows that may contradict a feature that decides the class, as a share of the second
largest class."""

UNEXPLAINED = 1e-3
"""Share of the target's variance that may be left by what decides a number."""

EXACT = 1e-6
"""The same for a sum that only its rounding keeps from being exact."""

DISORDER = 1e-3
"""1 − |rank correlation| of a feature that is a copy of the target in its own scale."""

PROBE = 4_000
"""Rows that are looked at before all are."""


@dataclass(frozen=True)
class Leak:
    """A feature, or a few together, that give the target away.

    Attributes
    ----------
    columns : the table's columns
    sentence : what was found and what to do, in words
    """

    columns: tuple[str, ...]
    sentence: str


def find_leaks(design: Design) -> tuple[Leak, ...]:
    """Return what gives the target away, the features that do it alone first."""
    if len(design.rows) < FEWEST_ROWS:
        return ()
    if design.task is Task.REGRESSION:
        return _number_leaks(design)
    codes = _codes(design)
    counts = np.sort(np.bincount(codes))
    if counts[-2] < FEWEST_OF_A_CLASS:
        return ()
    return tuple(
        Leak((source,), _alone(source, "the class", design))
        for source, values in _values(design)
        if _decides_class(values, codes)
    )


def _number_leaks(design: Design) -> tuple[Leak, ...]:
    y = design.Y[:, 0]
    found = []
    for source, values in _values(design):
        known = ~np.isnan(values)
        if known.sum() < max(FEWEST_ROWS, len(y) / 2):
            continue
        if _decides_number(values[known], y[known]):
            found.append(Leak((source,), _alone(source, "the number", design)))
        elif _same_order(values[known], y[known]):
            found.append(
                Leak(
                    (source,),
                    f"«{source}» puts the rows in the same order as «{design.target}», "
                    "as a copy of it in another scale would; leave it out unless it is "
                    f"known before «{design.target}» is.",
                )
            )
    if found:
        return tuple(found)
    return tuple(_sums(design, y))


def _alone(source: str, what: str, design: Design) -> str:
    return (
        f"«{source}» alone gives away {what}; leave it out unless it is known before "
        f"«{design.target}» is."
    )


def _sums(design: Design, y: Array) -> Iterator[Leak]:
    """Yield the weighted sum of a few columns that is the target, if there is one."""
    step = max(1, len(y) // MOST_ROWS)
    X, y = design.training[::step], y[::step]
    X[:, _marks(design)] = 0.0
    # A sum that is exact may have more terms than one that is nearly so.
    found = near_sum(X, y, EXACT) or near_sum(X, y, UNEXPLAINED)
    if found is None:
        return
    scale = design.y_scale.deviation[0] / design.x_scale.deviation
    names = [design.features[j] for j in found.columns]
    weights = [found.weights[i] * scale[j] for i, j in enumerate(found.columns)]
    columns = tuple(dict.fromkeys(design.sources[j] for j in found.columns))
    if len(columns) < 2:
        yield Leak(columns, _alone(columns[0], "the number", design))
        return
    yield Leak(
        columns,
        f"«{design.target}» is almost exactly {_written(names, weights)}; leave one of "
        f"them out unless all are known before «{design.target}» is.",
    )


def _written(names: Sequence[str], weights: Sequence[float]) -> str:
    """Write a weighted sum; weights of nearly 1 are not written."""
    text = ""
    for name, weight in zip(names, weights, strict=True):
        size = "" if abs(abs(weight) - 1) < 0.02 else f"{abs(weight):.3g} × "
        sign = "−" if weight < 0 else "+"
        text += f" {sign} {size}«{name}»"
    return text[3:] if text.startswith(" +") else f"−{text[3:]}"


def _marks(design: Design) -> list[int]:
    """Return the columns that mark gaps, which are no part of a sum."""
    marked = [getattr(encoding, "marked", False) for encoding in design.encodings]
    ends = np.cumsum([len(encoding.names) for encoding in design.encodings])
    return [int(end) - 1 for end, mark in zip(ends, marked, strict=True) if mark]


def _codes(design: Design) -> np.ndarray:
    if design.task is Task.MULTICLASS:
        return design.Y.argmax(axis=1)
    return design.Y[:, 0].astype(int)


def _values(design: Design) -> Iterator[tuple[str, Array]]:
    """Return each column of the table as one number a row, gaps as NaN.

    The levels of a category are numbered, which keeps them apart.
    """
    columns = [encoding.column for encoding in design.encodings]
    return zip(columns, design.training.singles(), strict=True)


def _decides_class(values: Array, codes: np.ndarray) -> bool:
    """Whether the class is a function of the value, but for a few stray rows.

    Values are few, or the classes lie in as many stretches of the value as there are
    classes.
    """
    values = np.where(np.isnan(values), np.nanmax(values) + 1.0, values)
    return all(
        _stray_share(values[at], codes[at]) <= STRAY for at in _probes(len(values))
    )


def _stray_share(values: Array, codes: np.ndarray) -> float:
    """Return how many rows contradict it, as a share of the second largest class."""
    kinds = int(codes.max()) + 1
    _, group = np.unique(values, return_inverse=True)
    counts = np.bincount(group * kinds + codes, minlength=kinds * (group.max() + 1))
    counts = counts.reshape(-1, kinds)
    sizes = np.sort(np.bincount(codes))
    stray = len(codes) - int(counts.max(axis=1).sum())
    if len(counts) > len(codes) / 10:
        # A value that hardly any row shares says nothing but by its neighbours.
        changes = int(np.count_nonzero(np.diff(counts.argmax(axis=1))))
        stray += max(0, changes - int(np.count_nonzero(sizes)) + 1)
    return stray / max(1, int(sizes[-2])) if len(sizes) > 1 else 0.0


def _decides_number(values: Array, y: Array) -> bool:
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


def _same_order(values: Array, y: Array) -> bool:
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

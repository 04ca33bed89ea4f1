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
from regcore.model.losses import Array
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

ROUNDING = 1e-9
"""Share of the target's deviation below which what a sum leaves is its rounding."""

FIGURES = 6
"""Most figures of a number in a sum."""

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
    if not design.classes:
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
    chosen = near_sum(X, y, EXACT) or near_sum(X, y, UNEXPLAINED)
    if chosen is None:
        return
    names = [design.features[j] for j in chosen]
    columns = tuple(dict.fromkeys(design.sources[j] for j in chosen))
    if len(columns) < 2:
        yield Leak(columns, _alone(columns[0], "the number", design))
        return
    written = _written(names, *_in_original_units(design, X[:, chosen], y, chosen))
    yield Leak(
        columns,
        f"«{design.target}» is almost exactly {written}; leave one of them out unless "
        f"all are known before «{design.target}» is.",
    )


def _in_original_units(
    design: Design, A: Array, y: Array, columns: list[int]
) -> tuple[Array, Array]:
    """Weights and, last, the constant, and how far off each may be: 3 standard errors.

    Parameters
    ----------
    A : (n, m), the standardised columns
    """
    A = np.column_stack([A, np.ones(len(y))])
    weights = np.linalg.lstsq(A, y)[0]
    freedom = len(y) - A.shape[1]
    noise = np.sqrt(float(((y - A @ weights) ** 2).sum()) / freedom)
    # Standardising alone rounds by about as much.
    noise = max(noise, ROUNDING * float(y.std()))
    mean, deviation = design.x_scale.mean[columns], design.x_scale.deviation[columns]
    back = np.diag(np.append(1.0 / deviation, 1.0))
    back[-1, :-1] = -mean / deviation
    back *= design.y_scale.deviation[0]
    numbers = back @ weights
    numbers[-1] += design.y_scale.mean[0]
    variance = np.diag(back @ np.linalg.pinv(A.T @ A) @ back.T)
    return numbers, 3.0 * noise * np.sqrt(np.maximum(variance, 0.0))


def _written(names: Sequence[str], numbers: Array, errors: Array) -> str:
    """Write a weighted sum; a weight of 1 and a constant of 0 are not written."""
    *weights, constant = zip(numbers, errors, strict=True)
    text = ""
    for name, (weight, error) in zip(names, weights, strict=True):
        size = _brief(abs(weight), error)
        text += f" {_sign(weight)} {'' if size == '1' else f'{size} × '}«{name}»"
    if abs(constant[0]) > constant[1]:
        text += f" {_sign(constant[0])} {_brief(abs(constant[0]), constant[1])}"
    return text[3:] if text.startswith(" +") else f"−{text[3:]}"


def _sign(number: float) -> str:
    return "−" if number < 0 else "+"


def _brief(size: float, error: float) -> str:
    """Write the fewest figures that are no farther off than the error."""
    for figures in range(1, FIGURES + 1):
        rounded = float(f"{size:.{figures}g}")
        if abs(rounded - size) <= error:
            break
    return f"{rounded:,.12g}"


def _marks(design: Design) -> list[int]:
    """Return the features that mark gaps, which are no part of a sum."""
    marked = [getattr(encoding, "marked", False) for encoding in design.encodings]
    ends = np.cumsum([len(encoding.names) for encoding in design.encodings])
    marks = ends[marked] - 1
    found: list[int] = design.place[marks[design.kept[marks]]].tolist()
    return found


def _codes(design: Design) -> np.ndarray:
    if design.task is Task.MULTICLASS:
        codes: np.ndarray = design.Y.argmax(axis=1)
        return codes
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

"""Features that give the target away, found before anything is trained.

Five kinds: a feature that decides the class or the number alone, but for a few rows;
a level that nearly only one class has; one that puts the rows in the same order as a
number, or in ranges of it; a few whose weighted sum is the number; a few of which it is
a product or a square. Only training rows are looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from regcore.design.columns import NumberColumn
from regcore.design.formulas import find_formula
from regcore.design.giveaways import (
    FEWEST_OF_A_CLASS,
    FEWEST_ROWS,
    UNEXPLAINED,
    decides_class,
    decides_number,
    is_banded,
    level_of_a_class,
    same_order,
)
from regcore.design.matrix import Design
from regcore.design.sums import MOST_ROWS, near_sum
from regcore.model.losses import Array
from regcore.settings import Task
from regcore.words import one_or_many

EXACT = 1e-6
"""The same for a sum that only its rounding keeps from being exact."""

ROUNDING = 1e-9
"""Share of the target's deviation below which what a sum leaves is its rounding."""

FIGURES = 6
"""Most figures of a number in a sum."""


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
    found = []
    for source, values in _values(design):
        values = np.where(np.isnan(values), np.nanmax(values) + 1.0, values)
        if decides_class(values, codes):
            found.append(Leak((source,), _alone(source, "the class", design)))
            continue
        level = level_of_a_class(values, codes)
        if level is not None:
            found.append(Leak((source,), _in_level(source, *level, design)))
    return tuple(found)


def _number_leaks(design: Design) -> tuple[Leak, ...]:
    y = design.Y[:, 0]
    found = []
    for source, values in _values(design):
        known = ~np.isnan(values)
        if known.sum() < max(FEWEST_ROWS, len(y) / 2):
            continue
        if decides_number(values[known], y[known]):
            found.append(Leak((source,), _alone(source, "the number", design)))
        elif same_order(values[known], y[known]):
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
    return (
        tuple(_sums(design, y))
        or tuple(_bands(design, y))
        or tuple(_formulas(design, y))
    )


def _bands(design: Design, y: Array) -> Iterator[Leak]:
    """Yield the columns that are the target cut into ranges."""
    for source, values in _values(design):
        known = ~np.isnan(values)
        if is_banded(values[known], y[known]):
            what = f"«{source}» is «{design.target}» cut into ranges"
            yield Leak((source,), _unless_known(what, design))


def _alone(source: str, what: str, design: Design) -> str:
    return _unless_known(f"«{source}» alone gives away {what}", design)


def _unless_known(what: str, design: Design) -> str:
    return f"{what}; leave it out unless it is known before «{design.target}» is."


def _in_level(
    source: str, both: int, rows: int, size: int, kind: int, design: Design
) -> str:
    return _unless_known(
        f"{both:,} of the {size:,} training rows of the class «{design.classes[kind]}» "
        f"have one value of «{source}», which {_others(rows - both)}",
        design,
    )


def _others(count: int) -> str:
    if not count:
        return "no other has"
    return f"only {count:,} {one_or_many(count, 'other has', 'others have')}"


def _formulas(design: Design, y: Array) -> Iterator[Leak]:
    """Yield the few columns that make the target by a product or a square."""
    numbers = [
        (encoding.column, values * part.scale.deviation[0] + part.scale.mean[0])
        for encoding, part, (_, values) in zip(
            design.encodings, design.training.parts, _values(design), strict=True
        )
        if isinstance(encoding, NumberColumn) and encoding.column in design.sources
    ]
    scale = design.y_scale
    found = find_formula(
        [name for name, _ in numbers],
        [values for _, values in numbers],
        y * scale.deviation[0] + scale.mean[0],
    )
    if found is not None:
        columns, clause = found
        which = one_or_many(len(columns), "it", "one of them")
        all_known = one_or_many(len(columns), "it is", "all are")
        yield Leak(
            columns,
            f"«{design.target}» {clause}; leave {which} out unless {all_known} known "
            f"before «{design.target}» is.",
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

"""A fitted model as sums over the columns of the table, in units of the target.

Each feature is taken around its mean in the training rows, so that nothing cancels
where a column's mean is large, and a level never seen, which has the mean, adds 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.design.columns import MISSING
from regcore.design.ledger import ColumnEncoding
from regcore.export.fitted import FittedModel
from regcore.model.losses import Array


@dataclass(frozen=True)
class Slope:
    """What a column adds: weight · (measure − mean), in a gap weight · (fill − mean).

    Attributes
    ----------
    measure : "number"; "days" since `origin`, "year", "month", "day", "weekday" from
        Monday as 1, or "hour" of a date; "hours" since midnight of a time of day
    origin : a date and time in ISO 8601, where days are counted
    """

    column: str
    measure: str
    weight: float
    fill: float
    mean: float
    origin: str = ""


@dataclass(frozen=True)
class Group:
    """Cells that add the same.

    Attributes
    ----------
    levels : as text; empty where gaps are meant alone
    gaps : whether a gap is one of them
    """

    levels: tuple[str, ...]
    gaps: bool
    adds: float


@dataclass(frozen=True)
class Choice:
    """What a column adds by groups of cells, and for all other cells.

    Attributes
    ----------
    measure : "text", "number" or "truth" where levels are told apart; else what is
        missing in a gap, as in `Slope`
    """

    column: str
    measure: str
    groups: tuple[Group, ...]
    otherwise: float
    origin: str = ""


@dataclass(frozen=True)
class Formula:
    """One output of a model: intercept + Σ slopes + Σ choices.

    The prediction is this sum for a number; for classes it is z of this class.
    """

    output: str
    intercept: float
    slopes: tuple[Slope, ...]
    choices: tuple[Choice, ...]


def formulas(model: FittedModel) -> tuple[Formula, ...]:
    """Return the formula of each output; what adds 0 to every row is left out."""
    recipe, deviation = model.recipe, model.y_scale.deviation
    weights = np.zeros((len(recipe.names), len(model.outputs)))
    weights[recipe.kept] = model.W * deviation
    intercepts = model.y_scale.mean + model.b[0] * deviation
    parts = list(zip(recipe.encodings, recipe.places, strict=True))
    return tuple(
        Formula(
            output,
            float(intercepts[k]),
            tuple(
                slope
                for encoding, place in parts
                for slope in _slopes(model, encoding, place, weights[place, k])
            ),
            tuple(
                choice
                for encoding, place in parts
                for choice in (
                    *_mark(model, encoding, place, weights[place, k]),
                    *_levels(model, encoding, place, weights[place, k]),
                )
            ),
        )
        for k, output in enumerate(model.outputs)
    )


def _slopes(
    model: FittedModel, encoding: ColumnEncoding, place: slice, weights: Array
) -> Iterator[Slope]:
    scale = model.recipe.scale.part(place)
    for j, (measure, fill) in enumerate(encoding.measures):
        if weights[j]:
            yield Slope(
                encoding.column,
                measure,
                weight=float(weights[j] / scale.deviation[j]),
                fill=fill,
                mean=float(scale.mean[j]),
                origin=encoding.since,
            )


def _mark(
    model: FittedModel, encoding: ColumnEncoding, place: slice, weights: Array
) -> Iterator[Choice]:
    at = len(encoding.measures)
    if not encoding.marked or not weights[at]:
        return
    scale = model.recipe.scale.part(place)
    present, missing = (np.arange(2) - scale.mean[at]) / scale.deviation[at]
    yield Choice(
        encoding.column,
        encoding.measures[0][0],
        (Group((), True, float(weights[at] * missing)),),
        float(weights[at] * present),
        encoding.since,
    )


def _levels(
    model: FittedModel, encoding: ColumnEncoding, place: slice, weights: Array
) -> Iterator[Choice]:
    if not encoding.known or not weights.any():
        return
    known = [*encoding.known, *dict(encoding.spellings)]
    cells = pd.Series([*known, "".join(known) + "?"], dtype="str")
    lines = np.empty((len(cells), len(encoding.names)))
    scale = model.recipe.scale.part(place)
    encoding.encode(cells).scaled(scale).write(np.arange(len(cells)), lines)
    *adds, otherwise = (lines @ weights).tolist()
    levels: dict[float, list[str]] = {}
    for level, value in zip(known, adds, strict=True):
        levels.setdefault(value, []).append(level)
    groups = tuple(
        Group(_written(members, encoding.cells), MISSING in members, value)
        for value, members in levels.items()
        if value != otherwise
    )
    yield Choice(encoding.column, encoding.cells, groups, otherwise)


def _written(levels: list[str], cells: str) -> tuple[str, ...]:
    """Levels that a cell may be; of text also the word that stands for a gap."""
    return tuple(level for level in levels if cells == "text" or level != MISSING)

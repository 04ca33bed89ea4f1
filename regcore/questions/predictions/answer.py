"""What the three models predict for the rows held out, beside what is true of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regcore.comparison import Comparison, Model
from regcore.model.losses import Array
from regcore.model.metrics import means
from regcore.model.thresholds import Thresholds, thresholds

MOST_DOTS = 300
"""Rows drawn as dots, for each model."""

SEED = 0
"""Of the rows that are drawn where there are more."""

MOST_GROUPS = 10
"""Groups of rows with nearly the same prediction."""

ROWS_A_GROUP = 10
"""Rows that such a group has at least, on average."""


@dataclass(frozen=True)
class Numbers:
    """Predicted and actual numbers, in units of the target.

    Attributes
    ----------
    models : names of those whose run has not diverged
    predicted : (m, n)
    actual : (n,)
    """

    models: tuple[str, ...]
    predicted: Array
    actual: Array

    @property
    def residuals(self) -> Array:
        """Actual less predicted, (m, n)."""
        return self.actual - self.predicted


@dataclass(frozen=True)
class Chances:
    """Probabilities of one class, and which rows are of it.

    Attributes
    ----------
    models : names of those whose run has not diverged
    name, others : of the class, and of the only other one; empty for three or more
    probability : (m, n)
    true : (n,)
    """

    models: tuple[str, ...]
    name: str
    others: str
    probability: Array
    true: np.ndarray

    @property
    def one_kind(self) -> bool:
        """Whether all rows are of the class, or none is."""
        return bool(self.true.all() or not self.true.any())

    @cached_property
    def thresholds(self) -> tuple[Thresholds, ...]:
        """Every threshold of every model."""
        return tuple(thresholds(row, self.true) for row in self.probability)


@dataclass(frozen=True)
class Groups:
    """Rows in groups of rising prediction, each of nearly as many; (g,) each.

    Attributes
    ----------
    predicted, actual : means; of a class the actual one is its share
    rows : how many
    """

    predicted: Array
    actual: Array
    rows: np.ndarray


@dataclass(frozen=True)
class Errors:
    """Rows of each model that pass one threshold or not; (m,) each.

    Attributes
    ----------
    found, missed : rows of the class that pass, and that do not
    alarms, left : other rows that pass, and that do not
    """

    threshold: float
    found: np.ndarray
    missed: np.ndarray
    alarms: np.ndarray
    left: np.ndarray

    def cost(self, of_a_miss: float, of_an_alarm: float) -> Array:
        """What the errors cost in all."""
        return of_a_miss * self.missed + of_an_alarm * self.alarms


def sound(result: Comparison) -> tuple[Model, ...]:
    """The models whose run has not diverged."""
    return tuple(model for model in result.models if not model.diverged)


def numbers_held_out(result: Comparison) -> Numbers:
    """Predict the rows held out, for a target that is a number."""
    design, models = result.problem.design, sound(result)
    mean, unit = float(design.y_scale.mean[0]), float(design.y_scale.deviation[0])
    return Numbers(
        tuple(model.name for model in models),
        _means(result, models)[:, :, 0] * unit + mean,
        design.Y_validation[:, 0] * unit + mean,
    )


def chances_held_out(result: Comparison, output: int = 0) -> Chances:
    """Give the rows held out their probability of one class; of two, the second."""
    design, models = result.problem.design, sound(result)
    two = len(design.classes) == 2
    return Chances(
        tuple(model.name for model in models),
        name=design.classes[1 if two else output],
        others=design.classes[0] if two else "",
        probability=_means(result, models)[:, :, output],
        true=design.Y_validation[:, output] > 0.5,
    )


def _means(result: Comparison, models: Sequence[Model]) -> Array:
    """Mean response of each run for every row held out, (m, n, k)."""
    loss, rows = result.problem.loss, result.problem.design.validation
    return np.array([means(loss, rows, one.run.W, one.run.b) for one in models])


def drawn_rows(n: int) -> np.ndarray:
    """Rows to draw of n: all, or a sample that is the same each time."""
    if n <= MOST_DOTS:
        return np.arange(n)
    drawn = np.random.default_rng(SEED).choice(n, MOST_DOTS, replace=False)
    return np.sort(drawn)


def groups(predicted: Array, actual: Array) -> Groups | None:
    """Cut the rows at quantiles of the prediction; None where there are too few.

    Between equal predictions there is no cut, so that there may be fewer groups.
    """
    count = min(len(predicted) // ROWS_A_GROUP, MOST_GROUPS)
    if count < 2:
        return None
    cuts = np.quantile(predicted, np.linspace(0, 1, count + 1)[1:-1])
    group = np.searchsorted(cuts, predicted)
    rows = np.bincount(group)
    some = rows > 0
    rows = rows[some]
    return Groups(
        np.bincount(group, weights=predicted)[some] / rows,
        np.bincount(group, weights=actual)[some] / rows,
        rows,
    )


def errors_at(chances: Chances, threshold: float) -> Errors:
    """Class a row as one of the class where its probability is above the threshold."""
    passed = chances.probability > threshold
    found = (passed & chances.true).sum(axis=1)
    alarms = (passed & ~chances.true).sum(axis=1)
    total = int(chances.true.sum())
    return Errors(
        threshold,
        found=found,
        missed=total - found,
        alarms=alarms,
        left=len(chances.true) - total - alarms,
    )


def cheapest_threshold(of_a_miss: float, of_an_alarm: float) -> float:
    """Probability from which an alarm is expected to cost less than a miss.

    References
    ----------
    Elkan (2001), The foundations of cost-sensitive learning, equation 2.
    """
    return of_an_alarm / (of_an_alarm + of_a_miss)


def thinned(x: Array, y: Array, columns: int = 300) -> np.ndarray:
    """Positions of a curve's points that are seen, where x in [0, 1] never falls.

    In each column of the picture the first, the last, the lowest and the highest; lines
    between these colour the same pixels as those between all.

    References
    ----------
    Jugel et al. (2014), M4: A visualization-oriented time series data aggregation.
    """
    if len(x) <= 4 * columns:
        return np.arange(len(x))
    column = np.minimum((x * columns).astype(np.intp), columns - 1)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    ends = np.append(starts[1:], len(x))
    kept = [starts, ends - 1]
    for find in (np.argmin, np.argmax):
        within = [find(y[a:b]) for a, b in zip(starts, ends, strict=True)]
        kept.append(starts + np.array(within))
    return np.unique(np.concatenate(kept))

"""Is the difference real? Held-out loss of the three models over many splits."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from regcore.comparison import PENALTIES, Comparison
from regcore.model.losses import Array
from regcore.questions.judgement import Answer, student
from regcore.questions.trust.pool import not_locked, solved
from regcore.questions.trust.resample import FEW, affordable, unknown
from regcore.settings import DesignError, Split, Task
from regcore.solve.descent import Progress, no_progress

SPLITS = 30

HELD_OUT = 0.25

LOW, HIGH = 0.1, 0.9
"""The interval is the middle 80 % of the splits.

Splits share rows, so the error of their mean is not s/√J but nearer to s·√(1/J + ⅓), as
Nadeau and Bengio (2003, section 3) estimate for a quarter held out. For 30 splits their
interval at 95 % is ± 1.24 s, and the middle 80 % of a normal spread is ± 1.28 s: the
same width, and no single odd split can move it. Fewer splits, or more held out for each
row that trains, stretch it.
"""

MODELS = ("constant", *PENALTIES)


@dataclass(frozen=True)
class Paired:
    """One model against another on the same splits.

    Attributes
    ----------
    wins, splits : in how many of how many splits its held-out loss is the smaller
    median, low, high : its held-out loss less the other's, in per cent of the other's;
        low and high allow for the rows that splits share
    """

    wins: int
    splits: int
    median: float
    low: float
    high: float

    @property
    def answer(self) -> Answer:
        """Better or worse where the interval of enough splits leaves out 0."""
        if self.splits < FEW:
            return Answer.UNKNOWN
        if self.high < 0:
            return Answer.BETTER
        return Answer.WORSE if self.low > 0 else Answer.UNCLEAR


@dataclass(frozen=True)
class Splits:
    """Held-out losses over many different random splits of all rows that were used.

    Attributes
    ----------
    loss : (4, r), mean held-out loss of `MODELS`; the constant predicts the mean, or
        the share of each class; NaN where there is no optimum
    score : (4, r), R², or the share classed rightly; the constant is the commonest
        class
    task : what is predicted
    split : how the comparison itself holds rows out; here it is at random, or by groups
    held_out : share of the rows held out in the middle one of the splits
    stopped : whether solving without a penalty has stopped somewhere, so that it is not
        known whether there is an optimum
    """

    loss: Array
    score: Array
    task: Task
    split: Split = Split.RANDOM
    held_out: float = HELD_OUT
    stopped: bool = False

    @property
    def count(self) -> int:
        """Number of splits."""
        count: int = self.loss.shape[1]
        return count

    def differences(self, model: str, base: str) -> Array:
        """Held-out loss less that of the base, in per cent of it, (r,).

        NaN in splits where one of the two has no optimum, or the base no loss.
        """
        own, other = (self.loss[MODELS.index(name)] for name in (model, base))
        percent: Array = 100.0 * (own - other) / np.where(other > 0, other, np.nan)
        return percent

    def paired(self, model: str, base: str) -> Paired | None:
        """Compare one model with another; None where no split has both."""
        change = self.differences(model, base)
        change = change[np.isfinite(change)]
        if not len(change):
            return None
        low, median, high = np.quantile(change, [LOW, 0.5, HIGH])
        stretch = self.stretch(len(change))
        return Paired(
            int((change < 0).sum()),
            len(change),
            float(median),
            float(median + stretch * (low - median)),
            float(median + stretch * (high - median)),
        )

    def stretch(self, count: int) -> float:
        """How many times the middle 80 % an interval at 95 % over splits is wide.

        At least 1, and 1 where there are too few splits for any.
        """
        if count < FEW:
            return 1.0
        error = np.sqrt(1 / count + self.held_out / (1 - self.held_out))
        return max(1.0, float(student(count - 1) * error / 1.28))


def repeated_splits(
    result: Comparison, count: int | None = None, progress: Progress = no_progress
) -> Splits:
    """Train on three quarters of the rows and score on the rest, many times over.

    All rows that the comparison used are drawn from, training rows and rows held out;
    split by groups, whole groups, which may be more or less than a quarter.
    λ/n is that of the comparison. Means, deviations and the exact weights come from the
    training part of every split; fill values and levels stay those of the comparison.

    Parameters
    ----------
    count : splits to draw, of which only different ones count; None takes 30, or as
        many fewer as take seconds
    progress : told the share done every few milliseconds; what it raises ends it

    Raises
    ------
    DesignError
        one sentence, if no group can be held out
    """
    problem, pool = result.problem, not_locked(result)
    if count is None:
        count = affordable(SPLITS, problem.loss, pool.shape, problem.outputs)
    pairs = pool.draw(HELD_OUT, result.settings.seed, count)
    pairs = [(training, held_out) for training, held_out in pairs if len(held_out)]
    if not pairs:
        raise DesignError(
            "Without some group a class would have no row to train on, so that groups "
            "cannot be held out again and again; choose another group column."
        )
    values = np.empty((2, len(MODELS), len(pairs)))
    stopped = False
    for r, (training, held_out) in enumerate(pairs):
        tick = partial(progress, r / len(pairs))
        tick()
        posed, optima = solved(result, pool, training, ("split", count, r), tick)
        stopped |= any(unknown(optimum) for optimum in optima)
        W = np.stack([posed.start[0], *(optimum.W for optimum in optima)])
        b = np.stack([posed.start[1], *(optimum.b for optimum in optima)])
        scores = pool.score(held_out, *posed.in_design_units(W, b))
        values[:, :, r] = scores.loss, scores.score
    values[:, ~np.isfinite(values[0])] = np.nan
    middle = float(np.median([pool.rows(held_out) for _, held_out in pairs]))
    share, task = middle / pool.shape[0], problem.design.task
    split = result.settings.split
    return Splits(values[0], values[1], task, split, share, stopped)

"""Better, worse or no clear difference: one model against another on the same rows."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from regcore.model.losses import Array
from regcore.model.scores import Scores
from regcore.problem import Problem
from regcore.words import figures, number

NORMAL = 1.959963984540054
"""Quantile at 97.5 % of the normal distribution."""

STUDENT = (12.7062, 4.3027, 3.1824, 2.7764)
"""Of Student's, with 1 to 4 degrees of freedom, where the expansion is too coarse."""

SAME = 1e-6
"""Share of the loss below which a difference is none, whatever its margin."""

MOST_DECIMALS = 15


def student(df: int) -> float:
    """Quantile at 97.5 % of Student's distribution, to 1/df⁵ from 5 degrees on.

    References
    ----------
    Abramowitz & Stegun (1964), equation 26.7.5.
    """
    if df <= len(STUDENT):
        return STUDENT[df - 1]
    z = NORMAL
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(sum(term / df**i for i, term in enumerate(terms)))


class Answer(StrEnum):
    """What can be said of one model against another."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "neither clearly better nor worse"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Judgement:
    """One model against a base on the same rows, in units that the reader knows.

    The loss decides. RMSE rises with it and is shown in its place: with the losses l
    and l₀ its difference is a(l − l₀)/(√l + √l₀), a = √2 deviations of the target, and
    its margin that of l − l₀ times the same number.

    Attributes
    ----------
    measure : "RMSE", in units of the target, or the name of another loss
    value, base : of the model, and of the one that it is judged by
    difference : value − base, negative where the model is the better; NaN without rows
    margin : half the width of the 95 % interval of the difference, Student's quantile
        times the paired standard error; NaN with too few rows
    """

    measure: str
    value: float
    base: float
    difference: float
    margin: float

    @property
    def same(self) -> bool:
        """Whether there is no difference, or one of rounding alone."""
        return abs(self.difference) <= SAME * max(abs(self.value), abs(self.base))

    @property
    def relative(self) -> float:
        """Size of the difference, as a share of the base."""
        return abs(self.value - self.base) / (abs(self.base) or 1.0)

    @property
    def answer(self) -> Answer:
        """Better or worse where the interval leaves out 0."""
        if np.isnan(self.margin):
            return Answer.UNKNOWN
        if self.same or abs(self.difference) <= self.margin:
            return Answer.UNCLEAR
        return Answer.BETTER if self.difference < 0 else Answer.WORSE

    def clause(self, who: str, base: str) -> str:
        """Write "L1 predicts worse than no penalty: RMSE …", without a full stop."""
        if self.same:
            return (
                f"{who} and {base} have the same {self.measure} of {figures(self.base)}"
            )
        if self.answer is Answer.UNKNOWN:
            return f"{who} against {base}: {self.in_figures}"
        return f"{who} predicts {self.answer} than {base}: {self.in_figures}"

    @property
    def in_figures(self) -> str:
        """Write "RMSE 57.2 instead of 54.9 (+2.3 ± 1.1)", of figures that add up.

        With as many decimals as the margin needs for two digits, and as many more as
        tell it from the difference.
        """
        if self.same:
            return f"the same {self.measure} of {figures(self.base)}"
        decimals = self._decimals()
        form = f",.{max(decimals, 0)}f"
        value, base = (number(one, form) for one in self._rounded(decimals))
        change = number(self._change(decimals), f"+{form}")
        if not change.strip("+−0.,"):
            change = change[1:]
        margin = f" ± {number(round(self.margin, decimals), form)}"
        if np.isnan(self.margin):
            margin = "; too few rows to judge"
        return f"{self.measure} {value} instead of {base} ({change}{margin})"

    def _rounded(self, decimals: int) -> tuple[float, float]:
        return round(self.value, decimals), round(self.base, decimals)

    def _change(self, decimals: int) -> float:
        value, base = self._rounded(decimals)
        return round(value - base, decimals) + 0.0  # −0 is 0

    def _decimals(self) -> int:
        size = abs(self.difference)
        if self.margin > 0:
            size = self.margin
        least = 1 - int(np.floor(np.log10(size)))
        if np.isnan(self.margin):
            return least
        clear = abs(self.difference) > self.margin
        for decimals in range(least, MOST_DECIMALS):
            shown = abs(self._change(decimals)), round(self.margin, decimals)
            if (shown[0] > shown[1]) is clear:
                return decimals
        return MOST_DECIMALS


def judge(
    problem: Problem,
    loss: float,
    base: float,
    difference: float,
    standard_error: float,
    count: int,
) -> Judgement:
    """Judge a mean loss by that of a base.

    Parameters
    ----------
    difference, standard_error : of the loss less the base, paired over `count` rows or
        folds
    """
    margin = np.nan
    if count > 1 and np.isfinite(standard_error):
        margin = student(count - 1) * standard_error
    if not problem.loss.quadratic:
        return Judgement(problem.loss.name, loss, base, difference, margin)
    deviation = float(problem.design.y_scale.deviation[0])
    value, at_base = (deviation * np.sqrt(2.0 * one) for one in (loss, base))
    # Of two perfect fits the difference is 0 in any unit.
    unit = 2.0 * deviation**2 / ((value + at_base) or 1.0)
    return Judgement("RMSE", value, at_base, unit * difference, unit * margin)


def on_rows(problem: Problem, scores: Scores, i: int, rows: int) -> Judgement:
    """Judge model i of the scores on so many rows by the first of them."""
    return judge(
        problem,
        float(scores.loss[i]),
        float(scores.loss[0]),
        float(scores.difference[i]),
        float(scores.standard_error[i]),
        rows,
    )


def over_folds(
    problem: Problem, losses: Array, base: Array, optimism: float = 0.0
) -> Judgement:
    """Judge by the mean losses of the same folds, (folds,) each.

    Parameters
    ----------
    optimism : how much too small one of the two may be because it was chosen by these
        losses; the margin is as much wider
    """
    apart = losses - base
    error = float(apart.std(ddof=1) / np.sqrt(len(apart)))
    error += optimism / student(len(apart) - 1)
    return judge(
        problem,
        float(losses.mean()),
        float(base.mean()),
        float(apart.mean()),
        error,
        len(apart),
    )

"""The scores of the three models: which two to show, and how they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from regcore.comparison import Comparison
from regcore.design.matrix import Design
from regcore.model.losses import Array
from regcore.model.metrics import (
    ACCURACY,
    AVERAGE_PRECISION,
    DECIMALS,
    LOG_LOSS,
    MAE,
    PERCENT,
    R_SQUARED,
    RMSE,
    ROC_AUC,
    Measured,
    Metric,
    rarer,
)
from regcore.words import (
    counted,
    figures,
    listed,
    named,
    number,
    one_or_many,
    share,
    signed,
)

COMMON = 0.8
"""Share of the commonest class above which accuracy tells little: a model can then be
better than always guessing this class on less than one row in five."""

FARTHEST = 0.01
"""Share of the rows, those farthest from the mean, whose weight is looked at."""

DECIDES = 0.5
"""Share of the squared distances from the mean that decides R² and RMSE."""

UNKNOWN = "–"


@dataclass(frozen=True)
class Telling:
    """The two metrics that can tell the models apart on this file, and why these."""

    metrics: tuple[Metric, ...]
    why: str


@dataclass(frozen=True)
class ScoreShown:
    """One metric of the three models on the same rows, as text.

    Attributes
    ----------
    name : of the metric, with the class that it is of
    values : one a model, in the order of `PENALTIES`; "–" where it is not known
    against : what each is to be held against: guessing, and for L1 and L2 the
        difference to no penalty, of the values as they are written; or why nothing
    """

    name: str
    values: tuple[str, ...]
    against: tuple[str, ...]


def telling(result: Comparison) -> Telling:
    """Choose the two metrics that can tell the models apart, the first of an order.

    Numbers: R², RMSE, mean absolute error; the last before RMSE where the farthest
    hundredth of the rows held out makes more than half of the squared distances from
    the mean. Classes: accuracy, ROC-AUC, log loss; but where the commonest class has
    more than `COMMON` of the training rows, ROC-AUC, of two classes average precision,
    log loss, accuracy. One that is not defined for these rows, or is written alike for
    the three models, gives its place to the next. Nothing else of λ changes the choice.
    """
    design = result.problem.design
    wanted, why = _for_classes(design) if design.classes else _for_numbers(design)
    if not len(design.validation_rows):
        return Telling(wanted[:2], why)
    reasons = {one.metric: one.reason for one in result.measured}
    defined = [metric for metric in wanted if not reasons[metric]]
    scores = zip(defined, scores_shown(result, defined), strict=True)
    alike = {metric for metric, score in scores if _alike(score)}
    best = sorted(defined, key=lambda metric: metric in alike)[:2]
    passed = [metric for metric in wanted[:2] if metric not in best]
    if passed:
        # Two that are not defined have the same reason.
        names, reason = listed([metric.name for metric in passed]), reasons[passed[0]]
        why = f"The three have the same {names} here."
        if reason:
            why = f"There is no {names} here, for {reason}."
    return Telling(tuple(sorted(best, key=wanted.index)), why)


def _alike(score: ScoreShown) -> bool:
    return len(set(score.values)) == 1 and UNKNOWN not in score.values


def _for_numbers(design: Design) -> tuple[tuple[Metric, ...], str]:
    distances = np.sort((design.Y_validation[:, 0] - design.Y.mean()) ** 2)[::-1]
    few = -(-len(distances) // round(1 / FARTHEST))
    theirs = distances[:few].sum() / (distances.sum() or np.inf)
    if theirs > DECIDES:
        return (R_SQUARED, MAE, RMSE), (
            f"The {counted(few, 'row')} of {len(distances):,} farthest from the mean "
            f"{one_or_many(few, 'makes', 'make')} {share(theirs)} of the squared "
            "distances and so nearly alone "
            f"{one_or_many(few, 'decides', 'decide')} R² and RMSE; the mean absolute "
            "error weighs every row alike."
        )
    return (R_SQUARED, RMSE, MAE), (
        "R² is the share of the squared distances from the mean that is explained, "
        f"RMSE the size of an error in units of {named(design.target)}."
    )


def _for_classes(design: Design) -> tuple[tuple[Metric, ...], str]:
    shares = class_shares(design.Y)
    commonest = int(np.argmax(shares))
    if shares[commonest] <= COMMON:
        return (ACCURACY, ROC_AUC, LOG_LOSS), (
            "Accuracy is the share of the rows classed rightly; ROC-AUC tells how "
            "well the probabilities put the rows in order, 0.5 being chance."
        )
    two = len(shares) == 2
    wanted = (ROC_AUC, AVERAGE_PRECISION) if two else (ROC_AUC,)
    wanted = (*wanted, LOG_LOSS, ACCURACY)
    names = listed([metric.name for metric in wanted[:2]])
    return wanted, (
        f"Always guessing {named(design.classes[commonest])} is right for "
        f"{share(shares[commonest], 1)} of the training rows, so that accuracy can "
        f"hardly tell the models apart; {names} judge the probabilities."
    )


def class_shares(Y: Array) -> Array:
    """Share of every class in the rows of Y (n, k), of two classes too."""
    shares: Array = Y.mean(axis=0)
    return np.append(1 - shares, shares) if Y.shape[1] == 1 else shares


def metric_name(metric: Metric, design: Design) -> str:
    """Name of a metric, with the class that it is of."""
    if metric is AVERAGE_PRECISION:
        rare = design.classes[rarer(design.Y.mean(axis=0))]
        return f"{metric.name} for {named(rare)}"
    return metric.name


def metrics_here(result: Comparison) -> tuple[Metric, ...]:
    """Every metric that applies to this target."""
    return result.problem.design.task.metrics


def scores_shown(
    result: Comparison,
    metrics: Sequence[Metric],
    measured: Sequence[Measured] | None = None,
) -> tuple[ScoreShown, ...]:
    """Write these metrics, in this order; a diverged run has none.

    Parameters
    ----------
    measured : on which rows; without, on those held out
    """
    found = {one.metric: one for one in measured or result.measured}
    return tuple(_shown(result, found[metric]) for metric in metrics)


def _shown(result: Comparison, one: Measured) -> ScoreShown:
    design = result.problem.design
    values = one.values.copy()
    values[[model.diverged for model in result.models]] = np.nan
    written = _writing(one, values)
    return ScoreShown(
        metric_name(one.metric, design),
        tuple(written.value(value) for value in values),
        tuple(_against(one, values, written, design)),
    )


@dataclass(frozen=True)
class _Writing:
    """How values are written: so many times, with so many decimals.

    Where no decimals are given, with as many as four figures need.
    """

    decimals: int | None
    times: float = 1.0
    unit: str = ""
    change_unit: str = ""

    def value(self, value: float) -> str:
        if np.isnan(value):
            return UNKNOWN
        if self.decimals is None:
            return figures(value)
        return number(self.rounded(value), f",.{self.decimals}f") + self.unit

    def change(self, value: float, base: float) -> str:
        """Difference of two values as they are written; empty where there is none."""
        change = self.rounded(value) - self.rounded(base)
        if self.decimals is None:
            return signed(change, 4) if change else ""
        text = number(change, f"+,.{self.decimals}f")
        return text + self.change_unit if text.strip("+−0.") else ""

    def rounded(self, value: float) -> float:
        if self.decimals is None:
            return float(f"{value:.4g}")
        return round(self.times * value, self.decimals) + 0.0  # −0 is 0


def _writing(one: Measured, values: Array) -> _Writing:
    if one.metric.form == PERCENT:
        return _Writing(1, 100.0, " %", " points")
    known = values[np.isfinite(values) & (values > 0)]
    if one.metric.form == DECIMALS or not len(known):
        return _Writing(3)
    decimals = max(3 - int(np.floor(np.log10(known.max()))), 0)
    few = decimals <= 6 and known.max() < 1e9
    return _Writing(decimals if few else None)


def _against(
    one: Measured, values: Array, written: _Writing, design: Design
) -> Iterator[str]:
    for i, value in enumerate(values):
        if one.reason:
            yield one.reason
        elif np.isnan(value) or np.isnan(values[0]):
            yield "nothing to compare"
        elif i == 0:
            yield f"{_guess(one.metric, design)}: {written.value(one.guess)}"
        else:
            change = written.change(value, values[0])
            yield f"{change} against no penalty" if change else "as with no penalty"


def _guess(metric: Metric, design: Design) -> str:
    """Say what the guess is that a metric is held against."""
    if not design.classes:
        return "guessing the mean"
    if metric.form == PERCENT:
        commonest = int(np.argmax(class_shares(design.Y)))
        return f"always guessing {named(design.classes[commonest])}"
    return "guessing the shares"

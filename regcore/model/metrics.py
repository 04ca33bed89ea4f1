"""What predictions are worth, by the field's own metrics."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regcore.model.losses import Array, Loss
from regcore.model.moments import Moments
from regcore.model.parts import score_parts
from regcore.model.readable import Readable
from regcore.model.scores import BLOCK, score
from regcore.model.thresholds import Thresholds, thresholds


@dataclass(frozen=True)
class Predicted:
    """What one model says of n rows, beside what is true of them.

    Attributes
    ----------
    Y : (n, k), the standardised target, or 1 for the class of a row
    mean : (n, k), the prediction, or the probability of a class
    guess : (k,), the mean of Y over the training rows
    loss : mean loss, without the penalty
    """

    Y: Array
    mean: Array
    guess: Array
    loss: float

    @cached_property
    def thresholds(self) -> tuple[Thresholds, ...]:
        """Each class against the rest; with one column, the second of two classes."""
        pairs = zip(self.mean.T, self.Y.T, strict=True)
        return tuple(thresholds(mean, y > 0.5) for mean, y in pairs)


PERCENT, DECIMALS, FIGURES = "percent", "decimals", "figures"


@dataclass(frozen=True)
class Metric:
    """One way to judge predictions.

    Attributes
    ----------
    key : column of a summary
    name : the field's term
    larger : whether the larger is the better
    in_units : whether it is in units of the target
    form : how it is written: as `PERCENT`, with three `DECIMALS`, or to so many
        `FIGURES`
    value : of predictions for which it is defined
    undefined : Y (n, k) → why it is not defined for these rows, or nothing
    """

    key: str
    name: str
    larger: bool
    in_units: bool
    form: str
    value: Callable[[Predicted], float]
    undefined: Callable[[Array], str]


@dataclass(frozen=True)
class Measured:
    """One metric of m models on the same rows.

    Attributes
    ----------
    values : (m,), NaN where the metric is not defined
    guess : of predicting the mean of the training rows, or the shares of the classes
        among them, which always point to the commonest
    reason : why it is not defined; empty where it is
    off : how far the values can be from those of rows that were counted in bins
    """

    metric: Metric
    values: Array
    guess: float
    reason: str
    off: float = 0.0


NO_ROW = "no rows are held out"

ALL_EQUAL = "the target is the same in every row held out"

ONE_CLASS = "all rows held out are of one class"

ONLY_SUMS = "it takes each row by itself, and there are only sums of them"

NOT_EVERY_CLASS = "not every class is among the rows held out"


def _no_row(Y: Array) -> str:
    return "" if len(Y) else NO_ROW


def _no_spread(Y: Array) -> str:
    return _no_row(Y) or ("" if np.ptp(Y) > 0 else ALL_EQUAL)


def _one_class(Y: Array) -> str:
    return _no_row(Y) or ("" if (Y[0] != Y).any() else ONE_CLASS)


def _too_few_classes(Y: Array) -> str:
    found = _one_class(Y)
    return found or ("" if Y.any(axis=0).all() else NOT_EVERY_CLASS)


def _r_squared(predicted: Predicted) -> float:
    Y = predicted.Y
    left = ((Y - predicted.mean) ** 2).sum()
    return float(1.0 - left / ((Y - Y.mean(axis=0)) ** 2).sum())


def _root_mean_square(predicted: Predicted) -> float:
    return float(np.sqrt(((predicted.Y - predicted.mean) ** 2).mean()))


def _mean_absolute(predicted: Predicted) -> float:
    return float(np.abs(predicted.Y - predicted.mean).mean())


def classed(mean: Array) -> np.ndarray:
    """Class with the largest probability, (n,), for mean (n, k); the first of equals.

    With one column, that of the second of two classes.
    """
    found = mean[:, 0] > 0.5 if mean.shape[1] == 1 else mean.argmax(axis=1)
    return found.astype(np.intp)


def _accuracy(predicted: Predicted) -> float:
    return float((classed(predicted.mean) == classed(predicted.Y)).mean())


def _balanced_accuracy(predicted: Predicted) -> float:
    true = classed(predicted.Y)
    right = classed(predicted.mean) == true
    rows = np.bincount(true)
    recall = np.bincount(true, weights=right)[rows > 0] / rows[rows > 0]
    return float(recall.mean())


def _roc_auc(predicted: Predicted) -> float:
    return float(np.mean([counted.roc_auc for counted in predicted.thresholds]))


def rarer(guess: Array) -> int:
    """Of two classes the one with fewer training rows; the second of equals."""
    return int(guess[0] <= 0.5)


def _average_precision(predicted: Predicted) -> float:
    (counted,) = predicted.thresholds
    return (counted if rarer(predicted.guess) else counted.turned).average_precision


R_SQUARED = Metric("r_squared", "R²", True, False, DECIMALS, _r_squared, _no_spread)
"""1 − Σ(y − ŷ)²/Σ(y − ȳ)², ȳ the mean of the rows that are judged."""

RMSE = Metric("rmse", "RMSE", False, True, FIGURES, _root_mean_square, _no_row)
"""√(Σ(y − ŷ)²/n)."""

MAE = Metric(
    "mae", "mean absolute error", False, True, FIGURES, _mean_absolute, _no_row
)
"""Σ|y − ŷ|/n."""

ACCURACY = Metric("accuracy", "accuracy", True, False, PERCENT, _accuracy, _no_row)
"""Share of the rows whose likeliest class is their own."""

BALANCED_ACCURACY = Metric(
    "balanced_accuracy",
    "balanced accuracy",
    True,
    False,
    PERCENT,
    _balanced_accuracy,
    _one_class,
)
"""Mean, over the classes that there are, of the share classed rightly."""

ROC_AUC = Metric("auc", "ROC-AUC", True, False, DECIMALS, _roc_auc, _too_few_classes)
"""Chance that a row of a class is given a higher probability of it than another row;
of three or more classes the plain mean, each against the rest."""

AVERAGE_PRECISION = Metric(
    "average_precision",
    "average precision",
    True,
    False,
    DECIMALS,
    _average_precision,
    _one_class,
)
"""Of two classes, that of the one with fewer training rows."""

LOG_LOSS = Metric(
    "log_loss", "log loss", False, False, FIGURES, lambda p: p.loss, _no_row
)
"""−Σ log of the probability of the true class/n."""

FOR_NUMBERS = (R_SQUARED, RMSE, MAE)

FOR_TWO_CLASSES = (ACCURACY, ROC_AUC, AVERAGE_PRECISION, BALANCED_ACCURACY, LOG_LOSS)

FOR_CLASSES = (ACCURACY, ROC_AUC, BALANCED_ACCURACY, LOG_LOSS)


def means(loss: Loss, X: Readable, W: Array, b: Array) -> Array:
    """Mean response (n, k) of one model, W (p, k) and b (1, k), for the rows X."""
    mean = np.empty((len(X), W.shape[1]))
    for first in range(0, len(X), BLOCK):
        rows = slice(first, first + BLOCK)
        mean[rows] = loss.mean(X[rows] @ W + b)
    return mean


def measure(
    metrics: Sequence[Metric],
    loss: Loss,
    X: Readable,
    Y: Array,
    W: Array,
    b: Array,
    guess: Array,
    unit: float = 1.0,
) -> tuple[Measured, ...]:
    """Each of the metrics, of m models on rows held out, X (n, p) and Y (n, k).

    Parameters
    ----------
    W, b : (m, p, k) and (m, 1, k)
    guess : (k,), the mean of Y over the training rows
    unit : that of Y in units of the target
    """
    constant = np.zeros((1, *W.shape[1:])), loss.link(guess)[np.newaxis, np.newaxis]
    W, b = np.concatenate([W, constant[0]]), np.concatenate([b, constant[1]])
    reasons = [metric.undefined(Y) for metric in metrics]
    values = np.full((len(metrics), len(W)), np.nan)
    losses = score(loss, X, Y, W, b).loss
    # One model at a time: of many classes the predictions of all would be large.
    for i in range(len(W)):
        mean = means(loss, X, W[i], b[i])
        predicted = Predicted(Y, mean, guess, float(losses[i]))
        for j, metric in enumerate(metrics):
            if not reasons[j]:
                scale = unit if metric.in_units else 1.0
                values[j, i] = scale * metric.value(predicted)
    return tuple(
        Measured(metric, row[:-1], float(row[-1]), reason)
        for metric, row, reason in zip(metrics, values, reasons, strict=True)
    )


def measure_sums(
    metrics: Sequence[Metric],
    parts: Collection[Moments],
    W: Array,
    b: Array,
    guess: Array,
    unit: float,
) -> tuple[Measured, ...]:
    """Do as `measure`, for squared error on rows of which there are only sums."""
    guess = np.broadcast_to(guess, (1, *b.shape[1:]))
    W, b = np.concatenate([W, np.zeros_like(W[:1])]), np.concatenate([b, guess])
    scores = score_parts(parts, W, b)
    known = {R_SQUARED: scores.score, RMSE: unit * np.sqrt(2.0 * scores.loss)}
    lacking = ALL_EQUAL if parts else NO_ROW
    measured = []
    for metric in metrics:
        values = known.get(metric, np.full(len(W), np.nan))
        reason = lacking if np.isnan(values).all() else ""
        if reason == ALL_EQUAL and metric not in known:
            reason = ONLY_SUMS
        measured.append(Measured(metric, values[:-1], float(values[-1]), reason))
    return tuple(measured)

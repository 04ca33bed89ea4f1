"""The metrics of classes, from counts of rows that come in pieces and go again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array, Integers, Loss
from regcore.model.metrics import (
    ACCURACY,
    AVERAGE_PRECISION,
    BALANCED_ACCURACY,
    LOG_LOSS,
    ROC_AUC,
    Measured,
    Metric,
    classed,
    rarer,
)
from regcore.model.scores import BLOCK
from regcore.model.thresholds import Thresholds

BINS = 65_536
"""Bins of the log odds of all classes, each from −`FARTHEST` to `FARTHEST`."""

FARTHEST = 20.0


@dataclass(frozen=True)
class Counts:
    """What one model says of rows.

    Attributes
    ----------
    rows, right : (classes,), rows of each class, and those of them classed rightly
    loss : sum over the rows
    binned : (k, 2, `BINS` // k), other rows and those of the class, by its log odds
    """

    rows: Integers
    right: Integers
    loss: float
    binned: Integers

    def __add__(self, other: "Counts") -> "Counts":
        """Count the rows of both."""
        return Counts(
            self.rows + other.rows,
            self.right + other.right,
            self.loss + other.loss,
            self.binned + other.binned,
        )

    @property
    def thresholds(self) -> tuple[Thresholds, ...]:
        """Each class against the rest, told by the number of the bin."""
        at = np.append(np.inf, np.arange(self.binned.shape[2])[::-1])
        passed = np.cumsum(self.binned[:, :, ::-1], axis=2)
        return tuple(
            Thresholds(at, np.append(0, hits), np.append(0, alarms))
            for alarms, hits in passed
        )

    def values(self, guess: Array) -> dict[Metric, float]:
        """Every metric, where all classes are there."""
        told, seen = self.thresholds, self.rows > 0
        found = {
            ACCURACY: self.right.sum() / self.rows.sum(),
            BALANCED_ACCURACY: (self.right[seen] / self.rows[seen]).mean(),
            LOG_LOSS: self.loss / self.rows.sum(),
        }
        if seen.all():
            found[ROC_AUC] = np.mean([one.roc_auc for one in told])
        if seen.all() and len(told) == 1:
            side = told[0] if rarer(guess) else told[0].turned
            found[AVERAGE_PRECISION] = side.average_precision
        return {metric: float(value) for metric, value in found.items()}

    @property
    def ties(self) -> float:
        """How far ROC-AUC can be from that of the rows: see `Thresholds.ties`."""
        return float(np.mean([one.ties for one in self.thresholds]))


def measure_pieces(
    metrics: Sequence[Metric],
    loss: Loss,
    pieces: Iterable[tuple[Array, Array]],
    W: Array,
    b: Array,
    guess: Array,
) -> tuple[Measured, ...]:
    """Do as `measure` for classes; rows of one bin count as ties, as `off` says."""
    (m, p, k), classes = W.shape, max(2, W.shape[2])
    W = np.concatenate([W, np.zeros((1, p, k))])
    b = np.concatenate([b, np.broadcast_to(loss.link(guess), (1, 1, k))])
    # A model that has diverged says nothing.
    finite = np.flatnonzero(np.isfinite(W).all(axis=(1, 2)) & np.isfinite(b)[:, 0, 0])
    none, no_bin = np.zeros(classes, dtype=int), np.zeros((k, 2, BINS // k), dtype=int)
    counts = {i: Counts(none, none, 0.0, no_bin) for i in finite.tolist()}
    for X, Y in pieces:
        for first in range(0, len(X), BLOCK):
            rows = slice(first, first + BLOCK)
            for i in counts:
                counts[i] += _counted(loss, X[rows] @ W[i] + b[i], Y[rows])
    there = counts[m].rows
    reasons = [metric.undefined(_one_each(there, k)) for metric in metrics]
    found = {i: own.values(guess) for i, own in counts.items() if there.any()}
    # What guesses says the same of all rows, which are ties and no less.
    ties = [own.ties for i, own in counts.items() if i < m and there.all()]
    measured = []
    for metric, reason in zip(metrics, reasons, strict=True):
        known = [] if reason else found
        values = [found[i][metric] if i in known else np.nan for i in range(m + 1)]
        off = max(ties, default=0.0) if metric is ROC_AUC else 0.0
        measured.append(
            Measured(metric, np.array(values[:-1]), values[-1], reason, off)
        )
    return tuple(measured)


def _one_each(rows: Integers, k: int) -> Array:
    """Y of one row of each class that has any."""
    classes = len(rows)
    Y: Array = np.eye(classes)[rows > 0, classes - k :]
    return Y


def _counted(loss: Loss, Z: Array, Y: Array) -> Counts:
    k, mean = Z.shape[1], loss.mean(Z)
    true, classes = classed(Y), max(2, k)
    right = true[classed(mean) == true]
    with np.errstate(divide="ignore"):
        odds = np.log(mean) - np.log1p(-mean)
    bins = BINS // k
    share = 0.5 + 0.5 * odds / FARTHEST
    at = np.clip(bins * share, 0, bins - 1).astype(int) + bins * (Y > 0.5)
    binned = np.array([np.bincount(one, minlength=2 * bins) for one in at.T])
    return Counts(
        np.bincount(true, minlength=classes),
        np.bincount(right, minlength=classes),
        float(loss.value(Z, Y).sum()),
        binned.reshape(k, 2, bins),
    )

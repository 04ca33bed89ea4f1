"""What weights are worth on a set of rows, computed from the rows themselves."""

from dataclasses import dataclass

import numpy as np

from regcore.losses import HALF_SQUARED_ERROR, Array, Loss

BLOCK = 65_536
"""Rows scored at once, so that many classes do not fill the memory."""


@dataclass(frozen=True)
class Scores:
    """Losses and scores of m models on the same n rows.

    Attributes
    ----------
    row_loss : (n, m)
    score : (m,), R² for numbers, share of rows classed rightly for classes; NaN
        where there is no row, or where R² has no spread to explain
    """

    row_loss: Array
    score: Array

    @property
    def loss(self) -> Array:
        """Mean loss of each model, (m,); NaN where there is no row."""
        if not len(self.row_loss):
            return np.full(self.row_loss.shape[1], np.nan)
        return self.row_loss.mean(axis=0)


def score(loss: Loss, X: Array, Y: Array, W: Array, b: Array) -> Scores:
    """Score m models, W (m, p, k) and b (m, 1, k), on the rows X (n, p), Y (n, k).

    R² = 1 − Σ(y − z)²/Σ(y − ȳ)² with ȳ the mean of these rows.
    """
    row_loss = np.empty((len(X), len(W)))
    right = np.zeros((len(X), len(W)), dtype=bool)
    for first in range(0, len(X), BLOCK):
        rows = slice(first, first + BLOCK)
        Z = X[rows] @ W + b
        row_loss[rows] = loss.value(Z, Y[rows]).T
        right[rows] = (_classes(Z) == _classes(Y[rows] - 0.5)).T
    if loss is not HALF_SQUARED_ERROR:
        share = right.mean(axis=0) if len(X) else np.full(len(W), np.nan)
        return Scores(row_loss, share)
    # Equal numbers may differ from their mean by a last digit.
    if not len(Y) or np.ptp(Y) == 0:
        return Scores(row_loss, np.full(len(W), np.nan))
    spread = ((Y - Y.mean(axis=0)) ** 2).sum()
    return Scores(row_loss, 1.0 - 2.0 * row_loss.sum(axis=0) / spread)


def separates(X: Array, Y: Array, W: Array, b: Array) -> bool:
    """Whether one model, W (p, k) and b (1, k), puts every row strictly in its class.

    Its weights times any number above 1 then do better still: without a penalty there
    is no optimum.

    References
    ----------
    Albert & Anderson (1984), Biometrika 71:1, theorem 1.
    """
    for first in range(0, len(X), BLOCK):
        rows = slice(first, first + BLOCK)
        Z = X[rows] @ W + b
        if Z.shape[1] == 1:
            margin = np.where(Y[rows] == 1, Z, -Z)
        else:
            own = Z[Y[rows] == 1]
            margin = own - np.where(Y[rows] == 1, -np.inf, Z).max(axis=1)
        if margin.min() <= 0:
            return False
    return True


def _classes(Z: Array) -> Array:
    """Class that the linear predictor points to, (…, n)."""
    return Z[..., 0] > 0 if Z.shape[-1] == 1 else Z.argmax(axis=-1)

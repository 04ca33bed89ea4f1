"""What weights are worth on a set of rows, computed from the rows themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array, Integers, Loss
from regcore.model.readable import Readable

BLOCK = 8_192
"""Rows scored at once: their predictions then stay in the cache."""


ENOUGH = 10
"""Rows from which on a standard error is worth something: on 5 rows an interval of two
of them misses the truth three times as often as on many."""


@dataclass(frozen=True)
class Scores:
    """What m models are worth on the same rows; all NaN where there is no row.

    Attributes
    ----------
    loss : (m,), mean loss without the penalty
    score : (m,), R² for numbers, NaN where they are all equal; share of rows classed
        rightly for classes
    difference : (m,), mean over the rows of the loss minus that of the first model
    standard_error : (m,), of that mean: the standard deviation of the differences
        (1/(n − 1)) over √n; NaN with fewer than `ENOUGH` rows, on which it says little
    """

    loss: Array
    score: Array
    difference: Array
    standard_error: Array


def score(loss: Loss, X: Readable, Y: Array, W: Array, b: Array) -> Scores:
    """Score m models, W (m, p, k) and b (m, 1, k), on the rows X (n, p), Y (n, k).

    R² is 1 less the loss of all rows as a share of that of their mean, ȳ: for squared
    error 1 − Σ(y − z)²/Σ(y − ȳ)².
    """
    n, nothing = len(X), np.full(len(W), np.nan)
    if n == 0:
        return Scores(nothing, nothing, nothing, nothing)
    row_loss = np.empty((n, len(W)))
    right = np.zeros(len(W))
    for first in range(0, n, BLOCK):
        rows = slice(first, first + BLOCK)
        Z = X[rows] @ W + b
        row_loss[rows] = loss.value(Z, Y[rows]).T
        right += (_classes(Z) == _classes(Y[rows] - 0.5)).sum(axis=-1)
    value = right / n
    if not loss.classes:
        constant = np.broadcast_to(loss.link(Y.mean(axis=0)), Y.shape)
        # Equal numbers may differ from their mean by a last digit.
        whole = loss.value(constant, Y).sum() if np.ptp(Y) > 0 else 0.0
        value = 1.0 - row_loss.sum(axis=0) / whole if whole > 0 else nothing
    mean = row_loss.mean(axis=0)
    difference = row_loss
    difference -= row_loss[:, :1].copy()
    error = difference.std(axis=0, ddof=1) / np.sqrt(n) if n >= ENOUGH else nothing
    return Scores(mean, value, difference.mean(axis=0), error)


def score_pieces(
    loss: Loss, pieces: Iterable[tuple[Array, Array]], W: Array, b: Array
) -> Scores:
    """Do as `score` for classes, on rows that come in pieces (X, Y) and go again."""
    n, nothing = 0, np.full(len(W), np.nan)
    total, right, off, squares = np.zeros((4, len(W)))
    about: Array | None = None
    for X, Y in pieces:
        for first in range(0, len(X), BLOCK):
            rows = slice(first, first + BLOCK)
            Z = X[rows] @ W + b
            row_loss = loss.value(Z, Y[rows]).T
            right += (_classes(Z) == _classes(Y[rows] - 0.5)).sum(axis=-1)
            apart = row_loss - row_loss[:, :1]
            # So that squares of differences are of what differs in them.
            about = apart.mean(axis=0) if about is None else about
            total += row_loss.sum(axis=0)
            off += (apart - about).sum(axis=0)
            squares += ((apart - about) ** 2).sum(axis=0)
        n += len(X)
    if about is None:
        return Scores(nothing, nothing, nothing, nothing)
    spread = np.maximum(squares - off * off / n, 0.0)
    error = np.sqrt(spread / (n * (n - 1))) if n >= ENOUGH else nothing
    return Scores(total / n, right / n, about + off / n, error)


def _classes(Z: Array) -> Integers:
    """Class that the linear predictor points to, (…, n)."""
    points: Integers = Z.argmax(axis=-1)
    return (Z[..., 0] > 0).astype(int) if Z.shape[-1] == 1 else points

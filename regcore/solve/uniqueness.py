"""Whether L1 has one optimum, or many that are as good."""

import numpy as np

from regcore.model.blocks import BLOCK, RANK
from regcore.model.losses import Array
from regcore.model.oracle import Oracle
from regcore.model.readable import Readable
from regcore.solve.optimum import Optimum, Status

REACHED = 1e-6
"""Share of λ/n by which a slope may miss it and still be one that L1 holds back."""

MOST = 600
"""Weights up to which directions among them are looked for."""


def l1_has_many_optima(
    oracle: Oracle, X: Readable, l1: float, best: Optimum, none: Optimum
) -> bool:
    """Whether weights can be moved from an optimum without changing the fit or Σ|w|.

    Only features whose slope |∂C0/∂w| reaches λ/n can have a weight, and all optima
    predict the same. So there are many where some of these features are made of the
    others, and those that are at 0 can go the way their slope points. With an even
    number of classes all weights of a feature can be moved together too, which no
    prediction notices, where that takes as many nearer to 0 as farther away from it.

    Parameters
    ----------
    X : (n, p), the rows that the oracle answers for
    l1 : λ/n
    best, none : optima with L1 and without a penalty

    References
    ----------
    Tibshirani (2013), The lasso problem and uniqueness, section 2.3.
    """
    if not l1 or not best.exists:
        return best.status is Status.NOT_UNIQUE
    n, p = X.shape
    # Only then may features be made of others at all.
    deficient = p >= n or none.status is not Status.OPTIMAL
    return _classes_can_move(best.W) or (
        deficient and _features_can_move(oracle, X, l1, best)
    )


def _classes_can_move(W: Array) -> bool:
    sides = np.abs((W > 0).sum(axis=1) - (W < 0).sum(axis=1))
    even = W.shape[1] > 1 and W.shape[1] % 2 == 0
    return even and bool((W.any(axis=1) & (sides == (W == 0).sum(axis=1))).any())


def _features_can_move(oracle: Oracle, X: Readable, l1: float, best: Optimum) -> bool:
    slopes = oracle.loss_and_gradient(best.W[None], best.b[None])[1][0]
    held = np.abs(slopes) >= (1.0 - REACHED) * l1
    held |= best.W != 0
    for k in range(best.W.shape[1]):
        chosen = np.flatnonzero(held[:, k])
        if len(chosen) <= MOST:
            R = correlations(X, chosen, chosen)
            at_zero = best.W[chosen, k] == 0
            if _can_move(R, -np.sign(slopes[chosen, k]), at_zero):
                return True
    return False


def _can_move(R: Array, signs: Array, at_zero: np.ndarray) -> bool:
    """Whether a direction without curvature leaves 0 by the given signs alone."""
    values, vectors = np.linalg.eigh(R)
    flat = vectors[:, values <= RANK * max(values.max(initial=0.0), 1.0)].T
    # Each of them as sparse as can be: groups that are made of each other fall apart.
    for ways in _reduced(flat) * signs:
        ways = ways[at_zero]
        ways = np.where(np.abs(ways) < np.sqrt(RANK), 0.0, ways)
        if (ways >= 0).all() or (ways <= 0).all():
            return True
    return False


def _reduced(rows: Array) -> Array:
    """Reduced row echelon form, by the largest pivots."""
    rows = rows.copy()
    for i in range(len(rows)):
        j = int(np.abs(rows[i:]).max(axis=0).argmax())
        at = i + int(np.abs(rows[i:, j]).argmax())
        rows[[i, at]] = rows[[at, i]]
        rows[i] /= rows[i, j]
        others = np.arange(len(rows)) != i
        rows[others] -= rows[others, j : j + 1] * rows[i]
    return rows


def correlations(X: Readable, rows: np.ndarray, columns: np.ndarray) -> Array:
    """Correlations of some columns of X (n, p) with others; 0 for a constant one."""
    n, p = X.shape
    mean, square = np.zeros(p), np.zeros(p)
    cross = np.zeros((len(rows), len(columns)))
    for first in range(0, n, BLOCK):
        block = X[first : first + BLOCK]
        mean += block.sum(axis=0) / n
        square += (block * block).sum(axis=0) / n
        cross += block[:, rows].T @ block[:, columns] / n
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
    # What a constant column varies by is the rounding of its squares.
    rounding = 1e-7 * np.sqrt(square)
    deviation = np.where(deviation > rounding, deviation, np.inf)
    cross -= np.outer(mean[rows], mean[columns])
    return cross / np.outer(deviation[rows], deviation[columns])

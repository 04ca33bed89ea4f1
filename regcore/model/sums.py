"""Sums of the products of the columns over the rows, and what varies in them.

A row is u = [1, x − s, y − s′], with the shift (s, s′) (p + k,).
"""

import numpy as np

from regcore.model.blocks import BLOCK, Tick
from regcore.model.losses import Array, Booleans
from regcore.model.readable import Readable

ROWS = 1024
"""Rows a block: a hundred columns of more leave the cache between two readings."""

CONSTANT = 1e-13
"""Share of its mean below which a column's deviation is rounding."""

CANCELLED = 1e-12
"""Share of the mean square about the shift below which a variance is rounding."""


def first_mean(X: Readable, Y: Array) -> Array:
    """Mean of the first block of rows, (p + k,); 0 without rows."""
    (n, p), k = X.shape, Y.shape[1]
    if not n:
        return np.zeros(p + k)
    first = min(n, BLOCK)
    totals = X[:first].sum(axis=0), Y[:first].sum(axis=0)
    mean: Array = np.concatenate(totals) / first
    return mean


def summed(X: Readable, Y: Array, shift: Array, tick: Tick) -> Array:
    """Σ over rows of uᵀu, (1 + p + k, 1 + p + k), in blocks."""
    (n, p), k = X.shape, Y.shape[1]
    S = np.zeros((1 + p + k, 1 + p + k))
    size = min(n, ROWS)
    buffer = np.ones((size, 1 + p + k))
    # Whole blocks are moved: a subtraction row by row takes three times as long.
    shifts = np.repeat(np.append(0.0, shift)[np.newaxis], size, axis=0)
    for start in range(0, n, ROWS):
        stop = min(start + ROWS, n)
        u = buffer[: stop - start]
        u[:, 1 : 1 + p] = X[start:stop]
        u[:, 1 + p :] = Y[start:stop]
        u -= shifts[: len(u)]
        S += u.T @ u
        tick()
    return S


def variance(S: Array, n: int) -> Array:
    """Variance of the population (1/n) of each column, (p + k,)."""
    mean = S[0, 1:] / n
    return np.maximum(np.diagonal(S)[1:] / n - mean * mean, 0.0)


def varies(S: Array, n: int, shift: Array) -> Booleans:
    """Whether each column does by more than its rounding, (p + k,)."""
    mean = S[0, 1:] / n
    square = np.diagonal(S)[1:] / n
    floor = (CONSTANT * np.abs(shift + mean)) ** 2 + CANCELLED * square
    return variance(S, n) > np.maximum(floor, np.finfo(float).tiny)

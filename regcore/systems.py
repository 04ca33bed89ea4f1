"""Weights and biases as one vector, and linear systems over it."""

import numpy as np

from regcore.losses import Array
from regcore.penalties import Penalty

RANK = 1e-12
"""Share of the largest eigenvalue below which a direction counts as not seen."""


def pack(W: Array, b: Array) -> Array:
    """W (p, k) and b (1, k) as (k(p + 1),): output by output, the bias last."""
    return np.concatenate([W, b]).T.ravel()


def unpack(v: Array, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Undo `pack` for W of that shape."""
    p, k = shape
    V = v.reshape(k, p + 1).T
    return V[:p].copy(), V[p:].copy()


def fix_gauge(H: Array, shape: tuple[int, ...], *, weights: bool) -> Array:
    """Give curvature to the shifts of all outputs together, which no loss can see.

    A gradient has no part along them, so that a step has none either: the sum of the
    biases, and without a penalty of each feature's weights, stays what it was.
    """
    p, k = shape
    if k == 1:
        return H
    fixed = H.reshape(k, p + 1, k, p + 1).copy()
    j = np.arange(0 if weights else p, p + 1)
    fixed[:, j, :, j] += np.trace(H) / len(H)
    return fixed.reshape(H.shape)


def regular(H: Array, shape: tuple[int, ...], penalty: Penalty) -> Array:
    """Hessian of the loss and of ½ l2·Σw², with `fix_gauge`."""
    free = bool(penalty.l1 == 0 and penalty.l2 == 0)
    H = fix_gauge(H, shape, weights=free).copy()
    i = np.arange(len(H))
    H[i, i] += pack(np.full(shape, penalty.l2), np.zeros((1, shape[1])))
    return H


def least_norm(H: Array, g: Array) -> tuple[Array, int]:
    """Shortest d with H d = g, and how many directions H does not see."""
    try:
        diagonal = np.diagonal(np.linalg.cholesky(H))
    except np.linalg.LinAlgError:
        diagonal = np.zeros(1)
    # A Cholesky factor's diagonal is a rough but cheap estimate of the rank.
    if diagonal.min() > 1e-4 * diagonal.max():
        return np.linalg.solve(H, g), 0
    values, vectors = np.linalg.eigh(H)
    seen = values > RANK * max(values[-1], 1e-300)
    vectors = vectors[:, seen]
    return vectors @ ((vectors.T @ g) / values[seen]), int((~seen).sum())

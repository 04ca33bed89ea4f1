"""Weights and biases as one vector, and linear systems over it."""

from typing import NamedTuple

import numpy as np

from regcore.model.blocks import RANK
from regcore.model.losses import Array, Booleans
from regcore.model.penalties import Penalty

ROUNDING = 1e-17
"""Share of the largest eigenvalue below which none can be told from 0."""

PIVOT = 1e-4
"""Pivot of a Cholesky factor from which a direction is surely seen."""


def pack(W: Array, b: Array) -> Array:
    """W (p, k) and b (1, k) as (k(p + 1),): output by output, the bias last."""
    return np.concatenate([W, b]).T.ravel()


def weights_packed(shape: tuple[int, ...]) -> Array:
    """1 for every weight and 0 for every bias, as from `pack` for W of that shape."""
    return pack(np.ones(shape), np.zeros((1, shape[1])))


def unpack(v: Array, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Undo `pack` for W of that shape."""
    p, k = shape
    V = v.reshape(k, p + 1).T
    return V[:p].copy(), V[p:].copy()


def make_identifiable(H: Array, shape: tuple[int, ...], *, weights: bool) -> Array:
    """Give curvature to the shifts of all outputs together, which no loss can see.

    A gradient has no part along them, so that a step has none either: the sum of the
    biases, and without a penalty of each feature's weights, stays what it was.
    """
    p, k = shape
    if k == 1:
        return H
    fixed = H.reshape(k, p + 1, k, p + 1).copy()
    j = np.arange(0 if weights else p, p + 1)
    own = np.einsum("cjcj->j", fixed) / k
    fixed[:, j, :, j] += own[j, np.newaxis, np.newaxis]
    return fixed.reshape(H.shape)


def regular(H: Array, shape: tuple[int, ...], penalty: Penalty) -> Array:
    """Hessian of the loss and of ½ l2·Σw², with `make_identifiable`."""
    H = make_identifiable(H, shape, weights=penalty.absent).copy()
    H.ravel()[:: len(H) + 1] += penalty.curvature * weights_packed(shape)
    return H


class LeastNormStep(NamedTuple):
    """The shortest d with H d = g, as far as H sees.

    Attributes
    ----------
    d : (K,)
    nullity : directions in which H has no curvature beyond rounding
    null_decrease : bounds what ½dᵀHd − gᵀd could fall further along those
    """

    d: Array
    nullity: int = 0
    null_decrease: float = 0.0


def least_norm(H: Array, g: Array) -> LeastNormStep:
    """Solve H d = g; of many solutions take the shortest.

    Curvatures are compared with every unknown in units in which its own is 1: a column
    in millions does not hide one in thousandths, nor the bias.
    """
    H, units, regular = _in_own_units(H)
    if regular:
        return LeastNormStep(units * np.linalg.solve(H, g * units))
    values, vectors, seen, flat = _directions(H, units)
    along = vectors.T @ (g * units)
    d = units * (vectors[:, seen] @ (along[seen] / values[seen]))
    curvatures = np.maximum(values[~seen], ROUNDING * values[-1])
    null_decrease = float((along[~seen] ** 2 / np.maximum(curvatures, 1e-300)).sum())
    return LeastNormStep(d - flat @ (flat.T @ d), int((~seen).sum()), null_decrease)


def inverse(H: Array) -> Array:
    """Matrix that does what `least_norm` does, (K, K), for as many g as are to come."""
    H, units, regular = _in_own_units(H)
    if regular:
        whole: Array = np.linalg.inv(H) * units * units[:, np.newaxis]
        return whole
    values, vectors, seen, flat = _directions(H, units)
    part = units[:, np.newaxis] * vectors[:, seen] / np.sqrt(values[seen])
    part -= flat @ (flat.T @ part)
    return part @ part.T


def _in_own_units(H: Array) -> tuple[Array, Array, bool]:
    """H with every unknown in its own units, these, and whether all of H is seen."""
    diagonal = np.diagonal(H)
    units = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    H = H * units * units[:, np.newaxis]
    try:
        pivots = np.diagonal(np.linalg.cholesky(H))
    except np.linalg.LinAlgError:
        return H, units, False
    # A Cholesky factor's diagonal is a rough but cheap estimate of the rank.
    return H, units, bool(pivots.min() > PIVOT)


def _directions(H: Array, units: Array) -> tuple[Array, Array, Booleans, Array]:
    """Curvatures and directions, which of them are seen, and a basis of the others."""
    values, vectors = np.linalg.eigh(H)
    seen = values > RANK * max(values[-1], 1e-300)
    flat = np.linalg.qr(units[:, np.newaxis] * vectors[:, ~seen])[0]
    return values, vectors, seen, flat

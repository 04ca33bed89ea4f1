"""The triangle of the rows, where their sums are too blunt.

XᵀX squares the condition of X: of columns that hardly differ, the sums keep nothing of
the difference. The triangle R of X = QR keeps it, with RᵀR = XᵀX, is as small as the
sums and comes from one pass over the rows too.

References
----------
Demmel, Grigori, Hoemmen & Langou (2012), Communication-optimal parallel and sequential
QR and LU factorizations, section 3 (the sequential TSQR).
"""

from typing import NamedTuple, cast

import numpy as np

from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array
from regcore.model.readable import Readable

SHARP = 1e-3
"""Smallest pivot of the sums, columns in units in which each has length 1, with which
the sums are as good as the rows: one column less its part in the others. What is left
of the target is another digit that the loss has less."""

ROUNDING = 1e-13
"""Share of the largest eigenvalue of sums, columns of length 1, that is rounding."""

RANK = 1e-13
"""Share of the largest singular value below which a direction counts as not seen."""


PIECE = 200_000_000
"""Multiplications, or half of them, after which a triangle of many rows is looked at:
they take some 0.1 s."""


class Whitened(NamedTuple):
    """Directions in which the columns of a centred matrix are orthonormal.

    Attributes
    ----------
    T : (p, r), to √n times an orthonormal matrix; of all maps that lead there it gives
        the smallest weights
    U : (rows, r), that orthonormal matrix for the matrix that was given
    share : smallest singular value of these directions as one of the largest, columns
        of length 1
    """

    T: Array
    U: Array
    share: float


def is_blunt(C: Array, p: int) -> bool:
    """Whether sums of centred columns hide how the first p differ, or what they leave.

    Parameters
    ----------
    C : (p + k, p + k), the columns of X and of what they are to predict
    """
    # Several outputs are shares of one whole, which leave nothing of each other.
    C = C if len(C) == p + 1 else C[:p, :p]
    diagonal = np.diagonal(C)
    units = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    try:
        pivots = np.diagonal(np.linalg.cholesky(C * units * units[:, np.newaxis]))
    except np.linalg.LinAlgError:
        return True
    return bool(pivots[:p].min(initial=1.0) * pivots[p:].min(initial=1.0) <= SHARP)


def root_of(S: Array) -> Array:
    """R with RᵀR = S, from sums alone: directions that are only rounding are left out.

    What S has lost is not brought back, but it no longer looks like something.
    """
    diagonal = np.diagonal(S)
    units = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(S / units / units[:, np.newaxis])
    values = np.where(values > ROUNDING * values.max(), values, 0.0)
    root: Array = np.sqrt(values)[:, np.newaxis] * vectors.T * units
    return root


def triangle(X: Readable, Y: Array, shift: Array, tick: Tick = no_tick) -> Array:
    """R of the rows [1, x − s, y − s′], whose first row holds √n and the means."""
    (n, p), width = X.shape, 1 + len(shift)
    R: Array = np.empty((0, width))
    size = max(BLOCK, 2 * width)
    for first in range(0, n, size):
        block = np.ones((min(size, n - first), width))
        np.subtract(X[first : first + size], shift[:p], out=block[:, 1 : 1 + p])
        np.subtract(Y[first : first + size], shift[p:], out=block[:, 1 + p :])
        R = stacked([R, block])
        tick()
    return R


def stacked(parts: list[Array], tick: Tick = no_tick) -> Array:
    """R of all rows of which these are parts, or triangles of parts."""
    rows = np.concatenate(parts)
    width = rows.shape[1]
    size = max(width, PIECE // width**2)
    R: Array = rows[:0]
    for first in range(0, max(len(rows), 1), size):
        # The stub forgets that with this mode it returns R alone.
        more = np.concatenate([R, rows[first : first + size]])
        R = cast("Array", np.linalg.qr(more, mode="r"))
        tick()
    return R


def residuals(root: Array, shift: Array, W: Array, b: Array) -> Array:
    """Of the rows of a triangle, (…, rows, k): no squares of large weights cancel."""
    s, t = np.split(shift, [W.shape[-2]])
    less = np.broadcast_to(-np.eye(len(t)), (*W.shape[:-2], len(t), len(t)))
    moved = b + s[np.newaxis] @ W - t
    rows: Array = root @ np.concatenate([moved, W, less], axis=-2)
    return rows


def whitened(C: Array, n: int) -> Whitened:
    """Whiten the columns of a triangle C (rows, p) that stands for n centred rows."""
    lengths = np.linalg.norm(C, axis=0)
    units = 1.0 / np.where(lengths > 0, lengths, 1.0)
    U, values, Vt = np.linalg.svd(C * units)
    seen = np.zeros(C.shape[1], dtype=bool)
    seen[: len(values)] = values > RANK * values.max(initial=1e-300)
    r = int(seen.sum())
    T = units[:, np.newaxis] * Vt[:r].T * (np.sqrt(n) / values[:r])
    flat = np.linalg.qr(units[:, np.newaxis] * Vt[r:].T)[0]
    share = float(values[r - 1] / values[0]) if r else 1.0
    return Whitened(T - flat @ (flat.T @ T), U[:, :r], share)

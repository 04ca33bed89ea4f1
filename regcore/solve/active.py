"""Weights whose signs are known, from the triangle of the rows.

Sums square the condition of the columns, and lose twice as many digits of the weights
as the columns' triangle C does. Given the signs s of the weights that are not 0, these
solve (CᵀC + l2·I)w = Cᵀt − l1·s.

References
----------
Björck (1996), Numerical Methods for Least Squares Problems, section 2.5.
"""

from collections.abc import Iterator

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array
from regcore.model.triangle import RANK, is_blunt, stacked


def sharpened(
    R: Array, W: Array, l1s: Array, l2s: Array, tick: Tick = no_tick
) -> Iterator[tuple[int, Array]]:
    """Yield the places along λ whose weights the triangle tells better, and these.

    Where columns cannot be told apart, or a sign would change, there is nothing better.

    Parameters
    ----------
    R : (rows, p + 1), the triangle over √n of centred columns, and of the target
    W : (L, p), minimisers up to the rounding of sums
    l1s, l2s : (L,)
    """
    before: bytes | None = None
    for at, (w, l1, l2) in enumerate(zip(W, l1s.tolist(), l2s.tolist(), strict=True)):
        tick()
        signs = np.sign(w)
        if signs.tobytes() != before:
            before, inside = signs.tobytes(), signs != 0
            columns = R[:, np.r_[inside, True]]
            blunt = inside.any() and is_blunt(columns.T @ columns, int(inside.sum()))
            U = stacked([columns]) if blunt else columns[:0]
        if blunt:
            found = _solved(U, signs[inside], l1, l2)
            if found is not None:
                better = np.zeros_like(w)
                better[inside] = found
                yield at, better


def _solved(U: Array, signs: Array, l1: float, l2: float) -> Array | None:
    """Solve for the weights of a triangle's columns, its last the target."""
    p = len(signs)
    if l2:
        more = np.hstack([np.sqrt(l2) * np.eye(p), np.zeros((p, 1))])
        U = stacked([U, more])
    C, t = U[:p, :p], U[:p, p]
    lengths = np.linalg.norm(C, axis=0)
    if len(C) < p or np.abs(np.diagonal(C) / lengths).min() < np.sqrt(RANK):
        return None
    w: Array = np.linalg.solve(C, t - l1 * np.linalg.solve(C.T, signs))
    return w if (w * signs > 0).all() else None

"""The whole L1 path of quadratic problems, from one change of signs to the next.

Between two such changes the weights are linear in the penalty. With the rows and
columns of the weights in A swept, one matrix holds all that the next change needs:

    E = [ H_AA⁻¹          H_AA⁻¹H_AB               α = H_AA⁻¹q_A    ]
        [ −H_BA·H_AA⁻¹    H_BB − H_BA·H_AA⁻¹H_AB   c = q_B − H_BA·α ]

At strength l1 the weights in A are α − l1·u, the slopes at the zeros in B are c − l1·u,
with u = E·s for the signs s. A weight leaves A at 0, a zero enters it where its slope
is ±l1; either way one more sweep, of d² operations, follows.

References
----------
Osborne, Presnell & Turlach (2000), A new approach to variable selection; Efron, Hastie,
Johnstone & Tibshirani (2004), Least angle regression; Goodnight (1979), A tutorial on
the SWEEP operator.
"""

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Integers

COLLINEAR = 1e-10
"""A column with less than this share of its curvature left is made of the others."""

SAME = 1e-9
"""Relative distance within which two changes are one."""


def lasso_paths(
    H: Array, q: Array, free: int, l1s: Array, tick: Tick = no_tick
) -> Array:
    """Minimisers of ½wᵀHw − qᵀw + l1·Σ|w| at each l1, for m problems in lockstep.

    Exact up to rounding, except where columns tie; check the optimality conditions.

    Parameters
    ----------
    H, q : (m, d, d), (m, d)
    free : the weight that is not penalised
    l1s : (L,), falling

    Returns
    -------
    (L, m, d)
    """
    tableau = _Tableau(H, q, free)
    for _ in range(8 * H.shape[1] + 50):
        tick()
        if not tableau.change(l1s[-1]):
            break
    return tableau.at(l1s)


class _Tableau:
    """The swept matrices, and the weights at every change so far."""

    def __init__(self, H: Array, q: Array, free: int) -> None:
        m, d = q.shape
        self._E = np.concatenate([H, q[:, :, np.newaxis]], axis=2)
        self._d, self._all = d, np.arange(m)
        self._inside = np.zeros((m, d), dtype=bool)
        self._signs = np.zeros((m, d))
        self._open = np.ones((m, d), dtype=bool)
        self._floor = COLLINEAR * np.diagonal(H, axis1=1, axis2=2)
        every = np.full(m, free)
        self._sweep(self._all, every)
        self._inside[:, free] = True
        self._open[:, free] = False
        x = self._E[:, :, d]
        self._l1 = np.abs(np.where(self._open, x, 0.0)).max(axis=1)
        self._moved = np.full(m, free)
        self._changes = [(self._l1.copy(), np.where(self._inside, x, 0.0))]

    def change(self, smallest: float) -> bool:
        """Go to the next change of every problem; return whether any is left."""
        if (self._l1 <= smallest).all():
            return False
        x = self._E[:, :, self._d]
        u = (self._E[:, :, : self._d] @ self._signs[:, :, np.newaxis])[:, :, 0]
        l1, j, sign = self._next(x, u)
        w = np.where(self._inside, x - l1[:, np.newaxis] * u, 0.0)
        w[self._all[l1 > 0], j[l1 > 0]] *= ~self._open[l1 > 0, j[l1 > 0]]
        self._changes.append((l1, w))
        self._l1, self._moved = l1, j
        going = np.flatnonzero(l1 > smallest)
        entering = ~self._inside[going, j[going]]
        pivots = self._E[going, j[going], j[going]]
        tied = entering & (pivots < self._floor[going, j[going]])
        self._open[going[tied], j[going][tied]] = False
        going = going[~tied]
        j = j[going]
        self._sweep(going, j)
        self._inside[going, j] ^= True
        self._signs[going, j] = np.where(self._inside[going, j], sign[going], 0.0)
        return True

    def _next(self, x: Array, u: Array) -> tuple[Array, Array, Array]:
        """Strength of the next change, the weight, and its sign if it enters."""
        with np.errstate(divide="ignore", invalid="ignore"):
            leaves = x / u
            up, down = x / (u + 1.0), x / (u - 1.0)
        limit = np.repeat(self._l1[:, np.newaxis] * (1.0 + SAME), self._d, axis=1)
        limit[self._all, self._moved] *= 1.0 - 2.0 * SAME
        up[~((up > 0) & (up <= limit))] = 0.0
        down[~((down > 0) & (down <= limit))] = 0.0
        leaves[~((leaves > 0) & (leaves <= limit))] = 0.0
        when = np.where(self._inside, leaves, np.maximum(up, down)) * self._open
        j = when.argmax(axis=1)
        l1 = np.minimum(when[self._all, j], self._l1)
        sign = np.where(up[self._all, j] >= down[self._all, j], 1.0, -1.0)
        return l1, j, sign

    def _sweep(self, t: Integers, j: Integers) -> None:
        """Move weight j into A, or out of it, in the problems t."""
        E = self._E if len(t) == len(self._E) else self._E[t]
        i = np.arange(len(t))
        pivot = E[i, j, j][:, np.newaxis]
        row = E[i, j] / pivot
        column = E[i, :, j]
        E -= column[:, :, np.newaxis] * row[:, np.newaxis, :]
        E[i, j] = row
        E[i, :, j] = -column / pivot
        E[i, j, j] = 1.0 / pivot[:, 0]
        if E is not self._E:
            self._E[t] = E

    def at(self, l1s: Array) -> Array:
        """Weights at these strengths, between the changes on straight lines."""
        when = np.array([l1 for l1, _ in self._changes])
        w = np.array([w for _, w in self._changes])
        result = np.zeros((len(l1s), *w.shape[1:]))
        for f in range(w.shape[1]):
            place = np.searchsorted(-when[:, f], -l1s, side="left")
            after = np.minimum(place, len(when) - 1)
            before = np.maximum(after - 1, 0)
            gap = when[before, f] - when[after, f]
            share = (when[before, f] - l1s) / np.where(gap > 0, gap, 1.0)
            share = np.clip(share, 0.0, 1.0)[:, np.newaxis]
            result[:, f] = w[before, f] + share * (w[after, f] - w[before, f])
        return result

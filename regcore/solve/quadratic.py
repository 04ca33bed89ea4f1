"""Quadratic problems with an L1 penalty, solved exactly, many side by side."""

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Booleans, Integers

ROUNDS = 1_000
"""Far more rounds than any problem was seen to need; then the last state is given."""

DAMPING = 1e-12
"""Share of the largest curvature that is added where columns are collinear."""

TIGHT = 1e-12
"""A condition that is off by this share of the largest slope holds."""


def minimise(
    H: Array, q: Array, l1: Array, start: Array, tick: Tick = no_tick
) -> Array:
    """Minimisers over w of ½wᵀHw − qᵀw + Σ l1·|w|, m problems side by side.

    Guess the signs at the optimum: those of w, and for every zero whose slope is larger
    than its l1 the one that it goes to. Solve the linear system that they leave,
    without the zeros that would go the other way, set to zero what then has the wrong
    sign, and repeat. Where such a round does not descend, the problem goes to the first
    sign change only. So every round descends and no guess comes back: the end is exact
    and is reached, and where rounding hides which way a zero would leave it is there.

    Parameters
    ----------
    H : (m, d, d), symmetric, no negative eigenvalue
    q, start : (m, d)
    l1 : (m, d), ≥ 0; weights with 0 are free

    References
    ----------
    Lee, Battle, Raina & Ng (2007), Efficient sparse coding algorithms, algorithm 1.
    """
    search = _Search(H, q, l1, start)
    for _ in range(ROUNDS):
        tick()
        if not search.advance():
            break
    return search.w


class _Search:
    """The state of m problems, and one round of those that are not done."""

    def __init__(self, H: Array, q: Array, l1: Array, start: Array) -> None:
        self.H, self.q, self.l1 = H, q, l1
        self.w = start.copy()
        self.g = (H @ self.w[..., np.newaxis])[..., 0] - q
        diagonal = np.diagonal(H, axis1=-2, axis2=-1)
        self._damping = DAMPING * np.maximum(diagonal.max(axis=-1), 1e-300)
        slope = np.maximum(np.abs(q).max(axis=-1), np.abs(self.g).max(axis=-1))
        self._tight = TIGHT * np.maximum(l1.max(axis=-1), 1e-2 * slope)
        self._stopped = np.zeros(len(q), dtype=bool)
        self._last = np.full(len(q), np.inf)
        self._todo = np.arange(len(q))

    def advance(self) -> bool:
        """Take one round; return whether there was anything left to do."""
        t = self._todo
        w, g, l1 = self.w[t], self.g[t], self.l1[t]
        tight = self._tight[t, np.newaxis]
        enters = (w == 0) & (l1 > 0) & (np.abs(g) > l1 + tight)
        signs = np.where(l1 > 0, np.sign(w) - np.sign(g) * enters, 0.0)
        off = np.where((signs != 0) | (l1 == 0), g + l1 * signs, 0.0)
        going = ~self._stopped[t] & (np.abs(off).max(axis=-1) > tight[:, 0])
        if not going.all():
            t, w, signs, off, enters = (x[going] for x in (t, w, signs, off, enters))
            self._todo = t
        if not len(t):
            return False
        self._step(w, signs, off, enters)
        return True

    def _step(self, w: Array, signs: Array, off: Array, enters: Booleans) -> None:
        """Solve for these signs, and move as far as that descends."""
        t, free = self._todo, (signs != 0) | (self.l1[self._todo] == 0)
        d = self._direction(t, off, free, signs, enters)
        new = w - d
        wrong = new * signs < 0
        clean = ~wrong.any(axis=-1)
        new[wrong] = 0.0
        g = self._gradient(t, new)
        rises = np.zeros(len(t), dtype=bool)
        if not clean.all():
            rises = ~clean & ~(self._value(t, new, g) < self._value(t, w, self.g[t]))
        if rises.any():
            new[rises] = _to_first_change(w[rises], d[rises], signs[rises])
            g[rises] = self._gradient(t[rises], new[rises])
        # What a whole step on the same weights could not make smaller is rounding, and
        # so is the slope of a zero that such a step would move the other way.
        same = clean & ((new != 0) <= (w != 0)).all(axis=-1)
        worst = np.abs(off * (free & ~(enters & (new == 0)))).max(axis=-1)
        self._stopped[t] = (rises & (new == w).all(axis=-1)) | (
            same & (worst >= self._last[t])
        )
        self._last[t] = np.where(same, worst, np.inf)
        self.w[t], self.g[t] = new, g

    def _direction(
        self,
        t: Integers,
        off: Array,
        free: Booleans,
        signs: Array,
        enters: Booleans,
    ) -> Array:
        """Solve for these signs, without the zeros that would leave the other way."""
        d = self._solve(t, off, free)
        while True:
            out = free & enters & (d * signs >= 0)
            again = out.any(axis=-1)
            if not again.any():
                return d
            free = free & ~out
            d[again] = self._solve(t[again], off[again], free[again])

    def _solve(self, t: Integers, r: Array, free: Booleans) -> Array:
        """Solve H d = r over the free weights of problems t; the rest of d is 0."""
        used = np.flatnonzero(free.any(axis=0))
        M, r = self._among(t)[:, used[:, np.newaxis], used], r[:, used]
        diagonal = M.reshape(len(t), -1)[:, :: len(used) + 1]
        if len(t) > 1:
            keep = free[:, used].astype(float)
            M *= keep[:, :, np.newaxis] * keep[:, np.newaxis, :]
            r *= keep
            diagonal += 1.0 - keep
        diagonal += self._damping[t, np.newaxis]
        d = np.zeros(free.shape)
        d[:, used] = np.linalg.solve(M, r[..., np.newaxis])[..., 0]
        return d

    def _gradient(self, t: Integers, w: Array) -> Array:
        gradient: Array = (self._among(t) @ w[..., np.newaxis])[..., 0] - self.q[t]
        return gradient

    def _among(self, t: Integers) -> Array:
        """Hessians of problems t; not copied for all of them."""
        return self.H if len(t) == len(self.H) else self.H[t]

    def _value(self, t: Integers, w: Array, g: Array) -> Array:
        value: Array = (0.5 * w * (g - self.q[t]) + self.l1[t] * np.abs(w)).sum(axis=-1)
        return value


def _to_first_change(w: Array, d: Array, signs: Array) -> Array:
    """Go from w along −d until the first weight reaches 0, at most one whole step."""
    crossing = np.full(w.shape, np.inf)
    crosses = (w != 0) & ((w - d) * signs < 0)
    crossing[crosses] = w[crosses] / d[crosses]
    share = np.minimum(crossing.min(axis=-1, keepdims=True), 1.0)
    new: Array = w - share * d
    new[new * signs < 0] = 0.0
    new[crosses & (crossing <= share)] = 0.0
    return new

"""Quadratic problems with an L1 penalty, solved exactly, many side by side."""

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Booleans, Integers

ROUNDS = 1_000
"""Far more rounds than any problem was seen to need; then the last state is given."""

DAMPING, LIKE = 1e-12, 4.0
"""Share of the largest curvature that is added where columns are collinear; that of a
weight counts as so many times its own at most, or one in a small unit hardly moves."""

TIGHT = 1e-12
"""A condition that is off by this share of the largest slope holds."""

PARTS = (*0.5 ** np.arange(1, 11), 0.0)
"""Parts of a step that are tried where it does not descend; 0 for the first sign
change."""

ENTERS = 0.4
"""Share of the most that a slope is beyond its l1 from which a zero enters a round of a
single problem: more of them are mostly made of each other, and go back one by one. All
enter a loose one, which a round or two are to bring as near as can be."""

FLAT = 4
"""After so many of those in a row there are directions with hardly any curvature: a
step goes so far in them that the signs of too many weights change at once."""

CAUTION, FADES, LEAST = 1e-3, 0.1, 1e-4
"""Share of its own curvature that each weight gets more of then, and what each step
that descends leaves of that, down to the least."""


def minimise(
    H: Array,
    q: Array,
    l1: Array,
    start: Array,
    tick: Tick = no_tick,
    loose: float = 0.0,
) -> Array:
    """Minimisers over w of ½wᵀHw − qᵀw + Σ l1·|w|, m problems side by side.

    Guess the signs at the optimum: those of w, and for every zero whose slope is larger
    than its l1 the one that it goes to. Solve the linear system that they leave,
    without the zeros that would go the other way, set to zero what then has the wrong
    sign, and repeat. Where such a round does not descend, a part of it is taken: at the
    least up to the first sign change. So every round descends and no guess comes back:
    the end is exact and is reached, and where rounding hides which way a zero would
    leave it is there.

    Parameters
    ----------
    H : (m, d, d), symmetric, no negative eigenvalue
    q, start : (m, d)
    l1 : (m, d), ≥ 0; weights with 0 are free
    loose : share of the most that a condition is off at the start by which it may be
        off at the end

    References
    ----------
    Lee, Battle, Raina & Ng (2007), Efficient sparse coding algorithms, algorithm 1.
    """
    if len(q) == 1:
        start, settled = _alone(H[0], q[0], l1[0], start[0], tick, loose)
        if settled:
            return start
    search = _Search(H, q, l1, start, loose)
    for _ in range(ROUNDS):
        tick()
        if not search.advance():
            break
    return search.w


def _alone(
    H: Array, q: Array, l1: Array, w: Array, tick: Tick, loose: float
) -> tuple[Array, bool]:
    """Rounds of a single problem, with a fifth of the calls of `_Search`.

    They end with the answer, or where a whole step would not bring it nearer: (1, d),
    and whether it is the answer.
    """
    g = H @ w - q
    tight = TIGHT * max(l1.max(), 1e-2 * max(np.abs(q).max(), np.abs(g).max()))
    damped = H.copy()
    damped.ravel()[:: len(q) + 1] += damping(H)

    def value(w: Array, g: Array) -> float:
        return float(0.5 * w @ (g - q) + l1 @ np.abs(w))

    share = 0.0 if loose else ENTERS
    # What damping leaves of a condition is no reason for another round.
    loose, last = max(loose, DAMPING), np.inf
    free = l1 == 0
    for _ in range(ROUNDS):
        beyond = np.abs(g) - l1
        enters = beyond > max(tight, share * beyond.max())
        i = ((w != 0) | enters | free).nonzero()[0]
        now = w[i]
        pull = l1[i] * np.sign(np.where(now, now, -g[i]))
        off = g[i] + pull
        worst = np.abs(off).max(initial=0.0)
        tight, loose = max(tight, loose * worst), 0.0
        if not tight < worst < last:
            return w[np.newaxis], bool(worst <= tight)
        while True:
            new = now - np.linalg.solve(damped[i[:, np.newaxis], i], off)
            ahead = (new * pull >= 0) | (now != 0)
            if ahead.all():
                break
            i, now, pull, off = i[ahead], now[ahead], pull[ahead], off[ahead]
        wrong, end = new * pull < 0, np.zeros(len(w))
        end[i] = np.where(wrong, 0.0, new)
        start, w, last = (w, g), end, worst
        g = H @ w - q
        if wrong.any() and not value(w, g) < value(*start):
            return start[0][np.newaxis], False
        tick()
    return w[np.newaxis], False


def damping(H: Array) -> Array:
    """What is added to the curvatures of (…, d, d), so that there is a solution."""
    own = np.diagonal(H, axis1=-2, axis2=-1)
    largest = np.maximum(own.max(axis=-1, keepdims=True), 1e-300)
    added: Array = DAMPING * np.where(own > 0, np.minimum(LIKE * own, largest), largest)
    return added


class _Search:
    """The state of m problems, and one round of those that are not done."""

    def __init__(
        self, H: Array, q: Array, l1: Array, start: Array, loose: float
    ) -> None:
        self.H, self.q, self.l1 = H, q, l1
        self.w = start.copy()
        self.g = (H @ self.w[..., np.newaxis])[..., 0] - q
        self._damping = damping(H)
        self._caution = np.zeros(len(q))
        slope = np.maximum(np.abs(q).max(axis=-1), np.abs(self.g).max(axis=-1))
        self._tight = TIGHT * np.maximum(l1.max(axis=-1), 1e-2 * slope)
        self._stopped = np.zeros(len(q), dtype=bool)
        self._last, self._lowest = np.full((2, len(q)), np.inf)
        self._rises = np.zeros(len(q), dtype=int)
        self._todo = np.arange(len(q))
        worst = np.abs(self._signs_and_slopes()[2]).max(axis=-1)
        self._tight = np.maximum(self._tight, loose * worst)

    def advance(self) -> bool:
        """Take one round; return whether there was anything left to do."""
        t = self._todo
        w = self.w[t]
        enters, signs, off = self._signs_and_slopes()
        going = ~self._stopped[t] & (np.abs(off).max(axis=-1) > self._tight[t])
        if not going.all():
            t, w, signs, off, enters = (x[going] for x in (t, w, signs, off, enters))
            self._todo = t
        if not len(t):
            return False
        self._step(w, signs, off, enters)
        return True

    def _signs_and_slopes(self) -> tuple[Booleans, Array, Array]:
        """Which zeros enter, the signs then, and by how much conditions are off."""
        t = self._todo
        w, g, l1 = self.w[t], self.g[t], self.l1[t]
        enters = (w == 0) & (l1 > 0) & (np.abs(g) > l1 + self._tight[t, np.newaxis])
        signs = np.where(l1 > 0, np.sign(w) - np.sign(g) * enters, 0.0)
        off = np.where((signs != 0) | (l1 == 0), g + l1 * signs, 0.0)
        return enters, signs, off

    def _step(self, w: Array, signs: Array, off: Array, enters: Booleans) -> None:
        """Solve for these signs, and move as far as that descends."""
        t, free = self._todo, (signs != 0) | (self.l1[self._todo] == 0)
        d = self._direction(t, off, free, signs, enters)
        new = w - d
        wrong = new * signs < 0
        clean = ~wrong.any(axis=-1)
        new[wrong] = 0.0
        g = self._gradient(t, new)
        rises, falls = np.zeros((2, len(t)), dtype=bool)
        if not clean.all():
            rises = ~clean & ~(self._value(t, new, g) < self._value(t, w, self.g[t]))
        if rises.any():
            r = np.flatnonzero(rises)
            new[r], g[r], falls[r] = self._nearer(t[r], w[r], d[r], signs[r])
        # What a whole step on the same weights could not make smaller is rounding, and
        # so is the slope of a zero that such a step would move the other way.
        whole = clean & (self._caution[t] == 0)
        same = whole & ((new != 0) <= (w != 0)).all(axis=-1)
        worst = np.abs(off * (free & ~(enters & (new == 0)))).max(axis=-1)
        self._stopped[t] = (rises & (new == w).all(axis=-1)) | (
            same & (worst >= self._last[t])
        )
        self._last[t] = np.where(same, worst, np.inf)
        self.w[t], self.g[t] = new, g
        less = FADES * self._caution[t]
        more = CAUTION * (falls & (self._rises[t] >= FLAT))
        self._caution[t] = np.where(rises, more, less * (less > LEAST))
        self._rises[t] = rises * (self._rises[t] + 1)

    def _nearer(
        self, t: Integers, w: Array, d: Array, signs: Array
    ) -> tuple[Array, Array, Booleans]:
        """Go from w along −d as far as that descends.

        What would change its sign stays at 0. Up to the first sign change the way
        descends, but for rounding; farther on a part of it is tried, half as much and
        half again. Gives the end, the gradient there, and whether that fell.
        """
        crosses = (w != 0) & ((w - d) * signs < 0)
        crossing = np.where(crosses, w / np.where(crosses, d, 1.0), np.inf)
        first = np.minimum(crossing.min(axis=-1), 1.0)
        before = self._value(t, w, self.g[t])
        # Only rounding brings a problem back to where such a step began already.
        lower = before < self._lowest[t]
        self._lowest[t] = np.minimum(self._lowest[t], before)
        new, g = np.empty_like(w), np.empty_like(w)
        falls, todo = np.zeros(len(t), dtype=bool), np.arange(len(t))
        for part in PARTS:
            share = np.maximum(part * lower[todo], first[todo])[:, np.newaxis]
            end = w[todo] - share * d[todo]
            end[(crossing[todo] <= share) | (end * signs[todo] < 0)] = 0.0
            new[todo], g[todo] = end, self._gradient(t[todo], end)
            falls[todo] = self._value(t[todo], end, g[todo]) < before[todo]
            todo = todo[~falls[todo] & (share[:, 0] > first[todo])]
            if not len(todo):
                break
        return new, g, falls & lower

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
        diagonal *= 1.0 + self._caution[t, np.newaxis]
        diagonal += self._damping[t[:, np.newaxis], used]
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

"""Quadratic models of all folds' losses, corrected by what steps show of them.

As `curvature` has them for one model: with L1 the Hessians themselves, without a kink
their inverses and the steps since.
"""

from typing import Protocol

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.penalties import Penalty
from regcore.solve.quadratic import damping, minimise
from regcore.solve.systems import make_identifiable

MEMORY = 30
"""Most steps that an inverse remembers."""

NEAR = 2.0
"""An inverse serves other strengths of L2, up to so many times as strong or weak."""

STALE = 0.15
"""Hessians are kept while a step leaves at most this share of the residual."""

FEW, WORTH = 5, 0.01
"""Steps that new inverses are worth: so many, and so many more per unknown."""

LARGE = 200
"""Unknowns from which on inverses pay."""


class Curvatures(Protocol):
    """Quadratic models around any weights V (m, p + 1, k), with gradients G."""

    sharp: float
    """A step that leaves at most this share of the residual would be followed by ones
    that lower the objective by less than itself."""

    def step(self, penalty: Penalty, V: Array, G: Array, tick: Tick) -> Array:
        """From V to the models' minimisers."""
        ...

    def learn(self, S: Array, Y: Array) -> None:
        """Take in that along S the gradients of the losses have changed by Y."""
        ...

    def is_stale(self, left: list[float]) -> bool:
        """Whether new Hessians are worth it, after steps that left so many targets."""
        ...


def curvatures(H: Array, *, smooth: bool) -> Curvatures:
    """What suits Hessians (m, K, K) and penalties with a kink, or without one."""
    return Inverses(H) if smooth and H.shape[1] >= LARGE else Hessians(H)


class Hessians:
    """For any penalty: every step solves a system, or many."""

    sharp = STALE

    def __init__(self, H: Array) -> None:
        self._H = H

    def step(self, penalty: Penalty, V: Array, G: Array, tick: Tick) -> Array:
        """See `Curvatures.step`."""
        packed, v = _on(penalty, V), pack(V)
        g = pack(G) + packed.slope(v)
        H = _penalised(self._H, penalty, V)
        if penalty.smooth:
            return unpack(-_solved(H, g), V)
        q = (H @ v[..., None])[..., 0] - g
        l1 = np.broadcast_to(packed.l1, v.shape)
        return unpack(minimise(H, q, l1, v, tick) - v, V)

    def learn(self, S: Array, Y: Array) -> None:
        """See `Curvatures.learn`.

        References
        ----------
        Nocedal & Wright (2006), Numerical Optimization, eq. 6.19 (BFGS).
        """
        s, y = pack(S)[..., np.newaxis], pack(Y)[..., np.newaxis]
        Hs = self._H @ s
        bends, bent = (y * s).sum(axis=1), (s * Hs).sum(axis=1)
        told = (np.minimum(bends, bent) > 0)[:, :, np.newaxis]
        y = y / np.sqrt(np.where(bends > 0, bends, 1.0))[:, :, np.newaxis]
        Hs = Hs / np.sqrt(np.where(bent > 0, bent, 1.0))[:, :, np.newaxis]
        change = y @ y.transpose(0, 2, 1) - Hs @ Hs.transpose(0, 2, 1)
        self._H = self._H + told * change

    def is_stale(self, left: list[float]) -> bool:
        """See `Curvatures.is_stale`."""
        return len(left) > 1 and bool(left[-1] > STALE * left[-2])


class Inverses:
    """For L2: a system is solved once, and a step costs a product.

    References
    ----------
    Nocedal & Wright (2006), Numerical Optimization, algorithm 7.4 (L-BFGS, two loops).
    """

    sharp = 0.25

    def __init__(self, H: Array) -> None:
        self._H = H
        self._at = np.nan
        self._inverse: Array = np.empty(0)
        self._steps: list[tuple[Array, Array]] = []

    def step(self, penalty: Penalty, V: Array, G: Array, tick: Tick) -> Array:
        """See `Curvatures.step`."""
        tick()
        packed, strength = _on(penalty, V), float(penalty.curvature)
        if not 1.0 / NEAR <= strength / self._at <= NEAR:
            self._inverse = np.linalg.inv(_penalised(self._H, penalty, V))
            self._at = strength
        left, shares = -(pack(G) + packed.slope(pack(V))), []
        bent = [(s, y + packed.curvature * s) for s, y in self._steps]
        pairs = [(s, y, np.maximum(_dot(s, y), 1e-300)) for s, y in bent]
        for s, y, sy in reversed(pairs):
            shares.append(_dot(s, left) / sy)
            left = left - shares[-1] * y
        d = (self._inverse @ left[..., np.newaxis])[..., 0]
        for s, y, sy in pairs:
            d = d + (shares.pop() - _dot(y, d) / sy) * s
        return unpack(d, V)

    def learn(self, S: Array, Y: Array) -> None:
        """See `Curvatures.learn`."""
        s, y = pack(S), pack(Y)
        # A convex loss bends no other way; a model that hardly moved tells nothing.
        told = _dot(s, y) > 0
        s, y = s * told, y * told
        self._steps = [*self._steps, (s, y)][-MEMORY:]

    def is_stale(self, left: list[float]) -> bool:
        """See `Curvatures.is_stale`: whether to arrive takes more than new ones do."""
        if len(left) < 3:
            return False
        rate = np.log(left[0] / left[-1]) / (len(left) - 1)
        return bool(
            rate <= 0 or np.log(left[-1]) > rate * (WORTH * self._H.shape[1] + FEW)
        )


def pack(V: Array) -> Array:
    """V (m, p + 1, k) as (m, k(p + 1)): output by output, the bias last."""
    return V.transpose(0, 2, 1).reshape(len(V), -1)


def unpack(v: Array, like: Array) -> Array:
    """Undo `pack`."""
    m, rows, k = like.shape
    return v.reshape(m, k, rows).transpose(0, 2, 1)


def _dot(a: Array, b: Array) -> Array:
    products: Array = np.einsum("mi,mi->m", a, b)[:, np.newaxis]
    return products


def _on(penalty: Penalty, V: Array) -> Penalty:
    _, rows, k = V.shape
    return penalty.on(np.tile(np.r_[np.ones(rows - 1), 0.0], k))


def _solved(H: Array, g: Array) -> Array:
    """Solve H d = g; damped where rounding among units far apart has left no H."""
    try:
        d = np.linalg.solve(H, g[..., np.newaxis])
    except np.linalg.LinAlgError:
        H = H + damping(H)[..., np.newaxis] * np.eye(H.shape[1])
        d = np.linalg.solve(H, g[..., np.newaxis])
    solved: Array = d[..., 0]
    return solved


def _penalised(H: Array, penalty: Penalty, V: Array) -> Array:
    """Hessians of the objectives; see `make_identifiable`."""
    _, rows, k = V.shape
    H = np.array([make_identifiable(part, (rows - 1, k), weights=False) for part in H])
    diagonal = np.arange(H.shape[1])
    H[:, diagonal, diagonal] += _on(penalty, V).curvature
    return H

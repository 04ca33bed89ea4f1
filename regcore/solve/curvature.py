"""Quadratic models of a loss with a penalty, corrected by what steps show of it.

A Newton step needs the Hessian H, which for k outputs costs k²·p² a row, and a solution
with it. Both are had once and kept, while BFGS corrections keep up with the loss: every
step (s, y), y the change of the gradient along s, is one more that the model tells
right. The first H, at weights 0 and the best constant, is A ⊗ S with A (k, k) and
S = Σ[x 1]ᵀ[x 1]/n, and takes a k²-th of any other.

References
----------
Nocedal & Wright (2006), Numerical Optimization, eq. 6.19 (BFGS) and algorithm 7.4 (the
two loops of L-BFGS). Li, Fukushima, Qi & Yamashita (2004),
Regularized Newton methods for convex minimization problems with singular solutions, for
curvature that is added in proportion to the gradient.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from regcore.model.blocks import RANK, Tick
from regcore.model.losses import Array
from regcore.model.oracle import Evaluation, Oracle
from regcore.model.penalties import Penalty
from regcore.solve.quadratic import minimise
from regcore.solve.systems import inverse, pack, regular, weights_packed

MEMORY = 30
"""Most steps that a smooth model remembers."""

WORTH = 0.125
"""See `Model.worth`, without a kink."""

LOOSE = 0.1
"""Where the model is not the loss, the share of the most that a condition of L1 is off
to which it is brought by one step."""

LEAST, DAMPING = 1e-13, 0.1
"""Where classes can be separated and nothing holds the weights, some curvatures vanish
on the way. Shares of its own that each unknown gets more of: at all times, and while
the largest slope is still what it is at weights 0."""


class Model(Protocol):
    """A quadratic model around any weights."""

    @property
    def worth(self) -> float:
        """Looks that a new one would be worth, per unknown, where rows are many."""
        ...

    def step(self, penalty: Penalty, W: Array, b: Array, g: Array, tick: Tick) -> Array:
        """From (W, b), with the smooth part's gradient g, to the model's minimiser.

        Packed, as g is.
        """
        ...

    def corrected(self, s: Array, y: Array) -> "Model":
        """The same with what one step has shown."""
        ...


class Smooth(NamedTuple):
    """For penalties without a kink: an inverse, and the steps (s, y, s·y) since."""

    solve: Callable[[Array], Array]
    steps: tuple[tuple[Array, Array, float], ...] = ()
    worth: float = WORTH

    def step(self, penalty: Penalty, W: Array, b: Array, g: Array, tick: Tick) -> Array:
        """See `Model.step`."""
        tick()
        left, shares = -g, []
        for s, y, along in reversed(self.steps):
            shares.append((s @ left) / along)
            left -= shares[-1] * y
        d = self.solve(left)
        for s, y, along in self.steps:
            d += (shares.pop() - (y @ d) / along) * s
        return d

    def corrected(self, s: Array, y: Array) -> "Smooth":
        """See `Model.corrected`."""
        along = float(s @ y)
        if along <= 0:
            return self
        return self._replace(steps=(*self.steps, (s, y, along))[-MEMORY:])


class Kinked(NamedTuple):
    """For L1: the Hessian of the smooth part itself."""

    H: Array
    loose: float = 0.0
    worth: float = 0.03

    def step(self, penalty: Penalty, W: Array, b: Array, g: Array, tick: Tick) -> Array:
        """See `Model.step`."""
        l1, v = penalty.l1 * weights_packed(W.shape), pack(W, b)
        q = self.H @ v - g
        end = minimise(self.H[None], q[None], l1[None], v[None], tick, self.loose)
        step: Array = end[0] - v
        return step

    def corrected(self, s: Array, y: Array) -> "Kinked":
        """See `Model.corrected`; nothing is to correct where the model is the loss."""
        if not self.loose:
            return self
        Hs = self.H @ s
        if min(y @ s, s @ Hs) <= 0:
            return self
        bends = np.array([y, Hs])
        change = bends.T / [y @ s, -(s @ Hs)] @ bends
        return self._replace(H=self.H + change)


def first_model(oracle: Oracle, penalty: Penalty, at: Evaluation, tick: Tick) -> Model:
    """The model at weights 0, or at these where that costs no less."""
    k = at.b.size
    if k == 1 or not penalty.smooth:
        return model_at(oracle, penalty, at, tick)
    A, S = oracle.constant_hessian(tick)
    Q, values, _ = np.linalg.svd(A)
    # No loss sees a shift of all outputs, and no gradient has a part along it.
    values = np.where(values > RANK * values[0], values, values.mean())
    on_weights = np.diag(np.r_[np.ones(len(S) - 1), 0.0]) * penalty.curvature
    parts = np.array([inverse(value * S + on_weights) for value in values])

    def solve(g: Array) -> Array:
        G = Q.T @ g.reshape(k, -1)
        return (Q @ (parts @ G[..., np.newaxis])[..., 0]).ravel()

    return Smooth(solve)


def model_at(
    oracle: Oracle,
    penalty: Penalty,
    at: Evaluation,
    tick: Tick,
    *,
    damped: bool = False,
) -> Model:
    """The model with the Hessian at these weights.

    Parameters
    ----------
    damped : whether to add curvature where a penalty, too, holds the weights
    """
    H = regular(oracle.hessian(at.W, at.b, tick), at.W.shape, penalty)
    if oracle.separable and (damped or penalty.absent):
        most = float(penalty.residual(at.W, at.GW).max())
        slope = most / Penalty().scale(oracle.covariance)
        # The same for every output, so that no step has a part along their shift.
        own = np.diagonal(H).reshape(at.b.size, -1).mean(axis=0)
        i = np.arange(len(H))
        H[i, i] += (LEAST + DAMPING * slope) * np.tile(own, at.b.size)
    if not penalty.smooth:
        return Kinked(H, LOOSE if oracle.affine() is None else 0.0)
    return Smooth(inverse(H).__matmul__)

"""The smallest objective for every value of one weight, all others at their best."""

from typing import NamedTuple

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Booleans
from regcore.model.oracle import Evaluation, Oracle, evaluate
from regcore.model.penalties import Penalty
from regcore.solve.quadratic import minimise
from regcore.solve.systems import pack, regular, unpack, weights_packed

TOLERANCE = 1e-7
"""Most that an optimality condition is off, as a share of the largest gradient at 0."""

STEPS = 100
"""Most Newton steps; a few are needed."""

FAST = 0.1
"""A step that leaves more than this of the residual asks for a new Hessian."""


class Profile(NamedTuple):
    """Of one weight, (m,) each.

    Attributes
    ----------
    cost : loss and penalty, but for what is taken off this weight by l1·|w|
    slope : of that cost
    """

    cost: Array
    slope: Array


def profile(
    oracle: Oracle,
    penalty: Penalty,
    weight: tuple[int, int],
    values: Array,
    start: tuple[Array, Array],
    tick: Tick = no_tick,
) -> Profile:
    """Minimise loss + penalty over all other weights and biases, for every value.

    By proximal Newton steps on the others, each value from the solution of the one
    before. The slope is the partial derivative at the solution: how the others follow
    changes nothing at first order.

    Parameters
    ----------
    weight : feature and output
    values : (m,), in an order in which neighbours are near each other
    start : W (p, k) and b (1, k)

    References
    ----------
    Boyd & Vandenberghe (2004), Convex Optimization, section 3.2.5, for convexity.
    """
    others = np.ones(start[0].size + start[1].size, dtype=bool)
    others[weight[1] * (len(start[0]) + 1) + weight[0]] = False
    least = TOLERANCE * float(np.abs(oracle.covariance).max())
    rest = _Rest(oracle, penalty, others, least, tick)
    (W, b), costs, slopes = start, [], []
    for value in values:
        W = W.copy()
        W[weight] = value
        end = rest.minimised(W, b)
        W, b = end.W, end.b
        cost = end.loss + float(penalty.value(W)) - float(penalty.l1) * abs(value)
        costs.append(cost)
        slopes.append(float((end.GW + penalty.slope(W))[weight]))
    return Profile(np.array(costs), np.array(slopes))


class _Rest(NamedTuple):
    """The problem of the other weights."""

    oracle: Oracle
    penalty: Penalty
    others: Booleans
    least: float
    tick: Tick

    def minimised(self, W: Array, b: Array) -> Evaluation:
        """Go down in the others until no condition is off."""
        at, H = evaluate(self.oracle, W, b, self.tick), None
        residual = self._residual(at)
        for _ in range(STEPS):
            if residual <= self.least:
                break
            if H is None:
                H = self.oracle.hessian(at.W, at.b, self.tick)
                H = regular(H, at.W.shape, self.penalty)
            new = self._step(at, H)
            if new is None:
                break
            before, at, residual = residual, new, self._residual(new)
            if residual > FAST * before:
                H = None
        return at

    def _step(self, at: Evaluation, H: Array) -> Evaluation | None:
        """To the minimum of the quadratic model, or as far as the objective falls."""
        free, v = self.others, pack(at.W, at.b)
        g = pack(at.GW + self.penalty.slope(at.W), at.Gb)[free]
        inner = H[np.ix_(free, free)]
        l1 = (self.penalty.l1 * weights_packed(at.W.shape))[free]
        q = inner @ v[free] - g
        end = minimise(inner[None], q[None], l1[None], v[None, free], self.tick)[0]
        before, residual, share = self._objective(at), self._residual(at), 1.0
        while share > 1e-6:
            new = v.copy()
            new[free] += share * (end - v[free])
            found = evaluate(self.oracle, *unpack(new, at.W.shape), self.tick)
            # Close to the optimum the objective only rounds.
            if self._objective(found) < before or self._residual(found) < residual:
                return found
            share *= 0.5
        return None

    def _objective(self, at: Evaluation) -> float:
        return at.loss + float(self.penalty.value(at.W))

    def _residual(self, at: Evaluation) -> float:
        """Largest optimality condition of the others that is off."""
        off = pack(self.penalty.residual(at.W, at.GW), np.abs(at.Gb))
        return float(off[self.others].max(initial=0.0))

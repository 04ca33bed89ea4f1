"""How many epochs plain descent needs to converge."""

from typing import NamedTuple

import numpy as np

from regcore.model.losses import Array
from regcore.model.oracle import Oracle, Tick, no_tick
from regcore.model.penalties import Penalty
from regcore.solve.descent import Schedule
from regcore.solve.optimum import Optimum
from regcore.solve.runs import Outcome, Run
from regcore.solve.systems import pack, unpack, weights_packed
from regcore.solve.walks import TICK_EPOCHS

TOO_MANY = 1_000_000
"""More epochs than this are not worth anyone's wait."""

FAR = 10**12
"""Epochs beyond which nobody asks for their number."""

FLAT = 1e-12
"""Curvature, as a share of the largest, that rounding alone can make."""

STRETCH = 0.5
"""Where the curvature changes, it is taken anew after such a share more epochs."""

RESERVE = 1.05
"""Added there, because in between it changes too."""


def epochs_to_converge(
    oracle: Oracle,
    penalty: Penalty,
    run: Run,
    optimum: Optimum,
    schedule: Schedule,
    tick: Tick = no_tick,
) -> float:
    """Estimate the epochs after which a run would have converged.

    It is followed with the curvature where it is. While no weight becomes zero or
    leaves it, a step is linear, and any number of them are taken at once.

    Returns
    -------
    infinite where there is no optimum, where the run diverges, or where mini-batches or
    the textbook step never let it settle
    """
    if run.outcome is Outcome.CONVERGED:
        return run.epochs
    flickers = penalty.textbook and np.any(optimum.W == 0)
    nowhere = run.outcome is Outcome.DIVERGED or not optimum.exists
    allowed = schedule.tolerance * float(np.abs(oracle.covariance).max())
    if nowhere or flickers or schedule.hovers(oracle.n) or allowed == 0.0:
        return np.inf
    W, b, epochs = run.W, run.b, float(run.epochs)
    # With more features than rows nothing else moves, and it is far less to follow.
    small = oracle.row_space() if penalty.smooth else None
    if small is not None:
        oracle, V = small
        W = V.T @ W
    packed = penalty.on(weights_packed(W.shape))
    same = oracle.affine() is not None
    while epochs < FAR:
        _, GW, Gb = oracle.loss_and_gradient(W[np.newaxis], b[np.newaxis], tick)
        v, g = pack(W, b), pack(GW[0], Gb[0])
        if packed.fixed_point_residual(v, g).max() <= allowed:
            break
        H = oracle.hessian(W, b, tick)
        most = FAR if same else 1 + int(STRETCH * epochs)
        way = _Way(H, H @ v - g, packed, schedule.rate, allowed)
        steps, v = _follow(way, v, most, tick)
        W, b = unpack(v, W.shape)
        epochs += steps
    return float(np.ceil((1.0 if same else RESERVE) * epochs + 1))


class _Way(NamedTuple):
    """Descent on a quadratic loss with the gradient Hv − q.

    The penalty has its own strengths for each entry of v; a run has converged where
    nothing is off by more than allowed.
    """

    H: Array
    q: Array
    penalty: Penalty
    rate: float
    allowed: float

    def gradient(self, v: Array) -> Array:
        return self.H @ v - self.q

    def arrived(self, v: Array, g: Array) -> bool:
        return bool(self.penalty.fixed_point_residual(v, g).max() <= self.allowed)


def _follow(way: _Way, v: Array, most: int, tick: Tick) -> tuple[float, Array]:
    """Steps from v until the run has converged, or `most`, and where they end."""
    step = way.penalty.step(way.rate)
    v, signs, lasted = v.copy(), np.full(v.shape, np.nan), 0
    steps = 0.0
    for walked in range(TOO_MANY):
        if walked % TICK_EPOCHS == 0:
            tick()
        g = way.gradient(v)
        if way.arrived(v, g) or steps > most:
            return steps, v
        before, signs = signs, way.penalty.signs(v, g)
        lasted = lasted + 1 if np.array_equal(signs, before) else 0
        # A leap takes about as long as so many steps.
        if lasted >= np.count_nonzero(signs):
            tick()
            count, v = _leap(way, v, most)
            g, steps, lasted = way.gradient(v), steps + count, 0
        step.write(v, step.rate * g, v)
        steps += 1
    return np.inf, v


def _leap(way: _Way, v: Array, most: int) -> tuple[float, Array]:
    """Take as many steps as change no sign and do not yet converge, all at once."""
    penalty, rate, g = way.penalty, way.rate, way.gradient(v)
    signs = penalty.signs(v, g)
    moving = ~penalty.holds(signs)
    H = way.H + np.diag(penalty.curvature)
    h, Q = np.linalg.eigh(H[np.ix_(moving, moving)])
    if rate * h[-1] >= 2.0:
        return np.inf, v
    flat = h <= FLAT * h[-1]
    c = Q.T @ (g + penalty.slope(v, signs))[moving]

    def after(count: int) -> Array:
        done = 1.0 - (1.0 - rate * h) ** count
        sums = np.where(flat, rate * count, done / np.where(flat, 1.0, h))
        new = v.copy()
        new[moving] -= Q @ (sums * c)
        return new

    def lasts(count: int) -> bool:
        new = after(count)
        g = way.gradient(new)
        same = np.array_equal(penalty.signs(new, g), signs)
        return same and not way.arrived(new, g)

    low, high = 0, 1
    while high <= most and lasts(high):
        low, high = high, 2 * high
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if lasts(middle) else (low, middle)
    return low, after(low)

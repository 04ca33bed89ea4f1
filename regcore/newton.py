"""Proximal Newton steps on whatever the oracle answers.

At each state the loss is replaced by its quadratic model, the penalised model is solved
exactly, and the step is shortened until the objective falls. For squared error the
model is the loss and one step is the answer.
"""

from typing import NamedTuple

import numpy as np

from regcore.blocks import Tick
from regcore.losses import Array
from regcore.oracle import Oracle
from regcore.penalties import Penalty
from regcore.quadratic import minimise
from regcore.systems import fix_gauge, least_norm, pack, unpack

FALL = 0.7
"""With many features L1 is solved for falling l1, each this share of the one before."""

LOOSE = 0.1
"""Share of the hardest pull to which those that are looked at are settled."""

NEWTON_STEPS = 200
"""Most Newton steps; a well-posed problem needs 5 to 20."""

STALE = 0.25
"""A Hessian is kept as long as its step leaves at most this share of the residual."""

ROUGH = 1e-2
"""Relative tolerance on a sample of the rows, whose answer is only a start."""

DENSE = 300
"""With L1, from this many weights on only those that can be non-zero are looked at."""

ENOUGH = 1e-4
"""Share of the fall promised by the model that a step must bring."""

ROUNDING = 1e-12, 1e-14
"""Rounding of an objective: a share of it, and of the terms near 1 that make up a small
one."""


class Point(NamedTuple):
    """Weights, biases, and the Hessian there or near, if known."""

    W: Array
    b: Array
    H: Array | None


class Goal(NamedTuple):
    """What is minimised, and what optimality conditions are measured by."""

    penalty: Penalty
    scale: float
    tick: Tick


class _State(NamedTuple):
    W: Array
    b: Array
    objective: float
    g: Array  # gradient of loss and ½ l2·Σw², packed
    residual: float


def separates(oracle: Oracle, penalty: Penalty, loss: float) -> bool:
    """Whether every row is on its side, where nothing holds the weights.

    The losses of all rows together are then below log 2, that of one undecided row.
    """
    held = penalty.l1 > 0 or penalty.l2 > 0 or not oracle.separable
    return not held and oracle.n * loss < np.log(2.0)


def rough_start(oracle: Oracle, goal: Goal, start: tuple[Array, Array]) -> Point:
    """Where to begin.

    From the optimum of a sample of the rows, if there is one; its Hessian is close
    enough to begin with too. With L1 and many features, from those of higher l1.
    """
    largest = float(np.abs(oracle.pull).max())
    if goal.penalty.l1 >= largest:
        return Point(np.zeros_like(start[0]), start[1], None)
    at, sample = Point(*start, None), oracle.thin()
    if sample is not None:
        rough = walk(sample, goal, rough_start(sample, goal, start), ROUGH)
        loss = float(sample.loss(rough.W[None], rough.b[None])[0])
        at = at if separates(sample, goal.penalty, loss) else rough
    if _is_wide(goal.penalty, at.W) and not at.W.any():
        at = _come_down(oracle, goal, at, largest)
    return at


def walk(oracle: Oracle, goal: Goal, at: Point, share: float) -> Point:
    """Go on until no optimality condition is off by this share of the goal's scale."""
    if not _is_wide(goal.penalty, at.W):
        return _newton(oracle, goal, at, share * goal.scale)
    return _working_sets(oracle, goal, at, share * goal.scale)


def _is_wide(penalty: Penalty, W: Array) -> bool:
    return penalty.l1 > 0 and W.size > DENSE


def _come_down(oracle: Oracle, goal: Goal, at: Point, largest: float) -> Point:
    """Roughly solve for falling l1, so that few signs are wrong at any time."""
    l1 = float(goal.penalty.l1)
    steps = int(np.log(largest / l1) / -np.log(FALL))
    for higher in l1 / FALL ** np.arange(steps, 0, -1):
        penalty = Penalty(l1=higher, l2=goal.penalty.l2)
        at = walk(oracle, Goal(penalty, higher, goal.tick), at, LOOSE)
    return at


def _working_sets(oracle: Oracle, goal: Goal, at: Point, target: float) -> Point:
    """Solve on the features that are in, let in those that pull hardest, repeat."""
    W, b, _ = at
    W = W.copy()
    size = 50
    while True:
        GW = oracle.loss_and_gradient(W[None], b[None], goal.tick)[1][0]
        pull = goal.penalty.residual(W, GW).max(axis=1)
        inside = (W != 0).any(axis=1)
        missing = (pull > target) & ~inside
        if not missing.any() and pull.max() <= target:
            return Point(W, b, None)
        size = max(size, 2 * int(inside.sum()))
        order = np.argsort(-np.where(inside, np.inf, pull * missing), kind="stable")
        columns = np.sort(order[: min(size, int((inside | missing).sum()))])
        part = oracle.restrict(columns)
        # No need to be exact among these while others pull harder.
        close = max(target, LOOSE * float(pull.max()))
        new, b, _ = _newton(part, goal, Point(W[columns], b, None), close)
        stuck = close == target and np.array_equal(new, W[columns])
        W[columns] = new
        if stuck:
            return Point(W, b, None)


def _newton(oracle: Oracle, goal: Goal, at: Point, target: float) -> Point:
    """Go down by Newton steps until no optimality condition is off by the target."""
    penalty, tick = goal.penalty, goal.tick
    state = _look(oracle, penalty, at.W, at.b, tick)
    H, last = at.H, np.inf
    for _ in range(NEWTON_STEPS):
        if state.residual <= target or separates(oracle, penalty, state.objective):
            break
        if H is None or state.residual > STALE * last:
            H = _hessian(oracle, penalty, state, tick)
        last = state.residual
        following = _descend(
            oracle, penalty, state, _step(H, penalty, state, tick), tick
        )
        if following is None:
            break
        H = _learn(H, state, following)
        state = following
    return Point(state.W, state.b, H)


def _learn(H: Array, old: _State, new: _State) -> Array:
    """Correct a Hessian by what the last step showed of it.

    References
    ----------
    Nocedal & Wright (2006), Numerical Optimization, eq. 6.19 (BFGS).
    """
    s, y = pack(new.W - old.W, new.b - old.b), new.g - old.g
    Hs = H @ s
    if min(y @ s, s @ Hs) <= 0:
        return H
    return H + np.outer(y, y) / (y @ s) - np.outer(Hs, Hs) / (s @ Hs)


def _look(oracle: Oracle, penalty: Penalty, W: Array, b: Array, tick: Tick) -> _State:
    """Objective, gradient and the largest violated optimality condition at (W, b)."""
    loss, GW, Gb = (
        part[0] for part in oracle.loss_and_gradient(W[None], b[None], tick)
    )
    residual = max(float(penalty.residual(W, GW).max()), float(np.abs(Gb).max()))
    objective = float(loss) + float(penalty.value(W))
    return _State(W, b, objective, pack(GW + penalty.l2 * W, Gb), residual)


def _hessian(oracle: Oracle, penalty: Penalty, state: _State, tick: Tick) -> Array:
    """Second derivative of the loss and of ½ l2·Σw²."""
    H = oracle.hessian(state.W, state.b, tick)
    free = penalty.l1 == 0 and penalty.l2 == 0
    H = fix_gauge(H, state.W.shape, weights=free)
    diagonal = np.arange(len(H))
    H[diagonal, diagonal] += pack(
        np.full_like(state.W, penalty.l2), np.zeros_like(state.b)
    )
    return H


def _step(H: Array, penalty: Penalty, state: _State, tick: Tick) -> Array:
    """From the state to the minimiser of its penalised quadratic model."""
    if penalty.l1 == 0:
        return -least_norm(H, state.g)[0]
    l1 = pack(np.full_like(state.W, penalty.l1), np.zeros_like(state.b))
    v = pack(state.W, state.b)
    return minimise(H[None], (H @ v - state.g)[None], l1[None], v[None], tick)[0] - v


def _descend(
    oracle: Oracle, penalty: Penalty, state: _State, d: Array, tick: Tick
) -> _State | None:
    """Go along d, or less far, until the objective falls as the model promises.

    References
    ----------
    Tseng & Yun (2009), A coordinate gradient descent method, eq. 10, for the promise.
    """
    dW, db = unpack(d, state.W.shape)
    l1 = float(penalty.l1)
    promise = float(state.g @ d)
    promise += l1 * float((np.abs(state.W + dW) - np.abs(state.W)).sum())
    share = 1.0
    while share > 1e-10:
        new = _look(oracle, penalty, state.W + share * dW, state.b + share * db, tick)
        change = new.objective - state.objective
        if change <= ENOUGH * share * promise:
            return new
        # Close to the optimum the objective only rounds; the conditions still tell.
        noise = ROUNDING[0] * state.objective + ROUNDING[1]
        if change <= noise and new.residual < state.residual:
            return new
        share *= 0.5
    return None

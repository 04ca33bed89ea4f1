"""The exact answer: where descent would end, with a certificate.

Proximal Newton: at each state the loss is replaced by its quadratic model, the
penalised model is solved exactly, and the step is shortened until the objective falls.
For squared error the model is the loss and one step is the answer.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from regcore.blocks import Tick, no_tick
from regcore.certificate import certify, relative_gap
from regcore.losses import Array
from regcore.oracle import Oracle
from regcore.penalties import Penalty
from regcore.quadratic import minimise
from regcore.systems import fix_gauge, least_norm, pack, unpack

NEWTON_STEPS = 200
"""Most Newton steps; a well-posed problem needs 5 to 20."""

STALE = 0.25
"""A Hessian is kept as long as its step leaves at most this share of the residual."""

ROUGH = 1e-2
"""Relative tolerance on a sample of the rows, whose answer is only a start."""

DENSE = 300
"""With L1, from this many weights on only those that can be non-zero are looked at."""

PERFECT = 1e-14
"""A loss below this share of the constant model's cannot be told from 0."""

STILL_MOVES = 0.5
"""A Newton step that moves a row's prediction so far while the loss hardly falls is on
its way to infinity."""

ENOUGH = 1e-4
"""Share of the fall promised by the model that a step must bring."""

ROUNDING = 1e-14
"""Relative rounding of an objective."""


class Verdict(StrEnum):
    """What kind of answer it is, as a sentence."""

    OPTIMAL = "The optimum."
    NOT_UNIQUE = "One of many optima: the one with the smallest weights."
    SEPARABLE = (
        "No optimum: the classes can be separated, so ever larger weights fit better."
    )
    PARTLY_SEPARABLE = (
        "No optimum: some rows can be separated without loss to the others, so ever "
        "larger weights fit better."
    )
    STOPPED = "Stopped before the optimum was certain."


@dataclass(frozen=True)
class Optimum:
    """The weights with the smallest objective, and how certain that is.

    Attributes
    ----------
    W, b : (p, k) and (1, k); NaN where there is no optimum
    objective : loss + penalty at (W, b); without an optimum, a value it can fall to
    bound : certified: no weights have a smaller objective
    verdict : the kind of answer
    """

    W: Array
    b: Array
    objective: float
    bound: float
    verdict: Verdict

    @property
    def gap(self) -> float:
        """Share of the objective by which it can be above the smallest, in [0, 1]."""
        return relative_gap(self.objective, self.bound)

    @property
    def exists(self) -> bool:
        """Whether there are weights to show."""
        return bool(np.isfinite(self.b).all())


class _State(NamedTuple):
    W: Array
    b: Array
    objective: float
    g: Array  # gradient of loss and ½ l2·Σw², packed
    residual: float


class _Point(NamedTuple):
    W: Array
    b: Array
    H: Array | None  # Hessian there or near


class _Goal(NamedTuple):
    penalty: Penalty
    scale: float  # what optimality conditions are measured by
    tick: Tick


def solve(
    oracle: Oracle,
    penalty: Penalty,
    start: tuple[Array, Array],
    *,
    tolerance: float = 1e-8,
    residual: float = 1e-9,
    tick: Tick = no_tick,
) -> Optimum:
    """Minimise loss + penalty.

    Parameters
    ----------
    start : W (p, k) and b (1, k); W = 0 where the smallest of many optima is wanted
    tolerance : largest relative duality gap
    residual : most that an optimality condition is off, relative to λ/n for L1 and else
        to the largest gradient at W = 0; decides how many digits of W are right
    tick : called every few milliseconds; what it raises ends the solve
    """
    scale = float(np.abs(oracle.pull).max())
    if penalty.l1 >= scale:
        start = np.zeros_like(start[0]), start[1]
    goal = _Goal(penalty, float(penalty.l1) or scale or 1.0, tick)
    end = _start(oracle, goal, start)
    for share in (residual, 1e-2 * residual, 1e-4 * residual):
        end = _walk(oracle, goal, end, share)
        W, b = end.W, end.b
        certificate = certify(oracle, penalty, W, b, tick)
        if _separates(oracle, penalty, certificate.objective):
            return _no_optimum(W, b, Verdict.SEPARABLE, 0.0)
        if certificate.moves > STILL_MOVES:
            return _no_optimum(W, b, Verdict.PARTLY_SEPARABLE, certificate.objective)
        if certificate.gap <= tolerance:
            break
    objective, bound = certificate.objective, certificate.bound
    verdict = Verdict.NOT_UNIQUE if certificate.unseen else Verdict.OPTIMAL
    if relative_gap(objective, bound) > tolerance:
        if objective > PERFECT * _constant_loss(oracle, start):
            verdict = Verdict.STOPPED
        else:
            objective = bound = 0.0
    return Optimum(W, b, objective, bound, verdict)


def _no_optimum(W: Array, b: Array, verdict: Verdict, objective: float) -> Optimum:
    """No weights to show; the bound 0 holds for every loss."""
    nothing = np.full_like(W, np.nan), np.full_like(b, np.nan)
    return Optimum(*nothing, objective=objective, bound=0.0, verdict=verdict)


def _separates(oracle: Oracle, penalty: Penalty, loss: float) -> bool:
    """Whether every row is on its side, where nothing holds the weights.

    The losses of all rows together are then below log 2, that of one undecided row.
    """
    held = penalty.l1 > 0 or penalty.l2 > 0 or not oracle.separable
    return not held and oracle.n * loss < np.log(2.0)


def _constant_loss(oracle: Oracle, start: tuple[Array, Array]) -> float:
    W, b = start
    return float(oracle.loss(np.zeros_like(W)[None], b[None])[0])


def _start(oracle: Oracle, goal: _Goal, start: tuple[Array, Array]) -> _Point:
    """Where to begin: the optimum of a sample of the rows, if there is one.

    Its Hessian is close enough to begin with too.
    """
    sample = oracle.thin()
    if sample is None:
        return _Point(*start, None)
    rough = _walk(sample, goal, _start(sample, goal, start), ROUGH)
    loss = float(sample.loss(rough.W[None], rough.b[None])[0])
    if _separates(sample, goal.penalty, loss):
        return _Point(*start, None)
    return rough


def _walk(oracle: Oracle, goal: _Goal, at: _Point, share: float) -> _Point:
    """Go on until no optimality condition is off by this share of the goal's scale."""
    wide = goal.penalty.l1 > 0 and at.W.size > DENSE
    walk = _working_sets if wide else _newton
    return walk(oracle, goal, at, share * goal.scale)


def _working_sets(oracle: Oracle, goal: _Goal, at: _Point, target: float) -> _Point:
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
            return _Point(W, b, None)
        size = max(size, 2 * int(inside.sum()))
        order = np.argsort(-np.where(inside, np.inf, pull * missing), kind="stable")
        columns = np.sort(order[: min(size, int((inside | missing).sum()))])
        part = oracle.restrict(columns)
        new, b, _ = _newton(part, goal, _Point(W[columns], b, None), target)
        stuck = np.array_equal(new, W[columns])
        W[columns] = new
        if stuck:
            return _Point(W, b, None)


def _newton(oracle: Oracle, goal: _Goal, at: _Point, target: float) -> _Point:
    """Go down by Newton steps until no optimality condition is off by the target."""
    penalty, tick = goal.penalty, goal.tick
    state = _look(oracle, penalty, at.W, at.b, tick)
    H, last = at.H, np.inf
    for _ in range(NEWTON_STEPS):
        separates = _separates(oracle, penalty, state.objective)
        if state.residual <= target or separates:
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
    return _Point(state.W, state.b, H)


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
        if change <= ROUNDING * state.objective and new.residual < state.residual:
            return new
        share *= 0.5
    return None

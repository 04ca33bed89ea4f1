"""Proximal Newton steps on whatever the oracle answers.

At each state the loss is replaced by its quadratic model, the penalised model is solved
exactly, and the step is shortened until the objective falls. For squared error the
model is the loss and one step is the answer.
"""

from typing import NamedTuple

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.oracle import Evaluation, Oracle, evaluate
from regcore.model.penalties import Penalty
from regcore.solve.carried import Carried, carries
from regcore.solve.curvature import WORTH, Model, first_model, model_at
from regcore.solve.systems import pack, unpack

FALL = 0.3
"""With many features L1 is solved for falling l1, each this share of the one before."""

LOOSE = 0.1
"""Share of the largest residual to which those that are looked at are settled."""

NEWTON_STEPS = 1_000
"""Most steps; a well-posed problem needs 5 to 50."""

FEW = 2
"""Steps after which it is known how fast a model arrives; as many a new one needs."""

CALLS = 100_000
"""Numbers that a look reads in the time that its calls of NumPy take."""

SOLVED = 0.5
"""As many of them as are read while a d³-th of a matrix is inverted."""

ROUGH, BENT = 1e-2, 0.1
"""Relative tolerances on a sample of the rows, whose answer is only a start: from its
own steps, and where its Hessian is taken there."""

SPARED = 8
"""Looks at all rows that the Hessian of a sample spares where outputs are several."""

DENSE = 300
"""With L1, from this many weights on only those that can be non-zero are looked at."""

ENOUGH = 1e-4
"""Share of the fall promised by the model that a step must bring."""

ROUNDING = 1e-12, 1e-14
"""Rounding of an objective: a share of it, and of the terms near 1 that make up a small
one."""


class Point(NamedTuple):
    """Weights, biases, and what is known: a model there or near, and more."""

    W: Array
    b: Array
    model: Model | None = None
    evaluation: Evaluation | None = None

    def evaluated(self, oracle: Oracle, tick: Tick) -> Evaluation:
        """What an oracle answers here, asked if it is not known."""
        return self.evaluation or evaluate(oracle, self.W, self.b, tick)


class Goal(NamedTuple):
    """What is minimised, and what optimality conditions are measured by."""

    penalty: Penalty
    scale: float
    tick: Tick

    @classmethod
    def of(cls, oracle: Oracle, penalty: Penalty, tick: Tick) -> "Goal":
        """By what the oracle's rows show at weights 0."""
        return cls(penalty, penalty.scale(oracle.covariance), tick)


class _State(NamedTuple):
    evaluation: Evaluation
    objective: float
    g: Array  # gradient of loss and ½ l2·Σw², packed
    residual: float


def separates(oracle: Oracle, penalty: Penalty, loss: float) -> bool:
    """Whether every row is on its side, where nothing holds the weights.

    The losses of all rows together are then below log 2, that of one undecided row.
    """
    held = not penalty.absent or not oracle.separable
    return not held and oracle.n * loss < np.log(2.0)


def bends(oracle: Oracle, sample: Oracle, penalty: Penalty, at: Point) -> bool:
    """Whether a sample's Hessian takes no longer than the looks that it spares."""
    k, d = at.b.size, at.W.size + at.b.size
    numbers = d * d * (WORTH * sample.n + SOLVED * d)
    return k > 1 and penalty.smooth and numbers <= SPARED * d * oracle.n


def rough_start(
    oracle: Oracle,
    sample: Oracle | None,
    penalty: Penalty,
    start: tuple[Array, Array],
    tick: Tick,
) -> Point:
    """Where to begin.

    From the optimum of a sample of the rows, if there is one; its Hessian is close
    enough to begin with too. With L1 and many features, from those of higher l1.
    """
    at, wide = Point(*start), _is_wide(penalty, start[0])
    if sample is not None:
        at = _from_sample(oracle, sample, penalty, at, tick)
        # The first look at all rows, which the covariance comes from too.
        at = at._replace(evaluation=evaluate(oracle, at.W, at.b, tick))
    # On few rows the first look at 0 tells it too.
    if sample is not None or wide or at.W.any():
        empty = np.zeros_like(at.W)
        if not penalty.residual(empty, oracle.covariance).any():
            return Point(empty, start[1])
    if wide and not at.W.any():
        at = _come_down(oracle, penalty, at, tick)
    return at


def _from_sample(
    oracle: Oracle, sample: Oracle, penalty: Penalty, at: Point, tick: Tick
) -> Point:
    """Where a sample leads, unless its rows are separated, and how the loss bends."""
    carried = carries(sample, oracle, at.W.size)
    bent = not carried and bends(oracle, sample, penalty, at)
    start = rough_start(sample, None, penalty, (at.W, at.b), tick)
    goal = Goal.of(sample, penalty, tick)
    rough = refine(sample, goal, start, BENT if bent else ROUGH)
    there, model = rough.evaluated(sample, tick), rough.model
    if separates(sample, penalty, there.loss):
        return at
    if bent:
        model = model_at(sample, penalty, there, tick)
    elif carried and model is not None:
        model = Carried(sample, model)
    return Point(rough.W, rough.b, model)


def refine(oracle: Oracle, goal: Goal, at: Point, share: float) -> Point:
    """Go on until no optimality condition is off by this share of the goal's scale."""
    if not _is_wide(goal.penalty, at.W):
        return _newton(oracle, goal, at, share * goal.scale)
    return _working_sets(oracle, goal, at, share * goal.scale)


def _is_wide(penalty: Penalty, W: Array) -> bool:
    return not penalty.smooth and W.size > DENSE


def _come_down(oracle: Oracle, penalty: Penalty, at: Point, tick: Tick) -> Point:
    """Roughly solve for falling l1, so that few signs are wrong at any time."""
    for stronger in penalty.stronger(oracle.covariance, FALL):
        at = refine(oracle, Goal.of(oracle, stronger, tick), at, LOOSE)
    return at


def _working_sets(oracle: Oracle, goal: Goal, at: Point, target: float) -> Point:
    """Solve on the features that are in, let in those that are off most, repeat."""
    evaluation = at.evaluated(oracle, goal.tick)
    size = 50
    while True:
        residual = goal.penalty.residual(evaluation.W, evaluation.GW).max(axis=1)
        inside = (evaluation.W != 0).any(axis=1)
        missing = (residual > target) & ~inside
        if not missing.any() and residual.max() <= target:
            return Point(evaluation.W, evaluation.b, evaluation=evaluation)
        size = max(size, 2 * int(inside.sum()))
        order = np.argsort(-np.where(inside, np.inf, residual * missing), kind="stable")
        columns = np.sort(order[: min(size, int((inside | missing).sum()))])
        part = oracle.restrict(columns)
        # No need to be exact among these while others are off by more.
        close = max(target, LOOSE * float(residual.max()))
        new = _newton(part, goal, Point(evaluation.W[columns], evaluation.b), close)
        stuck = close == target and np.array_equal(new.W, evaluation.W[columns])
        W = evaluation.W.copy()
        W[columns] = new.W
        evaluation = evaluate(oracle, W, new.b, goal.tick)
        if stuck:
            return Point(evaluation.W, evaluation.b, evaluation=evaluation)


def _newton(oracle: Oracle, goal: Goal, at: Point, target: float) -> Point:
    """Go down by Newton steps until no optimality condition is off by the target."""
    penalty, tick = goal.penalty, goal.tick
    state = _state(penalty, at.evaluated(oracle, tick))
    model, fresh, base, steps, damped = at.model, False, state, 0, False
    for _ in range(NEWTON_STEPS):
        if state.residual <= target or separates(oracle, penalty, state.objective):
            break
        if model is None:
            model = first_model(oracle, penalty, state.evaluation, tick)
        elif steps >= FEW and _is_slow(
            base, state, target, steps, _looks(model, oracle.n, state.g.size)
        ):
            if fresh and _is_rounding(base, state):
                break
            model = model_at(oracle, penalty, state.evaluation, tick, damped=damped)
            fresh, base, steps = True, state, 0
        W, b = state.evaluation.W, state.evaluation.b
        following, tried = _stepped(oracle, goal, state, model)
        model, damped = tried, damped or tried is not model
        if following is None:
            break
        s = pack(following.evaluation.W - W, following.evaluation.b - b)
        if not s.any():
            break
        model, steps = model.corrected(s, following.g - state.g), steps + 1
        state = following
    return Point(state.evaluation.W, state.evaluation.b, model, state.evaluation)


def _stepped(
    oracle: Oracle, goal: Goal, state: _State, model: Model
) -> tuple[_State | None, Model]:
    """Where a model leads, and the model; a damped one where it leads nowhere.

    To fall by more than all there is, as half its promise is, it lost its curvature.
    """
    penalty, tick, (W, b, *_) = goal.penalty, goal.tick, state.evaluation
    d = model.step(penalty, W, b, state.g, tick)
    following = _descend(oracle, penalty, state, d, tick)
    if following is not None or _promise(penalty, state, d) >= -2.0 * state.objective:
        return following, model
    model = model_at(oracle, penalty, state.evaluation, tick, damped=True)
    d = model.step(penalty, W, b, state.g, tick)
    return _descend(oracle, penalty, state, d, tick), model


def _looks(model: Model, n: int, d: int) -> float:
    """Looks that a new model of d unknowns is worth: hardly two where all is small."""
    numbers = d * d * (model.worth * n + SOLVED * d)
    return min(model.worth * d, (CALLS + numbers) / (CALLS + n * d))


def _is_slow(
    base: _State, now: _State, target: float, steps: int, worth: float
) -> bool:
    """Whether to arrive at the rate of these steps takes more than a new model does."""
    if now.residual >= base.residual:
        return True
    rate = np.log(base.residual / now.residual) / steps
    left = np.log(now.residual / target) / rate
    return bool(left > worth + FEW)


def _is_rounding(base: _State, now: _State) -> bool:
    """Whether steps with a model of their own have brought nothing that can be told."""
    fall = base.objective - now.objective
    return now.residual >= base.residual and fall <= _noise(base)


def _noise(state: _State) -> float:
    """What an objective can be off by rounding."""
    return ROUNDING[0] * state.objective + ROUNDING[1]


def _state(penalty: Penalty, evaluation: Evaluation) -> _State:
    """Objective, gradient and the largest violated optimality condition."""
    weights = float(penalty.residual(evaluation.W, evaluation.GW).max())
    objective = evaluation.loss + float(penalty.value(evaluation.W))
    g = pack(evaluation.GW + penalty.slope(evaluation.W), evaluation.Gb)
    return _State(
        evaluation, objective, g, max(weights, float(np.abs(evaluation.Gb).max()))
    )


def _descend(
    oracle: Oracle, penalty: Penalty, state: _State, d: Array, tick: Tick
) -> _State | None:
    """Go along d, or less far, until the objective falls as the model promises.

    References
    ----------
    Tseng & Yun (2009), A coordinate gradient descent method, eq. 10, for the promise.
    """
    W, b = state.evaluation.W, state.evaluation.b
    dW, db = unpack(d, W.shape)
    promise = _promise(penalty, state, d)
    share = 1.0
    while share > 1e-10:
        new = _state(penalty, evaluate(oracle, W + share * dW, b + share * db, tick))
        change = new.objective - state.objective
        if change <= ENOUGH * share * promise:
            return new
        # Close to the optimum the objective only rounds; the conditions still tell.
        if change <= _noise(state) and new.residual < state.residual:
            return new
        share *= 0.5
    return None


def _promise(penalty: Penalty, state: _State, d: Array) -> float:
    """How fast the objective falls at first along d; its model's fall is half of it."""
    W = state.evaluation.W
    return float(state.g @ d) + penalty.kink_change(W, unpack(d, W.shape)[0])

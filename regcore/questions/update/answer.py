"""One update of one weight, taken apart: the gradient's part and the penalty's."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.comparison import Comparison, Model
from regcore.model.losses import Array
from regcore.model.oracle import Rows, evaluate
from regcore.solve.descent import Schedule, descend


@dataclass(frozen=True)
class Update:
    """What one step does to one weight: before + gradient part + penalty part = after.

    Attributes
    ----------
    penalty : "none", "L1" or "L2"
    epoch : of the state before the step
    ended : whether the run was over before the epoch that was asked for
    before, after : the weight, per standard deviation
    gradient : ∂C0/∂w there, of all rows or of the batch
    gradient_part : −η∂C0/∂w
    penalty_part : 0; for L1 ηλ/n towards 0, no farther than 0 if clipped; for L2
        −(ηλ/n)·w
    acts_on : the weight that the penalty looks at: after the gradient's part for the
        clipped L1 step, before it for the others
    clipped : whether the L1 step stopped at zero
    """

    penalty: str
    epoch: int
    ended: bool
    before: float
    gradient: float
    gradient_part: float
    penalty_part: float
    acts_on: float
    clipped: bool
    after: float


def take_apart(
    result: Comparison, feature: int, output: int, epoch: int
) -> tuple[Update, ...]:
    """Take apart the step that follows an epoch, for each of the three.

    With all rows a step, any epoch: the state is recomputed from the last snapshot
    before it. With batches, the first step after the last snapshot before it. A run
    that had ended by then shows the step that would have followed.
    """
    return tuple(
        _take_apart(result, model, (feature, output), epoch) for model in result.models
    )


def _take_apart(
    result: Comparison, model: Model, at_weight: tuple[int, int], epoch: int
) -> Update:
    at, W, b = state_at(result, model.name, min(epoch, model.run.epochs))
    G = _gradient(result, W, b, at)
    parts = model.step.apart(W, G)
    return Update(
        penalty=model.name,
        epoch=at,
        ended=epoch > model.run.epochs,
        before=float(W[at_weight]),
        gradient=float(G[at_weight]),
        gradient_part=float(parts.gradient[at_weight]),
        penalty_part=float(parts.penalty[at_weight]),
        acts_on=float(parts.acts_on[at_weight]),
        clipped=bool(parts.clipped[at_weight]),
        after=float(model.step(W, G)[at_weight]),
    )


def state_at(result: Comparison, name: str, epoch: int) -> tuple[int, Array, Array]:
    """State of one run at an epoch: the epoch, W (p, k), b (1, k).

    With batches it is the last snapshot up to that epoch.
    """
    penalty, run = result[name].penalty, result[name].run
    place = int(np.searchsorted(run.snapshot_epochs, epoch, side="right")) - 1
    at = int(run.snapshot_epochs[place])
    W, b = run.snapshot_W[place], run.snapshot_b[place]
    if at == epoch or result.settings.batch_size is not None:
        return at, W, b
    schedule = Schedule(rate=result.rate, epochs=epoch - at, tolerance=0.0)
    rest = descend(result.problem.oracle, [penalty], (W, b), schedule)[0]
    return epoch, rest.W, rest.b


def steps_an_epoch(result: Comparison) -> int:
    """Number of steps in one epoch."""
    size = result.settings.batch_size
    return 1 if size is None else -(-result.problem.n // size)


def reach(result: Comparison, updates: tuple[Update, ...]) -> float:
    """How far from 0 the penalties' parts are worth drawing: to the largest weight."""
    largest = float(np.abs(result.W[np.isfinite(result.W)]).max(initial=0.0))
    return 1.15 * max(largest, *(abs(step.acts_on) for step in updates), 1e-9)


def penalty_curves(result: Comparison, reach: float) -> pd.DataFrame:
    """The penalty's part against the weight it acts on: penalty, weight, part.

    A constant with the sign of the weight for L1, a straight line for L2.
    """
    parts = []
    for model in result.models:
        weights, part = model.step.profile(reach)
        columns = {"penalty": model.name, "weight": weights, "part": part}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _gradient(result: Comparison, W: Array, b: Array, epoch: int) -> Array:
    """∂C0/∂W of the step: over all rows, or over the first batch of the epoch."""
    problem, settings = result.problem, result.settings
    if settings.batch_size is None:
        return evaluate(problem.oracle, W, b).GW
    order = np.random.default_rng([settings.seed, epoch]).permutation(problem.n)
    rows = order[: settings.batch_size]
    batch = Rows(problem.rows.X[rows], problem.rows.Y[rows], problem.loss)
    return evaluate(batch, W, b).GW

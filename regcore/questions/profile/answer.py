"""One weight's cost under the three penalties, at many λ, all other weights optimal."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.penalties import Penalty
from regcore.problem import Problem
from regcore.settings import DesignError
from regcore.solve.descent import Progress
from regcore.solve.optimum import Optimum, solve
from regcore.solve.profile import profile
from regcore.words import duration

DECADES = 2
"""Of λ/λ_max, from 1 down."""

STEPS, STEPS_OF_CLASSES = 10, 5
"""Values of λ a decade; a number is solved for in one step, classes take several."""

NODES = 9
"""Values of the weight for which the others are solved."""

POINTS = 50
"""Values of the weight that are drawn, besides 0."""

FAR = 10.0
"""A minimum without a penalty so many times as far out as the others is not drawn."""

BETWEEN = 0.01, 0.2
"""Shares of λ_max between which L1 drops the weight that is proposed."""

FLOP, LOOK, LOOKS = 2e-10, 6e-4, 6
"""Seconds a multiplication and a look, and looks a value of classes."""

MOST_SECONDS = 60.0
"""What would take longer is refused."""


@dataclass(frozen=True)
class CostCurves:
    """Costs above their smallest, of every penalty at every λ.

    Attributes
    ----------
    powers : (L,), rising: log₁₀ of λ/λ_max
    values : (m,), rising, 0 among them: of the weight, per standard deviation
    costs : a penalty → (L, m)
    best : a penalty → (L,), the weight with the smallest cost; exactly 0 where it is;
        without a penalty it can lie far beyond the values
    """

    powers: Array
    values: Array
    costs: dict[str, Array]
    best: dict[str, Array]

    @property
    def sticks(self) -> int | None:
        """Place of the λ from which on L1's minimum is 0; None if it is at none."""
        alive = np.flatnonzero(self.best["L1"])
        first = int(alive[-1]) + 1 if len(alive) else 0
        return first if first < len(self.powers) else None


def proposed_weights(problem: Problem, progress: Progress) -> tuple[int, ...]:
    """For every output the largest weight at a weak λ that L1 has dropped at a strong.

    Where there is none, the one that is the smallest at the strong.

    Raises
    ------
    DesignError
        one sentence, if no feature goes along with the target
    """
    if problem.lam_max <= 0:
        raise DesignError("No feature goes along with the target in the training rows.")
    tick = partial(progress, 0.0)
    strengths = np.array(BETWEEN) * problem.lam_max / problem.n
    weak, strong = _along(problem, [Penalty(l1=s) for s in strengths], tick)
    left = np.where(strong.W == 0.0, -np.abs(weak.W), 1.0 + np.abs(strong.W))
    return tuple(int(j) for j in np.argmin(left, axis=0))


def expected(problem: Problem) -> float:
    """Estimate the seconds that `cost_curves` takes."""
    n, p = problem.shape
    d = problem.design.Y.shape[1] * (p + 1)
    if problem.loss.quadratic:
        looks = 2 * (DECADES * STEPS + 1) * (NODES + 5)
        return looks * (LOOK + FLOP * float(d) ** 3)
    looks = 2 * (DECADES * STEPS_OF_CLASSES + 1) * (NODES * LOOKS + 10)
    seconds: float = looks * (LOOK + FLOP * (float(n) * d**2 + float(d) ** 3))
    return seconds


def cost_curves(
    problem: Problem, weight: tuple[int, int], progress: Progress
) -> CostCurves:
    """Solve for all λ, and for every λ along the weight.

    Parameters
    ----------
    weight : feature and output

    Raises
    ------
    DesignError
        one sentence, if it would take too long
    """
    seconds = expected(problem)
    if seconds > MOST_SECONDS:
        raise DesignError(
            f"To find these curves would take about {duration(seconds)}, more than is "
            "waited for; choose fewer features."
        )
    steps = STEPS if problem.loss.quadratic else STEPS_OF_CLASSES
    powers = np.arange(-DECADES * steps, 1) / steps
    strengths = 10.0**powers * problem.lam_max / problem.n
    tick = partial(progress, 0.0)
    penalties = {
        "none": [Penalty()],
        "L1": [Penalty(l1=strength) for strength in strengths],
        "L2": [Penalty(l2=strength) for strength in strengths],
    }
    found = {name: _along(problem, of, tick) for name, of in penalties.items()}
    found = {name: of for name, of in found.items() if all(one.exists for one in of)}
    best = {name: np.array([one.W[weight] for one in of]) for name, of in found.items()}
    values = _values(best)
    costs, done = {}, 0
    count = sum(len(of) for of in found.values())
    for name, of in found.items():
        rows = []
        for penalty, one in zip(penalties[name], of, strict=True):
            rows.append(_above(problem, penalty, weight, values, one, tick))
            done += 1
            progress(done / count)
        costs[name] = np.array(rows)
    shape = len(powers), len(values)
    return CostCurves(
        powers,
        values,
        {name: np.broadcast_to(rows, shape) for name, rows in costs.items()},
        {name: np.broadcast_to(at, shape[:1]) for name, at in best.items()},
    )


def _along(problem: Problem, penalties: list[Penalty], tick: Tick) -> list[Optimum]:
    """Optima from the strongest on, each from the one before; in the given order."""
    found, start = [], problem.start
    for penalty in reversed(penalties):
        best = (
            problem.optimum_without_penalty(tick)
            if penalty.absent
            else solve(problem.oracle, penalty, start, tick=tick)
        )
        found.append(best)
        start = best.W, best.b
    return found[::-1]


def _values(best: dict[str, Array]) -> Array:
    """Even over the optima and 0, with room at both ends.

    Of columns that are nearly the same the weights without a penalty can be millions of
    times as large: beside them the curves of the others would be walls.
    """
    own = np.concatenate([at for name, at in best.items() if name != "none"])
    reach = FAR * float(np.abs(own).max()) or np.inf
    drawn = np.array([0.0, *own, *best.get("none", ())])
    drawn = drawn[np.abs(drawn) <= reach]
    low, high = float(drawn.min()), float(drawn.max())
    room = 0.35 * (high - low) or 1.0
    return np.unique(np.r_[np.linspace(low - room, high + room, POINTS), 0.0])


def _above(
    problem: Problem,
    penalty: Penalty,
    weight: tuple[int, int],
    values: Array,
    best: Optimum,
    tick: Tick,
) -> Array:
    """Cost above its smallest at every value.

    Between the nodes, where the others are solved for, the smallest cost among them, by
    the cubic that has their costs and slopes.
    """
    own, start = float(best.W[weight]), (best.W, best.b)
    nodes = np.linspace(values[0], values[-1], NODES)
    if values[0] <= own <= values[-1]:
        apart = 1e-3 * float(nodes[1] - nodes[0])
        nodes = np.sort(np.r_[nodes[np.abs(nodes - own) > apart], own])
    else:
        own, start = 0.0, problem.start
    cost, slope = np.empty(len(nodes)), np.empty(len(nodes))
    right = np.flatnonzero(nodes >= own)
    left = np.flatnonzero(nodes < own)[::-1]
    for side in (right, left):
        cost[side], slope[side] = profile(
            problem.oracle, penalty, weight, nodes[side], start, tick
        )
    smooth = _hermite(nodes, cost, slope, values)
    return smooth + float(penalty.l1) * np.abs(values) - best.objective


def _hermite(nodes: Array, cost: Array, slope: Array, values: Array) -> Array:
    """Cubics between nodes that have these values and slopes there."""
    i = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, len(nodes) - 2)
    h = nodes[i + 1] - nodes[i]
    t = (values - nodes[i]) / h
    return (
        (1 + 2 * t) * (1 - t) ** 2 * cost[i]
        + t * (1 - t) ** 2 * h * slope[i]
        + t**2 * (3 - 2 * t) * cost[i + 1]
        + t**2 * (t - 1) * h * slope[i + 1]
    )

"""Is "none" really none? The L2 penalty that stopping early amounts to."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.model.losses import Array, Integers
from regcore.model.penalties import Penalty
from regcore.problem import Problem
from regcore.solve.descent import Progress, no_progress
from regcore.solve.optimum import Status, solve
from regcore.solve.runs import Outcome

STRENGTHS = 400
"""Values of λ where one decomposition gives them all."""

FEW_STRENGTHS = 24
"""Values of λ where each is solved for; a cubic goes through the solutions."""

WEAKEST, FEW_WEAKEST = 1e-6, 1e-2
"""Smallest λ/n, as a share of what theory expects of the last epoch."""

STRONGEST = 100.0
"""Largest λ/n that is solved for, as a multiple of what theory expects of one step;
from there to no weights at all the optima are all but proportional to 1/λ."""

BETWEEN = 16
"""Points of that cubic for each value of λ that was solved for."""

TOLERANCE = 1e-5
"""Relative gap of each solution: the distances are told to two digits."""


SHOWN = 300
"""Most epochs that are looked at, evenly on a log axis."""

COLUMNS = ("epoch", "lam", "distance", "to_optimum", "rule")


@dataclass(frozen=True)
class HiddenStrength:
    """The run without a penalty, epoch by epoch, against the exact path of L2.

    Attributes
    ----------
    table : one row an epoch from 1 on: `lam`, the λ whose L2 optimum is nearest to the
        weights of that epoch, 0 where the optimum without a penalty is nearer than
        any, infinite where W = 0 is; `distance`, ‖W − W_λ‖/‖W‖ to that; `to_optimum`,
        ‖W − W*‖/‖W*‖ to the optimum without a penalty, NaN where there is none;
        `rule`, n/(η·steps), the λ that theory expects; no row where the run ended at
        its start
    lam_l2 : λ of the L2 model beside it
    outcome : how the run ended
    exists : whether there is an optimum without a penalty
    stopped : whether that is not known, for solving has stopped

    References
    ----------
    Suggala, Prasad & Ravikumar (2018), Connecting Optimization and Regularization
    Paths, theorem 1, for 1/(η·steps) against λ/n.
    """

    table: pd.DataFrame
    lam_l2: float
    outcome: Outcome
    exists: bool
    stopped: bool = False


def hidden_strength(
    result: Comparison, progress: Progress = no_progress
) -> HiddenStrength:
    """For every epoch kept of the run without a penalty, find the nearest L2 optimum.

    For squared error all optima follow from one eigendecomposition; else each value of
    λ is solved for exactly, from the strongest on, each from the one before.

    Parameters
    ----------
    progress : told the share done every few milliseconds; what it raises ends it
    """
    free, problem = result["none"], result.problem
    run, best = free.run, free.optimum
    lam_l2 = result.settings.l2_lam
    stopped = best.status is Status.STOPPED
    kept = _spaced(run.snapshot_epochs)
    if not len(kept):
        nothing = pd.DataFrame(columns=COLUMNS, dtype=float)
        return HiddenStrength(nothing, lam_l2, run.outcome, best.exists, stopped)
    epochs = run.snapshot_epochs[kept]
    W = run.snapshot_W[kept].reshape(len(kept), -1)
    batch = result.settings.batch_size or problem.n
    rule = 1.0 / (result.rate * epochs * np.ceil(problem.n / batch))
    lams, optima = _path(result, rule, progress)
    lam, distance = _nearest(W, lams, optima)
    size = np.maximum(np.linalg.norm(W, axis=1), 1e-300)
    to_optimum = np.full(len(W), np.nan)
    if best.exists:
        exact = best.W.ravel()
        off = np.linalg.norm(W - exact, axis=1)
        to_optimum = off / (np.linalg.norm(exact) or 1.0)
        arrived = off <= distance * size
        lam[arrived] = 0.0
        distance[arrived] = (off / size)[arrived]
    columns = epochs, lam, distance, to_optimum, problem.n * rule
    table = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    return HiddenStrength(table, lam_l2, run.outcome, best.exists, stopped)


def _spaced(epochs: Integers) -> np.ndarray:
    """Positions of the epochs from 1 on, evenly on a log axis, the last among them."""
    last = len(epochs) - 1
    if last < 1:
        return np.array([], dtype=int)
    wanted = np.geomspace(max(epochs[1], 1), epochs[last], SHOWN)
    return np.unique(np.searchsorted(epochs, wanted - 1e-6).clip(1, last))


def _path(result: Comparison, rule: Array, progress: Progress) -> tuple[Array, Array]:
    """λ (g,), falling from infinity, and the L2 optima (g, p·k)."""
    problem = result.problem
    by_eigenvectors = problem.loss.quadratic
    points = STRENGTHS if by_eigenvectors else FEW_STRENGTHS
    weakest = WEAKEST if by_eigenvectors else FEW_WEAKEST
    strengths = np.geomspace(STRONGEST / result.rate, weakest * rule.min(), points)
    if by_eigenvectors:
        optima = _by_eigenvectors(problem, strengths, progress)
    else:
        optima = _refined(_one_by_one(problem, strengths, progress))
        strengths = np.geomspace(strengths[0], strengths[-1], len(optima))
    lams = problem.n * np.concatenate([[np.inf], strengths])
    return lams, np.concatenate([np.zeros_like(optima[:1]), optima])


def _by_eigenvectors(problem: Problem, strengths: Array, progress: Progress) -> Array:
    """V(Λ + λ/n)⁻¹Vᵀ·Xᵀy/n with XᵀX/n = VΛVᵀ, (g, p)."""
    W, b = problem.start
    values, vectors = np.linalg.eigh(problem.oracle.hessian(W, b)[: len(W), : len(W)])
    progress(0.5)
    rotated = vectors.T @ problem.oracle.covariance[:, 0]
    damped = np.maximum(values, 0.0) + strengths[:, np.newaxis]
    weights: Array = (rotated / damped) @ vectors.T
    return weights


def _one_by_one(problem: Problem, strengths: Array, progress: Progress) -> Array:
    """Exact solutions, each started from the stronger one before it, (g, p·k)."""
    state, optima = problem.start, []
    for i, strength in enumerate(strengths):
        best = solve(
            problem.oracle,
            Penalty(l2=float(strength)),
            state,
            tolerance=TOLERANCE,
            tick=partial(progress, i / len(strengths)),
        )
        state = best.W, best.b
        optima.append(best.W.ravel())
    return np.array(optima)


def _refined(optima: Array) -> Array:
    """Points of the cubic through evenly spaced points (g, d), `BETWEEN` for each.

    References
    ----------
    Catmull & Rom (1974), A class of local interpolating splines.
    """
    ends = [2 * optima[:1] - optima[1:2], optima, 2 * optima[-1:] - optima[-2:-1]]
    padded = np.concatenate(ends)
    before, left, right, after = (padded[i : len(optima) - 1 + i] for i in range(4))
    t = np.arange(BETWEEN)[:, np.newaxis] / BETWEEN
    legs = [
        b
        + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        for a, b, c, d in zip(before, left, right, after, strict=True)
    ]
    return np.concatenate([*legs, optima[-1:]])


def _nearest(W: Array, lams: Array, optima: Array) -> tuple[Array, Array]:
    """Nearest point of the polygon through the optima to each of the weights.

    Returns
    -------
    its λ, between two optima harmonic, and ‖W − W_λ‖/‖W‖, both (s,)
    """
    legs = np.diff(optima, axis=0)
    length2 = np.maximum((legs * legs).sum(axis=1), 1e-300)
    across = W @ legs.T - (optima[:-1] * legs).sum(axis=1)
    along = (across / length2).clip(0.0, 1.0)
    # Squared distance less ‖W‖², which is the same for every leg.
    off2 = (optima[:-1] * optima[:-1]).sum(axis=1) - 2.0 * W @ optima[:-1].T
    off2 += along * (along * length2 - 2.0 * across)
    leg = off2.argmin(axis=1)
    t = along[np.arange(len(W)), leg]
    with np.errstate(divide="ignore"):
        lam = 1.0 / ((1.0 - t) / lams[leg] + t / lams[leg + 1])
    point = optima[leg] + t[:, np.newaxis] * legs[leg]
    size = np.maximum(np.linalg.norm(W, axis=1), 1e-300)
    return lam, np.linalg.norm(W - point, axis=1) / size

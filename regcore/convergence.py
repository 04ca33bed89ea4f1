"""How many epochs plain descent needs to converge."""

from functools import partial

import numpy as np

from regcore.compare import Comparison
from regcore.descent import Outcome, Progress, no_progress
from regcore.oracle import Tick
from regcore.systems import pack

TOO_MANY = 1_000_000
"""More epochs than this are not worth anyone's wait."""

FLAT = 1e-12
"""Curvature, as a share of the largest, that rounding alone can make."""

RESERVE = 1.5
"""The estimate is good near the optimum only; so much is added to it."""


def epochs_to_converge(
    result: Comparison, progress: Progress = no_progress
) -> tuple[float, ...]:
    """Estimate the epochs after which each run would have converged.

    Near the optimum every step leaves the share ρ = max|1 − η·h| of what is missing,
    with h the curvatures of the objective among the weights that are not zero there.
    From the conditions still violated now follows how many steps remain.

    Parameters
    ----------
    progress : told the share done every few milliseconds; what it raises ends it

    Returns
    -------
    one number a penalty; infinite where there is no optimum, where the run diverges, or
    where the textbook step never settles

    References
    ----------
    Nesterov (2018), Lectures on Convex Optimization, theorem 2.1.15, for the rate.
    """
    m = len(result.runs)
    return tuple(_epochs(result, i, partial(progress, i / m)) for i in range(m))


def _epochs(result: Comparison, i: int, tick: Tick) -> float:
    run, optimum, penalty = result.runs[i], result.optima[i], result.penalties[i]
    if run.outcome is Outcome.CONVERGED:
        return run.epochs
    flickers = penalty.textbook and np.any(optimum.W == 0)
    if run.outcome is Outcome.DIVERGED or not optimum.exists or flickers:
        return np.inf
    oracle = result.problem.oracle
    _, GW, Gb = oracle.loss_and_gradient(run.W[np.newaxis], run.b[np.newaxis], tick)
    violated = max(float(penalty.residual(run.W, GW[0]).max()), float(abs(Gb).max()))
    allowed = result.settings.tolerance * float(np.abs(oracle.pull).max())
    H = oracle.hessian(optimum.W, optimum.b, tick)
    weights = pack(np.ones_like(optimum.W), np.zeros_like(optimum.b))
    H[np.diag_indices_from(H)] += penalty.l2 * weights
    moving = pack(optimum.W != 0, np.ones_like(optimum.b, dtype=bool)).astype(bool)
    curvatures = np.linalg.eigvalsh(H[np.ix_(moving, moving)])
    curvatures = curvatures[curvatures > FLAT * curvatures[-1]]
    left = np.abs(1.0 - result.rate * curvatures).max()
    if left >= 1.0 or allowed == 0.0:
        return np.inf
    steps = max(np.log(violated / allowed), 0.0) / -np.log(left) if left > 0 else 0.0
    return float(np.ceil(run.epochs + RESERVE * steps + 1))

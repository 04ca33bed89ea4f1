"""How many rows the features together put on the side of their class."""

import numpy as np

from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array
from regcore.model.penalties import Penalty
from regcore.problem import Problem
from regcore.solve.optimum import solve

SHRINKING = 100.0
"""Factor by which L2 is made weaker, to see which rows go on to infinity."""

FIRST, WEAKEST = 1e-4, 1e-12
"""L2 strengths per row, the first and the weakest that is tried."""

CLEAR = 0.25
"""Share of log(`SHRINKING`) within which a row stands still, or has gone all the way.
Of a separated row 1/p(class) grows as fast as L2 weakens; of another it has a limit."""


def separated_rows(problem: Problem, tick: Tick = no_tick) -> int | None:
    """Count the training rows that some weights of all features separate.

    With ever less of L2 the odds of a row that can be separated, from one class at
    least, grow without end, and as fast as L2 weakens; those of the others, of which
    some weights would be a mistake, have a limit.

    Returns
    -------
    None where the rows do not come apart before L2 is too weak to be solved for
    """
    strength, start = FIRST, problem.start
    before: Array | None = None
    while strength >= WEAKEST:
        best = solve(problem.oracle, Penalty(l2=strength), start, tick=tick)
        start = best.W, best.b
        now = _margins(problem, best.W, best.b)
        if before is not None:
            grown = (now - before) / np.log(SHRINKING)
            most = grown.max(axis=1)
            clear = (np.abs(most) < CLEAR) | (most > 1.0 - CLEAR)
            if clear.all() and grown.min() > -CLEAR:
                return int((most > 0.5).sum())
        strength, before = strength / SHRINKING, now
    return None


def _margins(problem: Problem, W: Array, b: Array) -> Array:
    """Log-odds of the class of each row against each other class, (n, classes − 1)."""
    design = problem.design
    Z = np.concatenate(
        [
            design.training[start : start + BLOCK] @ W + b
            for start in range(0, problem.n, BLOCK)
        ]
    )
    if Z.shape[1] == 1:
        margins: Array = np.where(design.Y > 0, Z, -Z)
        return margins
    own = design.Y.astype(bool)
    others: Array = Z[own][:, np.newaxis] - Z[~own].reshape(len(Z), -1)
    return others

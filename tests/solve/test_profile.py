"""The cost of one weight's values, all others at their best, against brute force."""

import numpy as np
import pytest
from scipy.optimize import minimize

from regcore import Settings
from regcore.model.penalties import Penalty
from regcore.problem import pose
from regcore.solve.profile import profile
from tests.tables import table

VALUES = np.array([-0.4, 0.0, 0.3])


def brute_force(problem, penalty, weight, value):
    """By a general minimiser; weights are differences of two that are not negative."""
    design, (p, k) = problem.design, problem.start[0].shape
    X, Y, loss = design.X, design.Y, problem.loss

    def cost(halves):
        up, down, b = np.split(halves, [p * k, 2 * p * k])
        W, b = (up - down).reshape(p, k), b.reshape(1, k)
        Z = X @ W + b
        G = (loss.mean(Z) - Y) / len(X)
        GW = (X.T @ G + penalty.l2 * W).ravel()
        taxed = penalty.l1 * free
        value = (
            loss.value(Z, Y).mean()
            + taxed @ (up + down)
            + 0.5 * penalty.l2 * (W**2).sum()
        )
        return value, np.r_[GW + taxed, taxed - GW, G.sum(axis=0)]

    at = weight[0] * k + weight[1]
    free = np.ones(p * k)
    free[at] = 0.0
    bounds = [(0.0, None)] * (2 * p * k) + [(None, None)] * k
    bounds[at], bounds[p * k + at] = [(max(sign * value, 0.0),) * 2 for sign in (1, -1)]
    start = np.array([low or 0.0 for low, _ in bounds])
    found = minimize(
        cost,
        start,
        jac=True,
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000},
    )
    return found.fun


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize(
    "penalty", [Penalty(), Penalty(l1=0.06), Penalty(l2=0.06)], ids=["none", "L1", "L2"]
)
def test_it_is_the_smallest_cost_that_brute_force_finds(task, penalty):
    problem = pose(table(task, n=60, p=3), Settings(target="y"))
    weight = (1, problem.start[1].size - 1)
    found = profile(problem.oracle, penalty, weight, VALUES, problem.start)
    truth = [brute_force(problem, penalty, weight, value) for value in VALUES]
    np.testing.assert_allclose(found.cost, truth, rtol=1e-6)
    near = np.array([0.2 - 1e-4, 0.2, 0.2 + 1e-4])
    cost, slope = profile(problem.oracle, penalty, weight, near, problem.start)
    assert slope[1] == pytest.approx((cost[2] - cost[0]) / 2e-4, abs=1e-6)

"""The trained weights against closed forms, stored optima and scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge

from regcore.model.penalties import Penalty
from regcore.solve.descent import Schedule, descend
from regcore.solve.runs import Outcome
from tests.cases import CASES, penalty_of, reference
from tests.tables import PENALTIES, TASKS, table, train_to_the_end

LAMS = (0.3, 3.0, 12.0)


def scikit_learns(task, lam, X, Y):
    """Weights (3, p, k) of none, L1 and L2, as scikit-learn finds them."""
    n = len(X)
    if task == "regression":
        models = (
            LinearRegression(),
            Lasso(alpha=lam / n, tol=1e-14, max_iter=100_000),
            Ridge(alpha=lam, solver="cholesky"),
        )
        return [model.fit(X, Y[:, 0]).coef_[:, np.newaxis] for model in models]
    y = Y[:, 0] if Y.shape[1] == 1 else Y.argmax(axis=1)
    precise = {"tol": 1e-12, "max_iter": 100_000}
    models = (
        LogisticRegression(C=np.inf, solver="newton-cg", **precise),
        LogisticRegression(C=1 / lam, l1_ratio=1, solver="saga", **precise),
        LogisticRegression(C=1 / lam, l1_ratio=0, solver="newton-cg", **precise),
    )
    return [model.fit(X, y).coef_.T for model in models]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("lam", LAMS)
def test_every_weight_is_scikit_learns_and_so_is_every_zero(task, lam):
    ours = train_to_the_end(table(task), lam=lam)
    assert [run.outcome for run in ours.runs] == [Outcome.CONVERGED] * 3
    design = ours.problem.design
    theirs = scikit_learns(task, lam, design.X, design.Y)
    for name, W, expected in zip(PENALTIES, ours.W, theirs, strict=True):
        np.testing.assert_allclose(W, expected, atol=1e-6, err_msg=name)
    np.testing.assert_array_equal(ours.W[1] == 0.0, theirs[1] == 0.0)
    np.testing.assert_array_equal(ours.W[2] == 0.0, np.zeros(ours.W[2].shape))


def test_the_zeros_compared_are_some_but_not_all():
    shares = [
        (train_to_the_end(table(task), lam=lam).W[1] == 0.0).mean()
        for task in TASKS
        for lam in LAMS
    ]
    assert 0.0 in shares
    assert any(0.0 < share < 1.0 for share in shares)


@pytest.mark.parametrize("lam", [0.0, *LAMS])
def test_a_regression_has_its_closed_forms(lam):
    ours = train_to_the_end(table(), lam=lam)
    X, Y = ours.problem.design.X, ours.problem.design.Y
    least_squares = np.linalg.lstsq(X, Y, rcond=None)[0]
    ridge = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ Y)
    np.testing.assert_allclose(ours.W[0], least_squares, atol=1e-8)
    np.testing.assert_allclose(ours.W[2], ridge, atol=1e-8)
    np.testing.assert_allclose(ours.b, 0.0, atol=1e-8)


def test_fewer_rows_than_features_end_at_the_least_norm():
    ours = train_to_the_end(table(n=12, p=20), lam=0.5, features=None)
    X, Y = ours.problem.design.X, ours.problem.design.Y
    np.testing.assert_allclose(ours.W[0], np.linalg.pinv(X) @ Y, atol=1e-6)
    ridge = np.linalg.solve(X.T @ X + 0.5 * np.eye(20), X.T @ Y)
    np.testing.assert_allclose(ours.W[2], ridge, atol=1e-8)
    assert 0 < (ours.W[1] != 0.0).sum() <= 12


def quick(case):
    """Whether plain descent arrives: squared error by its moments, or a strong λ."""
    if case["status"] != "ok":
        return False
    if (case["dataset"], case["penalty"]) == ("breast_cancer", "l1"):
        return case["lam"] > 200.0
    at_least = {"diabetes": 0.0, "breast_cancer": 10.0, "wine": 6.0}[case["dataset"]]
    return case["lam"] >= at_least


def id_of(case):
    return f"{case['dataset']}-{case['penalty']}-{case['lam']:g}"


def assert_reached(case, run, scale=1.0):
    expected = np.atleast_2d(case["coef"]).T / scale
    assert run.outcome is Outcome.CONVERGED
    np.testing.assert_allclose(run.W, expected, atol=1e-6)
    np.testing.assert_array_equal(run.W == 0.0, expected == 0.0)
    assert run.objective[-1] * scale**2 == pytest.approx(case["objective"], rel=1e-8)
    # The biases of classes are fixed up to a constant; the reference's sum to 0.
    free = run.b.mean() if run.b.size > 1 else 0.0
    return (run.b - free).ravel()


@pytest.mark.parametrize("case", [*filter(quick, CASES)], ids=id_of)
def test_descent_reaches_the_stored_optimum(case):
    posed = reference(case["dataset"])
    n, oracle = len(posed.X), posed.oracles[0]
    Y, scale = posed.Y, 1.0
    penalty = penalty_of(case["penalty"], case["lam"], n)
    if case["dataset"] == "diabetes":
        # The reference leaves the target as it is. With y/s_y the weights and the λ of
        # L1 shrink by s_y, and the λ of L2 stays.
        scale = Y.std()
        posed = posed._replace(Y=(Y - Y.mean()) / scale)
        oracle = posed.oracles[0]
        penalty = Penalty(l1=penalty.l1 / scale, l2=penalty.l2)
    rate = 1.0 / (oracle.curvature() + penalty.l2)
    schedule = Schedule(rate, epochs=100_000, tolerance=1e-10)
    (run,) = descend(oracle, (penalty,), posed.start, schedule)
    bias = assert_reached(case, run, scale)
    if case["dataset"] == "diabetes":
        bias = bias * scale + Y.mean()
    np.testing.assert_allclose(bias, np.ravel(case["intercept"]), atol=1e-6)

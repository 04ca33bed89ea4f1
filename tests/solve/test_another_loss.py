"""A loss that nobody wrote for: a record is all that it needs."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import d2_tweedie_score

from regcore.model.losses import Loss
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty
from regcore.model.scores import score
from regcore.solve.descent import Schedule, descend
from regcore.solve.optimum import Status, solve
from regcore.solve.runs import Outcome


def exponential(Z):
    mean = np.exp(Z)
    return mean.sum(axis=-1), mean


def saturated(Y):
    return (Y * np.log(np.where(Y > 0, Y, 1.0)) - Y).sum(axis=-1)


POISSON = Loss(
    name="half Poisson deviance",
    cumulant=exponential,
    link=np.log,
    base=saturated,
    curvature=np.inf,
    weight=lambda mean: mean[..., np.newaxis],
    classes=False,
    quadratic=False,
    separable=True,
    mean_bound=1.0,
)


def counts(seed=0, n=200, p=4):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    return X, rng.poisson(np.exp(X @ rng.normal(0, 0.4, (p, 1)) + 0.5)).astype(float)


def start(X, Y):
    return np.zeros((X.shape[1], 1)), POISSON.link(Y.mean(axis=0, keepdims=True))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_the_exact_answer_for_counts_is_scikit_learns_and_is_certified(seed, l2):
    X, Y = counts(seed)
    best = solve(Rows(X, Y, POISSON), Penalty(l2=l2), start(X, Y))
    other = PoissonRegressor(alpha=l2, solver="newton-cholesky", tol=1e-10)
    other.fit(X, Y[:, 0])
    assert best.status is Status.OPTIMAL
    assert best.gap <= 1e-8
    np.testing.assert_allclose(best.W[:, 0], other.coef_, atol=1e-6)
    np.testing.assert_allclose(best.b[0], other.intercept_, atol=1e-6)


@pytest.mark.parametrize("penalty", [Penalty(), Penalty(l1=0.1), Penalty(l2=0.1)])
def test_descent_on_counts_ends_at_the_exact_answer(penalty):
    X, Y = counts()
    rows = Rows(X, Y, POISSON)
    schedule = Schedule(rate=0.02, epochs=5000, tolerance=1e-9)
    (run,) = descend(rows, (penalty,), start(X, Y), schedule)
    best = solve(rows, penalty, start(X, Y))
    assert run.outcome is Outcome.CONVERGED
    np.testing.assert_allclose(run.W, best.W, atol=1e-7)
    assert run.objective[-1] == pytest.approx(best.objective, rel=1e-8)
    assert best.bound <= run.objective[-1]


def test_counts_are_scored_by_the_share_of_the_deviance_explained():
    X, Y = counts()
    W, b = (part[np.newaxis] for part in start(X, Y))
    W = W + 0.2
    ours = score(POISSON, X, Y, W, b).score[0]
    theirs = d2_tweedie_score(Y[:, 0], POISSON.mean(X @ W[0] + b[0])[:, 0], power=1)
    assert ours == pytest.approx(theirs, rel=1e-12)
    as_classes = replace(POISSON, classes=True)
    assert score(as_classes, X, Y, W, b).score[0] != pytest.approx(ours)

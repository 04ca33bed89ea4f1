"""A sample carries the steps of all rows: the same answer after fewer looks at them."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from regcore.model.losses import CROSS_ENTROPY, LOG_LOSS
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty
from regcore.solve import newton
from regcore.solve.carried import ENOUGH, FEW, carries
from regcore.solve.optimum import Status, solve
from tests.cases import Posed, drawn, penalty_of, standardised

N = 12_000


def alone(monkeypatch):
    monkeypatch.setattr(newton, "carries", lambda *parts: False)


@pytest.fixture
def looks(monkeypatch):
    """Rows that were looked at, one entry a look."""
    seen, look = [], Rows.of_columns

    def counted(rows, *arguments):
        seen.append(rows.n)
        return look(rows, *arguments)

    monkeypatch.setattr(Rows, "of_columns", counted)
    return seen


def nearly_the_same(X):
    X[:, -1] = X[:, 0] + 1e-4 * X[:, -1]


def of_all_sizes(X):
    X *= np.logspace(-4, 4, X.shape[1])


def heavy(X):
    X[:] = np.sign(X) * np.exp(2.0 * np.abs(X))


def rare(X):
    X[:] = X > 1.5


SHAPES = [nearly_the_same, of_all_sizes, heavy, rare]


@pytest.mark.parametrize("loss", [LOG_LOSS, CROSS_ENTROPY], ids=lambda loss: loss.name)
@pytest.mark.parametrize("name", ["none", "l1", "l2"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_it_comes_to_the_same_answer(shape, name, loss, monkeypatch):
    posed = drawn(loss, n=N, p=5, seed=2)
    shape(posed.X)
    assert carries(posed.rows.subsample(), posed.rows, posed.start[0].size)
    penalty = penalty_of(name, 0.01 * posed.lam_max, N)
    best = solve(posed.rows, penalty, posed.start)
    assert best.status is Status.OPTIMAL
    assert best.gap <= 1e-8
    alone(monkeypatch)
    other = solve(posed.rows, penalty, posed.start)
    assert best.objective == pytest.approx(other.objective, rel=1e-12)
    assert np.array_equal(best.W == 0, other.W == 0)


@pytest.mark.parametrize("loss", [LOG_LOSS, CROSS_ENTROPY], ids=lambda loss: loss.name)
def test_it_comes_to_the_answer_of_scikit_learn(loss):
    posed = drawn(loss, n=N, p=5, seed=4)
    y = posed.Y[:, 0] if loss is LOG_LOSS else posed.Y.argmax(axis=1)
    peer = LogisticRegression(C=0.1, solver="newton-cholesky", tol=1e-12).fit(
        posed.X, y
    )
    best = solve(posed.rows, Penalty(l2=10.0 / N), posed.start)
    assert np.abs(best.W - peer.coef_.T).max() <= 1e-7


@pytest.mark.parametrize("name", ["none", "l1", "l2"])
def test_it_spares_looks_at_all_rows(name, looks, monkeypatch):
    posed = drawn(LOG_LOSS, n=24_000, p=50, seed=5)
    penalty = penalty_of(name, 0.05 * posed.lam_max, 24_000)
    goal = {"tolerance": 1e-6, "residual": 1e-3}
    best = solve(posed.rows, penalty, posed.start, **goal)
    assert best.gap <= 1e-6
    carried = looks.count(24_000)
    looks.clear()
    alone(monkeypatch)
    solve(posed.rows, penalty, posed.start, **goal)
    assert carried < looks.count(24_000)


def plain(monkeypatch):
    monkeypatch.setattr(newton, "bends", lambda *parts: False)


@pytest.mark.parametrize("name", ["none", "l2"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_from_a_samples_hessian_it_comes_to_the_same_answer(shape, name, monkeypatch):
    posed = drawn(CROSS_ENTROPY, n=4_000, p=5, seed=2)
    shape(posed.X)
    rows, sample = posed.rows, posed.rows.subsample()
    at = newton.Point(*posed.start)
    penalty = penalty_of(name, 0.01 * posed.lam_max, rows.n)
    assert not carries(sample, rows, at.W.size)
    assert newton.bends(rows, sample, penalty, at)
    best = solve(rows, penalty, posed.start)
    assert best.status is Status.OPTIMAL
    assert best.gap <= 1e-8
    plain(monkeypatch)
    other = solve(rows, penalty, posed.start)
    assert best.objective == pytest.approx(other.objective, rel=1e-12)


@pytest.mark.parametrize("name", ["none", "l2"])
def test_a_samples_hessian_spares_looks_at_all_rows(name, looks, monkeypatch):
    posed = drawn(CROSS_ENTROPY, n=6_000, p=25, seed=5)
    penalty = penalty_of(name, 0.05 * posed.lam_max, 6_000)
    goal = {"tolerance": 1e-6, "residual": 1e-3}
    best = solve(posed.rows, penalty, posed.start, **goal)
    assert best.gap <= 1e-6
    bent = looks.count(6_000)
    looks.clear()
    plain(monkeypatch)
    solve(posed.rows, penalty, posed.start, **goal)
    assert bent < looks.count(6_000)


def test_a_samples_hessian_is_not_taken_where_it_takes_longer_than_looks():
    posed = drawn(CROSS_ENTROPY, n=4_000, p=4, seed=1)
    sample, at = posed.rows.subsample(), newton.Point(*posed.start)
    assert newton.bends(posed.rows, sample, Penalty(), at)
    assert not newton.bends(posed.rows, sample, Penalty(l1=0.1), at)
    wide = newton.Point(np.zeros((400, 3)), np.zeros((1, 3)))
    assert not newton.bends(posed.rows, sample, Penalty(), wide)


def test_where_some_rows_can_be_separated_there_still_is_no_optimum():
    posed = drawn(LOG_LOSS, n=N, p=4, seed=3)
    level = (np.arange(N) % 7 == 0) & (posed.Y[:, 0] == 1)
    posed = Posed(standardised(np.column_stack([posed.X, level])), posed.Y, LOG_LOSS)
    assert carries(posed.rows.subsample(), posed.rows, posed.start[0].size)
    best = solve(posed.rows, Penalty(), posed.start)
    assert best.status is Status.PARTLY_SEPARABLE


def test_a_sample_that_is_too_small_or_too_large_carries_nothing():
    X, Y = np.zeros((1000, 1)), np.zeros((1000, 1))
    rows, sample = Rows(X, Y, LOG_LOSS), Rows(X[:100], Y[:100], LOG_LOSS)
    assert FEW * sample.n == rows.n
    most = sample.n // ENOUGH
    assert carries(sample, rows, most)
    assert not carries(sample, rows, most + 1)
    assert not carries(Rows(X[:101], Y[:101], LOG_LOSS), rows, most)

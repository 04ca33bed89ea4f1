"""Models of a loss that are had once and then corrected by steps."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from regcore.model.blocks import no_tick
from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.oracle import evaluate
from regcore.model.penalties import Penalty
from regcore.model.rows import Rows
from regcore.solve.curvature import Smooth, first_model, model_at
from regcore.solve.optimum import Status, solve
from regcore.solve.systems import inverse, pack, unpack
from tests.benchmarks.problems import real, surveyed
from tests.cases import Posed, drawn, standardised


def positive(rng, size):
    A = rng.standard_normal((size, size + 3))
    return A @ A.T / size


@pytest.mark.parametrize("seed", range(5))
def test_a_smooth_model_steps_as_a_matrix_with_all_corrections_would(seed):
    rng = np.random.default_rng(seed)
    H, truth = positive(rng, 6), positive(rng, 6)
    steps = [(s, truth @ s) for s in rng.standard_normal((seed, 6))]
    model, B = Smooth(inverse(H).__matmul__), H
    for s, y in steps:
        model = model.corrected(s, y)
    for s, y in steps:
        Bs = B @ s
        B = B + np.outer(y, y) / (y @ s) - np.outer(Bs, Bs) / (s @ Bs)
    g, nothing = rng.standard_normal(6), np.zeros((5, 1))
    d = model.step(Penalty(), nothing, nothing[:1], g, no_tick)
    np.testing.assert_allclose(d, -np.linalg.solve(B, g), rtol=1e-8)


@pytest.mark.parametrize("loss", [HALF_SQUARED_ERROR, LOG_LOSS, CROSS_ENTROPY])
def test_at_the_constant_model_the_hessian_is_a_product_of_two(loss):
    posed = drawn(loss, n=70, p=4, seed=1)
    X = posed.X + np.array([0.0, 0.3, -2.0, 0.0])
    for oracle in Posed(X, posed.Y, loss).oracles:
        H = oracle.hessian(*posed.start)
        np.testing.assert_allclose(np.kron(*oracle.constant_hessian()), H, atol=1e-12)


@pytest.mark.parametrize("l2", [0.0, 0.2])
def test_the_first_step_of_many_classes_is_newtons(l2):
    posed, penalty = drawn(CROSS_ENTROPY, n=200, p=5, seed=2), Penalty(l2=l2)
    W, b = posed.start
    at = evaluate(posed.rows, W, b)
    g = pack(at.GW, at.Gb)
    quick, whole = (
        how(posed.rows, penalty, at, no_tick).step(penalty, W, b, g, no_tick)
        for how in (first_model, model_at)
    )
    # Where the classes are not held the whole one is damped at first.
    for d in (quick, whole) if l2 else (quick,):
        dW, db = unpack(d, W.shape)
        left = oracle_product(posed.rows, W, b, dW, db)
        np.testing.assert_allclose(left[0] + l2 * dW, -at.GW, atol=1e-6)
        np.testing.assert_allclose(left[1], -at.Gb, atol=1e-6)


def oracle_product(rows, W, b, dW, db, h=1e-5):
    """Differences of the gradient along (dW, db)."""
    ahead, behind = (
        evaluate(rows, W + sign * h * dW, b + sign * h * db) for sign in (1, -1)
    )
    return (ahead.GW - behind.GW) / (2 * h), (ahead.Gb - behind.Gb) / (2 * h)


def test_l2_of_many_classes_is_scikit_learns_and_takes_no_hessian(monkeypatch):
    data = surveyed(300, questions=8, k=6)
    monkeypatch.setattr(Rows, "hessian", None)
    best = solve(data.rows, Penalty(l2=10.0 / 300), data.start)
    assert best.status is Status.OPTIMAL
    peer = LogisticRegression(C=0.1, solver="newton-cg", tol=1e-10, max_iter=1_000)
    peer.fit(data.X, data.y)
    np.testing.assert_allclose(best.W, peer.coef_.T, atol=1e-6)


def test_classes_that_come_apart_are_left_after_few_matrices(monkeypatch):
    data = surveyed(300, questions=6, k=6)
    level = (np.arange(300) % 9 == 0) & (data.y == 2)
    posed = Posed(standardised(np.column_stack([data.X, level])), data.Y, CROSS_ENTROPY)
    sizes = []
    for name in ("solve", "inv", "eigh"):
        plain = getattr(np.linalg, name)

        def counted(A, *more, plain=plain):
            sizes.append(A.shape[-1])
            return plain(A, *more)

        monkeypatch.setattr(np.linalg, name, counted)
    best = solve(posed.rows, Penalty(), posed.start)
    assert best.status is Status.PARTLY_SEPARABLE
    assert sum(size > 100 for size in sizes) <= 6


@pytest.mark.parametrize("name", ["breast cancer", "wine"])
def test_on_few_rows_a_new_model_is_worth_fewer_looks_than_corrections(
    name, monkeypatch
):
    looks, plain = [], Rows.of_columns

    def counted(self, *given):
        looks.append(1)
        return plain(self, *given)

    data = real(name)
    monkeypatch.setattr(Rows, "of_columns", counted)
    best = solve(
        data.rows, Penalty(l2=10.0 / data.n), data.start, tolerance=1e-6, residual=1e-3
    )
    assert best.status is Status.OPTIMAL
    assert len(looks) <= 12
    # C of scikit-learn is 1/λ.
    theirs = LogisticRegression(C=0.1, tol=1e-10, max_iter=1_000).fit(data.X, data.y)
    W, b = theirs.coef_.T, theirs.intercept_[np.newaxis]
    at = evaluate(data.rows, W, b)
    objective = at.loss + float(Penalty(l2=10.0 / data.n).value(W))
    assert best.bound <= objective <= best.objective * (1 + 1e-9)
    assert best.objective <= objective * (1 + 1e-6)

"""Rows that stand for several answer as if each were there so many times."""

import numpy as np
import pytest

from regcore.model.losses import CROSS_ENTROPY, LOG_LOSS
from regcore.model.moments import Moments
from regcore.model.rows import Rows
from regcore.model.strata import FAR, Farthest, Strata

N, P = 120, 3


def rows(k, seed=0, n=N):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, P)) * [1.0, 5.0, 0.01]
    X[: n // 20, 1] *= 20.0
    Y = np.eye(3)[rng.integers(0, 3, n)] if k == 3 else (X[:, :1] > 0) * 1.0
    return Rows(X, Y, CROSS_ENTROPY if k == 3 else LOG_LOSS)


def close(one, other):
    np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("k", [1, 3])
def test_parts_answer_as_rows_that_come_so_often(k):
    few, many = rows(k), rows(k, seed=1, n=30)
    strata = Strata(N + 7 * 30, ((many, 7 * 30), (few, N)))
    X = np.concatenate([few.X, np.repeat(many.X, 7, axis=0)])
    Y = np.concatenate([few.Y, np.repeat(many.Y, 7, axis=0)])
    every = Rows(X, Y, few.kind)
    rng = np.random.default_rng(2)
    V = rng.standard_normal((P + 1, 2 * k))
    W, b = rng.standard_normal((P, k)), rng.standard_normal((1, k))
    for one, other in zip(strata.of_columns(V), every.of_columns(V), strict=True):
        close(one, other)
    close(strata.hessian(W, b), every.hessian(W, b))
    for one, other in zip(
        strata.bias_hessian(W, b), every.bias_hessian(W, b), strict=True
    ):
        close(one, other)
    some = np.array([0, 2])
    close(
        strata.restrict(some).hessian(W[some], b),
        every.restrict(some).hessian(W[some], b),
    )
    # As many rows as each would be if all stood for seven.
    assert strata.n == (N + 7 * 30) // 7
    ranges = few.predictor_range(W, b) / 7, many.predictor_range(W, b)
    close(strata.predictor_range(W, b), max(ranges))
    assert strata.whitened() is None


def test_columns_that_hardly_differ_are_whitened_in_all_parts_together():
    few, many = rows(1), rows(1, seed=1, n=30)
    for part in (few, many):
        part.X[:, 2] = part.X[:, 0] + 1e-7 * part.X[:, 1]
    strata = Strata(N + 60, ((many, 60), (few, N)))
    within, T, mean = strata.whitened()
    X = np.concatenate([many.X, few.X])
    close(mean[0], X.mean(axis=0))
    Z = np.concatenate([part.X for part, _ in within.parts])
    np.testing.assert_allclose(Z, (X - mean) @ T, atol=1e-5)
    np.testing.assert_allclose(Z.T @ Z / len(Z), np.eye(T.shape[1]), atol=1e-6)
    assert [many for _, many in within.parts] == [60, N]


@pytest.mark.parametrize(("k", "most"), [(1, 4), (1, N), (3, 4), (3, 0)])
def test_the_farthest_of_all_rows_are_kept_and_the_sample_is_of_the_others(k, most):
    every = rows(k)
    sums = Moments.of(every.X, every.Y)
    farthest = Farthest(sums, most)
    for first in range(0, N, 7):
        piece = slice(first, first + 7)
        farthest.hear(every.X[piece], every.Y[piece])
    U = np.concatenate([every.X, every.Y], axis=1)
    off = U - U.mean(axis=0)
    leverage = N * np.einsum("ij,jk,ik->i", off, np.linalg.pinv(off.T @ off), off)
    cut = FAR * np.linalg.matrix_rank(off)
    if most < (leverage > cut).sum():
        cut = np.sort(leverage)[-most - 1]
    sample = Rows(every.X[::3].copy(), every.Y[::3], every.kind)
    strata = farthest.beside(sample)
    (near, others), *far = strata.parts
    close(near.X, sample.X[leverage[::3] <= cut])
    assert others == N - (leverage > cut).sum()
    assert len(far) == (most > 0)
    for part, many in far:
        close(part.X, every.X[leverage > cut])
        close(part.Y, every.Y[leverage > cut])
        assert many == part.n > 0

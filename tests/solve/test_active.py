"""Weights whose signs are known, to the digits that the columns have."""

from fractions import Fraction

import numpy as np
import pytest

from regcore.model.moments import Moments
from regcore.model.triangle import triangle
from regcore.solve.active import sharpened
from tests.cases import standardised


def columns(n=60, p=5, seed=0):
    """Columns of which two differ by 1e-5, and a target that needs the difference."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    X[:, 1] = X[:, 0] + 1e-5 * rng.standard_normal(n)
    difference = 1e5 * (X[:, 1] - X[:, 0])
    return standardised(X), (difference + X[:, 2] + rng.standard_normal(n))[:, None]


def in_rationals(X, Y, signs, l1, l2):
    """Solve (cov(X) + l2·I)w = cov(X, y) − l1·s without any rounding."""
    exact = np.vectorize(Fraction, otypes=[object])
    Z = exact(np.column_stack([X, Y]))
    Z = Z - Z.sum(axis=0) / len(Z)
    S, p = Z.T @ Z / len(Z), X.shape[1]
    S = S[:p]
    for i in range(p):
        S[i, i] += Fraction(l2)
        S[i, p] -= Fraction(l1) * int(signs[i])
    for i in range(p):
        S[i] = S[i] / S[i, i]
        for j in range(p):
            if j != i:
                S[j] = S[j] - S[j, i] * S[i]
    return S[:, p].astype(float)


@pytest.mark.parametrize("l2", [0.0, 1e-12])
def test_they_keep_the_digits_that_sums_lose(l2):
    (X, Y), l1 = columns(), 1e-9
    signs = np.sign(in_rationals(X, Y, np.zeros(5), 0.0, 0.0))
    truth = in_rationals(X, Y, signs, l1, l2)
    assert np.abs(truth).max() > 1e4
    sums = Moments.of(X, Y)
    C = sums.XX - sums.x_mean.T * sums.x_mean + l2 * np.eye(5)
    by_sums = np.linalg.solve(C, sums.covariance[:, 0] - l1 * signs)
    R = triangle(X, Y, np.zeros(6))[1:, 1:] / np.sqrt(len(X))
    rough = np.repeat(by_sums[None], 2, axis=0)
    found = dict(sharpened(R, rough, np.full(2, l1), np.full(2, l2)))
    assert sorted(found) == [0, 1]
    largest = np.abs(truth).max()
    assert np.abs(found[1] - truth).max() < 1e-10 * largest
    assert np.abs(by_sums - truth).max() > 1e-9 * largest


@pytest.mark.parametrize("other", ["sign", "copy", "sharp"])
def test_nothing_is_told_that_is_no_better(other):
    X, Y = columns()
    if other == "copy":
        X[:, 4] = X[:, 3]
    if other == "sharp":
        X[:, 1] = X[:, 3] ** 2
    W = in_rationals(X, Y, np.zeros(5), 0.0, 0.0) if other == "sign" else np.ones(5)
    signs = np.sign(W) * (-1.0 if other == "sign" else 1.0)
    R = triangle(X, Y, np.zeros(6))[1:, 1:] / np.sqrt(len(X))
    assert not [*sharpened(R, signs[None], np.full(1, 1e-9), np.zeros(1))]

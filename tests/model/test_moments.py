"""Sums instead of rows: pieces of any size, columns far from 0, folds taken out."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regcore.model.losses import HALF_SQUARED_ERROR
from regcore.model.oracle import Moments, Rows
from regcore.model.sums import variance, varies
from regcore.model.triangle import PIECE, stacked

RNG = np.random.default_rng(0)
X = RNG.standard_normal((500, 4)) * [1.0, 10.0, 0.01, 3.0] + [0.0, 5.0, 1e9, 2024.0]
# A spread of 0.01 around 1e9 is below what float64 holds; 10 is not.
X[:, 2] = 1e9 + 10 * RNG.standard_normal(500)
Y = X[:, :1] + 0.1 * X[:, 3:] + RNG.standard_normal((500, 1))
STANDARD = (X - X.mean(axis=0)) / X.std(axis=0)
STANDARD_Y = (Y - Y.mean()) / Y.std()


def assert_same(moments, rows_X=X, rows_Y=Y):
    fit = moments.standardised()
    Z = (rows_X - rows_X.mean(axis=0)) / rows_X.std(axis=0)
    T = (rows_Y - rows_Y.mean(axis=0)) / rows_Y.std(axis=0)
    assert moments.n == len(rows_X)
    assert np.allclose(fit.x_mean, rows_X.mean(axis=0), rtol=1e-12, atol=1e-12)
    assert np.allclose(fit.x_deviation, rows_X.std(axis=0), rtol=1e-12)
    assert np.allclose(fit.y_mean, rows_Y.mean(axis=0), rtol=1e-12)
    assert np.allclose(fit.y_deviation, rows_Y.std(axis=0), rtol=1e-12)
    # Rounding of the rows' own mean, 1e9·1e-16, is a share 1e-8 of a deviation of 10.
    assert np.allclose(fit.moments.XX, Z.T @ Z / len(Z), rtol=0, atol=1e-12)
    assert np.allclose(fit.moments.XY, Z.T @ T / len(Z), rtol=0, atol=1e-12)


@given(cuts=st.lists(st.integers(0, 500), max_size=8))
@settings(max_examples=40, deadline=None)
def test_pieces_of_any_size_give_the_same_numbers(cuts):
    edges = [0, *sorted(cuts), 500]
    pieces = [(X[a:b], Y[a:b]) for a, b in pairwise(edges)]
    assert_same(Moments.of_pieces(iter(pieces)))


def test_single_rows_are_pieces_too():
    assert_same(Moments.of_pieces((X[i : i + 1], Y[i : i + 1]) for i in range(500)))


def test_a_column_far_from_zero_keeps_its_digits():
    assert_same(Moments.of(X, Y))


def test_a_fold_is_the_whole_less_its_own():
    own = np.arange(500) % 7 == 3
    whole, fold = Moments.of(X, Y), Moments.of(X[own], Y[own])
    assert_same(whole - fold, X[~own], Y[~own])
    assert_same((whole - fold) + fold)


def test_no_piece_is_refused():
    with pytest.raises(ValueError, match=r"^Moments need at least one piece of rows"):
        Moments.of_pieces(iter([]))


def test_another_fill_value_is_another_linear_map():
    gaps = RNG.random(500) < 0.2
    filled = X.copy()
    filled[gaps, 1] = 7.0
    refilled = X.copy()
    refilled[gaps, 1] = -3.0
    moments = Moments.of(np.column_stack([filled, gaps]), Y)
    moved = moments.add_multiples(np.array([1]), np.array([4]), np.array([-10.0]))
    assert_same(moved, np.column_stack([refilled, gaps]))


def test_a_constant_column_becomes_zero():
    constant = np.column_stack([X[:, :2], np.full(500, 0.1), np.full(500, 1e9)])
    fit = Moments.of(constant, Y).standardised()
    assert np.array_equal(fit.x_deviation[2:], [1.0, 1.0])
    assert np.abs(fit.moments.XX[2:]).max() <= 1e-14


def test_centring_alone_keeps_the_units():
    fit = Moments.of(X, Y).standardised(divide=False)
    Z = X - X.mean(axis=0)
    assert np.allclose(fit.moments.XX, Z.T @ Z / 500, rtol=1e-10)


def test_sums_answer_as_the_rows_do():
    rng = np.random.default_rng(1)
    Z = STANDARD + 0.3
    moments, rows = Moments.of(Z, STANDARD_Y), Rows(Z, STANDARD_Y, HALF_SQUARED_ERROR)
    W, b = rng.standard_normal((3, 4, 1)), rng.standard_normal((3, 1, 1))
    for ours, theirs in zip(
        moments.loss_and_gradient(W, b), rows.loss_and_gradient(W, b), strict=True
    ):
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    assert np.allclose(moments.covariance, rows.covariance, rtol=1e-12, atol=1e-13)
    assert np.allclose(moments.hessian(W[0], b[0]), rows.hessian(W[0], b[0]))
    assert moments.curvature() == pytest.approx(rows.curvature(), rel=1e-12)
    columns = np.array([0, 3])
    part = moments.restrict(columns)
    assert np.allclose(part.XX, moments.XX[np.ix_(columns, columns)], rtol=1e-14)


def sums_of(n, mean, square, cross=0.0):
    """Sums over n rows of two columns about their shift, from means over them."""
    (a, b), (aa, bb) = mean, square
    return n * np.array([[1.0, a, b], [a, aa, cross], [b, cross, bb]])


@pytest.mark.parametrize("n", [10, 10**8])
@pytest.mark.parametrize(
    ("shift", "mean", "square", "cross", "told"),
    [
        ((0.0, 0.0), (0.1, 0.0), (1.0, 0.25), 0.0, [True, True]),
        # Units of their own: a column beside one that is 10¹⁵ times as wide.
        ((0.0, 0.0), (0.0, 0.0), (1e30, 1.0), 1e15, [True, True]),
        ((0.0, 0.0), (0.0, 0.0), (1.0, 1e-30), 1e-15, [True, True]),
        # A deviation of 10⁻¹⁴ and 10⁻¹² of what the column is, on either side of 0.
        ((1e6, -1e6), (0.0, 0.0), (1e-16, 1e-12), 0.0, [False, True]),
        ((-1e6, 1e6), (0.0, 0.0), (1e-16, 1e-12), 0.0, [False, True]),
        # About a shift far from the mean all but some digits have cancelled.
        ((0.0, 0.0), (1e6, 1e6), (1e12 + 0.01, 1e12 + 100.0), 1e12, [False, True]),
        ((0.0, 0.0), (0.0, 0.0), (0.0, 1.0), 0.0, [False, True]),
    ],
)
def test_what_varies_is_told_from_its_rounding(n, shift, mean, square, cross, told):
    S = sums_of(n, mean, square, cross)
    of_each = np.array(square) - np.array(mean) ** 2
    np.testing.assert_allclose(variance(S, n), of_each, rtol=0.02)
    assert varies(S, n, np.array(shift)).tolist() == told


@pytest.mark.parametrize(
    ("second", "blunt"),
    [
        (STANDARD[:, 1], False),
        (np.full(500, 3.0), True),
        (STANDARD[:, 0] + 1e-9 * STANDARD[:, 1], True),
        (1e8 + 1e-6 * STANDARD[:, 1], True),
    ],
    ids=["another", "constant", "copy", "next to constant"],
)
def test_sums_are_blunt_where_columns_hardly_differ(second, blunt):
    columns = np.column_stack([STANDARD[:, 0], second])
    sums = Moments.of(columns, STANDARD_Y)
    assert sums.is_blunt is blunt
    sharp = sums.sharpened(columns, STANDARD_Y)
    assert (sharp.root is not None) is blunt
    rng = np.random.default_rng(1)
    W, b = rng.standard_normal((3, 2, 1)), rng.standard_normal((3, 1, 1))
    rest = columns @ W + b - STANDARD_Y
    by_hand = 0.5 * (rest**2).mean(axis=1)[:, 0]
    np.testing.assert_allclose(sharp.loss(W, b), by_hand, rtol=1e-12)
    np.testing.assert_allclose(sharp.loss_and_gradient(W, b)[0], by_hand, rtol=1e-12)


@pytest.mark.parametrize("rows", [0, 3, 60_000])
def test_a_triangle_made_in_pieces_is_that_of_all_rows(rows):
    A, looks = np.random.default_rng(0).standard_normal((rows, 80)), []
    R = stacked([A[: rows // 3], A[rows // 3 :]], lambda: looks.append(1))
    assert np.abs(R.T @ R - A.T @ A).max(initial=0.0) <= 1e-12 * max(rows, 1)
    assert np.array_equal(R, np.triu(R))
    assert len(R) == min(rows, 80)
    assert len(looks) == max(1, -(-rows * 80**2 // PIECE))

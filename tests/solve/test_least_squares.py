"""No penalty is least squares, however little the columns differ."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest

from regcore import Settings, compare
from regcore.model import given
from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.moments import Moments
from regcore.model.penalties import Penalty
from regcore.model.rows import Rows
from regcore.model.triangle import triangle
from regcore.questions.path.answer import FOLDS, trace
from regcore.questions.refit.answer import refit
from regcore.questions.trust.half_samples import half_samples
from regcore.questions.trust.pool import not_locked, solved, training
from regcore.questions.trust.repeated_splits import repeated_splits
from regcore.questions.trust.resample import part
from regcore.regularization_path import training_folds
from regcore.solve.cut import Cut
from regcore.solve.fold_moments import FoldMoments
from regcore.solve.optimum import Status, solve
from regcore.solve.runs import Outcome
from tests.cases import Posed, drawn, standardised

FREE = Penalty()
START = np.zeros((1, 1))


def spectra(condition, n=120, p=6, seed=0):
    """Standardised columns of about this condition, and a target that needs it all."""
    rng = np.random.default_rng(seed)
    U = np.linalg.qr(np.column_stack([np.ones(n), rng.standard_normal((n, p))]))[0][
        :, 1:
    ]
    V = np.linalg.qr(rng.standard_normal((p, p)))[0]
    X = standardised(U * np.geomspace(1, 1 / condition, p) @ V.T)
    return X, (U.sum(axis=1) + 0.05 * rng.standard_normal(n))[:, None]


def least(X, Y):
    """Weights of least squares with a bias, and half the mean square they leave."""
    centred, target = X - X.mean(axis=0), Y - Y.mean(axis=0)
    W = np.linalg.lstsq(centred, target, rcond=1e-15)[0]
    return W, 0.5 * ((target - centred @ W) ** 2).mean()


def rational(X, Y):
    """Rows [1, x, y] of the numbers as they are, for sums without any rounding."""
    whole = np.column_stack([np.ones(len(X)), X, Y])
    return np.vectorize(Fraction, otypes=[object])(whole)


def in_rationals(X, Y):
    """Bias and weights of least squares, and half the mean square, not rounded."""
    rows = rational(X, Y)
    S = rows.T @ rows
    for i in range(len(S) - 1):
        S[i] = S[i] / S[i, i]
        for j in range(len(S)):
            if j != i:
                S[j] = S[j] - S[j, i] * S[i]
    return S[:-1, -1], float(S[-1, -1] / (2 * len(X)))


def left_in_rationals(X, Y, b, W):
    """Half the mean square that a model leaves, for its weights to the last digit."""
    v = [*np.vectorize(Fraction, otypes=[object])(np.r_[b, W]), Fraction(-1)]
    left = rational(X, Y) @ np.array(v, dtype=object)
    return float(left @ left / (2 * len(X)))


@pytest.mark.parametrize("exponent", range(0, 13, 2))
@pytest.mark.parametrize("seed", range(2))
def test_up_to_a_condition_of_1e12_the_optimum_is_least_squares(exponent, seed):
    X, Y = spectra(10.0**exponent, seed=seed, n=60)
    _, truth = in_rationals(X, Y)
    W, _ = least(X, Y)
    # Weights of 1e12 in sixteen digits can leave a little more, lstsq's as well.
    by_lstsq = left_in_rationals(X, Y, (Y - X @ W).mean(), W[:, 0])
    sums = Moments.of(X, Y).sharpened(X, Y)
    for oracle in (sums, Rows(X, Y, HALF_SQUARED_ERROR)):
        best = solve(oracle, FREE, (np.zeros_like(W), Y.mean(keepdims=True)))
        assert best.status is Status.OPTIMAL
        assert best.objective == pytest.approx(truth, rel=1e-11)
        assert best.bound <= truth * (1 + 1e-11)
        own = left_in_rationals(X, Y, best.b[0, 0], best.W[:, 0])
        assert own <= truth * (1 + 1e-8) + (by_lstsq - truth)


def three_nearly_equal(rng, n, size):
    a = rng.standard_normal(n)
    return a, a + size * rng.standard_normal(n), a - size * rng.standard_normal(n)


def a_number_close_to_a_dummy(rng, n, size):
    x = (rng.random(n) < 0.4).astype(float)
    return x, x + size * rng.standard_normal(n), rng.standard_normal(n)


def far_from_0(rng, n, size):
    a = rng.standard_normal(n)
    return 1e4 + a, 3e4 + a + 1e3 * size * rng.standard_normal(n), rng.random(n)


def powers(rng, n, size):
    x = 1.0 + 30.0 * size**0.25 * rng.standard_normal(n)
    return x, x**2, x**3


KINDS = (three_nearly_equal, a_number_close_to_a_dummy, far_from_0, powers)


def table_of(kind, size, n=48, seed=0):
    """Columns that differ by about so much, all of which the target needs."""
    rng = np.random.default_rng(seed)
    columns = np.column_stack(kind(rng, n, size))
    centred = columns - columns.mean(axis=0)
    y = np.linalg.qr(centred)[0].sum(axis=1) * np.sqrt(n)
    frame = pd.DataFrame(columns).add_prefix("x")
    return frame.assign(y=y + 0.5 * rng.standard_normal(n))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1e-4, 1e-8, 1e-11])
def test_it_is_so_in_the_optimum_in_every_fold_split_and_half_sample(kind, size):
    frame = table_of(kind, size)
    result = compare(frame, Settings(target="y", lam=0.1, epochs=5))
    problem, settings = result.problem, result.settings
    # Of the table itself: to scale it may round what the target needs.
    X = frame.loc[problem.design.rows, ["x0", "x1", "x2"]].to_numpy()
    Y, best = problem.design.Y, result["none"].optimum
    assert best.objective == pytest.approx(in_rationals(X, Y)[1], rel=1e-9, abs=0)
    fold = training_folds(problem.design, FOLDS, settings.seed)
    none = trace(problem, settings).none
    for f in range(FOLDS):
        out = fold == f
        v, _ = in_rationals(X[~out], Y[~out])
        truth = left_in_rationals(X[out], Y[out], v[0], v[1:])
        assert none[f] == pytest.approx(truth, rel=1e-8)
    for pool, share in ((training(result), 0.5), (not_locked(result), 0.25)):
        rows, _ = pool.draw(share, 0, 1)[0]
        some, optima = solved(result, pool, rows, ("test", share), lambda: None)
        truth = in_rationals(pool.X[rows], pool.Y[rows])[1]
        unit = some.y_scale.deviation[0] ** 2
        assert optima[0].objective * unit == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize(
    ("exponent", "noise"), [*product((1, 3, 6, 9), (1e-2, 1e-4)), (4, 1e-6)]
)
def test_what_next_to_nothing_is_left_of_is_told_to_as_many_digits(exponent, noise):
    X, Y = spectra(10.0**exponent, n=60)
    W, _ = least(X, Y)
    fit = (X @ W - (X @ W).mean()) / (X @ W).std()
    Y = fit + noise * (Y - X @ W) / (Y - X @ W).std()
    best = solve(Moments.of(X, Y).sharpened(X, Y), FREE, (np.zeros((6, 1)), START))
    assert best.objective == pytest.approx(in_rationals(X, Y)[1], rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (1e-1, "Converged after "),
        (1e-9, "epochs, far above the optimum: no slope that is left is as large as"),
    ],
)
def test_a_run_that_sees_no_slope_is_not_said_to_have_converged(size, said):
    frame = table_of(three_nearly_equal, size)
    result = compare(frame, Settings(target="y", lam=0.1, epochs=30_000))
    assert result["none"].run.outcome is Outcome.CONVERGED
    assert said in result.outcomes["none"]
    assert result["none"].stands_off is (size < 1e-6)


def test_one_row_more_than_weights_are_enough_for_it():
    X, Y = spectra(1e10, n=8)
    best = solve(Moments.of(X, Y).sharpened(X, Y), FREE, (np.zeros((6, 1)), START))
    assert best.objective == pytest.approx(in_rationals(X, Y)[1], rel=1e-8)


def test_what_is_kept_of_a_part_holds_no_rows(result):
    pool = training(result)
    rows, _ = pool.draw(0.5, 1, 1)[0]
    some, _ = solved(result, pool, rows, ("kept",), lambda: None)
    assert some.oracle.given is not None
    again, _ = solved(result, pool, rows, ("kept",), lambda: None)
    assert again.oracle.given is None


@pytest.mark.parametrize("exponent", [5, 9, 12])
def test_a_root_without_rows_tells_it_or_nothing(exponent):
    X, Y = spectra(10.0**exponent, n=60)
    root = Moments.of(X, Y).sharpened(X, Y).root
    best = solve(replace(Moments.of(X, Y), root=root), FREE, (np.zeros((6, 1)), START))
    assert best.exists == (exponent == 5)
    if best.exists:
        assert best.objective == pytest.approx(in_rationals(X, Y)[1], rel=1e-8)
    assert best.exists or best.status is Status.STOPPED


@pytest.mark.parametrize(
    ("exponent", "rooted", "known"),
    [(1, False, True), (5, False, False), (5, True, True), (9, True, False)],
)
def test_folds_of_sums_alone_tell_it_or_nothing(exponent, rooted, known):
    X, Y = spectra(10.0**exponent, n=60)
    fold, shift = np.arange(60) % 3, np.zeros(7)
    parts = []
    for f in range(4):
        x, y = X[fold == f], Y[fold == f]
        sums = Moments.of(x, y, shift=shift)
        root = triangle(x, y, shift) if rooted else None
        parts.append(replace(sums, root=root))
    folds = FoldMoments(Cut.of_parts(parts, np.zeros((4, 0))))
    for f in range(3):
        v, _ = in_rationals(X[fold != f], Y[fold != f])
        truth = left_in_rationals(X[fold == f], Y[fold == f], v[0], v[1:])
        said = folds.without_penalty(f)
        assert np.isfinite(said) == known
        assert not known or said == pytest.approx(truth, rel=1e-8)


@pytest.mark.parametrize("digits", [8, 15, 20])
def test_a_product_of_numbers_that_cancel_is_exact(digits):
    rng = np.random.default_rng(digits)
    A, B = rng.standard_normal((7, 9)), 10.0**digits * rng.standard_normal((9, 3))
    B[0] = -(A[0, 1:] @ B[1:]) / A[0, 0]
    exactly = np.vectorize(Fraction, otypes=[object])
    truth = (exactly(A) @ exactly(B)).astype(float)
    np.testing.assert_allclose(
        given.product(A, B), truth, rtol=1e-9, atol=10.0 ** (digits - 28)
    )


@pytest.mark.parametrize("blocks", [1, 7])
def test_the_root_keeps_what_sums_of_the_same_rows_lose(blocks, monkeypatch):
    monkeypatch.setattr("regcore.model.triangle.BLOCK", 120 // blocks)
    X, Y = spectra(1e8)
    sums = Moments.of(X + 3.0, Y).sharpened(X + 3.0, Y)
    assert sums.root is not None
    np.testing.assert_allclose(sums.root.T @ sums.root, sums.S, rtol=0, atol=1e-11)
    W, truth = least(X, Y)
    b = Y.mean(keepdims=True) - X.mean(axis=0) @ W
    losses = sums.loss(W[None], b[None] - 3.0 * W.sum())
    assert losses[0] == pytest.approx(truth, rel=1e-7)
    some = sums.restrict(np.array([0, 2, 5]))
    best = solve(some, FREE, (np.zeros((3, 1)), START))
    assert best.objective == pytest.approx(least(X[:, [0, 2, 5]], Y)[1], rel=1e-8)


def test_of_sums_alone_that_are_too_blunt_no_optimum_is_told():
    X, Y = spectra(1e9)
    best = solve(Moments.of(X, Y), FREE, (np.zeros((6, 1)), Y.mean(keepdims=True)))
    assert best.status is Status.STOPPED
    assert str(best.status).startswith("Not known")
    assert not best.exists
    assert best.bound <= least(X, Y)[1]


def test_sums_that_are_sharp_need_no_second_look_at_the_rows():
    posed = drawn(HALF_SQUARED_ERROR, n=100, p=5, seed=0)
    sums = Moments.of(posed.X, posed.Y)
    assert sums.sharpened(posed.X, posed.Y) is sums


@pytest.mark.parametrize("exponent", [0, 8])
def test_levels_that_add_up_leave_the_smallest_of_many_optima(exponent):
    X, Y = spectra(10.0**exponent)
    level = np.eye(4)[np.random.default_rng(1).integers(0, 4, len(X))]
    X = standardised(np.column_stack([X, level]))
    U, S, Vt = np.linalg.svd(X, full_matrices=False)
    W = Vt[:-1].T @ (U[:, :-1].T @ (Y - Y.mean()) / S[:-1, None])
    for oracle in (Moments.of(X, Y).sharpened(X, Y), Rows(X, Y, HALF_SQUARED_ERROR)):
        best = solve(oracle, FREE, (np.zeros_like(W), Y.mean(keepdims=True)))
        assert best.status is Status.NOT_UNIQUE
        assert best.objective == pytest.approx(least(X, Y)[1], rel=1e-8)
        np.testing.assert_allclose(best.W, W, rtol=0, atol=1e-6 * np.abs(W).max())


@pytest.mark.parametrize("loss", [LOG_LOSS, CROSS_ENTROPY])
def test_classes_too_are_fitted_by_what_two_columns_hardly_differ_in(loss):
    posed = drawn(loss, n=300, p=4, seed=1)
    X = posed.X.copy()
    X[:, 1] = X[:, 0] + 1e-8 * X[:, 1]
    near = Posed(standardised(X), posed.Y, loss)
    best = solve(near.rows, FREE, near.start)
    truth = solve(posed.rows, FREE, posed.start)
    assert best.status is Status.OPTIMAL
    assert best.objective == pytest.approx(truth.objective, rel=1e-7)


def test_more_columns_than_rows_keep_what_hardly_differs():
    X, Y = spectra(1e8, n=40, p=30)
    X = np.hstack([X, X])
    rows = Rows(X, Y, HALF_SQUARED_ERROR)
    best = solve(rows, FREE, (np.zeros((60, 1)), Y.mean(keepdims=True)))
    assert best.status is Status.NOT_UNIQUE
    assert best.objective == pytest.approx(least(X, Y)[1], rel=1e-8)


def test_directions_that_no_row_has_are_looked_for_once(monkeypatch):
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 5, (600, 6))
    X = standardised(np.hstack([np.eye(5)[column] for column in levels.T]))
    Z = X @ rng.standard_normal((30, 3)) * 0.3 + rng.gumbel(size=(600, 3))
    posed = Posed(X, np.eye(3)[Z.argmax(axis=1)], CROSS_ENTROPY)
    sizes, eigh = [], np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda A: sizes.append(len(A)) or eigh(A))
    best = solve(posed.rows, FREE, posed.start)
    assert best.status is Status.NOT_UNIQUE
    assert sizes == []
    truth = solve(
        Posed(X[:, np.arange(30) % 5 > 0], posed.Y, CROSS_ENTROPY).rows,
        FREE,
        (np.zeros((24, 3)), posed.start[1]),
    )
    assert best.objective == pytest.approx(truth.objective, rel=1e-10)
    # Nothing of the smallest weights lies where no row is.
    flat = np.kron(np.eye(6), X[:, :5].std(axis=0)[:, None] * 0 + 1.0)
    level_size = np.array([np.eye(5)[column].std(axis=0) for column in levels.T])
    flat = flat * level_size.reshape(-1, 1)
    assert np.abs(X @ flat).max() <= 1e-12
    assert np.abs(flat.T @ best.W).max() <= 1e-8


@pytest.fixture(scope="module")
def result():
    rng = np.random.default_rng(1)
    a, e, z = rng.standard_normal((3, 200))
    y = e + a + z + rng.standard_normal(200)
    frame = pd.DataFrame({"a": a, "near a": a + 1e-7 * e, "z": z, "y": y})
    return compare(frame, Settings(target="y", lam=1.0, epochs=20))


def test_the_comparison_shows_it_as_exact(result):
    design, best = result.problem.design, result["none"].optimum
    assert best.objective == pytest.approx(least(design.X, design.Y)[1], rel=1e-8)
    assert result["none"].optimum_loss == best.objective


def test_every_split_and_half_sample_has_it(result):
    design = result.problem.design
    rows = np.random.default_rng(0).permutation(len(design.Y))[:70]
    posed = part(design.X[rows], design.Y[rows], HALF_SQUARED_ERROR, divide=True)
    best = solve(posed.oracle, FREE, posed.start)
    W, b = posed.in_design_units(best.W, best.b)
    left = design.Y[rows] - design.X[rows] @ W - b
    truth = least(design.X[rows], design.Y[rows])[1]
    assert 0.5 * (left**2).mean() == pytest.approx(truth, rel=1e-8)
    splits = repeated_splits(result, count=20)
    assert np.median(splits.score[1]) > 0.6
    halves = half_samples(result, count=20)
    assert np.abs(halves.weights[0][:, 0]).min() > 1e6


def test_the_refit_of_both_columns_has_it(result):
    found = refit(result)
    columns = [result.problem.design.features.index(name) for name in found.table.index]
    design = result.problem.design
    X = design.X[:, columns]
    left = design.Y[:, 0] - (X - X.mean(axis=0)) @ found.table["refitted"].to_numpy()
    truth = least(X, design.Y)[1]
    assert 0.5 * left.var() == pytest.approx(truth, rel=1e-6)


def test_every_fold_has_it(result):
    problem, settings = result.problem, result.settings
    fold = training_folds(problem.design, 10, settings.seed)
    X, Y = problem.design.X, problem.design.Y
    losses = []
    for f in range(10):
        out = fold == f
        W, _ = least(X[~out], Y[~out])
        b = Y[~out].mean(axis=0) - X[~out].mean(axis=0) @ W
        losses.append(0.5 * ((X[out] @ W + b - Y[out]) ** 2).mean())
    np.testing.assert_allclose(trace(problem, settings).none, losses, rtol=1e-6)


@pytest.mark.parametrize("share", [1e-6, 1e-9])
@pytest.mark.parametrize("name", ["l1", "l2"])
def test_a_penalty_of_next_to_nothing_comes_to_no_penalty(name, share):
    X, Y = spectra(1e6, p=4)
    sums = Moments.of(X, Y).sharpened(X, Y)
    none = solve(sums, FREE, (np.zeros((4, 1)), START))
    strength = share * np.abs(sums.covariance).max() * 1e-6
    best = solve(sums, Penalty(**{name: strength}), (np.zeros((4, 1)), START))
    assert best.objective >= none.objective
    loss = sums.loss(best.W[None], best.b[None])[0]
    assert loss + float(Penalty(**{name: strength}).value(best.W)) == pytest.approx(
        best.objective, rel=1e-9
    )
    assert best.bound <= best.objective

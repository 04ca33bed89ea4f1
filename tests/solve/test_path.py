"""Paths and cross-validation against scikit-learn and against fits from scratch."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import ElasticNet, LassoCV, LogisticRegression, Ridge

from regcore import DesignError, Settings
from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty
from regcore.regularization_path import regularization_path
from regcore.solve.cut import cut
from regcore.solve.effort import path_seconds
from regcore.solve.folds import ALWAYS, Fill, Refit, draw_folds
from regcore.solve.homotopy import lasso_paths
from regcore.solve.optimum import solve
from regcore.solve.path import (
    POINTS,
    STEPS,
    Curve,
    cross_validate,
    curves_down,
    lam_grid,
    lam_max,
)
from tests.cases import REFERENCE, Posed, drawn, reference, standardised
from tests.tables import TASKS, table

LOSSES = [HALF_SQUARED_ERROR, LOG_LOSS, CROSS_ENTROPY]
RATIOS = {"L1": 1.0, "L2": 0.0, "elastic net": 0.5}


def name(value):
    return getattr(value, "name", str(value))


def folds_of(posed, folds=5, seed=0):
    strata = np.zeros(len(posed.Y))
    if posed.loss is not HALF_SQUARED_ERROR:
        strata = posed.Y @ np.arange(1, posed.Y.shape[1] + 1)
    return draw_folds(strata, folds, seed)


@pytest.mark.parametrize("loss", LOSSES, ids=name)
@pytest.mark.parametrize("l1_ratio", [1.0, 0.4])
def test_at_lam_max_every_weight_is_zero_and_just_below_one_is_not(loss, l1_ratio):
    posed = drawn(loss, n=120, p=8, seed=1)
    for oracle in posed.oracles:
        top = lam_max(oracle, l1_ratio)
        for lam, empty in [(top, True), (top * (1 - 1e-6), False)]:
            l1, l2 = lam * l1_ratio / 120, lam * (1 - l1_ratio) / 120
            best = solve(oracle, Penalty(l1=l1, l2=l2), posed.start)
            assert best.W.any() != empty


def test_lam_max_is_that_of_the_reference():
    for data, key in [("diabetes", "diabetes"), ("wine", "wine")]:
        posed = reference(data)
        truth = REFERENCE["datasets"][key]["lambda_max"]
        assert lam_max(posed.oracles[0]) == pytest.approx(truth, rel=1e-9)


def test_folds_are_even_seeded_and_balanced_by_class():
    strata = np.repeat([0, 1, 2, 3], [50, 33, 20, 1])
    fold = draw_folds(strata, 5, seed=3)
    assert np.array_equal(fold, draw_folds(strata, 5, seed=3))
    assert not np.array_equal(fold, draw_folds(strata, 5, seed=4))
    sizes = np.bincount(fold[fold != ALWAYS])
    assert sizes.max() - sizes.min() <= 1
    for stratum in (0, 1, 2):
        counts = np.bincount(fold[strata == stratum], minlength=5)
        assert counts.max() - counts.min() <= 1
    # The only row of its class is always trained on.
    assert fold[strata == 3] == ALWAYS


def test_the_curve_of_l1_is_that_of_lasso_cv():
    posed = reference("diabetes")
    X, Y = posed.X, posed.Y / posed.Y.std()
    n = len(X)
    fold = draw_folds(np.zeros(n), 10, seed=0)
    lams = lam_grid(lam_max(Rows(X, Y, HALF_SQUARED_ERROR)))
    splits = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(10)]
    peer = LassoCV(alphas=lams / n, cv=splits, tol=1e-10, max_iter=100_000)
    peer.fit(X, Y[:, 0])
    # The peer centres in every fold but does not divide.
    (curve,) = cross_validate(
        X, Y, HALF_SQUARED_ERROR, fold, [(1.0, lams)], divide=False
    )
    assert np.abs(curve.fold_loss - peer.mse_path_.T / 2).max() <= 1e-6
    assert curve.lam_min == pytest.approx(peer.alpha_ * n)


def fit_from_scratch(loss, X, Y, l1_ratio, strength):
    """Weights (p, k) and bias (k,) at this strength a row, by scikit-learn if it can.

    Its only solver with L1 for more classes leaves biases unfinished.
    """
    n = len(X)
    if loss is HALF_SQUARED_ERROR:
        if l1_ratio == 0:
            peer = Ridge(alpha=strength * n, solver="cholesky").fit(X, Y[:, 0])
        else:
            peer = ElasticNet(
                alpha=strength, l1_ratio=l1_ratio, tol=1e-12, max_iter=1_000_000
            ).fit(X, Y[:, 0])
        return peer.coef_[:, None], np.atleast_1d(peer.intercept_)
    y = Y[:, 0] if loss is LOG_LOSS else Y.argmax(axis=1)
    if l1_ratio:
        penalty = Penalty(l1=strength * l1_ratio, l2=strength * (1 - l1_ratio))
        best = solve(Rows(X, Y, loss), penalty, Posed(X, Y, loss).start)
        return best.W, best.b[0]
    peer = LogisticRegression(
        C=1 / (strength * n), solver="newton-cholesky", tol=1e-10
    ).fit(X, y)
    return peer.coef_.T, peer.intercept_


@pytest.mark.parametrize("loss", LOSSES, ids=name)
@pytest.mark.parametrize("l1_ratio", [1.0, 0.0, 0.5])
def test_every_fold_is_what_a_fit_from_scratch_gives(loss, l1_ratio):
    posed = drawn(loss, n=90, p=5, seed=3, signal=0.7)
    n = len(posed.X)
    rng = np.random.default_rng(0)
    gaps = rng.random(n) < 0.3
    raw = posed.X.copy()
    raw[gaps, 2] = np.nan
    filled = np.where(np.isnan(raw), np.nanmedian(raw[:, 2]), raw)
    X = standardised(np.column_stack([filled, gaps]))
    fold = folds_of(posed)
    lams = lam_grid(lam_max(Rows(X, posed.Y, loss)), points=4, span=0.02)
    (curve,) = cross_validate(
        X, posed.Y, loss, fold, [(l1_ratio, lams)], refit=Refit((Fill(2, 5),))
    )
    for f in range(5):
        training = fold != f
        median = np.nanmedian(raw[training, 2])
        own = np.column_stack([np.where(np.isnan(raw), median, raw), gaps])
        mean, deviation = own[training].mean(axis=0), own[training].std(axis=0)
        Z = (own - mean) / deviation
        for i, lam in enumerate(lams):
            W, b = fit_from_scratch(
                loss, Z[training], posed.Y[training], l1_ratio, lam / n
            )
            truth = loss.value(Z[~training] @ W + b, posed.Y[~training]).mean()
            assert curve.fold_loss[f, i] == pytest.approx(truth, abs=1e-6)


def test_a_column_that_another_fill_value_makes_constant_is_left_out():
    rng = np.random.default_rng(0)
    for _ in range(40):
        n = int(rng.integers(60, 400))
        fold = rng.integers(0, 5, n)
        # Most that is known is in one fold: all are filled by a value of it.
        gaps = (fold != 0) & (rng.random(n) < 0.85)
        x = np.where(fold == 0, rng.normal(size=n), rng.normal())
        x[gaps] = np.median(x[~gaps])
        X = standardised(np.column_stack([x, gaps]))
        found = cut(X, rng.normal(size=(n, 1)), fold, refit=Refit((Fill(0, 1),)))
        assert not found.maps[0][:, 0].any()
        assert found.maps[1:, 0, 0].all()


@pytest.mark.parametrize("loss", LOSSES, ids=name)
@pytest.mark.parametrize("penalty", RATIOS)
def test_warm_solutions_are_the_cold_ones(loss, penalty):
    posed = drawn(loss, n=100, p=7, seed=6, signal=0.7)
    n, l1_ratio = len(posed.X), RATIOS[penalty]
    lams = lam_grid(lam_max(posed.rows), points=15)
    (curve,) = cross_validate(
        posed.X, posed.Y, loss, folds_of(posed), [(l1_ratio, lams)]
    )
    for i in (0, 5, 14):
        strength = Penalty(l1=lams[i] * l1_ratio / n, l2=lams[i] * (1 - l1_ratio) / n)
        best = solve(posed.rows, strength, posed.start)
        assert np.abs(curve.W[i] - best.W).max() <= 1e-5
        assert np.array_equal(curve.W[i] == 0, best.W == 0)
        loss_there = posed.rows.loss(curve.W[i][None], curve.b[i][None])[0]
        assert curve.train_loss[i] == pytest.approx(loss_there, rel=1e-12)


def test_the_one_standard_error_choice_is_never_the_smaller_lam():
    for seed in range(5):
        posed = drawn(HALF_SQUARED_ERROR, n=60, p=6, seed=seed)
        lams = lam_grid(posed.lam_max, points=30)
        (curve,) = cross_validate(
            posed.X, posed.Y, posed.loss, folds_of(posed), [(1.0, lams)]
        )
        best = np.argmin(curve.mean)
        limit = curve.mean[best] + curve.standard_error[best]
        chosen = np.flatnonzero(curve.lams == curve.lam_1se)[0]
        assert curve.lam_1se >= curve.lam_min
        assert curve.mean[chosen] <= limit
        assert chosen == 0 or curve.mean[chosen - 1] > limit


def test_a_path_with_collinear_columns_is_still_optimal():
    posed = drawn(HALF_SQUARED_ERROR, n=80, p=4, seed=2)
    level = np.random.default_rng(0).integers(0, 3, 80)
    X = standardised(np.column_stack([posed.X, np.eye(3)[level], -posed.X[:, 1]]))
    lams = lam_grid(lam_max(Rows(X, posed.Y, posed.loss)), points=25)
    for l1_ratio in (1.0, 0.5, 0.0):
        (curve,) = cross_validate(
            X, posed.Y, posed.loss, folds_of(posed), [(l1_ratio, lams)]
        )
        for i, lam in enumerate(lams):
            strength = Penalty(l1=lam * l1_ratio / 80, l2=lam * (1 - l1_ratio) / 80)
            rows = Rows(X, posed.Y, posed.loss)
            best = solve(rows, strength, (np.zeros((8, 1)), posed.start[1]))
            objective = curve.train_loss[i] + strength.value(curve.W[i])
            assert objective <= best.objective * (1 + 1e-9)


def test_a_column_that_is_constant_in_a_fold_weighs_nothing_there():
    posed = drawn(LOG_LOSS, n=60, p=3, seed=5)
    fold = folds_of(posed)
    rare = np.zeros(60)
    rare[np.flatnonzero(fold == 1)[:3]] = 1.0
    X = standardised(np.column_stack([posed.X, rare]))
    lams = lam_grid(posed.lam_max, points=5)
    for loss in (LOG_LOSS, HALF_SQUARED_ERROR):
        for l1_ratio in RATIOS.values():
            (curve,) = cross_validate(X, posed.Y, loss, fold, [(l1_ratio, lams)])
            assert np.isfinite(curve.fold_loss).all()


@pytest.mark.parametrize("n", [300, 1293, 20_000])
@pytest.mark.parametrize("loss", [HALF_SQUARED_ERROR, LOG_LOSS], ids=name)
@pytest.mark.parametrize("l1_ratio", RATIOS.values(), ids=RATIOS)
def test_what_one_fold_alone_shows_plays_no_part_without_it(n, loss, l1_ratio):
    posed = drawn(loss, n=n, p=3, seed=9)
    fold = folds_of(posed)
    lams = lam_grid(posed.lam_max, points=5)
    for row in (0, 7):
        rare = standardised((np.arange(n) == row).astype(float))
        X = np.column_stack([posed.X, rare])
        both = [
            cross_validate(X, posed.Y, loss, fold, [(l1_ratio, lams)])[0]
            for X in (X, posed.X)
        ]
        with_it, without = (curve.fold_loss[fold[row]] for curve in both)
        np.testing.assert_allclose(with_it, without, rtol=1e-6)


def test_the_path_from_change_to_change_is_that_of_single_fits():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((3, 40, 12)) + rng.standard_normal((3, 40, 1))
    X[:, :, 11] = 1.0
    # Of the smaller targets fewer weights come in: the others go on without them.
    y = rng.standard_normal((3, 40, 1)) * np.array([0.02, 1.0, 0.001])[:, None, None]
    H, q = X.transpose(0, 2, 1) @ X / 40, (X.transpose(0, 2, 1) @ y)[:, :, 0] / 40
    l1s = np.geomspace(1.0, 1e-4, 40)
    for l1, W in zip(l1s, lasso_paths(H, q, 11, l1s), strict=True):
        g = (H @ W[:, :, None])[:, :, 0] - q
        residual = Penalty(l1=l1).residual(W[:, :11], g[:, :11])
        assert residual.max() <= 1e-12
        assert np.abs(g[:, 11]).max() <= 1e-12


@pytest.mark.parametrize("task", TASKS)
def test_a_table_gives_tables(task):
    data = table(task, n=80)
    data.iloc[::7, 0] = np.nan
    path = regularization_path(data, Settings(target="y"), folds=4, points=12)
    assert list(path.best.index) == ["L1", "L2", "elastic net"]
    assert (path.best["lam_1se"] >= path.best["lam_min"]).all()
    assert list(path.validation.columns) == [
        "penalty",
        "lam",
        "mean",
        "standard_error",
        "nonzero",
    ]
    assert len(path.validation) == 3 * 12
    assert path.validation["mean"].notna().all()
    first = path.validation.groupby("penalty", sort=False).first()
    assert first.loc["L1", "nonzero"] == first.loc["elastic net", "nonzero"] == 0
    assert set(path.coefficients["feature"]) == set(path.design.features)
    assert ("class" in path.coefficients) is (task == "multiclass")
    counts = path.coefficients.assign(nonzero=path.coefficients["value"] != 0)
    counts = counts.groupby(["penalty", "lam"], sort=False)["nonzero"].sum()
    assert np.array_equal(counts.to_numpy(), path.validation["nonzero"].to_numpy())


def test_the_same_seed_gives_the_same_path():
    data, settings = table(n=50), Settings(target="y", seed=4)
    one, two = (regularization_path(data, settings, folds=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.validation, two.validation)


@pytest.mark.parametrize("folds", [0, 1, 1000])
def test_a_number_of_folds_that_cannot_be_is_refused(folds):
    with pytest.raises(DesignError, match="number of folds"):
        regularization_path(table(n=40), Settings(target="y"), folds=folds)


def test_a_path_that_would_take_hours_is_refused_with_how_many():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.standard_normal((300, 120))).add_prefix("x")
    wide["y"] = [f"class {i % 40}" for i in range(300)]
    with pytest.raises(DesignError) as refusal:
        regularization_path(wide, Settings(target="y"), folds=3)
    assert str(refusal.value) == (
        "To follow 4,800 weights along λ with cross-validation would take about 3 "
        "hours, more than the hour that is waited for; choose fewer features."
    )


def test_a_path_of_more_than_600_weights_is_followed():
    wide = table(n=24, p=650)
    path = regularization_path(
        wide, Settings(target="y"), folds=2, l1_ratio=None, points=4, span=0.1
    )
    assert path.curves["L1"].W.shape[1] == 650
    assert np.isfinite(path.validation["mean"]).all()


@pytest.mark.parametrize(
    ("sizes", "measured"),
    [
        ({"n": 1040, "p": 128, "k": 5}, 65),
        ({"n": 300, "p": 128, "k": 5}, 65),
        ({"n": 1040, "p": 64, "k": 5}, 12),
        ({"n": 5000, "p": 64, "k": 3}, 5.4),
        ({"n": 1040, "p": 64, "k": 1}, 0.9),
        ({"n": 3000, "p": 600, "k": 1, "quadratic": True}, 8.5),
        ({"n": 3000, "p": 300, "k": 1, "quadratic": True}, 1.28),
        ({"n": 270, "p": 700, "k": 1, "quadratic": True}, 13.3),
    ],
)
def test_the_seconds_of_a_path_are_told_as_they_were_measured(sizes, measured):
    seconds = path_seconds(folds=10, **{"quadratic": False, **sizes})
    assert seconds == pytest.approx(measured, rel=0.25)


def test_a_listener_can_end_the_path():
    def stop(share):
        raise InterruptedError

    posed = drawn(LOG_LOSS, n=60, p=4, seed=1)
    with pytest.raises(InterruptedError):
        cross_validate(
            posed.X, posed.Y, posed.loss, folds_of(posed), [(1.0, [0.1])], progress=stop
        )


def near_copies():
    rng = np.random.default_rng(0)
    base, signal, noise = rng.standard_normal((3, 150))
    y = signal + 0.1 * rng.standard_normal(150)
    return pd.DataFrame({"a": base, "b": base + 0.01 * signal, "c": noise, "y": y})


def test_a_perfect_fit_is_followed_no_further_than_its_rounding():
    frame = near_copies()
    frame["y"] = frame["a"] - 2 * frame["c"]
    path = regularization_path(frame, Settings(target="y"))
    assert len(path.curves["L1"].lams) < POINTS + 4 * STEPS
    assert not path.curves["L1"].none_is_better(path.none)


@pytest.mark.parametrize(("noise", "points"), [(1.0, 41), (1.6, 31)])
def test_a_decade_that_lowers_the_loss_by_less_than_a_thousandth_is_the_last(
    noise, points
):
    rng = np.random.default_rng(0)
    X = standardised(rng.standard_normal((200, 3)))
    rest = rng.standard_normal((200, 1))
    Y = standardised(X @ [[3.0], [-2.0], [1.0]] + noise * rest)
    posed = Posed(X, Y, HALF_SQUARED_ERROR)
    rows, top = cut(X, Y, folds_of(posed)), posed.lam_max
    grid = [(1.0, lam_grid(top, 31))]
    (curve,) = curves_down(rows, posed.loss, grid, top).curves
    assert np.argmin(curve.mean[:31]) == 30
    assert len(curve.lams) == points


def test_where_all_folds_agree_the_largest_strength_within_an_error_is_the_best():
    losses, W = np.tile([0.7, 0.5, 0.6], (4, 1)), np.zeros((3, 2, 1))
    curve = Curve(np.array([4.0, 2.0, 1.0]), W, W[:, :1], losses[0], losses)
    assert curve.lam_1se == curve.lam_min == 2.0
    apart = replace(curve, fold_loss=losses + np.array([[0.1, -0.1, 0.1, -0.1]]).T)
    np.testing.assert_allclose(apart.standard_error, 0.1 / np.sqrt(3), rtol=1e-12)
    assert apart.lam_1se == 2.0


def test_without_a_span_a_path_goes_as_far_down_as_it_must():
    settings = Settings(target="y")
    path = regularization_path(near_copies(), settings)
    assert path.best.loc["L1", "lam_min"] < 1e-3 * path.lam_max
    for curve in path.curves.values():
        assert curve.mean.min() < 1.001 * path.none.mean()
    assert len(path.curves["L1"].lams) > POINTS


def test_a_span_that_is_given_stays_and_what_may_lie_below_it_is_said():
    path = regularization_path(near_copies(), Settings(target="y"), span=1e-2)
    assert len(path.curves["L1"].lams) == POINTS
    assert path.curves["L1"].lams[-1] == pytest.approx(1e-2 * path.lam_max)
    assert path.best["falls_on"].tolist() == [True, True, True]


def test_of_a_path_that_has_turned_nothing_is_said():
    rng = np.random.default_rng(1)
    noise = pd.DataFrame(rng.standard_normal((60, 12))).add_prefix("x")
    frame = noise.assign(y=noise["x0"] + rng.standard_normal(60))
    path = regularization_path(frame, Settings(target="y"))
    assert path.best["falls_on"].tolist() == [False, False, False]
    assert len(path.curves["L1"].lams) == POINTS

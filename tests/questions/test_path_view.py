"""The λ path of one problem: against scikit-learn, marks, words and charts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    enet_path,
    lars_path,
)
from streamlit.testing.v1 import AppTest

from regcore import Settings
from regcore.compare import compare
from regcore.page.strength import SHARES
from regcore.problem import pose
from regcore.questions.frontier import words as frontier_words
from regcore.questions.path.answer import loss_at, quick_lam, trace, with_elastic_net
from regcore.questions.path.picture import path_picture
from regcore.questions.path.words import caveat, in_words
from regcore.questions.profile.answer import proposed_weights
from regcore.regularization_path import regularization_path, training_folds
from regcore.settings import DesignError
from regcore.solve.descent import no_progress
from regcore.solve.folds import draw_folds
from regcore.words import figures
from tests.cases import separated
from tests.tables import table

NASTY = ["a.b", "c[0]", "d:Q", 'e"f\\']


@pytest.fixture(scope="module")
def traced():
    result = compare(table(n=80, p=5), Settings(target="y", lam=8.0))
    return result, trace(result.problem, result.settings)


def test_every_point_is_what_scikit_learn_finds(traced):
    result, paths = traced
    X, y, n = result.problem.design.X, result.problem.design.Y[:, 0], result.problem.n
    for i in (0, 10, 30, 60):
        lam = paths.l1.lams[i]
        lasso = Lasso(alpha=lam / n, tol=1e-12, max_iter=100_000).fit(X, y)
        np.testing.assert_allclose(paths.l1.W[i, :, 0], lasso.coef_, atol=1e-7)
        lam = paths.l2.lams[i]
        ridge = Ridge(alpha=lam).fit(X, y)
        np.testing.assert_allclose(paths.l2.W[i, :, 0], ridge.coef_, atol=1e-9)


def test_held_out_loss_is_that_of_models_fitted_fold_by_fold(traced):
    result, paths = traced
    X, y, n = result.problem.design.X, result.problem.design.Y[:, 0], result.problem.n
    fold = draw_folds(np.zeros(n), 10, 0)
    lam = paths.l2.lams[40]
    none, ridge = [], []
    for f in range(10):
        mean, deviation = X[fold != f].mean(axis=0), X[fold != f].std(axis=0)
        Z = (X - mean) / deviation
        inside, outside = fold != f, fold == f
        for losses, model in (
            (none, LinearRegression()),
            (ridge, Ridge(alpha=lam / n * inside.sum())),
        ):
            left = model.fit(Z[inside], y[inside]).predict(Z[outside]) - y[outside]
            losses.append(0.5 * (left**2).mean())
    np.testing.assert_allclose(paths.none, none, rtol=1e-6)
    np.testing.assert_allclose(paths.l2.fold_loss[:, 40], ridge, rtol=1e-8)


def test_classes_follow_scikit_learn_too():
    result = compare(table("binary", n=80, p=3), Settings(target="y", epochs=5))
    paths = trace(result.problem, result.settings)
    design = result.problem.design
    for penalty, i in (("L1", 15), ("L2", 30)):
        curve = paths.curves[penalty]
        model = LogisticRegression(
            C=1 / curve.lams[i],
            l1_ratio=float(penalty == "L1"),
            solver="saga",
            tol=1e-10,
            max_iter=100_000,
        ).fit(design.X, design.Y[:, 0])
        np.testing.assert_allclose(curve.W[i, :, 0], model.coef_[0], atol=1e-5)


def test_without_an_optimum_no_penalty_has_no_loss():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(20)
    frame = pd.DataFrame(
        {"x": x, "z": rng.standard_normal(20), "y": np.where(x > 0, "a", "b")}
    )
    paths = trace(pose(frame, Settings(target="y")), Settings(target="y"))
    assert np.isnan(paths.none).all()
    assert np.isfinite(paths.l2.mean).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_fold_without_which_the_classes_are_apart_has_no_loss_without_a_penalty(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 3))
    y = X @ [2.0, -2.0, 1.0] + rng.logistic(size=30) > 0
    y[:2] = ~y[:2]
    frame = pd.DataFrame(X, columns=list("abc")).assign(y=np.where(y, "u", "v"))
    settings = Settings(target="y", validation_share=0.0, epochs=5)
    result = compare(frame, settings)
    problem = result.problem
    fold = training_folds(problem.design, 10, settings.seed)
    Z, t = problem.design.X, problem.design.Y[:, 0]
    apart = [separated(Z[fold != f], t[fold != f]) for f in range(10)]
    paths = trace(problem, settings)
    np.testing.assert_array_equal(np.isnan(paths.none), apart)
    words = frontier_words.in_words(paths, result)
    if any(apart) and not all(apart):
        assert f"In {sum(apart)} of the 10 folds no penalty has no optimum" in words
    assert "nan" not in words


def test_no_penalty_is_none_even_where_columns_hardly_differ():
    rng = np.random.default_rng(1)
    year = np.arange(1950.0, 2020.0)
    t = (year - 1985) / 20
    y = t**3 - 2 * t + 0.2 * rng.standard_normal(70)
    frame = pd.DataFrame({"a": year, "b": year**2, "c": year**3, "y": y})
    settings = Settings(target="y", validation_share=0.0)
    problem = pose(frame, settings)
    fold = training_folds(problem.design, 10, settings.seed)
    powers, target = np.vander(t, 4), problem.design.Y[:, 0]
    losses = []
    for f in range(10):
        out = fold == f
        best = np.linalg.lstsq(powers[~out], target[~out], rcond=None)[0]
        losses.append(0.5 * ((powers[out] @ best - target[out]) ** 2).mean())
    paths = trace(problem, settings)
    assert paths.none.mean() == pytest.approx(np.mean(losses), rel=5e-3)


@pytest.mark.parametrize("dated", [False, True], ids=["number", "date"])
def test_gaps_are_filled_anew_in_every_fold(dated):
    rng = np.random.default_rng(0)
    days = np.round(np.exp(1.5 * rng.standard_normal(40)) * 300)
    gap = rng.random(40) < 0.25
    a, x = rng.standard_normal(40), np.where(gap, np.nan, days)
    when = np.datetime64("2010-01-01") + days.astype("timedelta64[D]")
    cells = np.where(gap, None, when.astype(str)) if dated else x
    y = np.where(gap, 0, days / 300) + rng.standard_normal(40)
    frame = pd.DataFrame({"a": a, "x": cells, "y": y})
    settings = Settings(target="y", validation_share=0.0)
    problem = pose(frame, settings)
    assert problem.design.features == ("a", "x", "x is missing")
    paths, target = trace(problem, settings), problem.design.Y[:, 0]
    fold = training_folds(problem.design, 10, settings.seed)
    for i in (30, 60):
        for f in range(10):
            inside, lam = fold != f, paths.l2.lams[i]
            filled = np.where(gap, np.nanmedian(x[inside]), x)
            Z = np.column_stack([a, filled, gap])
            Z = (Z - Z[inside].mean(axis=0)) / Z[inside].std(axis=0)
            ridge = Ridge(alpha=lam / 40 * inside.sum()).fit(Z[inside], target[inside])
            left = ridge.predict(Z[~inside]) - target[~inside]
            truth = 0.5 * (left**2).mean()
            assert paths.l2.fold_loss[f, i] == pytest.approx(truth, rel=1e-8)


@pytest.mark.parametrize("huge", [1e6, 1e9, 1e12])
def test_one_huge_number_does_not_hide_the_column_from_the_fold_without_it(huge):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    y = 2 * X[:, 0] + 0.1 * rng.standard_normal(40)
    X[3, 0] = huge
    frame = pd.DataFrame(X, columns=list("abc")).assign(y=y)
    settings = Settings(target="y", validation_share=0.0)
    problem = pose(frame, settings)
    paths, target = trace(problem, settings), problem.design.Y[:, 0]
    fold = training_folds(problem.design, 10, settings.seed)
    inside = fold != fold[3]
    Z = (X - X[inside].mean(axis=0)) / X[inside].std(axis=0)
    ridge = Ridge(alpha=paths.l2.lams[60] * inside.sum() / 40)
    left = ridge.fit(Z[inside], target[inside]).predict(Z[~inside]) - target[~inside]
    truth = 0.5 * (left**2).mean()
    assert paths.l2.fold_loss[fold[3], 60] == pytest.approx(truth, rel=1e-5)


def test_a_listener_can_end_it():
    class EnoughError(Exception):
        pass

    def progress(share):
        raise EnoughError

    with pytest.raises(EnoughError):
        trace(pose(table(), Settings(target="y")), Settings(target="y"), progress)


@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_the_share_done_never_falls(task):
    shares = []
    settings = Settings(target="y")
    trace(pose(table(task), settings), settings, shares.append)
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] <= 1.0
    if task == "multiclass":
        assert len(set(shares)) > 50
        assert shares[-1] > 0.9


def test_too_few_rows_to_hold_out_are_refused_in_a_sentence():
    settings = Settings(target="y", validation_share=0.8)
    with pytest.raises(DesignError, match="too few to hold some of them out"):
        trace(pose(table(n=12), settings), settings)


@pytest.mark.parametrize("follow", [trace, quick_lam])
def test_classes_with_one_training_row_each_are_refused_in_a_sentence(follow):
    frame = table(n=34).assign(y=[f"kind {i // 2}" for i in range(34)])
    settings = Settings(target="y", validation_share=0.5)
    with pytest.raises(DesignError, match="No class has two training rows"):
        follow(pose(frame, settings), settings)


def test_a_target_that_goes_with_nothing_has_no_path():
    frame = pd.DataFrame({"x": [0.0, 1.0] * 4, "y": [0.0, 0.0, 1.0, 1.0] * 2})
    settings = Settings(target="y", task="regression", validation_share=0.0)
    said = r"^No feature goes along with the target .*, so that there is no path .*\.$"
    with pytest.raises(DesignError, match=said):
        trace(pose(frame, settings), settings)


def test_a_target_that_goes_with_a_feature_by_little_has_one():
    frame = pd.DataFrame({"x": [0.0, 1.0] * 4, "y": [0.0, 0.0, 1.0, 1.0] * 2})
    frame.loc[7, "y"] = 1.2
    settings = Settings(target="y", task="regression", validation_share=0.0)
    problem = pose(frame, settings)
    assert 0.3 < problem.lam_max < 0.4
    paths = trace(problem, settings)
    assert paths.l1.lams[0] == problem.lam_max
    assert paths.l2.lams[0] == pytest.approx(100.0 * problem.lam_max)
    assert quick_lam(problem, settings) <= problem.lam_max
    assert proposed_weights(problem, no_progress) == (0,)


def test_loss_between_two_points_lies_between_theirs(traced):
    curve = traced[1].l1
    middle = np.sqrt(curve.lams[20] * curve.lams[21])
    between = 0.5 * (curve.mean[20] + curve.mean[21])
    assert loss_at(curve, middle) == pytest.approx(between)
    assert loss_at(curve, curve.lams[7]) == pytest.approx(curve.mean[7])
    assert np.isnan(loss_at(curve, 2 * curve.lams[0]))


def drawn_of(paths, result=None, output=0):
    """Tables of the picture, and the λ that each place of its grid stands for."""
    tables = path_picture(paths, result, output).tables
    lams = paths.l2.lams
    points = int(tables["now"]["points"][0])
    return {name: pd.DataFrame(table) for name, table in tables.items()}, lams[-points:]


def test_marks_are_now_the_smallest_and_the_largest_within_one_error(traced):
    result, paths = traced
    tables, grid = drawn_of(paths, result)
    places = tables["curves"].drop_duplicates("k").set_index("k")["at"]
    marks = tables["marks"].set_index(["panel", "mark"])["at"]
    for panel, curve in enumerate((paths.l1, paths.l2)):
        now = grid[tables["now"]["k"][panel]]
        assert abs(np.log(now / 8.0)) == abs(np.log(grid / 8.0)).min()
        best = int(np.argmin(abs(np.log(grid / curve.lams[np.argmin(curve.mean)]))))
        assert marks[panel, "smallest"] == pytest.approx(places[best])
        assert marks[panel, "one standard error"] >= marks[panel, "smallest"]


def test_the_picture_holds_every_point_of_both_penalties(traced):
    _, paths = traced
    tables, grid = drawn_of(paths)
    lines, curves = tables["lines"], tables["curves"]
    assert len(lines) == 2 * 5 * len(grid)
    for penalty, curve in paths.curves.items():
        one = lines[(lines["penalty"] == penalty) & (lines["feature"] == "x2")]
        inside = grid <= curve.lams[0]
        assert inside.sum() == (curve.lams <= grid[0]).sum()
        ours = one["weight"].to_numpy()[inside]
        np.testing.assert_array_equal(ours, curve.W[-inside.sum() :, 2, 0])
        loss = curves.loc[curves["penalty"] == penalty, "loss"].to_numpy()[inside]
        np.testing.assert_array_equal(loss, curve.mean[-inside.sum() :])
    # Pixels from the top: the larger is the lower.
    assert (curves["y low"] >= curves["y loss"]).all()
    assert (curves["y loss"] >= curves["y high"]).all()


@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_a_notebook_gets_the_path_that_the_page_draws(task):
    frame, settings = table(task, n=50, p=3), Settings(target="y")
    ours = regularization_path(frame, settings, l1_ratio=None, points=None)
    paths = trace(pose(frame, settings), settings)
    assert list(paths.curves) == ["L1", "L2"]
    pd.testing.assert_frame_equal(ours.coefficients, paths.coefficients)
    pd.testing.assert_frame_equal(ours.validation, paths.validation)
    pd.testing.assert_frame_equal(ours.best, paths.best)


def test_every_class_has_its_own_weights_along_the_path():
    frame, settings = table("multiclass", n=50, p=3), Settings(target="y")
    paths = trace(pose(frame, settings), settings)
    for output in range(3):
        tables, grid = drawn_of(paths, output=output)
        drawn = tables["lines"]
        one = drawn[(drawn["penalty"] == "L2") & (drawn["feature"] == "x1")]
        whole = paths.l2.W[-len(grid) :, 1, output]
        np.testing.assert_array_equal(one["weight"], whole)


def test_names_that_end_in_nothing_seen_stay_whole_along_the_path():
    frame = table(n=40, p=2).rename(columns={"x0": "same", "x1": "same\0"})
    paths = trace(pose(frame, Settings(target="y")), Settings(target="y"))
    assert tuple(dict.fromkeys(paths.coefficients["feature"])) == paths.design.features


def test_the_sentence_has_the_numbers_of_the_path(traced):
    result, paths = traced
    words = in_words(paths, result)
    assert f"L1 predicts best at λ = {figures(paths.l1.lam_min)}" in words
    ratio = loss_at(paths.l1, 8.0) / paths.l1.mean.min()
    assert f"{figures(100 * (ratio - 1), 2)} % for L1" in words


def test_the_whole_of_the_largest_strength_is_told_without_powers_of_ten(traced):
    result, paths = traced
    loss = paths.l1.fold_loss + np.arange(len(paths.l1.lams))
    words = in_words(
        replace(paths, curves=paths.curves | {"L1": replace(paths.l1, fold_loss=loss)}),
        result,
    )
    assert "the strongest looked at (100 % of λₘₐₓ) with 0 of" in words


@pytest.mark.parametrize("scale", [1e-8, 1e4, 1e8, 1e10])
def test_a_column_in_other_units_leaves_the_weights_of_the_others_exact(scale):
    rng = np.random.default_rng(0)
    units = np.array([1.0, 1.0, 1.0, 1.0, scale])
    X = rng.standard_normal((50, 5)) * units
    y = X @ ([1.0, 1.0, 0.5, 0.0, 1.0] / units) + rng.standard_normal(50)
    frame = pd.DataFrame(X, columns=list("abcde")).assign(y=y)
    settings = Settings(target="y", validation_share=0.0, standardise=False)
    problem = pose(frame, settings)
    paths, design = trace(problem, settings), problem.design
    Z = design.X / units
    for lam, W in zip(paths.l2.lams, paths.l2.W, strict=True):
        gram = Z.T @ Z + lam * np.diag(1 / units**2)
        truth = np.linalg.solve(gram, Z.T @ design.Y) / units[:, None]
        np.testing.assert_allclose(W, truth, rtol=1e-6)


def test_a_choice_at_an_end_of_the_path_says_so():
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.standard_normal((60, 4)), columns=list("abcy"))
    result = compare(noise, Settings(target="y", lam=2.0))
    paths = trace(result.problem, result.settings)
    words = in_words(paths, result)
    assert paths.l2.lam_1se == paths.l2.lams[0]
    assert f"is {figures(paths.l2.lams[0])}, the strongest looked at." in words
    assert f"λ = {figures(paths.l1.lam_min)} (25 % of λₘₐₓ)" in words


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_the_path_has_a_point_at_every_strength_that_the_page_can_set(task):
    result = compare(table(task), Settings(target="y", lam=2.0, epochs=5))
    paths = trace(result.problem, result.settings)
    shares = paths.l1.lams / paths.lam_max
    np.testing.assert_allclose(shares, SHARES[: -1 - len(shares) : -1], rtol=1e-9)
    assert len(shares) >= 61


def gross_and_net(seed=0, apart=0.05, n=200):
    """Two columns whose small difference is the signal, and noise."""
    rng = np.random.default_rng(seed)
    base, signal = rng.standard_normal((2, n))
    columns = {"gross": 10 * base, "net": 10 * base - apart * signal}
    columns |= {f"noise{i}": rng.standard_normal(n) for i in range(8)}
    return pd.DataFrame(columns).assign(y=signal + 0.05 * rng.standard_normal(n))


def test_a_path_goes_on_to_where_l1_predicts_best():
    settings = Settings(target="y")
    problem = pose(gross_and_net(), settings)
    paths = trace(problem, settings)
    fold = training_folds(problem.design, 10, settings.seed)
    X, y = problem.design.X, problem.design.Y[:, 0]
    losses = np.zeros(len(paths.l1.lams))
    for f in range(10):
        out = fold == f
        mean, deviation = X[~out].mean(axis=0), X[~out].std(axis=0)
        Z, centre = (X - mean) / deviation, y[~out].mean()
        alphas, _, coefs = lars_path(Z[~out], y[~out] - centre, method="lasso")
        for i, lam in enumerate(paths.l1.lams / paths.n):
            w = [np.interp(lam, alphas[::-1], coef[::-1]) for coef in coefs]
            losses[i] += 0.05 * ((Z[out] @ w + centre - y[out]) ** 2).mean()
    np.testing.assert_allclose(paths.l1.mean, losses, rtol=1e-6)
    best = paths.l1.lam_min / paths.lam_max
    assert best < 1e-4
    assert min(abs(np.log(SHARES) - np.log(best))) < 1e-9
    assert paths.l1.mean.min() < 1.001 * paths.none.mean()
    assert len(paths.l1.lams) == len(paths.l2.lams) - 40
    assert paths.l1.lams[-1] == pytest.approx(paths.l2.lams[-1])


def test_a_path_whose_loss_has_turned_goes_no_further():
    settings = Settings(target="y")
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.standard_normal((60, 12))).add_prefix("x")
    paths = trace(
        pose(noise.assign(y=noise["x0"] + rng.standard_normal(60)), settings), settings
    )
    assert paths.none.mean() > 1.01 * paths.l1.mean.min()
    assert len(paths.l1.lams) == 61


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_the_path_of_classes_goes_on_too(task):
    rng = np.random.default_rng(3)
    frame = gross_and_net(apart=0.02, n=300).drop(columns="y")
    signal = frame["gross"] - frame["net"]
    noisy = signal / signal.std() + 0.6 * rng.logistic(size=300)
    edges = [-np.inf, 0.0, np.inf] if task == "binary" else [-np.inf, -0.7, 0.7, np.inf]
    frame["y"] = pd.cut(noisy, edges, labels=list("abc")[: len(edges) - 1]).astype(str)
    settings = Settings(target="y")
    paths = trace(pose(frame, settings), settings)
    assert paths.l1.lam_min < 1e-3 * paths.lam_max
    assert paths.l1.mean.min() < 1.001 * paths.none.mean()
    assert not paths.l1.none_is_better(1.01 * paths.none)


def test_where_even_the_weakest_is_not_the_best_every_sentence_says_so():
    frame = gross_and_net(apart=1e-7)
    result = compare(frame, Settings(target="y", lam=2.0, epochs=5))
    paths = trace(result.problem, result.settings)
    assert paths.l1.lams[-1] == pytest.approx(1e-7 * paths.lam_max)
    less = 100 * (1 - paths.none.mean() / paths.l1.mean.min())
    assert less > 50
    assert less > 99.5
    said = "No penalty, where ever smaller λ end, has a loss more than 99 % below L1's"
    assert said in in_words(paths, result)
    said = "its loss is more than 99 % below L1's best: it predicts better than L1"
    assert said in frontier_words.in_words(paths, result)
    assert caveat(paths) == (
        "A λ smaller than was looked at may predict better with L1 and L2."
    )


def test_where_the_best_is_known_nothing_is_said_of_smaller_ones(traced):
    result, paths = traced
    above = replace(paths, none=2 * paths.l1.mean.max() * np.ones(paths.folds))
    assert caveat(above) == ""
    for words in (in_words(above, result), frontier_words.in_words(above, result)):
        assert "looked at" not in words
    just_below = (1 - 1e-4) * paths.l1.mean.min() * np.ones(paths.folds)
    words = in_words(replace(paths, none=just_below), result)
    assert "has a loss less than 0.1 % below L1's best" in words


def test_charts_hold_user_names_as_values_only():
    frame = table(n=60, p=4).set_axis([*NASTY, "y"], axis=1)
    result = compare(frame, Settings(target="y", lam=2.0))
    paths = trace(result.problem, result.settings)
    tables = path_picture(paths, result).to_dict()["datasets"]
    fields = {name for rows in tables.values() for row in rows for name in row}
    assert not fields & set(NASTY)
    for name in ("lines", "bars", "names"):
        for penalty in ("L1", "L2"):
            rows = [row for row in tables[name] if row["penalty"] == penalty]
            assert {row["feature"] for row in rows} == set(NASTY)


@pytest.fixture(scope="module")
def three(traced):
    result, paths = traced
    return result, with_elastic_net(paths, result.problem, result.settings)


def test_the_elastic_net_is_what_scikit_learn_finds(three):
    result, paths = three
    design, n = result.problem.design, result.problem.n
    curve = paths.curves["elastic net"]
    alphas, truth, _ = enet_path(
        design.X, design.Y[:, 0], l1_ratio=0.5, alphas=curve.lams / n, tol=1e-12
    )
    np.testing.assert_allclose(alphas, curve.lams / n)
    np.testing.assert_allclose(curve.W[:, :, 0], truth.T, atol=1e-7)
    assert not curve.W[0].any()
    assert curve.W[-1].all()


def test_the_elastic_net_is_judged_on_the_folds_of_the_others(three):
    result, paths = three
    X, y, n = result.problem.design.X, result.problem.design.Y[:, 0], result.problem.n
    curve = paths.curves["elastic net"]
    for f in range(10):
        inside = paths.fold != f
        mean, deviation = X[inside].mean(axis=0), X[inside].std(axis=0)
        Z = (X - mean) / deviation
        model = ElasticNet(alpha=curve.lams[30] / n, l1_ratio=0.5, tol=1e-12)
        left = model.fit(Z[inside], y[inside]).predict(Z[~inside]) - y[~inside]
        truth = 0.5 * (left**2).mean()
        assert curve.fold_loss[f, 30] == pytest.approx(truth, rel=1e-6)


def test_a_class_has_an_elastic_net_too():
    settings = Settings(target="y")
    problem = pose(table("binary", n=80, p=3), settings)
    curve = with_elastic_net(trace(problem, settings), problem, settings).curves[
        "elastic net"
    ]
    model = LogisticRegression(
        C=1 / curve.lams[30], l1_ratio=0.5, solver="saga", tol=1e-10, max_iter=100_000
    ).fit(problem.design.X, problem.design.Y[:, 0])
    np.testing.assert_allclose(curve.W[30, :, 0], model.coef_[0], atol=1e-5)


def test_every_lambda_that_can_be_dragged_to_has_its_exact_solution(three):
    result, paths = three
    tables = path_picture(paths, result).tables
    lines, curves, bars = tables["lines"], tables["curves"], tables["bars"]
    features, points = (int(tables["now"][x][0]) for x in ("features", "points"))
    assert len(lines["weight"]) == 3 * features * points
    design, n = result.problem.design, result.problem.n
    X, y = design.X, design.Y[:, 0]
    grid = paths.l2.lams[paths.l2.lams <= 10.01 * paths.lam_max]
    assert len(grid) == points
    for k in (0, 10, 40, points - 1):
        lam = grid[k]
        models = (
            Lasso(alpha=lam / n, tol=1e-12),
            Ridge(alpha=lam),
            ElasticNet(alpha=lam / n, l1_ratio=0.5, tol=1e-12),
        )
        for panel, model in enumerate(models):
            truth = model.fit(X, y).coef_
            at = curves["k"].tolist().index(k) + panel * points
            assert curves["panel"][at] == panel
            assert curves["nonzero"][at] == np.count_nonzero(truth)
            for feature, f in zip(bars["feature"], bars["f"], strict=True):
                row = (panel * features + f) * points + k
                assert lines["feature"][row] == feature
                weight = truth[design.features.index(feature)]
                assert lines["weight"][row] == pytest.approx(weight, abs=1e-7)


def test_what_is_said_of_a_lambda_is_what_cross_validation_found_there(three):
    result, paths = three
    curves = path_picture(paths, result).tables["curves"]
    row = int(np.flatnonzero((curves["panel"] == 1) & (curves["k"] == 40))[0])
    at = int(np.argmin(np.abs(paths.l2.lams - paths.l2.lams[-1 - (80 - 40)])))
    loss, error = paths.l2.mean[at], paths.l2.standard_error[at]
    assert curves["kept"][row] == "L2: 5 of 5 weights"
    assert f"loss {figures(loss)} ± {figures(error, 2)}" in curves["told"][row]
    assert f"λ = {figures(paths.l2.lams[at])} (" in curves["told"][row]
    assert curves["loss"][row] == loss


def test_the_marker_stands_where_each_penalty_is_now():
    frame = table(n=80, p=5)
    result = compare(frame, Settings(target="y", lam=8.0, lam_l2=30.0))
    paths = trace(result.problem, result.settings)
    now = path_picture(paths, result).tables["now"]
    grid = paths.l2.lams[paths.l2.lams <= 10.01 * paths.lam_max]
    for k, lam in zip(now["k"], (8.0, 30.0), strict=True):
        assert abs(np.log10(grid[k] / lam)) <= 0.5 / 20
    power = now["power"][0]
    assert 10**power * paths.lam_max == pytest.approx(grid[now["k"][0]], rel=1e-6)


def page():
    import pandas as pd
    import streamlit as st

    from regcore import Settings
    from regcore.compare import compare
    from regcore.page.questions import draw_question
    from regcore.questions import path
    from tests.sections import as_dataset
    from tests.tables import table

    frame: pd.DataFrame = table("multiclass", n=60, p=3)
    st.session_state.setdefault("share", 0.1)
    dataset = as_dataset(frame)
    draw_question(
        path.QUESTION, compare(frame, Settings(target="y", lam=2.0, epochs=5)), dataset
    )


def test_the_section_draws_a_panel_a_penalty_and_the_elastic_net_where_asked():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert drawn(app) == ["L1", "L2"]
    assert any("L1 predicts best" in text.value for text in app.markdown)
    chosen = app.selectbox[0]
    app = chosen.select(chosen.options[1]).run()
    assert not app.exception
    assert drawn(app) == ["L1", "L2"]
    app = app.toggle[0].set_value(True).run()
    assert not app.exception
    assert drawn(app) == ["L1", "L2", "elastic net"]


def drawn(app) -> list[str]:
    """Penalties of the one picture that there is: of its lines, curves and bars."""
    (chart,) = app.get("vega_lite_chart")
    tables = {
        table.name: pa.ipc.open_stream(table.data.data).read_pandas()
        for table in chart.proto.datasets
    }
    (known,) = {
        tuple(dict.fromkeys(tables[name]["penalty"]))
        for name in ("lines", "curves", "bars", "now")
    }
    return list(known)

"""What L1 drops, and correlated groups, against brute force and planted groups."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso
from streamlit.testing.v1 import AppTest

import regcore
from regcore.questions.dropped import chart as dropped_charts
from regcore.questions.dropped import groups as groups_view
from regcore.questions.dropped.answer import Dropped, dropped
from regcore.questions.dropped.groups import Group, Share, groups
from regcore.questions.dropped.words import group_in_words, in_words
from regcore.solve.uniqueness import correlations
from tests.sections import (
    CANCER,
    DIABETES,
    PLANTED,
    WINE,
    compared,
    draw_section,
    texts,
)


@pytest.fixture(scope="module")
def planted():
    return compared(PLANTED, 10.0)


def by_feature(table):
    return table.set_index("feature")


def test_the_pull_is_the_slope_that_the_residual_offers():
    result = compared(DIABETES, 20.0)
    design, best = result.problem.design, result["L1"].optimum
    found = dropped(result)
    r = design.Y - design.X @ best.W - best.b
    slopes = pd.Series(
        np.abs(design.X.T @ r)[:, 0] / len(design.X), index=list(design.features)
    )
    table = by_feature(found.table)
    assert set(table.index) == {
        name for name, w in zip(design.features, best.W[:, 0], strict=True) if w == 0
    }
    assert len(table) + found.kept == len(design.features)
    for name, row in table.iterrows():
        assert row["slope"] == pytest.approx(slopes[name], abs=1e-10)
        assert row["slope"] <= found.threshold * (1 + 1e-9)
        assert row["share"] == pytest.approx(row["slope"] / found.threshold)
    assert found.threshold == pytest.approx(20.0 / result.problem.n)
    assert found.table["share"].is_monotonic_decreasing


def test_the_stand_in_is_the_kept_feature_with_the_largest_correlation(planted):
    design = planted.problem.design
    R = pd.DataFrame(
        np.corrcoef(design.X.T), index=design.features, columns=design.features
    )
    found = dropped(planted)
    kept = [name for name in design.features if name not in set(found.table["feature"])]
    for row in found.table.itertuples():
        near = R.loc[row.feature, kept].abs()
        assert row.stand_in == near.idxmax()
        assert row.correlation == pytest.approx(R.loc[row.feature, row.stand_in])


def test_a_dropped_twin_has_a_kept_twin_for_a_stand_in(planted):
    table = by_feature(dropped(planted).table)
    assert table.loc["twin 2", "stand_in"] in ("twin 1", "twin 3")
    assert table.loc["twin 2", "correlation"] > 0.9
    assert "for «twin 2»" in in_words(dropped(planted))


def adjusted(y, X):
    """Adjusted R² by least squares."""
    X = X - X.mean(axis=0)
    rest = y - y.mean() - X @ np.linalg.lstsq(X, y - y.mean(), rcond=None)[0]
    n, m = X.shape
    return 1 - (rest @ rest) / (n * y.var()) * (n - 1) / (n - 1 - m)


@pytest.mark.parametrize(("sample", "lam"), [(DIABETES, 5.0), (CANCER, 1.0)])
def test_all_kept_features_share_what_least_squares_says(sample, lam):
    result = compared(sample, lam)
    design, found = result.problem.design, dropped(result)
    X = pd.DataFrame(design.X, columns=list(design.features))
    kept = X.columns[~X.columns.isin(found.table["feature"])]
    assert len(found.table) > 2
    for row in found.table.itertuples():
        expected = max(adjusted(X[row.feature].to_numpy(), X[kept].to_numpy()), 0)
        assert row.shared == pytest.approx(expected, abs=1e-9)
        assert row.made_of == ()


def five_levels():
    rng = np.random.default_rng(0)
    levels = rng.choice(list("ABCDE"), 400)
    effect = {"A": 5, "B": 4, "C": 0, "D": -4, "E": -5}
    table = pd.DataFrame({"g": levels, "x": rng.standard_normal(400)})
    return table.assign(y=table["g"].map(effect) + table["x"] + rng.normal(size=400))


def test_a_level_whose_other_levels_are_kept_is_made_of_them():
    result = regcore.compare(five_levels(), regcore.Settings("y", lam=5.0))
    found = dropped(result)
    (row,) = found.table.itertuples()
    assert row.feature == "g = C"
    assert row.made_of == ("g = A", "g = B", "g = D", "g = E")
    assert row.shared == pytest.approx(1.0)
    assert in_words(found).endswith(
        ", and «g = A», «g = B», «g = D» and «g = E» together determine it (R² = 1)."
    )
    chart = str(dropped_charts.slope_bars(found).to_dict())
    assert "→ all kept together, R² = 1.00" in chart


def twins():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.standard_normal((80, 2)), columns=["km", "x"])
    table["y"] = table["km"] + table["x"] + rng.standard_normal(80)
    table["miles"] = -table["km"] / 1.609344 + 1e-5 * rng.standard_normal(80)
    return regcore.compare(table, regcore.Settings("y", lam=5.0))


def test_a_copy_in_another_unit_is_determined_by_its_original():
    found = dropped(twins())
    assert found.unique
    words = in_words(found)
    assert re.search(r", and «(km|miles)» determines it \(r = −1\.00\)\.$", words)


def pairs_with_one_sum():
    """Four features of equal spread, of which a + b = c + d."""
    rng = np.random.default_rng(1)
    drawn = rng.standard_normal((80, 3))
    u, v, w = np.linalg.qr(drawn - drawn.mean(axis=0))[0].T
    table = pd.DataFrame({"a": u + v, "b": u - v, "c": u + w, "d": u - w})
    table["y"] = table.sum(axis=1) + 0.1 * rng.standard_normal(80)
    return regcore.compare(table, regcore.Settings("y", lam=5.0, validation_share=0))


def test_where_the_kept_are_made_of_each_other_other_optima_drop_more():
    result = pairs_with_one_sum()
    found = dropped(result)
    assert not found.unique
    assert in_words(found).endswith(
        " Some features are made of each other, so L1 has many optima here; others "
        "drop other features."
    )
    # Indeed: weight moved from one pair to the other costs the same.
    best, penalty = result["L1"].optimum, result["L1"].penalty
    assert result.problem.design.features == ("a", "b", "c", "d")
    least = best.W[2:].min()
    moved = best.W + least * np.array([[1.0], [1.0], [-1.0], [-1.0]])
    moved[2 + best.W[2:, 0].argmin()] = 0.0
    rest = result.problem.design.Y - result.problem.design.X @ moved - best.b
    objective = 0.5 * (rest**2).mean() + float(penalty.value(moved))
    assert objective == pytest.approx(best.objective, rel=1e-12)
    assert np.count_nonzero(moved) < np.count_nonzero(best.W)


def test_noise_is_shared_by_nothing_however_many_are_kept():
    rng = np.random.default_rng(2)
    table = pd.DataFrame(rng.standard_normal((400, 100))).add_prefix("x")
    table["y"] = table.iloc[:, :60].sum(axis=1) + rng.standard_normal(400)
    found = dropped(regcore.compare(table, regcore.Settings("y", lam=15.0)))
    assert found.kept > 50
    assert len(found.table) > 20
    # Unadjusted, chance alone would make it a fifth.
    assert found.table["shared"].mean() < 0.05
    assert found.table["shared"].max() < 0.25


@pytest.mark.parametrize("rows", [60, 30])
def test_too_few_rows_judge_no_feature_by_all_the_kept_ones(rows):
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.standard_normal((rows, 60))).add_prefix("x")
    table["y"] = table.sum(axis=1) + rng.standard_normal(rows)
    settings = regcore.Settings("y", lam=0.5, validation_share=0.0)
    found = dropped(regcore.compare(table, settings))
    assert found.kept > 0.5 * rows
    assert found.table["shared"].isna().all()
    assert (found.table["made_of"].map(len) == 0).all()


NONE_CLOSE = "; no kept feature is close to it («a»: r = −0.49)"

STAND_INS = [
    # correlation, shared, made of, kept; how the sentence goes on
    (-0.49, 0.2401, (), 2, f"{NONE_CLOSE}, nor are all together (R² = 0.24)."),
    (0.3, 0.2, (), 1, "; no kept feature is close to it («a»: r = +0.30)."),
    (-0.6, 0.3, (), 1, ", and «a» stands in partly for it (r = −0.60)."),
    (-0.97, 0.3, (), 2, ", and «a» stands in for it (r = −0.97)."),
    (-0.49, 0.24, (), 1, f"{NONE_CLOSE}."),
    (
        -0.49,
        np.nan,
        (),
        9,
        f"{NONE_CLOSE}, and there are too few rows to judge all together.",
    ),
    (
        0.68,
        0.5,
        (),
        3,
        ", and all kept features together stand in partly for it "
        "(R² = 0.50; «a»: r = +0.68).",
    ),
    (0.5, 0.24, (), 1, ", and «a» stands in partly for it (r = +0.50)."),
    (0.68, np.nan, (), 9, ", and «a» stands in partly for it (r = +0.68)."),
    (
        0.2,
        0.25,
        (),
        3,
        ", and all kept features together stand in partly for it "
        "(R² = 0.25; «a»: r = +0.20).",
    ),
    (
        0.94,
        0.9,
        (),
        3,
        ", and all kept features together stand in for it (R² = 0.90).",
    ),
    (0.95, 0.95, (), 3, ", and «a» stands in for it (r = +0.95)."),
    (0.95, np.nan, (), 9, ", and «a» stands in for it (r = +0.95)."),
    (1.0, 1.0, ("a",), 3, ", and «a» determines it (r = +1.00)."),
    (
        0.6,
        1.0,
        ("a", "b"),
        3,
        ", and «a» and «b» together determine it (R² = 1).",
    ),
]


def found_by_hand(*rows, kept):
    columns = ["feature", "slope", "share", "stand_in", *RELATED]
    return Dropped(pd.DataFrame(rows, columns=columns), 0.1, kept)


RELATED = ["correlation", "shared", "made_of"]


@pytest.mark.parametrize(("correlation", "shared", "made_of", "kept", "end"), STAND_INS)
def test_a_stand_in_is_called_as_close_as_it_is(
    correlation, shared, made_of, kept, end
):
    row = ("x", 0.09, 0.9, "a", correlation, shared, made_of)
    assert in_words(found_by_hand(row, kept=kept)) == (
        f"At the optimum L1 drops 1 of {kept + 1} features. Nearest to coming in "
        "is «x»: its correlation with the residual 0.09 is 90 % of the threshold λ/n = "
        f"0.1{end}"
    )


FIRST = ("x", 0.09, 0.9, "a", 0.1, 0.05, ())


def test_of_several_classes_the_one_looked_at_is_named():
    some, nothing = found_by_hand(FIRST, kept=2), found_by_hand(kept=2)
    assert in_words(some, "cat").startswith(
        "At the optimum L1 drops 1 of 3 features for «cat». Nearest to coming in is "
    )
    assert in_words(nothing, "cat").startswith(
        "At this λ the optimum of L1 drops nothing for «cat»: each of the 2 features "
    )


def test_a_correlation_and_its_threshold_have_three_figures():
    found = found_by_hand(("x", 0.012345, 0.9, *FIRST[3:]), kept=2)
    said = in_words(replace(found, threshold=0.0137168))
    assert "residual 0.0123 is 90 % of the threshold λ/n = 0.0137; no " in said


CLEAREST = [
    (("z", 0.01, 0.1, "a", 0.49, 0.24, ()), ""),
    (
        ("z", 0.01, 0.1, "a", 0.68, 0.5, ()),
        " The clearest case: all kept features together stand in partly for «z» "
        "(R² = 0.50; «a»: r = +0.68).",
    ),
    (
        ("z", 0.01, 0.1, "a", 0.68, np.nan, ()),
        " The clearest case: «a» stands in partly for «z» (r = +0.68).",
    ),
    (
        ("z", 0.01, 0.1, "a", 0.97, 0.94, ()),
        " The clearest case: «a» stands in for «z» (r = +0.97).",
    ),
    (
        ("z", 0.01, 0.1, "a", -0.3, 1.0, ("a", "b")),
        " The clearest case: «a» and «b» together determine «z» (R² = 1).",
    ),
]


@pytest.mark.parametrize(("row", "end"), CLEAREST)
def test_the_clearest_case_of_all_is_named_where_there_is_one(row, end):
    assert in_words(found_by_hand(FIRST, row, kept=2)) == (
        "At the optimum L1 drops 2 of 4 features. Nearest to coming in is «x»: "
        "its correlation with the residual 0.09 is 90 % of the threshold λ/n = 0.1; no "
        "kept feature is close to it («a»: r = +0.10), nor are all together "
        f"(R² = 0.05).{end}"
    )


def test_a_weaker_penalty_lets_in_the_feature_that_pulls_hardest():
    result = compared(DIABETES, 20.0)
    first = dropped(result).table.iloc[0]
    weaker = compared(DIABETES, 20.0 * first["share"] * 0.98)
    assert first["feature"] not in set(dropped(weaker).table["feature"])


def test_words_at_both_ends_of_the_penalty():
    assert "drops nothing" in in_words(dropped(compared(DIABETES, 0.0)))
    empty = compared(DIABETES, 1000.0)
    assert "nothing is kept" in in_words(dropped(empty))
    assert (dropped(empty).table["stand_in"] == "").all()


def test_where_nothing_is_dropped_every_pull_is_the_threshold():
    table = table_of([("b", "a", 1)], {"a": 1.0, "b": 1.0, "c": 1.0})
    result = regcore.compare(table, regcore.Settings(target="y", lam=2.0))
    found, design = dropped(result), result.problem.design
    n = len(design.X)
    lasso = Lasso(alpha=2.0 / n, tol=1e-12, max_iter=100_000)
    lasso.fit(design.X, design.Y[:, 0])
    pulls = np.abs(design.X.T @ (design.Y[:, 0] - lasso.predict(design.X))) / n
    assert (lasso.coef_ != 0).all()
    assert pulls == pytest.approx(np.full(3, found.threshold))
    words = in_words(found)
    assert f"residual is exactly λ/n = {pulls[0]:.3g}." in words


@pytest.mark.parametrize("output", ["A", "B", "C"])
def test_each_class_has_its_own_dropped_features(output):
    result = compared(WINE, 5.0)
    found = dropped(result, output)
    k = result.problem.design.classes.index(output)
    assert len(found.table) == (result["L1"].optimum.W[:, k] == 0).sum()
    assert (found.table["slope"] <= found.threshold * (1 + 1e-7)).all()


def test_correlations_are_those_of_numpy_and_a_constant_column_has_none():
    X = np.random.default_rng(0).standard_normal((50, 4)) + 3.0
    every = np.arange(4)
    assert correlations(X, every, every) == pytest.approx(np.corrcoef(X.T))
    X[:, 2] = 0.3
    assert (correlations(X, every, every)[2] == 0).all()


def test_correlations_do_not_depend_on_the_units():
    X = np.random.default_rng(0).standard_normal((50, 4))
    X[:, 1] = 1e-15 * (X[:, 0] + X[:, 1])
    every = np.arange(4)
    assert correlations(X, every, every) == pytest.approx(np.corrcoef(X.T))


def test_the_planted_groups_are_found(planted):
    found = groups(planted, 0.8)
    assert {frozenset(group.features) for group in found} == {
        frozenset({"twin 1", "twin 2", "twin 3"}),
        frozenset({"team 1", "team 2", "team 3"}),
    }
    twins = next(group for group in found if "twin 1" in group.features)
    assert twins.shares[0] is Share.APART
    assert twins.shares[2] is Share.ALL
    assert twins.shares[1] in (Share.ONE, Share.SOME)
    assert twins.lowest >= 0.8
    words = group_in_words(twins)
    assert "«twin 1», «twin 2» and «twin 3»" in words
    assert "L2 shares the weight" in words


@pytest.mark.parametrize("bound", [0.3, 0.6, 0.8, 0.95])
def test_groups_are_the_connected_parts_by_brute_force(bound):
    result = compared(CANCER, 10.0)
    names = result.problem.design.features
    R = np.abs(np.corrcoef(result.problem.design.X.T))
    parts = [{j} for j in range(len(names))]
    for i, j in itertools.combinations(range(len(names)), 2):
        if R[i, j] >= bound:
            one = next(part for part in parts if i in part)
            other = next(part for part in parts if j in part)
            if one is not other:
                parts.remove(other)
                one |= other
    expected = {frozenset(names[j] for j in part) for part in parts if len(part) > 1}
    found = groups(result, bound)
    assert {frozenset(group.features) for group in found} == expected
    for group in found:
        pairs = [
            R[names.index(a), names.index(b)]
            for a, b in itertools.combinations(group.features, 2)
        ]
        assert group.lowest == pytest.approx(min(pairs))
        assert group.highest == pytest.approx(max(pairs))


def table_of(pairs, weights, rows=400):
    """Columns a, b, … ; each of the pairs is (copy, origin, sign)."""
    rng = np.random.default_rng(3)
    X = {name: rng.standard_normal(rows) for name in weights}
    for copy, origin, sign in pairs:
        X[copy] = sign * X[origin] + 0.1 * X[copy]
    table = pd.DataFrame(X)
    table["y"] = sum(w * table[name] for name, w in weights.items())
    table["y"] += 0.5 * rng.standard_normal(rows)
    return table


def test_features_that_mirror_each_other_share_with_opposite_signs():
    table = table_of([("b", "a", -1)], {"a": 1.0, "b": -1.0, "c": 1.0})
    result = regcore.compare(table, regcore.Settings(target="y", lam=1.0))
    (group,) = groups(result, 0.8)
    assert set(group.features) == {"a", "b"}
    assert group.mirrored == (group.features[1],)
    assert group.shares[2] is Share.ALL
    assert group.weights["L2"].prod() < 0
    assert "the other way round" in group_in_words(group)


def test_a_sign_that_flips_is_marked():
    table = table_of([("b", "a", 1)], {"a": 2.0, "b": -0.5, "c": 1.0})
    result = regcore.compare(table, regcore.Settings(target="y", lam=0.0, lam_l2=300.0))
    (group,) = groups(result, 0.8)
    assert group.weights.loc["b", "none"] < 0 < group.weights.loc["b", "L2"]
    assert group.flips.loc["b", "L2"]
    assert not group.flips["none"].any()
    assert "sign of «b» flipped" in group_in_words(group)


@pytest.mark.parametrize(
    ("lowest", "highest", "mirrored", "near"),
    [
        (0.9, 0.904, (), "|r| = 0.90"),
        (0.9, 0.906, (), "|r| = 0.90 to 0.91"),
        (0.9, 0.9, ("c",), "|r| = 0.90; «c» the other way round"),
        (0.8, 0.9, ("b", "c"), "|r| = 0.80 to 0.90; «b» and «c» the other way round"),
    ],
)
@pytest.mark.parametrize(
    ("shares", "weights", "flipped", "does"),
    [
        (
            (Share.APART, Share.ONE, Share.ALL),
            {"none": [3.0, -1.0, 1.0], "L1": [0.0, 0.5, 0.0], "L2": [0.4, 0.25, 0.3]},
            {},
            "no penalty sets the members against each other (−1 to +3); L2 shares the "
            "weight (+0.25 to +0.4); L1 picks one, «b»",
        ),
        (
            (Share.ALL, Share.SOME, Share.ALL),
            {"none": [3.0, 2.0, 1.0], "L1": [0.0, 0.5, -0.2], "L2": [0.4, 0.2, -0.3]},
            {"L1": ["c"], "L2": ["b", "c"]},
            "no penalty shares the weight (+1 to +3); L2 shares the weight (−0.3 to "
            "+0.4), with the sign of «b» and «c» flipped; L1 picks 2 of 3 (−0.2 to "
            "+0.5), with the sign of «c» flipped",
        ),
        (
            (Share.NO_OPTIMUM, Share.ONE, Share.NOTHING),
            {"none": [np.nan] * 3, "L1": [-0.5, 0.0, 0.0], "L2": [0.0, 0.0, 0.0]},
            {"L1": ["a"]},
            "without a penalty there is no optimum; L2 keeps none of it; L1 picks one, "
            "«a», with the sign of «a» flipped",
        ),
        (
            (Share.UNKNOWN, Share.ALL, Share.NOTHING),
            {"none": [np.nan] * 3, "L1": [0.5, 0.5, 0.5], "L2": [0.0, 0.0, 0.0]},
            {},
            "without a penalty the optimum is not known; L2 keeps none of it; L1 "
            "shares the weight (+0.5 to +0.5)",
        ),
        (
            (Share.ALL, Share.NO_OPTIMUM, Share.NO_OPTIMUM),
            {"none": [1.0, 1.0, 1.0], "L1": [np.nan] * 3, "L2": [np.nan] * 3},
            {},
            "no penalty shares the weight (+1 to +1); for L2 there is no optimum; for "
            "L1 there is no optimum",
        ),
    ],
)
def test_what_each_penalty_does_with_a_group_is_a_whole_sentence(
    lowest, highest, mirrored, near, shares, weights, flipped, does
):
    names = ("a", "b", "c")
    weights = pd.DataFrame(weights, index=names)
    flips = pd.DataFrame(
        {key: [one in flipped.get(key, ()) for one in names] for key in weights},
        index=names,
    )
    group = Group(names, mirrored, lowest, highest, weights, flips, shares)
    assert group_in_words(group) == f"«a», «b» and «c» ({near}): {does}."


def test_charts_hold_names_as_values_only(planted):
    group = groups(planted)[0]
    for chart in (
        dropped_charts.slope_bars(dropped(planted)),
        dropped_charts.group_weights(group),
    ):
        assert "twin 1" not in str(chart.to_dict()["layer"])


@pytest.mark.parametrize(
    "sample",
    [DIABETES, PLANTED, CANCER, WINE],
    ids=lambda sample: sample.title.split()[0],
)
def test_the_section_names_what_was_dropped_and_the_groups(sample):
    app = AppTest.from_function(
        draw_section, args=("dropped", sample.title, 10.0, {}), default_timeout=60
    ).run()
    assert not app.exception
    assert "L1 drops" in texts(app)
    charts = len(app.get("vega_lite_chart"))
    assert charts >= 2
    app.slider[0].set_value(0.99).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) <= charts
    if sample is PLANTED:
        assert "No two features are correlated by 0.99" in texts(app)


def test_the_section_says_that_only_the_largest_weights_were_looked_at(monkeypatch):
    monkeypatch.setattr(groups_view, "MOST_FEATURES", 4)
    app = AppTest.from_function(
        draw_section, args=("dropped", PLANTED.title, 10.0, {}), default_timeout=60
    ).run()
    assert not app.exception
    app.slider[0].set_value(0.99).run()
    assert "No two of the 4 features with the largest weights are" in texts(app)
    assert "No two features" not in texts(app)

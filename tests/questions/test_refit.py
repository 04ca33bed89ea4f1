"""The refit of what L1 keeps against scikit-learn and closed forms."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss
from streamlit.testing.v1 import AppTest

import regcore
from regcore.questions.judgement import Judgement
from regcore.questions.refit import chart as refit_charts
from regcore.questions.refit.answer import Refit, refit
from regcore.questions.refit.words import NO_P_VALUES, in_words
from regcore.solve.optimum import Status
from tests.sections import (
    CANCER,
    DIABETES,
    PLANTED,
    WINE,
    compared,
    draw_section,
    texts,
)


def kept_columns(result):
    return np.flatnonzero((result["L1"].optimum.W != 0).any(axis=1))


def test_refitted_weights_and_losses_are_those_of_least_squares():
    result = compared(DIABETES, 20.0)
    design, columns = result.problem.design, kept_columns(result)
    assert 0 < len(columns) < len(design.features)
    model = LinearRegression().fit(design.X[:, columns], design.Y[:, 0])
    found = refit(result)
    names = [design.features[j] for j in columns]
    assert set(found.table.index) == set(names)
    assert found.table.loc[names, "refitted"].to_numpy() == pytest.approx(model.coef_)
    assert found.table.loc[names, "L1"].to_numpy() == pytest.approx(
        result["L1"].optimum.W[columns, 0]
    )
    error = design.Y_validation[:, 0] - model.predict(design.X_validation[:, columns])
    fits = design.X[:, columns] @ found.table.loc[names, ["refitted", "L1"]].to_numpy()
    refitted, l1 = ((design.Y - fits) ** 2).mean(axis=0)
    assert refitted < l1
    y = design.y_scale.deviation[0]
    rmse = y * np.sqrt(np.mean(error**2))
    of_l1 = design.Y_validation[:, 0] - design.X_validation @ result.optima[1].W[:, 0]
    of_l1 -= result.optima[1].b.item()
    assert found.judgement.value == pytest.approx(rmse)
    assert found.judgement.difference == pytest.approx(
        rmse - y * np.sqrt(np.mean(of_l1**2)), abs=1e-9
    )


def test_on_uncorrelated_features_a_refit_gives_back_the_threshold():
    X = np.linalg.qr(np.random.default_rng(0).standard_normal((64, 4)))[0]
    X = np.linalg.qr(X - X.mean(axis=0))[0] * 8.0
    table = pd.DataFrame(X, columns=list("abcd"))
    table["y"] = X @ [3.0, -2.0, 1.0, 0.0] + np.random.default_rng(1).normal(size=64)
    settings = regcore.Settings(target="y", lam=10.0, validation_share=0.0)
    found = refit(regcore.compare(table, settings))
    grown = found.table["refitted"].abs() - found.table["L1"].abs()
    assert grown.to_numpy() == pytest.approx(10.0 / 64)
    assert "unknown" in in_words(found)


def test_refitted_classes_are_those_of_logistic_regression():
    result = compared(CANCER, 60.0)
    design, columns = result.problem.design, kept_columns(result)
    X, y = design.X[:, columns], design.Y[:, 0]
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X, y)
    found = refit(result)
    names = [design.features[j] for j in columns]
    assert found.table.loc[names, "refitted"].to_numpy() == pytest.approx(
        model.coef_[0], rel=1e-4
    )
    held_out = model.predict_proba(design.X_validation[:, columns])
    assert found.judgement.measure == "log loss"
    assert found.judgement.value == pytest.approx(
        log_loss(design.Y_validation[:, 0], held_out), rel=1e-5
    )


def test_separable_classes_are_not_refitted_and_it_says_why():
    found = refit(compared(WINE, 1.0))
    assert found.status is Status.SEPARABLE
    assert found.table["refitted"].isna().all()
    assert "cannot be refitted" in in_words(found)


def test_levels_that_fill_each_other_up_have_one_of_many_refits():
    table = pd.DataFrame({"kind": list("abc") * 20})
    effect = table["kind"].map({"a": -2.0, "b": 0.0, "c": 2.0})
    table["y"] = effect + np.random.default_rng(0).standard_normal(60)
    result = regcore.compare(table, regcore.Settings(target="y", lam=0.0))
    found = refit(result)
    assert found.status is Status.NOT_UNIQUE
    # The smallest of all: levels as frequent as each other add up to nothing.
    shares = result.problem.design.x_scale.deviation
    a, b, c = found.table["refitted"] / shares
    assert a + b + c == pytest.approx(0.0, abs=0.1)
    assert "one of many" in in_words(found)


def test_nothing_kept_leaves_nothing_to_refit():
    found = refit(compared(DIABETES, 1e4))
    assert found.kept == 0
    assert "nothing to refit" in in_words(found)


def test_shrunken_weights_of_the_planted_sample_are_too_short():
    found = refit(compared(PLANTED, 15.0))
    assert found.length_ratio < 1.0
    assert f"{100 * found.length_ratio:.0f} %" in in_words(found)


@pytest.mark.parametrize("output", ["A", "B", "C"])
def test_each_class_has_its_own_weights(output):
    result = compared(WINE, 20.0)
    found = refit(result)
    own = found.table.xs(output, level="class")
    assert len(own) == found.kept
    k = result.problem.design.classes.index(output)
    weights = result["L1"].optimum.W[:, k]
    W = dict(zip(result.problem.design.features, weights, strict=True))
    for name, row in own.iterrows():
        assert row["L1"] == W[name]
    refit_charts.refitted_weights(found, output).to_dict()


def test_charts_hold_names_as_values_only():
    chart = refit_charts.refitted_weights(refit(compared(DIABETES, 20.0))).to_dict()
    assert "body mass index" not in str(chart["layer"])


@pytest.mark.parametrize(
    ("sample", "lam", "charts"),
    [
        (DIABETES, 10.0, 1),
        (PLANTED, 5.0, 1),
        (CANCER, 60.0, 1),
        (WINE, 45.0, 1),
        (WINE, 1.0, 0),
        (DIABETES, 1e4, 0),
    ],
    ids=["regression", "many", "two classes", "three", "separable", "nothing kept"],
)
def test_the_section_compares_and_refuses_p_values(sample, lam, charts):
    app = AppTest.from_function(
        draw_section, args=("refit", sample.title, lam, {}), default_timeout=60
    ).run()
    assert not app.exception
    assert "No p-values" in texts(app)
    assert len(app.get("vega_lite_chart")) == charts


JUDGED = Judgement("RMSE", 50.0, 54.0, -4.0, 1.5)


def by_hand(**changed):
    table = pd.DataFrame({"L1": [3.0, 0.0], "refitted": [3.0, 4.0]}, index=["a", "b"])
    fields = {
        "table": table,
        "status": Status.OPTIMAL,
        "features": 9,
        "kept": 2,
        "judgement": JUDGED,
    }
    return Refit(**{**fields, **changed})


NOT_REFITTED = pd.DataFrame({"L1": [3.0, 0.0], "refitted": np.nan}, index=["a", "b"])

KEPT = "At the optimum L1 keeps 2 of 9 features"

SHRUNKEN = f"{KEPT}; shrunken, their weights are 60 % as long as refitted without a"

BETTER = "The refit predicts better than L1: RMSE 50.0 instead of 54.0 (−4.0 ± 1.5)."


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"kept": 0},
            "At this λ the optimum of L1 keeps no feature, so there is nothing "
            "to refit.",
        ),
        (
            {"status": Status.STOPPED, "table": NOT_REFITTED},
            f"{KEPT}. What they weigh without a penalty is not known.",
        ),
        (
            {"status": Status.PARTLY_SEPARABLE, "table": NOT_REFITTED},
            f"{KEPT}. They cannot be refitted without a penalty: they separate the "
            "classes, all or some of the rows, so that ever larger weights fit better.",
        ),
        ({}, f"{SHRUNKEN} penalty. {BETTER}"),
        (
            {"status": Status.NOT_UNIQUE},
            f"{SHRUNKEN} penalty (one of many refits, the one with the smallest "
            f"weights). {BETTER}",
        ),
        (
            {"judgement": replace(JUDGED, margin=4.5)},
            f"{SHRUNKEN} penalty. The refit predicts neither clearly better nor worse "
            "than L1: RMSE 50.0 instead of 54.0 (−4.0 ± 4.5).",
        ),
        (
            {"judgement": Judgement("RMSE", 54.0, 50.0, 4.0, 1.5)},
            f"{SHRUNKEN} penalty. The refit predicts worse than L1: RMSE 54.0 instead "
            "of 50.0 (+4.0 ± 1.5).",
        ),
        (
            {"judgement": replace(JUDGED, margin=np.nan)},
            f"{SHRUNKEN} penalty. The refit against L1: RMSE 50.0 instead of 54.0 "
            "(−4.0; too few rows to judge).",
        ),
        (
            {"judgement": Judgement("RMSE", *[np.nan] * 4)},
            f"{SHRUNKEN} penalty. No rows are held out, so which predicts better is "
            "unknown.",
        ),
    ],
)
def test_the_sentence_judges_the_exact_optimum(changed, sentence):
    assert in_words(by_hand(**changed)) == sentence


def test_why_there_are_no_p_values_is_said():
    assert NO_P_VALUES == (
        "No p-values are shown: the rows that chose these features would also judge "
        "them, and what was picked for looking strong in these rows looks strong in "
        "them, so ordinary p-values would come out too small."
    )

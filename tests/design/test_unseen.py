"""A level that training never saw is the average of its column, and is counted."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, Ridge

from regcore import Settings, compare, regularization_path
from regcore.design import build_design
from regcore.regularization_path import training_folds

N = 120


def table(seed=0):
    """Categories of two, three and many levels, one of them a number with gaps."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "smoker": rng.choice(["no", "yes"], N, p=[0.7, 0.3]),
            "town": rng.choice(["Bonn", "Kiel", "Ulm"], N),
            "street": [f"street {i % 30}" for i in range(N)],
            "seven": np.where(rng.random(N) < 0.5, 7.0, np.nan),
            "x": rng.normal(size=N),
        }
    )
    data["y"] = data["x"] + 3.0 * (data["smoker"] == "yes") + rng.normal(size=N)
    return data


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("smoker", "unknown"),
        ("smoker", None),
        ("town", "Trier"),
        ("town", None),
        ("seven", 8.0),
    ],
)
def test_a_level_that_no_training_row_has_is_the_average(column, cell, standardise):
    data = table()
    ours = build_design(
        data, Settings("y", standardise=standardise, validation_share=0.25)
    )
    other = data.copy()
    other[column] = other[column].astype(object)
    other.loc[:4, column] = cell
    mine = np.array(ours.sources) == column
    assert mine.any()
    np.testing.assert_array_equal(ours.encode(other)[:5, mine], 0.0)
    X = ours.encode(data)
    np.testing.assert_array_equal(ours.encode(other)[5:, mine], X[5:, mine])
    np.testing.assert_array_equal(ours.encode(other)[:, ~mine], X[:, ~mine])
    np.testing.assert_allclose(X[ours.rows].mean(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("target", ["y", "sick"])
def test_a_prediction_is_that_of_scikit_learn_for_the_average_row(target):
    data = table().drop(columns=["street", "seven"])
    if target == "sick":
        data["sick"] = np.where(data.pop("y") > data["x"] + 1, "yes", "no")
    settings = Settings(target, validation_share=0.0, lam=5.0, epochs=5_000)
    result = compare(data, settings)
    new = pd.DataFrame(
        {"smoker": ["?!", "yes", "?!"], "town": ["Ulm", "Trier", "Trier"], "x": 0.5}
    )
    with pytest.warns(UserWarning, match="no training row has"):
        ours = result.predict(new)["L2"].to_numpy()
    town = (data[["town"]].to_numpy() == ["Bonn", "Kiel", "Ulm"]).astype(float)
    smoker = (data[["smoker"]].to_numpy() == ["yes"]).astype(float)
    X = np.column_stack([smoker, town, data["x"]])
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    rows = np.array(
        [
            [smoker.mean(), 0.0, 0.0, 1.0, 0.5],
            [1.0, *town.mean(axis=0), 0.5],
            [smoker.mean(), *town.mean(axis=0), 0.5],
        ]
    )
    Z, Z_new = (X - mean) / deviation, (rows - mean) / deviation
    if target == "y":
        scale = data["y"].std(ddof=0)
        peer = Ridge(alpha=5.0).fit(Z, data["y"] / scale)
        expected = peer.predict(Z_new) * scale
    else:
        peer = LogisticRegression(C=1 / 5.0, tol=1e-10, max_iter=1000)
        expected = peer.fit(Z, data["sick"]).predict_proba(Z_new)[:, 1]
    np.testing.assert_allclose(ours, expected, rtol=1e-4)


def test_a_prediction_says_in_how_many_rows_a_level_is_new():
    result = compare(table(), Settings("y", validation_share=0.0, epochs=50))
    new = table(1)
    assert result.problem.design.unseen_levels(new) == ()
    result.predict(new)  # a warning is an error
    new.loc[:2, "smoker"] = "unknown"
    new.loc[7, "town"] = "Trier"
    sentences = (
        "«smoker»: 3 of the 120 rows have levels that no training row has, taken as "
        "the average of the column.",
        "«town»: 1 of the 120 rows has a level that no training row has, taken as the "
        "average of the column.",
    )
    assert result.problem.design.unseen_levels(new) == sentences
    with pytest.warns(UserWarning, match="no training row") as told:
        result.predict(new)
    assert tuple(str(warning.message) for warning in told) == sentences
    assert all(warning.filename == __file__ for warning in told)


def test_what_has_a_column_for_all_other_levels_has_no_new_one():
    ours = build_design(table(), Settings("y", validation_share=0.0))
    assert "street = (other)" in ours.features
    new = table().assign(street="nowhere", x=1e6)
    assert ours.unseen_levels(new) == ()
    other = ours.features.index("street = (other)")
    assert (ours.encode(new)[:, other] > 0).all()


def test_a_column_that_is_not_used_says_nothing():
    settings = Settings("y", validation_share=0.0, without=("smoker = yes",))
    ours = build_design(table(), settings)
    assert ours.unseen_levels(table().assign(smoker="unknown")) == ()


@pytest.mark.parametrize(("cells", "words"), [(1, "has a level"), (3, "have levels")])
def test_rows_held_out_with_a_new_level_are_counted_in_a_note(cells, words):
    data, settings = table(), Settings("y")
    before = build_design(data, settings)
    assert not any("no training row" in note for note in before.notes)
    rows = before.validation_rows[:cells]
    data.loc[rows, "smoker"] = [f"new {i}" for i in range(cells)]
    after = build_design(data, settings)
    held_out = len(after.validation_rows)
    assert (
        f"«smoker»: {cells} of the {held_out} rows held out {words} that no training "
        "row has, taken as the average of the column." in after.notes
    )
    place = after.features.index("smoker = yes")
    np.testing.assert_array_equal(after.X_validation[:cells, place], 0.0)
    np.testing.assert_array_equal(after.X, before.X)


def test_a_fold_without_the_second_of_two_levels_takes_the_average():
    data = table()[["smoker", "x", "y"]]
    settings = Settings("y", validation_share=0.0)
    fold = training_folds(build_design(data, settings), 4, settings.seed)
    data["smoker"] = "no"
    data.loc[np.flatnonzero(fold == 2)[:3], "smoker"] = "yes"
    path = regularization_path(data, settings, folds=4, points=6)
    curve, y = path.curves["L2"], path.design.Y[:, 0]
    out = fold == 2
    x = data[["x"]].to_numpy()
    x = (x - x[~out].mean()) / x[~out].std()
    for lam, loss in zip(curve.lams, curve.fold_loss[2], strict=True):
        peer = Ridge(alpha=lam * (~out).sum() / N).fit(x[~out], y[~out])
        expected = 0.5 * np.mean((peer.predict(x[out]) - y[out]) ** 2)
        assert loss == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("target", ["y", "sick"])
def test_a_fold_without_a_level_of_several_takes_the_average_of_all(target):
    data = table()[["smoker", "town", "x", "y"]]
    if target == "sick":
        data["sick"] = np.where(data.pop("y") > data["x"] + 1, "yes", "no")
    settings = Settings(target, validation_share=0.0)
    fold = training_folds(build_design(data, settings), 5, settings.seed)
    # A fourth town, in one fold only.
    data.loc[np.flatnonzero(fold == 1)[:5], "town"] = "Trier"
    path = regularization_path(data, settings, folds=5, points=4)
    np.testing.assert_array_equal(path.fold, fold)
    for f in (0, 1):
        out = fold == f
        X = build_design(data[~out], settings)
        assert ("town = Trier" in X.features) == (f == 0)
        Z, Z_out = X.encode(data[~out]), X.encode(data[out])
        assert (Z_out[:, X.features.index("town = Ulm")] == 0).any() == (f == 1)
        y = path.design.Y[:, 0]
        curve = path.curves["L2"]
        for lam, loss in zip(curve.lams, curve.fold_loss[f], strict=True):
            strength = lam * (~out).sum() / N
            if target == "y":
                peer = Ridge(alpha=strength).fit(Z, y[~out])
                expected = 0.5 * np.mean((peer.predict(Z_out) - y[out]) ** 2)
            else:
                peer = LogisticRegression(
                    C=1 / strength, solver="newton-cholesky", tol=1e-10
                )
                shares = peer.fit(Z, y[~out]).predict_proba(Z_out)
                expected = metrics.log_loss(y[out], shares)
            assert loss == pytest.approx(expected, rel=1e-6)

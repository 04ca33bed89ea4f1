"""Columns that are copies or mirrors of each other are one feature."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, LogisticRegression, Ridge

from regcore import Settings, regularization_path
from regcore.design import build_design
from regcore.design.leaks import find_leaks
from regcore.design.refit import refit
from regcore.regularization_path import training_folds
from tests.tables import train_to_the_end

N = 120


def telco(n=N, seed=0, classes=True):
    """Services that nobody has without internet or a phone, and gaps in the bills."""
    rng = np.random.default_rng(seed)
    phone = rng.random(n) < 0.8
    internet = rng.choice(["DSL", "Fiber", "No"], n)
    own = {
        name: np.where(internet == "No", "No internet", rng.choice(["No", "Yes"], n))
        for name in ("Security", "Backup", "TV")
    }
    months = rng.integers(1, 60, n)
    bills = np.where(rng.random(n) < 0.1, np.nan, months * rng.uniform(20.0, 90.0, n))
    z = 0.05 * months - (internet == "Fiber") - 1.5 * (own["TV"] == "Yes") - 0.5
    noisy = z + rng.logistic(size=n)
    return pd.DataFrame(
        {
            "Phone": np.where(phone, "Yes", "No"),
            "Lines": np.where(phone, rng.choice(["No", "Yes"], n), "No phone"),
            "Internet": internet,
            **own,
            "months": months,
            "weeks": 4 * months + 2,
            "left": 60 - months,
            "bills": bills,
            "billed": np.where(np.isnan(bills), "never", "before"),
            "y": np.where(noisy > 0, "stays", "goes") if classes else noisy,
        }
    )


MERGED = {
    "Phone = Yes, and 1 mirror": ["Lines = No phone"],
    "Internet = No, and 3 copies": [
        f"{name} = No internet" for name in ("Security", "Backup", "TV")
    ],
    "months, and 1 copy, 1 mirror": ["weeks", "left"],
    "bills is missing, and 1 copy": ["billed = never"],
}


def design(data, **settings):
    return build_design(data, Settings(**{"target": "y", **settings}))


def every_column(ours):
    """Copies and all, (n, columns)."""
    return replace(ours.training, kept=None).matrix()


# Which


def by_brute_force(X):
    """The first column that each is a copy of, from all pairs."""
    first = list(range(X.shape[1]))
    for one, other in itertools.combinations(range(X.shape[1]), 2):
        for sign in (1, -1):
            same = (
                np.abs(X[:, other] - sign * X[:, one]).max() < 1e-13 * np.abs(X).max()
            )
            if first[other] == other and same:
                first[other] = first[one]
    return first


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_copies_are_those_that_all_pairs_show(seed, standardise):
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 3, (40, 12))
    table = pd.DataFrame(cells).add_prefix("x").astype(float)
    for j, (scale, shift) in enumerate([(1, 0), (-1, 0), (2, 3), (-0.1, 7), (3, 0)]):
        table[f"of {j}"] = scale * table[f"x{rng.integers(5)}"] + shift
    table["kind"] = np.array(["a", "b", "c"])[cells[:, 0]]
    table["sort"] = np.array(["r", "q", "p"])[cells[:, 0]]
    order = rng.permutation(table.columns)
    ours = design(table[order].assign(y=rng.normal(size=40)), standardise=standardise)
    assert ours.copies.first.tolist() == by_brute_force(every_column(ours))
    assert ours.X.shape[1] == len(set(ours.copies.first)) == len(ours.features)
    merged = every_column(ours)[:, ~ours.copies.is_first]
    sign = np.where(ours.copies.mirrored, -1.0, 1.0)[~ours.copies.is_first]
    own = ours.X[:, ours.place[~ours.copies.is_first]]
    np.testing.assert_allclose(merged, sign * own, atol=1e-13)


def test_levels_marks_and_numbers_of_a_telephone_company_are_merged():
    ours = design(telco())
    names = [name for e in ours.encodings for name in e.names]
    assert len(names) == 22
    for feature, others in MERGED.items():
        at = ours.features.index(feature)
        copies = [n for n, place in zip(names, ours.place, strict=True) if place == at]
        assert copies[1:] == others
        assert feature.startswith(copies[0])
        assert ours.sources[at] == copies[0].split(" ")[0]
    assert len(ours.features) == 22 - 7


@pytest.mark.parametrize("n", [60, 5_000, 9_000])
def test_one_row_that_differs_makes_two_features(n):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.integers(0, 2, n), "y": rng.normal(size=n)})
    rows = design(table.assign(b=1 - table["a"])).rows
    assert design(table.assign(b=1 - table["a"])).features == ("a, and 1 mirror",)
    for at in (rows[0], rows[n // 2], rows[-1]):
        other = 1 - table["a"]
        other[at] = table["a"][at]
        assert design(table.assign(b=other)).features == ("a", "b")


@pytest.mark.parametrize(("offset", "noise"), [(0.0, 1e-12), (1e3, 1e-9), (-1e9, 1e-3)])
def test_nearly_equal_columns_are_two(offset, noise):
    rng = np.random.default_rng(0)
    a = offset + rng.normal(size=200)
    table = pd.DataFrame({"a": a, "b": a + noise * rng.normal(size=200)})
    assert len(design(table.assign(y=rng.normal(size=200))).features) == 2


@pytest.mark.parametrize("offset", [0.0, 20.0, 1e6, -1e9])
def test_another_unit_is_the_same_feature(offset):
    rng = np.random.default_rng(0)
    celsius = (offset + rng.normal(0, 9, 3_000)).round(1)
    table = pd.DataFrame({"c": celsius, "f": (1.8 * celsius + 32).round(2)})
    ours = design(table.assign(y=rng.normal(size=3_000)))
    assert ours.features == ("c, and 1 copy",)


def test_whole_numbers_of_fifteen_digits_are_told_apart():
    rng = np.random.default_rng(0)
    low = rng.integers(0, 3, (60, 2)) + 2**48
    table = pd.DataFrame(low, columns=["a", "b"]).assign(c=lambda t: t["a"] + 1)
    assert design(table.assign(y=rng.normal(size=60))).features == (
        "a, and 1 copy",
        "b",
    )


def test_copies_are_told_by_the_training_rows_alone():
    before = telco()
    held_out = design(before).validation_rows
    wild = before.copy()
    wild.loc[held_out, "left"] = 7
    wild.loc[held_out, ["TV", "Lines"]] = "No"
    ours, other = design(before), design(wild)
    assert ours.features == other.features
    assert ours.ledger == other.ledger
    np.testing.assert_array_equal(ours.X, other.X)


# What is said


def test_the_ledger_names_the_copies_and_what_counts():
    lines = {line.column: line for line in design(telco()).ledger}
    assert lines["Internet"].note == (
        "«Internet = No» stands for «Security = No internet», «Backup = No internet» "
        "and «TV = No internet» too, and counts in rows where they differ"
    )
    assert lines["TV"].note == (
        "«TV = No internet» is a copy of «Internet = No» in every training row, as "
        "they enter the model"
    )
    assert lines["TV"].features == ("TV = No", "TV = Yes")
    assert lines["Lines"].note.startswith(
        "«Lines = No phone» is the mirror of «Phone = Yes» in every training row"
    )
    assert lines["left"].features == ()
    assert lines["left"].role == "feature"
    assert lines["bills"].note.startswith("5 gaps in the training rows filled")
    assert (
        "marked; «bills is missing» stands for «billed = never»" in lines["bills"].note
    )
    ours = design(telco())
    assert [name for line in ours.ledger for name in line.features] == [*ours.features]


def test_rows_in_which_copies_differ_are_counted_and_the_first_counts():
    data = telco()
    ours = design(data)
    others = data.copy()
    others.loc[:4, "TV"] = np.where(
        data["TV"][:5] == "No internet", "No", "No internet"
    )
    others.loc[3:6, "Backup"] = np.where(
        data["Backup"][3:7] == "No internet", "No", "No internet"
    )
    others.loc[9, "left"] += 1
    apart = ours.copies_apart(others)
    assert apart.to_dict() == dict(zip(MERGED, [0, 7, 1, 0], strict=True))
    assert not ours.copies_apart(data).any()
    same = [j for j, name in enumerate(ours.features) if "and" in name]
    np.testing.assert_array_equal(
        ours.encode(others)[:, same], ours.encode(data)[:, same]
    )


def test_rows_held_out_that_tell_copies_apart_are_told():
    data = telco()
    assert not any("differ in" in note for note in design(data).notes)
    data.loc[design(data).validation_rows[:2], "left"] -= 1
    (said,) = [note for note in design(data).notes if "differ in" in note]
    assert said == (
        "«months, and 1 copy, 1 mirror»: the copies differ in 2 of the 30 rows held "
        "out."
    )


# What the models make of it


def test_without_a_penalty_the_predictions_are_those_of_all_columns():
    data = telco(classes=False)
    ours = train_to_the_end(data)
    A = np.column_stack([every_column(ours.problem.design), np.ones(N)])
    y = data["y"].to_numpy()
    expected = A @ np.linalg.lstsq(A, y)[0]
    best = ours["none"].optimum
    deviation, mean = ours.problem.design.y_scale.deviation, y.mean()
    found = (ours.problem.design.X @ best.W + best.b) * deviation + mean
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-7)


def test_without_a_penalty_classes_are_those_of_all_columns():
    data = telco(n=400)
    ours = train_to_the_end(data)
    X, y = every_column(ours.problem.design), (data["y"] == "stays").to_numpy()
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X, y)
    best = ours["none"].optimum
    found = 1 / (1 + np.exp(-(ours.problem.design.X @ best.W + best.b)[:, 0]))
    np.testing.assert_allclose(found, peer.predict_proba(X)[:, 1], atol=1e-5)


@pytest.mark.parametrize("lam", [0.5, 3.0, 12.0])
def test_l1_predicts_and_costs_what_it_does_with_all_columns(lam):
    data = telco(classes=False)
    ours = train_to_the_end(data, lam=lam)
    design, best = ours.problem.design, ours["L1"].optimum
    X, y = every_column(design), design.Y[:, 0]
    peer = Lasso(alpha=lam / N, tol=1e-12, max_iter=1_000_000).fit(X, y)
    np.testing.assert_allclose(
        (design.X @ best.W + best.b)[:, 0], peer.predict(X), atol=1e-5
    )
    assert np.abs(best.W).sum() == pytest.approx(np.abs(peer.coef_).sum(), rel=1e-5)


def test_l2_counts_copies_once():
    data = telco(classes=False)
    ours = train_to_the_end(data, lam=5.0)
    design = ours.problem.design
    peer = Ridge(alpha=5.0).fit(design.X, design.Y[:, 0])
    np.testing.assert_allclose(ours["L2"].optimum.W[:, 0], peer.coef_, atol=1e-7)


def test_predictions_are_those_of_weights_in_original_units():
    data = telco(classes=False)
    ours = train_to_the_end(data, lam=3.0)
    weights = ours.coefficients_original_units["L1"]
    by_hand = np.full(N, ours.intercepts["L1"].iloc[0])
    filled = data["bills"].fillna(data["bills"].median())
    raw = {
        "months": data["months"],
        "bills": filled,
        "bills is missing": filled != data["bills"],
    }
    for feature, weight in weights.items():
        name = feature.split(", and")[0]
        column, _, level = name.partition(" = ")
        cells = raw[name] if name in raw else data[column] == level
        by_hand += weight * cells.to_numpy(dtype=float)
    np.testing.assert_allclose(ours.predict(data)["L1"], by_hand, atol=1e-9)


def test_the_path_of_l1_no_longer_turns():
    path = regularization_path(
        telco(classes=False), Settings("y", validation_share=0), folds=3, points=60
    )
    W = path.curves["L1"].W[:, :, 0]
    steps = np.sign(np.diff(W, axis=0).round(9))
    turns = (steps[1:] * steps[:-1] < 0).sum(axis=0)
    assert turns.max() <= 3


@pytest.mark.parametrize("first", ["billed", "bills"])
def test_a_mark_that_is_another_column_still_tells_where_folds_are_filled(first):
    data = telco(n=150, classes=False).assign(
        billed=lambda t: np.where(t["bills"].isna(), "a gap", "known")
    )
    data = data[[first, *({"billed", "bills"} - {first}), "months", "y"]]
    settings = Settings("y", validation_share=0)
    path = regularization_path(data, settings, folds=5, points=8)
    ours = path.design
    assert len(ours.features) == 3
    (fill,) = refit(ours).fills
    assert fill.sign == (-1.0 if first == "billed" else 1.0)
    assert (ours.X[:, fill.mark] * fill.sign > 0).tolist() == data[
        "bills"
    ].isna().tolist()
    # Each fold is filled anew with the median of its own training rows.
    fold, curve = training_folds(ours, 5, settings.seed), path.curves["L2"]
    bills, y = data["bills"].to_numpy(), ours.Y[:, 0]
    for f in range(5):
        training = fold != f
        filled = np.where(np.isnan(bills), np.nanmedian(bills[training]), bills)
        own = np.column_stack([filled, np.isnan(bills), data["months"]])
        own = (own - own[training].mean(axis=0)) / own[training].std(axis=0)
        for i in (0, 4, 7):
            alpha = curve.lams[i] * training.sum() / len(data)
            peer = Ridge(alpha=alpha).fit(own[training], y[training])
            loss = 0.5 * np.mean((peer.predict(own[~training]) - y[~training]) ** 2)
            assert curve.fold_loss[f, i] == pytest.approx(loss, rel=1e-6)


def test_a_sum_is_found_though_a_mark_of_gaps_is_a_mirror_of_another_column():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.normal(size=(90, 2)), columns=["net", "tax"])
    gap = rng.random(90) < 0.2
    data["known"] = np.where(gap, "no", "yes")
    data["fee"] = np.where(gap, np.nan, rng.normal(size=90))
    data["y"] = data["net"] + data["tax"]
    data["euro"] = 2 * data["net"] + 1
    (leak,) = find_leaks(design(data))
    assert leak.columns == ("net", "tax")
    assert leak.sentence.startswith("«y» is almost exactly «net, and 1 copy» + «tax»;")

"""Rows that are locked away: nothing looks at them before they are asked for."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

from regcore import DesignError, Settings, compare
from regcore.design import build_design
from regcore.design.encoded import EncodedRows
from regcore.problem import pose
from regcore.questions.path.answer import trace
from regcore.questions.trust.half_samples import half_samples
from regcore.questions.trust.repeated_splits import repeated_splits
from regcore.settings import Split

N = 120


def rows(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N, 3))
    table = pd.DataFrame(x, columns=["a", "b", "c"])
    table["place"] = rng.choice(["north", "south", "west"], N)
    table["customer"] = rng.integers(0, 20, N)
    table["y"] = 2 * x[:, 0] - x[:, 1] + rng.standard_normal(N)
    table.loc[rng.choice(N, 9, replace=False), "c"] = np.nan
    return table


def settings(split="random", **chosen):
    group = "customer" if split == "groups" else None
    chosen = {"test_share": 0.2, "epochs": 50, **chosen}
    return Settings("y", lam=8.0, split=split, group=group, **chosen)


def spoilt(table, locked):
    """The same table with other numbers and an unseen level in the rows locked away."""
    rng = np.random.default_rng(1)
    other = table.copy()
    other.loc[locked, ["a", "b", "c"]] = 50.0 + rng.standard_normal((len(locked), 3))
    other.loc[locked, "place"] = "nowhere"
    other.loc[locked, "y"] = -1000.0 * rng.standard_normal(len(locked))
    return other


@pytest.mark.parametrize("split", list(Split))
def test_every_usable_row_trains_is_held_out_or_is_locked_away(split):
    design = build_design(rows(), settings(split))
    parts = [design.rows, design.validation_rows, design.test_rows]
    assert sorted(np.concatenate(parts)) == list(range(N))
    assert [len(part) for part in parts[1:]] == pytest.approx([30, 24], abs=5)
    if split is Split.ORDER:
        assert list(design.validation_rows) == list(range(66, 96))
        assert list(design.test_rows) == list(range(96, N))
    if split is Split.GROUPS:
        customers = [set(rows()["customer"][part]) for part in parts]
        assert not set.intersection(customers[0], customers[1])
        assert not set.intersection(customers[2], customers[0] | customers[1])


@pytest.mark.parametrize("split", list(Split))
def test_what_is_locked_away_does_not_depend_on_what_is_held_out(split):
    few, many = (
        build_design(rows(), settings(split, validation_share=share)).test_rows
        for share in (0.1, 0.4)
    )
    np.testing.assert_array_equal(few, many)


@pytest.mark.parametrize("split", list(Split))
def test_without_rows_locked_away_the_others_are_split_as_ever(split):
    some, none = (
        build_design(rows(), settings(split, test_share=share)) for share in (0.2, 0.0)
    )
    assert len(none.test_rows) == len(none.test) == len(none.Y_test) == 0
    assert len(none.rows) > len(some.rows)


def test_of_every_class_the_same_share_is_locked_away():
    table = rows().assign(y=["no"] * 90 + ["yes"] * 30)
    locked = table["y"][build_design(table, settings()).test_rows]
    assert locked.value_counts().to_dict() == {"no": 18, "yes": 6}


@pytest.mark.parametrize("split", list(Split))
def test_nothing_is_learnt_from_rows_that_are_locked_away(split):
    """Not by weights, scales, fillings, levels, scores, folds, paths or resamples."""
    table, chosen = rows(), settings(split)
    one = compare(table, chosen)
    two = compare(spoilt(table, one.problem.design.test_rows), chosen)
    a, b = one.problem.design, two.problem.design
    assert a.features == b.features
    assert a.ledger == b.ledger
    np.testing.assert_array_equal(a.x_scale.mean, b.x_scale.mean)
    np.testing.assert_array_equal(a.x_scale.deviation, b.x_scale.deviation)
    np.testing.assert_array_equal(one.W, two.W)
    pd.testing.assert_frame_equal(one.summary, two.summary)
    pd.testing.assert_frame_equal(one.optimum, two.optimum)
    paths = [trace(result.problem, chosen) for result in (one, two)]
    np.testing.assert_array_equal(paths[0].l1.fold_loss, paths[1].l1.fold_loss)
    splits = [repeated_splits(result).loss for result in (one, two)]
    np.testing.assert_array_equal(*splits)
    halves = [half_samples(result).table for result in (one, two)]
    pd.testing.assert_frame_equal(*halves)
    assert (one.test_scores.loss < two.test_scores.loss).all()


def test_the_scores_of_rows_locked_away_are_those_of_scikit_learn():
    table = rows().drop(columns=["place", "customer", "c"])
    chosen = settings(epochs=20_000, tolerance=1e-12)
    result = compare(table, chosen)
    design = result.problem.design
    X, y = table[["a", "b"]].to_numpy(), table["y"].to_numpy()
    train, locked = design.rows, design.test_rows
    scaler = StandardScaler().fit(X[train])
    mean, deviation = y[train].mean(), y[train].std()
    n = len(train)
    models = (LinearRegression(), Lasso(8.0 / n, tol=1e-12), Ridge(8.0))
    scores = result.test_scores
    for i, model in enumerate(models):
        model.fit(scaler.transform(X[train]), (y[train] - mean) / deviation)
        predicted = model.predict(scaler.transform(X[locked])) * deviation + mean
        errors = (y[locked] - predicted) / deviation
        assert scores.score[i] == pytest.approx(r2_score(y[locked], predicted), 1e-8)
        assert scores.loss[i] == pytest.approx(0.5 * np.mean(errors**2), 1e-8)


def test_the_rows_are_scored_only_when_they_are_asked_for(monkeypatch):
    asked = []
    result = compare(rows(), settings())
    rows_locked = result.problem.design.test
    original = EncodedRows.__getitem__

    def watched(self, some):
        if self is rows_locked:
            asked.append(some)
        return original(self, some)

    monkeypatch.setattr(EncodedRows, "__getitem__", watched)
    _ = result.summary, result.history, result.measured, result.gaps
    assert asked == []
    assert np.isfinite(result.test_scores.loss).all()
    assert asked != []


def few(n):
    return rows().iloc[:n].reset_index(drop=True)


REFUSED = [
    (
        few(60),
        {"test_share": 0.1},
        "10 % of 60 rows lock 6 rows away, and at least 10 are needed to judge by; "
        "lock away a larger share, or none.",
    ),
    (
        few(20),
        {"test_share": 0.05},
        "5 % of 20 rows lock 1 row away, and at least 10 are needed to judge by; lock "
        "away a larger share, or none.",
    ),
    (
        rows().assign(customer=np.arange(N) % 2),
        {"split": "groups", "group": "customer"},
        "There are too few groups to train on some, hold some out and lock some away; "
        "choose another group column, or split at random.",
    ),
    (
        rows().assign(customer=1),
        {"split": "groups", "group": "customer", "validation_share": 0},
        "Column «customer» puts all rows into one group, so that none can be held out; "
        "choose another column, or split at random.",
    ),
]


@pytest.mark.parametrize(("table", "chosen", "sentence"), REFUSED)
def test_too_few_rows_or_groups_are_refused_in_a_sentence(table, chosen, sentence):
    chosen = {"test_share": 0.2, **chosen}
    with pytest.raises(DesignError) as refusal:
        build_design(table, Settings("y", **chosen))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (
            {"test_share": -0.1},
            "The share of rows locked away must lie between 0 and 0.9.",
        ),
        (
            {"test_share": 0.5, "validation_share": 0.5},
            "The rows held out and those locked away must leave a tenth to train on; "
            "hold out or lock away fewer.",
        ),
    ],
)
def test_shares_that_leave_too_little_are_refused(chosen, sentence):
    with pytest.raises(DesignError) as refusal:
        Settings("y", **chosen)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("shares", [(0.6, 0.3), (0.3, 0.6), (0.0, 0.9), (0.45, 0.45)])
def test_a_tenth_is_enough_to_train_on(shares):
    held_out, locked = shares
    chosen = settings(validation_share=held_out, test_share=locked)
    design = pose(rows(), chosen).design
    assert len(design.rows) == pytest.approx(12, abs=1)


def test_a_number_too_far_from_the_training_rows_is_refused_where_it_is_locked():
    table = rows()
    at = build_design(table, settings()).test_rows[0]
    table["a"] *= 1e-30
    table.loc[at, "a"] = 1e99
    with pytest.raises(DesignError, match=f"Column «a», row {at + 1}: the number"):
        build_design(table, settings())

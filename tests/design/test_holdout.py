from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats import t as student
from streamlit.testing.v1 import AppTest

from regcore import DesignError, Settings, compare, regularization_path
from regcore.design import build_design
from regcore.questions.judgement import Answer
from regcore.questions.path.answer import trace
from regcore.questions.path.words import in_words
from regcore.questions.trust.half_samples import half_samples
from regcore.questions.trust.repeated_splits import Splits, repeated_splits
from regcore.questions.trust.resample import draw
from regcore.questions.trust.words import splits_to_read, steadiness, verdicts
from regcore.settings import Task
from regcore.solve.folds import ALWAYS, deal_groups
from tests.sections import texts

N = 80
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "customer": RNG.integers(0, 16, N) * 3,
        "x": RNG.standard_normal(N),
        "kind": ["a"] * 60 + ["b"] * 20,
        "y": RNG.standard_normal(N),
    }
)


def test_rows_of_one_customer_are_on_one_side():
    settings = Settings("y", split="groups", group="customer")
    design = build_design(TABLE, settings)
    customers = TABLE["customer"]
    assert not set(customers[design.rows]) & set(customers[design.validation_rows])
    assert 12 <= len(design.validation_rows) <= 28
    assert "customer" not in design.sources
    other = build_design(TABLE, Settings("y", split="groups", group="customer", seed=1))
    assert not np.array_equal(design.rows, other.rows)


def test_rows_without_a_customer_are_a_group_of_their_own():
    table = TABLE.astype({"customer": float})
    table.loc[:9, "customer"] = np.nan
    for seed in range(8):
        chosen = Settings("y", split="groups", group="customer", seed=seed)
        train = np.isin(np.arange(10), build_design(table, chosen).rows)
        assert train.all() or not train.any()


def test_in_order_the_last_usable_rows_are_held_out():
    table = TABLE.copy()
    table.loc[79, "y"] = np.nan
    design = build_design(table, Settings("y", split="order"))
    np.testing.assert_array_equal(design.validation_rows, np.arange(59, 79))


@pytest.mark.parametrize(
    ("split", "how"), [("order", "in order"), ("groups", "by groups")]
)
def test_a_class_without_a_training_row_is_refused(split, how):
    chosen = Settings("kind", split=split, group="kind" if split == "order" else "half")
    table = TABLE.assign(half=TABLE["kind"])
    said = (
        rf"^No training row is of the class «[ab]» when rows are held out {how}; hold "
        r"out fewer rows, or split at random\.$"
    )
    with pytest.raises(DesignError, match=said):
        build_design(table, chosen)


def test_a_random_split_keeps_the_shares_of_the_classes():
    design = build_design(TABLE, Settings("kind"))
    held_out = TABLE["kind"][design.validation_rows].value_counts()
    assert held_out.to_dict() == {"a": 15, "b": 5}


@pytest.mark.parametrize("split", ["order", "groups"])
def test_every_split_trains(split):
    chosen = Settings("y", split=split, group="customer", epochs=20)
    result = compare(TABLE, chosen)
    assert np.isfinite(result.summary["validation_loss"]).all()


CUSTOMERS = Settings("y", split="groups", group="customer", epochs=20)


@pytest.mark.parametrize("seed", range(5))
def test_no_group_is_in_two_folds_and_the_folds_are_even(seed):
    groups = np.random.default_rng(seed).integers(0, 40, 400)
    fold = deal_groups(groups, np.zeros(400), 10, seed)
    assert all(len(set(fold[groups == group])) == 1 for group in set(groups))
    sizes = np.bincount(fold)
    assert len(sizes) == 10
    assert sizes.max() - sizes.min() <= np.bincount(groups).max()
    assert np.array_equal(fold, deal_groups(groups, np.zeros(400), 10, seed))


def test_there_are_no_more_folds_than_groups():
    groups = np.repeat([3, 5, 9], 10)
    assert set(deal_groups(groups, np.zeros(30), 10, 0)) == {0, 1, 2}


def test_the_only_group_with_a_class_always_trains():
    groups = np.repeat(np.arange(6), 10)
    classes = (groups == 2).astype(float)
    fold = deal_groups(groups, classes, 10, 0)
    assert (fold[groups == 2] == ALWAYS).all()
    assert set(fold[groups != 2]) == set(range(5))


def test_cross_validation_keeps_customers_together():
    """With a level a customer, and nothing else to learn, loose folds would cheat."""
    rng = np.random.default_rng(0)
    customer = rng.permutation(np.repeat(np.arange(30), 10))
    level, trait = rng.standard_normal(30), rng.standard_normal((30, 20))
    table = pd.DataFrame(trait[customer]).add_prefix("trait ")
    table = table.assign(customer=customer, y=level[customer])
    table["y"] += 0.1 * rng.standard_normal(300)
    best = {}
    for split in ("random", "groups"):
        chosen = Settings("y", split=split, group="customer", validation_share=0)
        chosen = chosen if split == "groups" else Settings("y", validation_share=0)
        features = tuple(name for name in table.columns if name.startswith("trait"))
        chosen = Settings(**{**vars(chosen), "features": features})
        curve = regularization_path(table, chosen).curves["L1"]
        best[split] = curve.mean.min() / curve.mean[0]
    assert best["random"] < 0.6
    assert best["groups"] > 0.9


def test_drawing_again_and_again_keeps_customers_together():
    groups = np.random.default_rng(1).integers(0, 16, 80)
    for training, held_out in draw(np.zeros(80), 0.25, 0, 20, groups):
        assert not set(groups[training]) & set(groups[held_out])
        assert len(training) + len(held_out) == 80
        assert 10 <= len(held_out) <= 30
    rare = (groups == 3).astype(float)
    for training, _ in draw(rare, 0.5, 0, 20, groups):
        assert set(rare[training]) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("groups", "share"), [(2, 0.5), (3, 0.25), (4, 0.25), (4, 0.5)]
)
def test_no_split_of_few_groups_is_drawn_twice(groups, share):
    """Equal groups have one split for each set of so many of them."""
    codes = np.repeat(np.arange(groups), 10)
    held_out = [set(out) for _, out in draw(np.zeros(len(codes)), share, 0, 100, codes)]
    picked = max(1, round(share * groups))
    assert len(held_out) == comb(groups, picked)
    assert all(held_out.count(one) == 1 for one in held_out)


def test_the_views_draw_whole_customers(monkeypatch):
    """Drawn one by one, a half would have 40 of the 80 rows, and a quarter 20."""
    table = TABLE.assign(customer=np.repeat([1, 2], [10, 70]))
    result = compare(table, replace(CUSTOMERS, validation_share=0))
    assert sorted(half_samples(result, 20).sizes) == [10, 70]
    pairs = []

    def watched(*given):
        pairs.extend(draw(*given))
        return pairs

    monkeypatch.setattr("regcore.questions.trust.pool.draw", watched)
    assert repeated_splits(result, 20).count == 1
    for training, held_out in pairs:
        assert {len(training), len(held_out)} == {10, 70}


def test_rows_with_one_key_are_drawn_together_and_that_is_said():
    by_key = replace(CUSTOMERS, split="hash", key="customer", seed=1)
    result = compare(TABLE, by_key)
    splits, halves = repeated_splits(result, 12), half_samples(result, 12)
    assert "rows with the same key together, some 7" in splits_to_read(splits)[0]
    assert "random halves of the training rows" in steadiness(halves)[0]
    assert len(set(halves.sizes)) > 1


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ("groups", "one group are never in two folds"),
        ("order", "flatters every λ"),
        ("hash", "the same key are never in two folds"),
    ],
)
def test_what_the_folds_do_to_such_a_split_is_said(split, said):
    result = compare(TABLE, replace(CUSTOMERS, split=split))
    paths = trace(result.problem, result.settings)
    assert said in in_words(paths, result)


def test_groups_that_cannot_be_held_out_are_refused_in_a_sentence():
    table = TABLE.assign(half=TABLE["kind"])
    chosen = Settings("kind", split="groups", group="half", validation_share=0)
    result = compare(table, chosen)
    with pytest.raises(DesignError, match="groups cannot be held out"):
        repeated_splits(result, 5)
    with pytest.raises(DesignError, match="too few groups"):
        trace(result.problem, result.settings)


def customers(count, rows=10):
    rng = np.random.default_rng(count)
    n = count * rows
    table = pd.DataFrame(rng.standard_normal((n, 4)), columns=list("abcd"))
    table["y"] = table["a"] + rng.standard_normal(n)
    return table.assign(customer=np.repeat(np.arange(count), rows))


def test_few_groups_bear_no_verdict():
    """Four customers can be held out in four ways, and halved in six."""
    chosen = replace(CUSTOMERS, lam=1e4, validation_share=0)
    result = compare(customers(4, rows=100), chosen)
    splits, halves = repeated_splits(result), half_samples(result)
    assert (splits.count, halves.count) == (4, 6)
    paired = splits.paired("L1", "none")
    assert (paired.wins, paired.low > 0) == (0, True)
    assert paired.answer is Answer.UNKNOWN
    said = " ".join(verdicts(splits))
    assert "Only 4 different splits that keep the groups whole" in said
    assert "too few splits to judge" in said
    assert "clear" not in said
    words = " ".join(steadiness(halves))
    assert "Only 6 different draws" in words
    assert "steadily" not in words
    many = repeated_splits(compare(customers(30), chosen))
    assert many.paired("L1", "none").answer is Answer.WORSE


@pytest.mark.parametrize(("count", "held_out"), [(10, 0.25), (10, 0.5), (30, 0.4)])
def test_the_interval_is_as_wide_as_the_corrected_one(count, held_out):
    """Nadeau & Bengio (2003): variance s²·(1/J + n_test/n_train)."""
    losses = np.ones((4, count))
    losses[2] = 1 + norm.ppf((np.arange(count) + 0.5) / count) / 100
    found = Splits(losses, losses, Task.REGRESSION, "groups", held_out)
    paired = found.paired("L1", "none")
    low, high = np.quantile(100 * (losses[2] - 1), [0.1, 0.9])
    error = np.sqrt(1 / count + held_out / (1 - held_out))
    wanted = student.ppf(0.975, count - 1) * error / norm.ppf(0.9)
    assert (paired.high - paired.low) / (high - low) == pytest.approx(wanted, rel=0.02)


LARGE = customers(20).assign(customer=np.r_[np.zeros(160), np.repeat(range(1, 9), 5)])


def test_one_large_group_cannot_be_halved():
    chosen = replace(CUSTOMERS, validation_share=0)
    halves = half_samples(compare(LARGE, chosen))
    assert ((halves.sizes <= 40) | (halves.sizes >= 160)).all()
    assert "cannot be halved" in " ".join(steadiness(halves))
    assert half_samples(compare(customers(3), chosen)).halved


def page(table):
    from regcore import Settings, compare
    from regcore.page.questions import draw_question
    from regcore.questions import trust
    from tests.sections import as_dataset

    chosen = Settings("y", split="groups", group="customer", validation_share=0)
    draw_question(trust.QUESTION, compare(table, chosen), as_dataset(table))


@pytest.mark.parametrize(
    ("table", "charts", "said"),
    [
        (customers(40), 4, ["groups, some 50 % of the training", ", 25 % to score"]),
        (customers(2), 4, ["groups, some 50 % of the rows to train on", "Only 1"]),
        (LARGE, 2, ["groups cannot be halved", "18 % to score"]),
    ],
    ids=["forty", "two", "one large"],
)
def test_the_page_names_the_shares_that_are_drawn(table, charts, said):
    app = AppTest.from_function(page, args=(table,), default_timeout=60).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == charts
    for text in said:
        assert text in texts(app)

import re

import numpy as np
import pandas as pd
import pytest

from regcore import Settings
from regcore.design import build_design
from regcore.design.leaks import find_leaks
from regcore.design.sums import near_sum

N = 120


def honest(seed=0, rows=N):
    """Return three numbers, and a number they explain in part."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((rows, 3))
    y = X @ [1.0, -0.5, 0.2] + 0.7 * rng.standard_normal(rows)
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": y})


def leaks(table, **chosen):
    return find_leaks(build_design(table, Settings("y", **chosen)))


def classes(table, kinds=2):
    return pd.qcut(table["y"], kinds, labels=list("uvwxyz")[:kinds]).astype(str)


NUMBER_LEAKS = {
    "a copy in other units": lambda y: 2 * y + 3,
    "its negative": lambda y: -y,
    "a rounded copy": lambda y: y.round(2),
    "its exponential": np.exp,
    "minus its cube": lambda y: -(y**3),
}


@pytest.mark.parametrize("name", NUMBER_LEAKS)
@pytest.mark.parametrize("gaps", [0, 12])
def test_a_feature_that_gives_the_number_away_is_named(name, gaps):
    table = honest()
    table["copy"] = NUMBER_LEAKS[name](table["y"])
    table.loc[: gaps - 1, "copy"] = np.nan if gaps else table.loc[: gaps - 1, "copy"]
    (leak,) = leaks(table)
    assert leak.columns == ("copy",)
    assert "«copy»" in leak.sentence
    assert "leave it out unless it is known before «y» is." in leak.sentence


def test_a_category_that_decides_the_number_is_named():
    table = honest()
    table["y"] = table["y"].clip(-2, 2).round() + 5
    table["word"] = table["y"].map(lambda value: f"level {value}")
    (leak,) = leaks(table, task="regression")
    assert leak.columns == ("word",)


SUMS = [
    ({"a": 1, "b": 1}, "«y» is almost exactly «a» + «b»; leave one of them out"),
    ({"a": 0.5, "c": -1}, "0.5 × «a» − «c»"),
    ({"a": -2, "b": 1, "c": 1}, "−2 × «a» + «b» + «c»"),
]


@pytest.mark.parametrize(("weights", "words"), SUMS)
@pytest.mark.parametrize("noise", [0, 0.01])
def test_a_sum_of_few_that_is_the_number_is_written_out(weights, words, noise):
    table = honest()
    rng = np.random.default_rng(1)
    for j in range(6):
        table[f"other {j}"] = rng.standard_normal(N)
    table["y"] = sum(table[name] * weight for name, weight in weights.items())
    table["y"] += noise * rng.standard_normal(N)
    (leak,) = leaks(table)
    assert leak.columns == tuple(weights)
    if noise == 0:
        assert words in leak.sentence


@pytest.mark.parametrize(
    ("weights", "constant", "words"),
    [
        ({"a": 1, "b": 1}, 1000, "«a» + «b» + 1,000;"),
        ({"a": 1.8, "c": -1}, -32, "1.8 × «a» − «c» − 32;"),
        ({"a": 1.019, "b": 0.985}, 0, "1.019 × «a» + 0.985 × «b»;"),
        ({"a": 1.0004, "b": -1}, 0, "1.0004 × «a» − «b»;"),
    ],
)
@pytest.mark.parametrize("standardise", [True, False])
def test_the_sum_that_is_written_is_the_number(weights, constant, words, standardise):
    table = honest()
    table[["a", "b", "c"]] = 50 + 10 * table[["a", "b", "c"]]
    table["y"] = sum(table[name] * weight for name, weight in weights.items())
    table["y"] += constant
    (leak,) = leaks(table, standardise=standardise)
    assert f"is almost exactly {words}" in leak.sentence


def test_a_noisy_sum_is_written_as_far_as_it_is_known():
    table = honest()
    noise = 0.02 * np.random.default_rng(2).standard_normal(N)
    table["y"] = 3 * table["a"] - table["b"] + 500 + noise
    (leak,) = leaks(table)
    assert "exactly 3 × «a» − «b» + 500;" in leak.sentence


def test_the_sum_of_a_number_and_a_level_has_the_first_level_as_its_constant():
    table = honest()
    table["word"] = np.random.default_rng(2).choice(["u", "v", "w"], N)
    table["y"] = table["a"] + table["word"].map({"u": 5, "v": 9, "w": 30})
    (leak,) = leaks(table)
    terms = leak.sentence.split("exactly ")[1].split(";")[0]
    for word, expected in {"u": 5, "v": 9, "w": 30}.items():
        term = re.sub("«.*?»", "0", terms.replace(f"«word = {word}»", "1"))
        assert eval(term.replace("−", "-").replace("×", "*")) == expected


CLASS_LEAKS = {
    "a word for each class": lambda y, kind: kind + "!",
    "several words for each class": lambda y, kind: kind + (y > 1).astype(str),
    "a number whose ranges are the classes": lambda y, kind: y,
}


@pytest.mark.parametrize("name", CLASS_LEAKS)
@pytest.mark.parametrize("kinds", [2, 3, 4])
def test_a_feature_that_gives_the_class_away_is_named(name, kinds):
    table = honest()
    kind = classes(table, kinds)
    table["copy"] = CLASS_LEAKS[name](table["y"], kind)
    table["y"] = kind
    (leak,) = leaks(table)
    assert leak.columns == ("copy",)
    assert leak.sentence == (
        "«copy» alone gives away the class; leave it out unless it is known before "
        "«y» is."
    )


@pytest.mark.parametrize("task", ["number", "two classes", "four classes"])
def test_honest_features_raise_no_alarm(task):
    for seed in range(20):
        table = honest(seed)
        table["word"] = np.where(table["y"] + table["c"] > 0, "p", "q")
        if task != "number":
            table["y"] = classes(table, 2 if task == "two classes" else 4)
        assert leaks(table) == ()


def test_few_rows_and_rare_classes_raise_no_alarm():
    table = honest().head(16)
    table["copy"] = table["y"]
    assert leaks(table) == ()
    rare = honest()
    rare["copy"] = np.where(rare["y"] >= rare["y"].nlargest(5).min(), "p", "q")
    rare["y"] = rare["copy"]
    assert leaks(rare) == ()


def test_rows_held_out_are_not_looked_at():
    table = honest()
    table["copy"] = table["y"]
    held_out = build_design(table, Settings("y")).validation_rows
    table.loc[held_out, "copy"] = 0.0
    assert [leak.columns for leak in leaks(table)] == [("copy",)]


def test_a_mark_of_gaps_is_no_part_of_a_sum():
    table = honest()
    table.loc[7, ["a", "y"]] = [np.nan, 1000.0]
    assert leaks(table, validation_share=0) == ()


def test_no_sum_comes_of_nothing():
    assert near_sum(np.empty((50, 0)), np.ones(50), 1e-3) is None
    assert near_sum(np.zeros((50, 2)), np.arange(50.0) - 24.5, 1e-3) is None


FORMULAS = {
    "a product": (lambda t: t["a"] * t["b"], {"a", "b"}, "told by «a» × «b»;"),
    "a product and a constant": (lambda t: 3 * t["a"] * t["b"] - 7, {"a", "b"}, "×"),
    "a square": (
        lambda t: t["a"] ** 2,
        {"a"},
        "told by «a»²; leave it out unless",
    ),
    "a distance": (
        lambda t: (t["a"] - t["b"]).abs(),
        {"a", "b"},
        "has a square that is almost exactly told by",
    ),
    "a quotient": (lambda t: t["a"] / t["b"], {"a", "b"}, "a product of powers of"),
    "a body mass index": (
        lambda t: t["a"].abs() / t["b"] ** 2,
        {"a", "b"},
        "a product of powers of «a» and «b»; leave one of them out unless all are",
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("gaps", [0, 5])
def test_a_number_that_is_a_product_a_square_or_a_distance_is_named(name, gaps):
    table = honest(rows=400)
    table[["a", "b"]] = (10 * table[["a", "b"]]).round(1) + 0.05
    make, columns, words = FORMULAS[name]
    table["y"] = make(table)
    table.loc[: gaps - 1, "b"] = np.nan
    (leak,) = leaks(table)
    assert set(leak.columns) == columns
    assert words in leak.sentence


@pytest.mark.parametrize("kind", ["words", "codes"])
@pytest.mark.parametrize("bands", [2, 3, 5])
def test_a_number_cut_into_ranges_is_named(kind, bands):
    table = honest()
    cuts = pd.qcut(table["y"], bands, labels=False)
    flipped = table["y"].rank(method="first") == 40
    cuts = cuts.where(~flipped, (cuts + 1) % bands)
    table["band"] = cuts.map(lambda i: f"range {i}") if kind == "words" else cuts
    (leak,) = leaks(table)
    assert leak.columns == ("band",)
    assert leak.sentence.startswith("«band» is «y» cut into ranges; leave it out")


@pytest.mark.parametrize("flips", [1, 2])
def test_a_class_copied_with_a_few_flips_is_named(flips):
    table = honest(rows=500)
    table["y"] = classes(table)
    table["copy"] = table["y"].map({"u": "no", "v": "yes"})
    rows = build_design(table, Settings("y")).rows[:flips]
    table.loc[rows, "copy"] = table.loc[rows, "copy"].map({"no": "yes", "yes": "no"})
    (leak,) = leaks(table)
    assert leak.columns == ("copy",)


@pytest.mark.parametrize("alive", [0, 1, 40])
def test_a_level_that_nearly_only_one_class_has_is_named(alive):
    table = honest(rows=1000)
    dead = table["y"] > table["y"].quantile(0.94)
    table["y"] = np.where(dead, "dead", "alive")
    rng = np.random.default_rng(1)
    harm = rng.integers(0, 4, len(table))
    table["harm"] = np.where(dead & (rng.random(len(table)) < 0.95), 4, harm)
    table.loc[build_design(table, Settings("y")).rows, "trains"] = 1
    some = table.index[~dead & table.pop("trains").eq(1)][:alive]
    table.loc[some, "harm"] = 4
    if alive > 20:
        assert leaks(table) == ()
        return
    (leak,) = leaks(table)
    assert leak.columns == ("harm",)
    design = build_design(table, Settings("y"))
    train = table.iloc[design.rows]
    both = int(((train["harm"] == 4) & (train["y"] == "dead")).sum())
    others = int((train["harm"] == 4).sum()) - both
    said = ("no other has", "only 1 other has", "only 2 others have")[others]
    assert leak.sentence == (
        f"{both} of the {(train['y'] == 'dead').sum()} training rows of the class "
        f"«dead» have one value of «harm», which {said}; leave it out unless it is "
        "known before «y» is."
    )


@pytest.mark.parametrize("task", ["number", "two classes", "a rare class"])
def test_noise_raises_no_alarm(task):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = int(rng.integers(24, 300))
        table = pd.DataFrame(rng.normal(size=(rows, int(rng.integers(2, 9)))))
        table = table.add_prefix("x").round(int(rng.integers(0, 4)))
        for levels in (2, 3, 8):
            table[f"k{levels}"] = rng.integers(0, levels, rows).astype(str)
        y = rng.normal(size=rows).round(2)
        share = 0.5 if task == "two classes" else 0.9
        table["y"] = (
            y if task == "number" else np.where(rng.random(rows) < share, "u", "v")
        )
        if task == "number" or table["y"].value_counts().min() > 2:
            assert leaks(table) == ()


def test_a_level_of_one_number_alone_is_no_range_of_it():
    table = honest(rows=400)
    table["paid"] = np.where(table["y"] > 0.2, "card", "cash")
    table["y"] = table["y"].where(table["paid"] == "card", 0.0)
    assert leaks(table) == ()


def test_a_coarse_number_and_a_level_beside_it_are_no_ranges():
    rng = np.random.default_rng(0)
    table = honest(rows=2000)
    table["y"] = table["y"].clip(-2, 2).mul(3).round() + rng.integers(0, 2, 2000)
    table["kind"] = np.where(table["y"] + rng.normal(0, 2, 2000) > 0, "m", "f")
    assert leaks(table, task="regression") == ()


def test_of_many_classes_each_may_have_levels_of_its_own():
    table = honest(rows=600)
    table["y"] = classes(table, 6)
    table["spot"] = np.where(table["y"] == "w", "brown", "none")
    assert leaks(table) == ()

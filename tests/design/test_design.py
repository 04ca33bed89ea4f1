import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings, Task
from regcore.design.build import build_design
from regcore.design.scale import Scale
from tests.tables import TASKS, table, train

every_task = pytest.mark.parametrize("task", TASKS)


def design(data, **settings):
    return build_design(data, Settings(**{"target": "y", **settings}))


def mixed_table(n=80, seed=0):
    """Numbers with gaps, categories of two, few and many levels, and odd columns."""
    rng = np.random.default_rng(seed)
    city = rng.choice([f"city {i}" for i in range(30)], n)
    return pd.DataFrame(
        {
            "size": rng.normal(100.0, 20.0, n),
            "age": np.where(rng.random(n) < 0.2, np.nan, rng.normal(40.0, 9.0, n)),
            "sex": rng.choice(["f", "m"], n),
            "grade": rng.choice(["a", "b", None], n),
            "city": city,
            "constant": np.full(n, 5.0),
            "empty": np.full(n, np.nan),
            "comment": [f"said {i}" for i in range(n)],
            "y": rng.standard_normal(n),
        }
    )


# Scaling


@every_task
def test_training_features_have_mean_nought_and_deviation_one(task):
    ours = design(table(task))
    np.testing.assert_allclose(ours.X.mean(axis=0), 0.0, atol=1e-13)
    np.testing.assert_allclose(ours.X.std(axis=0), 1.0, rtol=1e-12)


def test_a_numeric_target_is_scaled_by_its_training_rows():
    data = table()
    ours = design(data)
    in_training = data["y"].to_numpy()[ours.rows]
    assert ours.y_scale.mean[0] == pytest.approx(in_training.mean())
    assert ours.y_scale.deviation[0] == pytest.approx(in_training.std(ddof=0))
    np.testing.assert_allclose(ours.Y.std(axis=0), 1.0, rtol=1e-12)


def test_without_standardising_features_are_centred_only():
    data = table()
    ours = design(data, standardise=False)
    np.testing.assert_allclose(ours.X.mean(axis=0), 0.0, atol=1e-12)
    columns = data[list(ours.features)].to_numpy()[ours.rows]
    np.testing.assert_allclose(ours.X.std(axis=0), columns.std(axis=0), rtol=1e-12)


@pytest.mark.parametrize("offset", [0.0, 1e9, -1e12])
def test_a_column_far_from_zero_is_scaled_by_its_noise(offset):
    noise = np.random.default_rng(0).standard_normal((500, 1))
    V = offset + noise
    X = Scale.of(V).apply(V.copy())
    assert abs(X.mean()) < 1e-3
    assert X.std() == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-90, 1e-9, 1e9, 1e90])
def test_the_unit_of_a_column_changes_nothing(scale):
    data = table()
    np.testing.assert_allclose(
        design(data.assign(x0=data["x0"] * scale)).X, design(data).X, atol=1e-12
    )


# Training rows only


@every_task
@pytest.mark.parametrize("standardise", [True, False])
def test_nothing_of_the_training_depends_on_the_rows_held_out(task, standardise):
    data = table(task).assign(
        level=np.tile(["p", "q", "r"], 20), gap=np.tile([1.0, 2.0, np.nan, 4.0], 15)
    )
    before = train(data, standardise=standardise, epochs=50)
    held_out = before.problem.design.validation_rows
    assert len(held_out) > 10
    wild = data.copy()
    for name in ("x0", "x1", "gap"):
        wild.loc[held_out, name] = 1e6 * np.arange(len(held_out))
    wild.loc[held_out, "x2"] = np.nan
    wild.loc[held_out, "level"] = "never seen"
    if task == "regression":
        wild.loc[held_out, "y"] = 1e6 * np.arange(len(held_out))
    after = train(wild, standardise=standardise, epochs=50)
    first, second = before.problem.design, after.problem.design
    assert first.features == second.features
    assert first.ledger == second.ledger
    for field in ("X", "Y", "rows"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field))
    np.testing.assert_array_equal(before.W, after.W)
    np.testing.assert_array_equal(before.b, after.b)
    assert not np.array_equal(first.X_validation, second.X_validation)


@every_task
def test_every_usable_row_is_on_one_side(task):
    data = table(task)
    data.loc[[3, 11], "y"] = None
    ours = design(data)
    both = np.sort(np.concatenate([ours.rows, ours.validation_rows]))
    np.testing.assert_array_equal(both, np.delete(np.arange(60), [3, 11]))
    assert len(ours.X) == len(ours.Y) == len(ours.rows)
    assert ours.dropped == ("2 rows without a target left out.",)


def test_classes_have_the_same_share_on_both_sides():
    y = np.repeat(["a", "b", "c"], [40, 16, 4])
    ours = design(table(n=60).assign(y=y), validation_share=0.25)
    np.testing.assert_array_equal(ours.Y.sum(axis=0), [30, 12, 3])
    np.testing.assert_array_equal(ours.Y_validation.sum(axis=0), [10, 4, 1])


def test_a_share_of_nought_holds_nothing_out():
    ours = design(mixed_table(), validation_share=0)
    assert ours.X_validation.shape == (0, ours.X.shape[1])
    assert len(ours.X) == 80


# Encoding


def test_a_mixed_table_becomes_the_features_in_the_order_of_its_columns():
    ours = design(mixed_table(), validation_share=0)
    expected = ["size", "age", "age is missing", "sex = m", "grade = (missing)"]
    expected += ["grade = a", "grade = b"]
    assert list(ours.features[:7]) == expected
    assert len(ours.features) == 7 + 21
    assert ours.features[-1] == "city = (other)"
    assert ours.sources == ("size", "age", "age", "sex", *["grade"] * 3, *["city"] * 21)
    assert ours.X.shape == (80, 28)


def test_the_ledger_says_what_became_of_every_column():
    ours = design(mixed_table(), validation_share=0)
    kinds = {
        entry.column: str(entry.type) if entry.role == "feature" else entry.role
        for entry in ours.ledger
    }
    assert kinds == {
        "size": "number",
        "age": "number",
        "sex": "category",
        "grade": "category",
        "city": "category",
        "constant": "left out",
        "empty": "left out",
        "comment": "left out",
        "y": "target",
    }
    names = [name for entry in ours.ledger for name in entry.features]
    assert tuple(names) == ours.features
    notes = " ".join(ours.notes)
    for part in (
        "«age»: 14 gaps in the training rows filled with their median",
        "«city»: the 20 most frequent of 28 levels kept, the other 8",
        "«constant»: left out: every row has the same value.",
        "«empty»: left out: it has no values.",
        "«comment»: left out: nearly every row has a value of its own: 80 of 80 rows.",
    ):
        assert part in notes
    assert "«size»" not in notes


def test_a_column_of_text_that_is_asked_for_is_taken():
    ours = design(mixed_table(), features=["comment"], validation_share=0)
    assert len(ours.features) == 21


def test_features_follow_the_order_in_which_they_were_chosen():
    assert design(table(), features=["x2", "x0"]).features == ("x2", "x0")


def test_names_that_meet_are_numbered_so_that_each_is_one_feature():
    data = table().assign(
        a=[1.0, 2.0, None] * 20,
        b=np.arange(60.0) % 7,
        c=np.arange(60.0) % 5,
    )
    data.columns = [*data.columns[:-2], "a is missing", "a is missing (2)"]
    names = design(data).features
    assert len(set(names)) == len(names)
    assert {"a", "a is missing", "a is missing (2)"} <= set(names)


@pytest.mark.parametrize(
    "names", [[0, 1, 2, 3], [0, "0", None, 2.5], [("a",), "b", "", " "], list("[.:\\")]
)
def test_any_name_will_do(names):
    ours = design(table().set_axis([*names, "y"], axis=1))
    assert list(ours.features) == names
    assert list(ours.sources) == names


@pytest.mark.parametrize("dtype", ["Int64", "Float32", "float32", "int8", object])
def test_numbers_of_any_dtype_give_the_same_design(dtype):
    data = table().assign(x0=np.arange(60) % 9)
    typed = data.assign(x0=data["x0"].astype(dtype))
    np.testing.assert_array_equal(design(typed).X, design(data).X)


@pytest.mark.parametrize("dtype", ["category", "string", object])
def test_text_of_any_dtype_gives_the_same_design(dtype):
    data = table().assign(x0=["a", "b", "c", "b", None] * 12)
    typed = data.assign(x0=data["x0"].astype(dtype))
    np.testing.assert_array_equal(design(typed).X, design(data).X)
    assert design(typed).features == design(data).features


def test_encoding_the_training_rows_again_gives_the_same_matrix():
    data = mixed_table()
    ours = design(data)
    np.testing.assert_array_equal(ours.encode(data.iloc[ours.rows]), ours.X)
    held_out = ours.encode(data.iloc[ours.validation_rows])
    np.testing.assert_array_equal(held_out, ours.X_validation)


def test_the_table_is_left_as_it_was():
    data = mixed_table().assign(mixed=pd.Series([1, "a", None, [2]] * 20, dtype=object))
    before = data.copy(deep=True)
    design(data).encode(data)
    pd.testing.assert_frame_equal(data, before)


# Missing values


def test_rows_with_a_gap_can_be_dropped_instead():
    data = table().assign(empty=None)
    data.loc[:4, "x1"] = np.nan
    data.loc[4, "y"] = np.nan
    ours = design(data, missing="drop")
    assert len(ours.rows) + len(ours.validation_rows) == 55
    assert ours.features == ("x0", "x1", "x2", "x3")
    assert ours.dropped == (
        "1 row without a target left out.",
        "4 rows with a missing feature dropped.",
    )


# Refusals


def with_one_row_far_away(name):
    """A row held out so far from the rest that its square is no number."""
    data = table()
    row = design(data).validation_rows[2]
    data[name] *= 1e-60
    data.loc[row, name] = 1e90
    return data, row


@pytest.mark.parametrize("name", ["x1", "y"])
def test_a_row_held_out_too_far_away_is_refused_with_its_number(name):
    data, row = with_one_row_far_away(name)
    sentence = f"«{name}», row {row + 1}: the number is too far"
    with pytest.raises(DesignError, match=sentence):
        design(data)


@pytest.mark.parametrize("row", [0, 17, 59])
def test_an_infinite_number_is_refused_with_its_row_in_the_table(row):
    data = table().set_axis(range(900, 960), axis=0)
    data.iloc[row, 1] = np.inf
    with pytest.raises(DesignError, match=f"«x1», row {row + 1}: inf is too large"):
        design(data)


TWICE = table().set_axis(["a", "b", "b", "c", "y"], axis=1)
TWO_LINES = table().set_axis(
    pd.MultiIndex.from_product([["top"], ["a", "b", "c", "d", "y"]]), axis=1
)
REFUSALS = [
    # table, settings, part of the sentence
    (TWICE, {}, "Two columns are named «b»"),
    (TWO_LINES, {}, "more than one line of names"),
    (table(), {"target": "z"}, "The table has no column «z»"),
    (table(), {"features": ["x0", "z"]}, "The table has no column «z»"),
    (table(), {"features": ["x0", "y"]}, "«y» is the target and cannot be a feature"),
    (table(), {"features": []}, "No feature is chosen"),
    (table()[["y"]], {}, "no column but the target «y»"),
    (pd.DataFrame(), {}, "The table has no column «y»"),
    (table(n=7), {}, "Only 7 rows can be used, and at least 8"),
    (table().iloc[:0], {}, "Only 0 rows can be used"),
    (table().iloc[:1], {}, "Only 1 row can be used"),
    (table().assign(y=None), {}, r"Only 0 rows can be used \(60 rows without a target"),
    (table().assign(y=1.0), {}, "same value in every row"),
    (table().assign(y=1e-200 * np.arange(60)), {}, "too close together to be scaled"),
    (table(n=8), {"validation_share": 0.9}, "hold out fewer rows"),
    (table("multiclass"), {"task": "regression"}, "not a number"),
    (
        table().assign(x0=[1.0] * 5 + [np.nan] * 55),
        {"missing": "drop"},
        r"Only 5 rows can be used \(55 rows with a missing feature dropped\)",
    ),
    (
        pd.DataFrame({"a": 1.0, "b": None, "y": range(30)}),
        {},
        r"No feature can be used \(«a»: every row has the same value; «b»: it has",
    ),
    (
        table("binary").assign(y=["yes"] * 59 + ["no"]),
        {},
        "class «no» of «y» has one row",
    ),
]


@pytest.mark.parametrize(
    ("data", "settings", "sentence"), REFUSALS, ids=[row[2][:30] for row in REFUSALS]
)
def test_a_table_that_cannot_be_trained_is_refused_in_a_sentence(
    data, settings, sentence
):
    with pytest.raises(DesignError, match=sentence) as refusal:
        design(data, **settings)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (table().drop(columns="x1"), "no column «x1»"),
        (table().assign(x1="text"), "«x1» must hold numbers"),
        (table().assign(x1=np.inf), "«x1», row 1: inf is too large"),
        (pd.concat([table(), table()[["x1"]]], axis=1), "Two columns are named «x1»"),
    ],
)
def test_a_table_that_does_not_fit_the_design_is_refused(other, sentence):
    with pytest.raises(DesignError, match=sentence):
        design(table()).encode(other)


def test_eight_rows_are_enough():
    ours = design(table(n=8))
    assert len(ours.rows) == 6
    assert ours.task is Task.REGRESSION

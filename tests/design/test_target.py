import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Task
from regcore.design.sheet import Sheet
from regcore.design.target import (
    MOST_CLASSES,
    merge_spellings,
    propose_task,
    read_target,
)


def target(values, dtype=None):
    return pd.Series(values, dtype=dtype, name="t")


PROPOSALS = [
    # values, task, part of the reason
    ([0, 1] * 10, Task.BINARY, "two values"),
    ([2.5, 7.5, None] * 10, Task.BINARY, "two values"),
    (["a", "b"] * 10, Task.BINARY, "two values"),
    ([True, False] * 10, Task.BINARY, "two values"),
    (["a", "b", "c"] * 10, Task.MULTICLASS, "has 3 values"),
    ([0, 1, 2] * 10, Task.MULTICLASS, "3 whole numbers of class codes"),
    ([1.0, 2.0, 3.0, None] * 10, Task.MULTICLASS, "class codes"),
    ([0, 1, 2] * 9, Task.REGRESSION, "number with many values"),
    ([0, 1, 3] * 10, Task.REGRESSION, "number with many values"),
    ([2, 3, 4] * 10, Task.REGRESSION, "number with many values"),
    ([0.5, 1.5, 2.5] * 10, Task.REGRESSION, "number with many values"),
    (list(range(10)) * 10, Task.MULTICLASS, "10 whole numbers"),
    (list(range(11)) * 10, Task.REGRESSION, "number with many values"),
    ([float("inf"), 1.0, 2.0], Task.REGRESSION, "number with many values"),
]


@pytest.mark.parametrize(("values", "task", "reason"), PROPOSALS)
def test_the_task_is_proposed_with_its_reason(values, task, reason):
    proposed, why = propose_task(target(values))
    assert proposed is task
    assert reason in why


def test_spellings_of_a_class_are_taken_together_and_named():
    dirty = target(["Yes", "yes ", " YES", "Yes", "No", "no", "No", None])
    merged, (note,) = merge_spellings(dirty)
    assert merged.tolist()[:-1] == ["Yes"] * 4 + ["No"] * 3
    assert "«yes »" in note
    assert "«no»" in note
    assert note.endswith(".")
    assert propose_task(dirty)[0] is Task.BINARY


@pytest.mark.parametrize("values", [["a", "b"], [1.0, 2.0], [True, False]])
def test_classes_that_differ_are_left_alone(values):
    column = target(values * 4)
    merged, notes = merge_spellings(column)
    assert merged is column
    assert notes == ()


REFUSALS = [
    # values, task, part of the sentence
    ([3.0] * 9, Task.REGRESSION, "same value in every row"),
    (["a"] * 9, Task.BINARY, "same value in every row"),
    (["a", "b", "c"] * 3, Task.REGRESSION, "not a number"),
    ([True, False] * 5, Task.REGRESSION, "not a number"),
    (pd.date_range("2020", periods=9), Task.REGRESSION, "not a number"),
    (["a", "b", "c"] * 3, Task.BINARY, "3 values where two classes were asked for"),
    (["a", "b"] * 5, Task.MULTICLASS, "choose «two classes»"),
    (
        range(2 * MOST_CLASSES),
        Task.MULTICLASS,
        "100 different values, more than",
    ),
    (["a", "a", "b", "b", "c"], Task.MULTICLASS, "class «c» of «t» has one row"),
    ([0.0, 0.0, 2.0], Task.BINARY, "class «2» of «t» has one row"),
    ([1.0, float("inf"), 2.0], Task.REGRESSION, "row 2: inf is too large"),
    ([1.0, 1e200, 2.0], Task.REGRESSION, r"row 2: 1e\+200 is too large"),
]


@pytest.mark.parametrize(("values", "task", "sentence"), REFUSALS)
def test_a_target_that_cannot_be_trained_is_refused(values, task, sentence):
    with pytest.raises(DesignError, match=sentence) as refusal:
        read_target(target(values), task)
    assert "«t»" in str(refusal.value)
    assert str(refusal.value).endswith(".")


READ = [
    # values, task, classes, codes
    (["b", "a", "b", "a"], Task.BINARY, ("a", "b"), [1, 0, 1, 0]),
    ([True, False, True, False], Task.BINARY, ("False", "True"), [1, 0, 1, 0]),
    ([10.0, 9.0, 10.0, 9.0], Task.BINARY, ("9", "10"), [1, 0, 1, 0]),
    ([1234567.0, 1234568.0] * 2, Task.BINARY, ("1234567", "1234568"), [0, 1, 0, 1]),
    (["c", "a", "b"] * 2, Task.MULTICLASS, ("a", "b", "c"), [2, 0, 1, 2, 0, 1]),
]


@pytest.mark.parametrize(("values", "task", "classes", "codes"), READ)
def test_classes_are_sorted_and_written_as_in_the_file(values, task, classes, codes):
    ours = read_target(target(values), task)
    assert ours.classes == classes
    np.testing.assert_array_equal(ours.values, codes)


def test_an_ordered_category_keeps_its_order_and_drops_unused_levels():
    sizes = pd.CategoricalDtype(["small", "medium", "large"], ordered=True)
    ours = read_target(target(["large", "small"] * 3, sizes), Task.BINARY)
    assert ours.classes == ("small", "large")


def test_a_regression_reads_the_numbers():
    ours = read_target(target([1, 5, 3], "Int64"), Task.REGRESSION)
    assert ours.classes == ()
    np.testing.assert_array_equal(ours.values, [1.0, 5.0, 3.0])


IDS = list(range(100, 120))
DATES = [f"2024-01-{i:02}" for i in range(1, 21)]
TEXTS = [f"person {chr(97 + i)}" for i in range(20)]
MEASURED = [0.5 * i for i in range(20)]

TARGETS = [
    # columns, proposed, part of the reason
    ({"a": MEASURED, "b": MEASURED}, "b", "last column that can be predicted"),
    ({"Class": MEASURED, "b": MEASURED}, "Class", "its name says so"),
    ({"a": MEASURED, "id": IDS}, "a", "last column that can be predicted"),
    ({"a": MEASURED, "b": [1.0] * 20}, "a", "last column that can be predicted"),
    ({"a": [1.0] * 20, "b": [2.0] * 20}, "b", "last column, though none can be"),
    ({"a": MEASURED, "y": range(20)}, "y", "its name says so"),
    ({"price": MEASURED, "b": MEASURED}, "price", "its name says so"),
    ({"survived": [0, 1] * 10, "b": MEASURED}, "survived", "its name says so"),
    ({"是否流失": [0, 1] * 10, "b": MEASURED}, "是否流失", "its name says so"),
    ({"月租": MEASURED, "面积": MEASURED}, "月租", "its name says so"),
    ({"Preis": MEASURED, "b": MEASURED}, "Preis", "its name says so"),
    (
        {"a": MEASURED, "median house value": MEASURED, "sex": [0, 1] * 10},
        "median house value",
        "its name says so",
    ),
    ({"a": MEASURED, "day": DATES}, "a", "last column that can be predicted"),
    ({"a": MEASURED, "text": TEXTS}, "a", "last column that can be predicted"),
    ({"id": IDS, "a": [0, 1] * 10, "rare": ["x"] + ["y"] * 19}, "a", "two values"),
    ({0: MEASURED, 1: ["x", "y"] * 10}, 1, "last column that can be predicted"),
    ({"a": MEASURED, "b": [np.inf, *MEASURED[1:]]}, "b", "last column"),
    ({"a": MEASURED, "b": MEASURED, "Day": MEASURED}, "a", "first column"),
    ({"late": [0, 1] * 10, "b": MEASURED, "decade code": MEASURED}, "late", "name"),
    ({"a": MEASURED, "vote count": MEASURED, "b": MEASURED}, "b", "last column"),
    ({"sales": MEASURED, "profit margin pct": MEASURED}, "sales", "its name says so"),
    ({"k": ["x", "y"] * 10, "id": [7, *IDS[:-2], 7]}, "k", "last column that can be"),
    ({"a": MEASURED, "code": MEASURED}, "a", "first column"),
]


@pytest.mark.parametrize(("columns", "proposed", "reason"), TARGETS)
def test_the_target_is_proposed_with_its_reason(columns, proposed, reason):
    name, why = Sheet.of(pd.DataFrame(columns)).target
    assert name == proposed
    assert reason in why

import numpy as np
import pandas as pd
import pytest

from regcore import DesignError
from regcore.design.columns import (
    LARGEST,
    MOST_LEVELS,
    CategoryColumn,
    NumberColumn,
    fit_category,
    fit_number,
    is_number,
    label,
    level_codes,
    numbers,
    plain,
    varies,
)
from tests.tables import encoded_as

NAN = float("nan")


def column(values, dtype=None):
    return pd.Series(values, dtype=dtype, name="c")


KINDS = [
    (column([1, 2]), True),
    (column([1.5, NAN]), True),
    (column([1, None], "Int64"), True),
    (column([1, None], "Float32"), True),
    (column([1, 2], "uint8"), True),
    (column([True, False]), False),
    (column([True, None], "boolean"), False),
    (column(["a", "b"]), False),
    (column([1, 2], "category"), False),
    (column([1 + 2j]), False),
    (column(pd.to_datetime(["2020-01-01"])), False),
    (column(pd.to_timedelta([1], "D")), False),
    (column([1, "a"], object), False),
]


@pytest.mark.parametrize(("values", "expected"), KINDS, ids=lambda v: str(v)[:20])
def test_numbers_are_numbers_and_truth_is_a_category(values, expected):
    assert is_number(values) is expected


@pytest.mark.parametrize(
    "values",
    [
        column([1, None, 3], "Int64"),
        column([1.0, NAN, 3.0], "float32"),
        column([1, None, 3], "Float64"),
        column([1, None, 3], object),
        column(["1", None, "3"], object),
    ],
    ids=lambda values: f"{values.dtype} {values[0]!r}",
)
def test_every_dtype_of_numbers_becomes_floats(values):
    ours = numbers(values)
    assert ours.dtype == float
    np.testing.assert_array_equal(ours, [1.0, NAN, 3.0])


@pytest.mark.parametrize("wrong", [np.inf, -np.inf, 1.01 * LARGEST, -1.7e308])
def test_a_number_too_large_is_refused_with_its_row(wrong):
    with pytest.raises(DesignError, match=r"«c», row 3: .* is too large to be scaled"):
        numbers(column([0.0, NAN, wrong, wrong]))


def test_the_largest_number_is_taken():
    np.testing.assert_array_equal(numbers(column([LARGEST, -LARGEST])), [1e100, -1e100])


def test_text_where_numbers_were_is_refused():
    with pytest.raises(DesignError, match="«c» must hold numbers, as it did in train"):
        numbers(column(["a", "1"]))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 1.0], True),
        ([3.0, 3.0], False),
        ([0.1 + 0.2, 0.3], False),
        ([1e9, 1e9 + 1e-3], True),
        ([0.0, 1e-99], True),
        ([0.0, 1e-300], False),
        ([-1e100, 1e100], True),
    ],
)
def test_numbers_vary_when_more_than_their_last_digits_differ(values, expected):
    assert varies(np.array(values)) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, "1"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        (1234567.0, "1234567"),
        (1e300, "1e+300"),
        (np.float64(2.0), "2"),
        (7, "7"),
        (True, "True"),
        ("1.0", "1.0"),
    ],
)
def test_a_level_is_written_as_in_the_file(value, expected):
    assert label(value) == expected


def test_a_plain_table_has_row_numbers_and_no_objects():
    table = pd.DataFrame(
        {
            "number": pd.Series([1, None, 2.5], dtype=object),
            "mixed": pd.Series([1, None, "1"], dtype=object),
            "lists": pd.Series([[1], [2], None], dtype=object),
        }
    ).set_axis([5, 5, 7])
    ours = plain(table)
    assert ours.index.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(ours["number"], [1.0, NAN, 2.5])
    assert ours["mixed"].dropna().tolist() == ["1", "1"]
    assert ours["lists"].dropna().tolist() == ["[1]", "[2]"]
    assert table["lists"].tolist()[0] == [1]


# Numbers


FITTED_NUMBERS = [
    ([1.0, 2.0, 6.0], NumberColumn("c", 2.0, marked=False), ""),
    ([1.0, NAN, 6.0, 2.0], NumberColumn("c", 2.0, marked=True), "1 gap in the"),
    ([1.0, NAN, 2.0, NAN], NumberColumn("c", 1.5, marked=True), "2 gaps in the"),
    ([7.0, 7.0], None, "left out: 7 in every training row"),
    ([0.3, 0.1 + 0.2], None, "0.3 in every training row, up to rounding"),
    ([NAN, NAN], None, "left out: every training row is empty"),
    ([7.0, NAN], CategoryColumn("c", ("7",), other=False, base="(missing)"), ""),
]


@pytest.mark.parametrize(("values", "expected", "note"), FITTED_NUMBERS)
def test_a_number_is_fitted_on_what_is_known(values, expected, note):
    encoding, said = fit_number(column(values))
    assert encoding == expected
    assert note in said
    assert bool(said) == bool(note)


def test_a_gap_gets_the_median_and_a_mark():
    encoding, _ = fit_number(column([1.0, NAN, 6.0, 2.0]))
    assert encoding.names == ("c", "c is missing")
    encoded = encoded_as(encoding, column([NAN, 9.0]))
    np.testing.assert_array_equal(encoded, [[2.0, 1.0], [9.0, 0.0]])


def test_a_gap_that_training_had_not_is_filled_without_a_mark():
    encoding, _ = fit_number(column([1.0, 6.0, 2.0]))
    assert encoding.names == ("c",)
    np.testing.assert_array_equal(
        encoded_as(encoding, column([NAN, 9.0])), [[2.0], [9.0]]
    )


def test_a_number_constant_but_for_its_gaps_is_the_same_level_without_gaps():
    encoding, _ = fit_number(column([7.0, NAN]))
    assert encoding.names == ("c = 7",)
    for values in ([7, 7], [7.0, 7.0]):
        np.testing.assert_array_equal(
            encoded_as(encoding, column(values)), [[1.0], [1.0]]
        )


# Categories


FITTED_CATEGORIES = [
    (column(["b", "a", "b"]), ("c = b",)),
    (column(["b", None, "b"]), ("c = b",)),
    (column([True, False, True]), ("c = True",)),
    (
        column([True, None, False], "boolean"),
        ("c = (missing)", "c = False", "c = True"),
    ),
    (column(["b", None, "a"]), ("c = (missing)", "c = a", "c = b")),
    (column([2, 1, 3], "category"), ("c = 1", "c = 2", "c = 3")),
    (
        column(pd.to_datetime(["2020-01-02", "2020-01-01"])),
        ("c = 2020-01-02 00:00:00",),
    ),
    (column(["x", 1, 1.0, "1"], object), ("c = x",)),
]


@pytest.mark.parametrize(
    ("values", "names"), FITTED_CATEGORIES, ids=lambda v: str(v)[:24]
)
def test_two_levels_give_one_column_and_more_give_one_each(values, names):
    encoding, note = fit_category(values)
    assert encoding.names == names
    assert note == ""
    encoded = encoded_as(encoding, values)
    assert encoded.shape == (len(values), len(names))
    assert set(np.unique(encoded)) == {0.0, 1.0}
    assert encoded.sum(axis=1).max() == 1.0
    if len(names) > 1:
        np.testing.assert_array_equal(encoded.sum(axis=1), np.ones(len(values)))


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (["a", "a"], "left out: every training row is equal"),
        ([None, None], "left out: every training row is empty"),
    ],
)
def test_one_level_is_left_out(values, note):
    assert fit_category(column(values, object)) == (None, note)


@pytest.mark.parametrize("levels", [MOST_LEVELS, MOST_LEVELS + 1, 100])
def test_the_most_frequent_levels_are_kept_and_the_rest_is_other(levels):
    # Level i comes levels − i times: the first are the most frequent.
    values = column([f"{i:03}" for i in range(levels) for _ in range(levels - i)])
    encoding, note = fit_category(values)
    kept = tuple(f"{i:03}" for i in range(min(levels, MOST_LEVELS)))
    assert encoding.levels == kept
    assert encoding.other is (levels > MOST_LEVELS)
    if encoding.other:
        assert encoding.names[-1] == "c = (other)"
        assert f"the {MOST_LEVELS} most frequent of {levels} levels kept" in note
        assert f"the other {levels - MOST_LEVELS} taken together" in note
        last = encoded_as(encoding, column([f"{levels - 1:03}", "unseen", "000"]))
        np.testing.assert_array_equal(last[:, -1], [1.0, 1.0, 0.0])
    else:
        assert note == ""


def test_an_unseen_level_without_an_other_is_no_level():
    three, _ = fit_category(column(["a", "b", "d"]))
    np.testing.assert_array_equal(encoded_as(three, column(["e"])), [[0.0, 0.0, 0.0]])
    two, _ = fit_category(column(["a", "b"]))
    np.testing.assert_array_equal(encoded_as(two, column(["e", "b"])), [[0.0], [1.0]])


def test_a_missing_value_where_training_had_none_is_no_level():
    encoding, _ = fit_category(column(["a", "b", "d"]))
    encoded = encoded_as(encoding, column([None, "d"], object))
    np.testing.assert_array_equal(encoded, [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


def test_a_level_called_other_does_not_hide_the_rest():
    values = [f"{i:02}" for i in range(30)] + ["(other)"] * 5
    encoding, _ = fit_category(column(values))
    assert "(other)" in encoding.levels
    encoded = encoded_as(encoding, column(["(other)", "unseen"]))
    assert encoded.sum() == 2.0
    assert not (encoded[0] == encoded[1]).all()


def test_no_row_is_encoded_as_no_row():
    for encoding in (
        fit_number(column([1.0, NAN, 2.0]))[0],
        fit_category(column(["a", "b", "d"]))[0],
    ):
        empty = encoded_as(encoding, column([], float))
        assert empty.shape == (0, len(encoding.names))


def test_level_codes_point_at_sorted_levels():
    codes, levels = level_codes(column(["b", None, "a", "b"], object))
    assert levels == ("(missing)", "a", "b")
    assert [levels[code] for code in codes] == ["b", "(missing)", "a", "b"]


def test_different_cells_with_their_counts_are_fitted_as_all_rows_are():
    rng = np.random.default_rng(3)
    letters = rng.choice([*"abcdefghijklmnopqrstuvwxyz", "B ", None], 2_000)
    counts = pd.Series(letters).value_counts(dropna=False)
    different = pd.Series(counts.index, name="letter")
    whole = fit_category(pd.Series(letters, name="letter"))
    assert fit_category(different, times=counts.to_numpy()) == whole
    assert whole[0].other
    assert whole[0].spellings

"""How numbers, counts, lists and names are written in a sentence."""

import math

import pytest

from regcore.words import (
    correlation,
    counted,
    duration,
    figures,
    listed,
    named,
    number,
    one_or_many,
    percent,
    share,
    signed,
)


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (-1.25, ".1f", "−1.2"),
        (0.5, "+.2f", "+0.50"),
        (1e-05, ".4g", "1e−05"),
        (-12345.678, ",.0f", "−12,346"),
        (math.nan, ".3g", "nan"),
    ],
)
def test_a_number_has_a_true_minus(value, form, expected):
    assert number(value, form) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (43520.4, 4, "43,520"),
        (0.0123456, 4, "0.01235"),
        (-1234567.0, 2, "−1,200,000"),
        (0.0, 4, "0"),
        (99.96, 3, "100"),
        (1e-7, 2, "1e−07"),
    ],
)
def test_figures_count_from_the_first_that_is_not_zero(value, digits, expected):
    assert figures(value, digits) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.1234, "+0.12"), (-3.46, "−3.5"), (1234.0, "+1,200"), (0.0, "+0")],
)
def test_a_signed_number_says_either_sign(value, expected):
    assert signed(value) == expected


@pytest.mark.parametrize("value", [3.0, 0.00123, 87654.0, 1e-9])
def test_without_its_sign_a_signed_number_is_its_figures(value):
    assert signed(value)[1:] == signed(-value)[1:] == figures(value, 2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12.34, "+12 %"),
        (-12.34, "−12 %"),
        (1.26, "+1.3 %"),
        (-0.043, "−0.04 %"),
        (0.004, "0.00 %"),
        (-0.004, "0.00 %"),
        (0.0, "0.00 %"),
        (9.99, "+10.0 %"),
    ],
)
def test_a_percentage_has_a_sign_unless_it_rounds_to_nothing(value, expected):
    assert percent(value) == expected


def test_a_share_is_a_percentage_without_decimals():
    assert [share(value) for value in (0.0, 0.644, 1.0)] == ["0 %", "64 %", "100 %"]


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.9951, 0, "more than 99 %"),
        (0.9949, 0, "99 %"),
        (0.0049, 0, "less than 1 %"),
        (0.0051, 0, "1 %"),
        (0.9996, 1, "more than 99.9 %"),
        (0.0004, 1, "less than 0.1 %"),
        (1.0, 1, "100.0 %"),
        (0.0, 1, "0.0 %"),
        (1.2, 0, "120 %"),
    ],
)
def test_all_and_none_are_said_only_where_it_is_so(value, decimals, expected):
    assert share(value, decimals) == expected


@pytest.mark.parametrize(
    ("r", "sign", "expected"),
    [
        (0.734, "", "0.73"),
        (-0.734, "+", "−0.73"),
        (0.734, "+", "+0.73"),
        (0.997, "", "0.997"),
        (-0.9996, "+", "−0.9996"),
        (0.99999, "", "1.00"),
        (1.0, "", "1.00"),
        (0.0, "", "0.00"),
    ],
)
def test_a_correlation_is_1_only_where_it_is(r, sign, expected):
    assert correlation(r, sign) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (20640, "20,640 rows")],
)
def test_a_count_agrees_with_its_noun(count, expected):
    assert counted(count, "row") == expected


def test_one_is_and_none_or_many_are():
    assert [one_or_many(n, "is", "are") for n in (0, 1, 2)] == ["are", "is", "are"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_a_long_list_ends_with_how_many_more(words, expected):
    assert listed(words) == expected


def test_a_list_may_be_longer_or_shorter():
    assert listed(list("abcde"), most=5) == "a, b, c, d and e"
    assert listed(list("abcde"), most=2) == "a and 4 more"


def test_a_name_is_quoted_and_cut_where_it_is_very_long():
    assert named("age") == "«age»"
    assert named(7) == "«7»"
    assert named("two\n  lines ") == "«two lines»"
    assert named("x" * 40) == f"«{'x' * 40}»"
    assert named("x" * 41) == f"«{'x' * 39}…»"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (8.6, "9 s"),
        (43.0, "40 s"),
        (56.0, "1 minute"),
        (119.0, "2 minutes"),
        (3400.0, "1 hour"),
        (9000.0, "2 hours"),
    ],
)
def test_a_time_is_told_roughly(seconds, text):
    assert duration(seconds) == text

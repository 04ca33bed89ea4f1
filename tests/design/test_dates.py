import numpy as np
import pandas as pd
import pytest

from regcore import DesignError
from regcore.design.date_fits import fit_dates
from regcore.design.dates import find_order, forced_order, read_dates
from regcore.design.datetexts import DateOrder
from tests.tables import encoded_as

DAY_FIRST, MONTH_FIRST = DateOrder(), DateOrder(day_first=False)
GUESSED = DateOrder(certain=False)
CLOCK = DateOrder(clock=True)


def column(values, dtype=None):
    return pd.Series(values, dtype=dtype, name="d")


ISO = [f"{2000 + i}-01-01" for i in range(1, 900)]

FOUND = [
    # texts, order, the first as a date
    (["2024-01-31", "2024-02-01"], DAY_FIRST, "2024-01-31"),
    (["2024-01-31T10:20:30Z"], DAY_FIRST, "2024-01-31T10:20:30"),
    (["2024/1/31 10:20"], DAY_FIRST, "2024-01-31T10:20"),
    (["2024-01", "2024-02"], DAY_FIRST, "2024-01-01"),
    (["31/01/2024", "01/02/2024"], DAY_FIRST, "2024-01-31"),
    (["31.1.24", "1.2.99"], DAY_FIRST, "2024-01-31"),
    (["01/31/2024", "02/01/2024"], MONTH_FIRST, "2024-01-31"),
    (["1/31/2024 3:05 PM"], MONTH_FIRST, "2024-01-31T15:05"),
    (["03/04/2024", "05/06/2024"], GUESSED, "2024-04-03"),
    (["Jan 31, 2024", "January 3, 2024"], DAY_FIRST, "2024-01-31"),
    (["31-Jan-24", "1 Feb 2024"], DAY_FIRST, "2024-01-31"),
    (["Wed, 31 Jan 2024 10:00:00 +0100"], DAY_FIRST, "2024-01-31T09:00"),
    (["2024年1月31日"], DAY_FIRST, "2024-01-31"),
    ([" 2024-01-31 ", None], DAY_FIRST, "2024-01-31"),
    ([*ISO, "01/31/2024"], MONTH_FIRST, "2001-01-01"),
    ([*ISO, "31/01/2024"], DAY_FIRST, "2001-01-01"),
    ([*ISO, "03/04/2024"], GUESSED, "2001-01-01"),
    (
        ["2024-01-31"] + [f"2024-02-{i:02}" for i in range(1, 20)] + ["?"],
        DAY_FIRST,
        "2024-01-31",
    ),
]


@pytest.mark.parametrize(("texts", "order", "first"), FOUND)
def test_a_column_of_dates_is_found_and_read(texts, order, first):
    ours = column(texts)
    assert find_order(ours) == order
    assert read_dates(ours, order)[0] == np.datetime64(first)


@pytest.mark.parametrize(
    "values",
    [
        [20240131, 20240201],
        [2024, 2025],
        ["20240131", "20240201"],
        ["00501", "00502"],
        ["31/01/2024", "01/31/2024"],
        ["2024-01-31", "hello"],
        ["2024-02-30", "2024-02-31"],
        ["10:20", "35:30"],
        ["10:20", "1:10:20"],
        ["10:20", "11:60"],
        ["2:1", "3:0"],
        ["1.2.3", "1.2.4"],
        ["192.168.1.1"],
        ["May", "June"],
        ["A-2024-01"],
        [True, False],
        [None, None],
    ],
)
def test_what_is_no_date_is_not_taken_for_one(values):
    assert find_order(column(values)) is None


TIMES = [
    # texts, hours
    (["10:30", "0:15", "23:59"], [10.5, 0.25, 23 + 59 / 60]),
    (["10:30:36", "00:00:00"], [10.51, 0]),
    (["12:30 AM", "12:30 PM", "1:00 p.m."], [0.5, 12.5, 13]),
    ([" 7:06 ", None, "8:00"], [7.1, 7.55, 8]),
]


@pytest.mark.parametrize(("texts", "hours"), TIMES)
@pytest.mark.parametrize("how", ["days", "parts"])
def test_times_of_day_are_hours_since_midnight(texts, hours, how):
    order = find_order(column(texts))
    assert order == CLOCK
    encoding, note = fit_dates(column(texts), order, how)
    assert encoding.names[0] == "d"
    np.testing.assert_allclose(encoded_as(encoding, column(texts))[:, 0], hours)
    assert note.startswith("taken as hours since midnight")


def test_a_cell_that_is_no_time_of_day_is_missing_and_counted():
    texts = [f"{hour}:30" for hour in range(24)] + ["noon"]
    encoding, note = fit_dates(column(texts), find_order(column(texts)), "days")
    np.testing.assert_array_equal(encoded_as(encoding, column(texts))[-1], [12, 1])
    assert "1 cell that is no time of day taken as missing" in note


def test_datetimes_are_dates_in_universal_time():
    zoned = column(pd.to_datetime(["2024-01-31T00:00+02:00", None]))
    assert find_order(zoned) == DAY_FIRST
    times = read_dates(zoned, DAY_FIRST)
    assert times[0] == np.datetime64("2024-01-30T22:00")
    assert np.isnat(times[1])


@pytest.mark.parametrize(
    ("values", "first"), [([20240131, 20240201], "2024-01-31"), ([2024, 2025], "2024")]
)
def test_numbers_become_dates_where_that_is_asked_for(values, first):
    order = forced_order(column(values))
    assert read_dates(column(values), order)[0] == np.datetime64(first)


def test_a_column_said_to_hold_dates_is_refused_where_no_cell_is_one():
    with pytest.raises(DesignError) as refusal:
        forced_order(column(["hello", None, "bye"]))
    assert str(refusal.value) == (
        "Column «d» has only cells that are no dates, for instance «hello»; choose "
        "another type for it."
    )


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["2024-01-31", "hello", "bye"], DAY_FIRST),
        (["31/01/2024", "hello", "bye"], DAY_FIRST),
        (["01/31/2024", "hello", "bye"], DateOrder(day_first=False)),
        (["01/02/2024", "hello", "bye"], DateOrder(certain=False)),
        (["01/31/2024", "02/28/2024", "30/01/2024"], DateOrder(day_first=False)),
        (["14:05", "hello", "bye", "noon"], DateOrder(clock=True)),
    ],
)
def test_a_column_said_to_hold_dates_is_read_as_far_as_it_does(texts, order):
    assert forced_order(column(texts)) == order
    assert np.isnat(read_dates(column(texts), order)).sum() < len(texts)


def test_cells_that_are_no_date_are_counted_with_three_examples():
    texts = ["2024-01-31", "2024-02-01"] * 5 + [*"aabbbccdddd"]
    _, note = fit_dates(column(texts), forced_order(column(texts)), "days")
    assert note.startswith(
        "taken as days since 2024-01-31, the earliest; 11 cells that are no date taken "
        "as missing, such as «d», «b» and «a»; 11 gaps"
    )


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["28mar2022", "16APR2022"], "2022-03-28"),
        (["22_Aug_2019", "1_Sept_2019"], "2019-08-22"),
        (["dec2021", "January2022"], "2021-12-01"),
        (["Mar 2022", "Apr. 2022"], "2022-03-01"),
        (["03/2022", "12/2022"], "2022-03-01"),
    ],
)
def test_a_month_in_letters_or_without_a_day_makes_a_date(texts, first):
    order = find_order(column(texts))
    assert order == DAY_FIRST
    assert read_dates(column(texts), order)[0] == np.datetime64(first)


@pytest.mark.parametrize(
    "texts",
    [
        ["10marble22", "11mayor23"],
        ["May-22", "Mar-23"],
        ["13/2022", "44/2021"],
        ["3/1022", "4/1023"],
        ["41_10_1", "42_11_2"],
    ],
)
def test_codes_and_what_may_be_the_day_of_a_month_are_no_dates(texts):
    assert find_order(column(texts)) is None


def test_a_month_and_two_digits_are_a_month_and_a_year_where_dates_are_asked_for():
    texts = column(["Mar-22", "Apr-22"])
    assert read_dates(texts, forced_order(texts))[1] == np.datetime64("2022-04-01")


DAYS = ["2024-01-11", "2024-01-01", None, "2024-01-03"]


def test_days_count_from_the_earliest_training_date():
    encoding, note = fit_dates(column(DAYS), DAY_FIRST, "days")
    assert encoding.names == ("d", "d is missing")
    expected = [[10, 0], [0, 0], [2, 1], [2, 0]]
    np.testing.assert_array_equal(encoded_as(encoding, column(DAYS)), expected)
    assert encoding.fill == "2024-01-03"
    assert "days since 2024-01-01, the earliest" in note
    assert "1 gap in the training rows filled with their median, 2024-01-03" in note
    held_out = column(["2023-12-31", "2024-01-01T12:00:00"])
    np.testing.assert_array_equal(encoded_as(encoding, held_out)[:, 0], [-1, 0.5])


def test_parts_that_vary_get_a_column_each():
    texts = ["2023-12-31", "2024-01-01", "2024-02-29"]
    encoding, note = fit_dates(column(texts), DAY_FIRST, "parts")
    assert encoding.names == ("d: year", "d: month", "d: day", "d: weekday")
    expected = [[2023, 12, 31, 7], [2024, 1, 1, 1], [2024, 2, 29, 4]]
    np.testing.assert_array_equal(encoded_as(encoding, column(texts)), expected)
    assert note == "taken apart into year, month, day, weekday"


def test_hours_are_a_part_and_guessed_orders_are_said():
    texts = ["03/04/2024 08:00", "03/04/2024 17:30", "oops"]
    encoding, note = fit_dates(column(texts), GUESSED, "parts")
    assert encoding.names == ("d: hour", "d is missing")
    np.testing.assert_array_equal(
        encoded_as(encoding, column(texts))[:, 0], [8, 17, 12.5]
    )
    assert "read with the day before the month, which no cell decides" in note
    assert "1 cell that is no date taken as missing" in note


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (["2024-01-31"] * 3, "left out: 2024-01-31 in every training row"),
        ([None, None], "left out: every training row is empty"),
    ],
)
def test_dates_that_do_not_vary_are_left_out(values, note):
    assert fit_dates(column(values, "str"), DAY_FIRST, "days") == (None, note)


def test_times_that_do_not_vary_are_left_out():
    note = "left out: the same time in every training row"
    assert fit_dates(column(["10:30"] * 3), CLOCK, "days") == (None, note)

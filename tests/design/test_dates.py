import numpy as np
import pandas as pd
import pytest

from regcore import DesignError
from regcore.design.dates import find_order, fit_dates, forced_order, read_dates
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


def test_a_column_said_to_hold_dates_is_refused_with_a_cell_that_is_none():
    with pytest.raises(DesignError, match="«d» has cells that are no dates, for insta"):
        forced_order(column(["2024-01-31", "hello", "bye"]))


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

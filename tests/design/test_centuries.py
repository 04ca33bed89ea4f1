"""Years of two digits: which hundred years they are of."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings
from regcore.design import build_design, centuries
from regcore.design.dates import forced_order, read_dates
from regcore.design.datetexts import DateOrder
from regcore.design.guesses import guess_types, tell_order
from regcore.settings import First
from tests.visits import Visit, csv_of

N = 60


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    today = SimpleNamespace(today=lambda: SimpleNamespace(year=2026))
    monkeypatch.setattr(centuries, "date", today)


def written(years: range | list[int], form: str = "%d/%m/%y") -> pd.Series:
    """Dates of these years, each of which comes more than once."""
    rng = np.random.default_rng(0)
    days = [
        pd.Timestamp(years[i % len(years)], 1, 1) + pd.Timedelta(days=int(day))
        for i, day in enumerate(rng.integers(0, 365, N))
    ]
    return pd.Series(days).dt.strftime(form)


def years_read(name: str, column: pd.Series, **others: pd.Series) -> set[int]:
    table = pd.DataFrame({name: column, **others})
    order = guess_types(table)[name].order
    return set(read_dates(column, order).astype("datetime64[Y]").astype(int) + 1970)


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("dob", range(1940, 1999)),
        ("dob", range(1930, 2020)),
        ("date_of_birth", range(1922, 1950)),
        ("Geburtstag", range(1928, 2026)),
        ("when", range(1940, 1999)),
        ("when", range(1995, 2026)),
        ("when", range(2020, 2046)),
        ("due", range(2027, 2033)),
        ("when", range(1961, 1966)),
    ],
)
@pytest.mark.parametrize("form", ["%d/%m/%y", "%d %b %y", "%m/%d/%y 08:15"])
def test_two_digit_years_are_of_one_century_that_their_stretch_shows(name, years, form):
    assert years_read(name, written(years, form)) == {*years[:N]}


def test_the_other_dates_of_a_file_show_the_century():
    old = written(range(1905, 1912), "%Y-%m-%d")
    assert years_read("when", written(range(1901, 1910)), seen=old) == {
        *range(1901, 1910)
    }
    assert years_read("dob", written(range(1850, 1890)), seen=old) == {
        *range(1850, 1890)
    }
    new = written(range(2001, 2008), "%Y-%m-%d")
    assert years_read("when", written(range(2001, 2010)), seen=new) == {
        *range(2001, 2010)
    }


def table() -> pd.DataFrame:
    dob = written(range(1940, 1999))
    days = pd.to_datetime(dob, format="%d/%m/%y").dt.day_of_year
    return pd.DataFrame({"dob": dob, "x": np.arange(N) % 7 / 2, "y": days})


def test_the_century_is_said_and_can_be_said_otherwise():
    design = build_design(table(), Settings("y"))
    assert "two digits of a year read as 1927 to 2026, as a guess" in " ".join(
        design.notes
    )
    other = build_design(table(), Settings("y", centuries={"dob": 2126}))
    assert "read as 2027 to 2126" in " ".join(other.notes)
    (dates,) = [e for e in other.encodings if e.column == "dob"]
    assert str(dates.origin)[:4] == "2040"


def test_a_century_must_be_a_year_and_of_a_column():
    with pytest.raises(DesignError, match="whole number, such as 2025"):
        Settings("y", centuries={"dob": 20})
    with pytest.raises(DesignError, match="no column «birth»"):
        build_design(table(), Settings("y", centuries={"birth": 2025}))


def test_full_years_are_not_moved_and_a_lost_29th_of_february_is_no_date():
    column = pd.Series(["29/02/00", "01/03/00", "01/03/2000", "nothing"])
    found = read_dates(column, DateOrder(last=1999))
    assert [str(day)[:10] for day in found] == [
        "NaT",
        "1900-03-01",
        "2000-03-01",
        "NaT",
    ]
    found = read_dates(column, DateOrder(last=2026))
    assert str(found[0])[:10] == "2000-02-29"


def test_the_page_asks_for_the_century_of_each_such_column():
    visit = Visit().upload(csv_of(table()))
    assert visit.control("century of").value == 2026
    visit.set("century of", 1926)
    assert visit.comparison.settings.centuries == (("dob", 1926),)
    assert "read as 1827 to 1926" in " ".join(visit.comparison.problem.design.notes)


@pytest.mark.parametrize("form", ["%y-%m-%d", "%y/%m/%d", "%y.%m.%d 08:15"])
def test_a_year_of_two_digits_may_come_first_which_is_a_guess(form):
    column = written(range(2019, 2024), form)
    assert years_read("when", column) == {*range(2019, 2024)}
    guess = guess_types(pd.DataFrame({"when": column}))["when"]
    assert guess.reason == "its values are dates, the year before the month as a guess"
    told = {
        first: tell_order(pd.DataFrame({"when": column}), {"when": guess}, first)[
            "when"
        ].order
        for first in (First.DAY, First.YEAR)
    }
    assert [*read_dates(column[:1], told[First.YEAR])] == [
        *read_dates(column[:1], guess.order)
    ]
    day = read_dates(column, told[First.DAY]).astype("datetime64[D]").astype(object)
    assert {one.day for one in day} == {*range(19, 24)}
    # The years are now the numbers that were days, and are no longer near to today.
    assert max(one.year for one in day) - min(one.year for one in day) < 100
    assert max(one.year for one in day) <= told[First.DAY].last


def test_a_year_that_is_no_day_comes_first_for_certain():
    for years in ([1985], [1998, 1999, 2000, 2001, 2002], range(1931, 2025)):
        column = written([*years], "%y-%m-%d")
        guess = guess_types(pd.DataFrame({"dob": column}))["dob"]
        assert guess.reason == "its values are dates"
        assert years_read("dob", column) == {*[*years][:N]}
    assert forced_order(pd.Series(["98-12-31", "hello", "bye"], name="w")).year_first
    # A slip in a column of days does not turn it.
    column = pd.concat([written(range(2001, 2026), "%d-%m-%y"), pd.Series("99-12-12")])
    assert not guess_types(pd.DataFrame({"w": column}))["w"].order.year_first


def test_the_year_is_told_to_come_first_only_where_it_has_two_digits():
    short = pd.Series(["04-05-06", "07-08-09"] * 9)
    table = pd.DataFrame({"short": short, "full": short.str[:6] + "20" + short.str[6:]})
    told = tell_order(table, guess_types(table), First.YEAR)
    assert [one.order.year_first for one in told.values()] == [True, False]
    assert [*read_dates(short[:1], told["short"].order).astype(str)] == [
        "2004-05-06T00:00:00"
    ]


@pytest.mark.parametrize(
    ("years", "form"),
    [
        # Ends of months, and their starts.
        (range(2013, 2026), "28-%m-%y"),
        (range(2013, 2026), "01-%m-%y"),
        (range(2001, 2026), "%d-%m-%y"),
        # Nobody means years to come.
        (range(2001, 2026), "27/%m/%y"),
    ],
)
def test_a_day_that_comes_first_stays_one(years, form):
    order = guess_types(pd.DataFrame({"w": written(years, form)}))["w"].order
    assert not order.year_first
    assert order.day_first


def test_the_page_asks_whether_the_year_comes_first():
    data = table().assign(dob=written(range(2019, 2024), "%y-%m-%d"))
    visit = Visit().upload(csv_of(data))
    assert visit.control("date order").value == "year"
    visit.set("date order", "day")
    assert visit.comparison.settings.date_order is First.DAY

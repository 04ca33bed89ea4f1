"""Names of months in other languages."""

import pandas as pd
import pytest
from babel.dates import format_date

from regcore.design.date_fits import fit_dates
from regcore.design.dates import find_order, forced_order, read_dates
from regcore.design.months import LANGUAGES, language_of, month_in
from regcore.settings import Dates

DAYS = pd.date_range("2021-01-05", periods=40, freq="11D")


def read(texts: list[str]) -> list[str]:
    column = pd.Series(texts, name="when", dtype="str")
    order = find_order(column)
    assert order is not None
    return [str(day)[:10] for day in read_dates(column, order)]


@pytest.mark.parametrize("form", ["d MMM yyyy", "d MMMM yyyy", "d-MMM-yyyy"])
@pytest.mark.parametrize(
    "language", ["fr", "de", "es", "it", "pt", "nl", "pl", "ru", "tr"]
)
def test_days_with_the_month_of_a_language_are_dates(language, form):
    texts = [format_date(day, form, locale=language) for day in DAYS]
    assert read(texts) == [str(day)[:10] for day in DAYS]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("7 de julio de 2021", "2021-07-07"),
        ("1er fevrier 2020", "2020-02-01"),
        ("lun. 3 août 2020", "2020-08-03"),
        ("5. März 2021", "2021-03-05"),
        ("5 ŞUBAT 2021", "2021-02-05"),
        ("7 KASIM 2021", "2021-11-07"),
        ("février 2021", "2021-02-01"),
        ("julio de 2021", "2021-07-01"),
        ("3rd March 2021", "2021-03-03"),
        ("March 22nd, 2021", "2021-03-22"),
        ("1º de julho de 2021", "2021-07-01"),
        ("2021-Mar-05", "2021-03-05"),
        ("2021 Mar", "2021-03-01"),
        ("2021m3", "2021-03-01"),
        ("2021M03", "2021-03-01"),
        ("03.2021", "2021-03-01"),
        ("05MAR2021:10:23:01", "2021-03-05"),
    ],
)
def test_dates_as_people_write_them_are_dates(text, day):
    assert read([text] * 9) == [day] * 9


def test_the_language_is_said():
    column = pd.Series(
        [f"{i + 1} juil. 2021" for i in range(20)], name="w", dtype="str"
    )
    encoding, note = fit_dates(column, forced_order(column), Dates.DAYS)
    assert encoding is not None
    assert "months read as French" in note


def test_words_that_are_no_months_are_none():
    assert language_of(["apples", "pears"]) == ""
    assert language_of([]) == ""
    assert month_in("fr", "jui") is None
    for text in ("{} apples 2021", "{}1 Martin 2021", "Decision {}", "Room 20{}1"):
        column = pd.Series([text.format(i + 10) for i in range(20)], dtype="str")
        assert find_order(column) is None


def test_every_language_knows_twelve_months():
    for language in LANGUAGES[:6]:
        days = [pd.Timestamp(2021, month, 1) for month in range(1, 13)]
        names = [format_date(day, "LLLL", locale=language) for day in days]
        assert [month_in(language, name) for name in names] == [*range(1, 13)]

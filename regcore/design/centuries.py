"""The hundred years that two digits of a year stand for, in a column of dates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from regcore.design.datetexts import DateOrder, is_short, match_date, year_digits
from regcore.design.names import suggests_birth

PROBE = 200
"""Cells that are looked at before all are."""

ROUND = 80
"""Years from the first to the last from which a column goes all around a century."""

MONTHS, DAYS = 12, 31

AHEAD = 10, 30
"""Years from now in which dates to come may begin, and those in which they may end."""


def with_century(
    column: pd.Series, order: DateOrder, others: tuple[int, int] | None = None
) -> DateOrder:
    """Return the order with the last year of the hundred that two digits stand for.

    The years lie in one stretch, the shortest, which may be of any century. Births are
    no later than the latest date of the file, or today; other dates are as near as can
    be to the other dates of the file, or not far ahead of today.

    Parameters
    ----------
    others : the years of the earliest and the latest full date of the file
    """
    if order.clock or pd.api.types.is_datetime64_any_dtype(column):
        return order
    if not _short_years(column.iloc[:: max(1, len(column) // PROBE)], order):
        return order
    years = sorted({*_short_years(column, order)})
    now = date.today().year if others is None else others[1]
    return replace(order, last=_last_year(years, column.name, now, others))


def year_comes_first(texts: Sequence[object]) -> bool:
    """Whether dates such as 23-04-07 look as if they were of 2023: a guess.

    The last number has many more values than the first, as days have beside years.
    """
    matches = [match_date(text) for text in texts]
    found = [match.groupdict() for match in matches if match is not None]
    if not found or not all(map(is_short, found)):
        return False
    first, last = ({int(parts[name]) for parts in found} for name in ("first", "year"))
    # Days start at 1, so that none is 12 or less of years only; nor are these to come.
    past = min(first) > MONTHS and max(first) <= date.today().year % 100
    return (past or max(first) > DAYS) and len(last) > 2 * len(first)


def _short_years(column: pd.Series, order: DateOrder) -> list[int]:
    """Return the years of two digits in the different texts of a column."""
    matches = [match_date(text) for text in pd.unique(column.dropna())]
    found = [match.groupdict() for match in matches if match is not None]
    digits = [year_digits(parts, order) for parts in found]
    return [int(text) for text in digits if len(text) == 2]


def _last_year(
    years: Sequence[int], name: object, now: int, others: tuple[int, int] | None
) -> int:
    gaps = np.diff([*years, years[0] + 100])
    start = (years[int(gaps.argmax())] + int(gaps.max())) % 100
    length = 100 - int(gaps.max())
    if length >= ROUND:
        return now
    starts = [century + start for century in range(1800, 2100, 100)]
    if suggests_birth(name):
        first = max(first for first in starts if first + length <= now)
    elif others is None:
        begin, end = (now + ahead for ahead in AHEAD)
        first = max(
            first
            for first in starts
            if first + length <= now or (first <= begin and first + length <= end)
        )
    else:
        low, high = others
        away = [max(0, first - high, low - first - length) for first in starts]
        first = starts[len(away) - 1 - int(np.argmin(away[::-1]))]
    return min(max(now, first + length), first + 99)


def with_centuries(
    table: pd.DataFrame, orders: Mapping[str, DateOrder]
) -> dict[str, DateOrder]:
    """Return the orders of all columns of dates, each with its century."""
    alone = {name: with_century(table[name], order) for name, order in orders.items()}
    short = [name for name, order in alone.items() if order.last is not None]
    if not short:
        return alone
    full = [_full_years(table[name]) for name in orders if name not in short]
    years = [year for found in full for year in found]
    others = (min(years), max(years)) if years else None
    again = {name: with_century(table[name], orders[name], others) for name in short}
    return {**alone, **again}


def _full_years(column: pd.Series) -> list[int]:
    """Return the first and the last year that a column has in four digits."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return [year for year in (column.dt.year.min(), column.dt.year.max()) if year]
    matches = [match_date(text) for text in pd.unique(column.dropna())]
    found = [match.groupdict().get("year") or "" for match in matches if match]
    years = [int(text) for text in found if len(text) == 4]
    return [min(years), max(years)] if years else []

"""Columns of dates or times of day: recognised, read, and made into numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from regcore.design.centuries import with_century, year_comes_first
from regcore.design.dateparts import date_part
from regcore.design.datetexts import (
    OPEN_ORDER,
    SHORT_MONTH,
    DateOrder,
    clock_shape,
    language_of_dates,
    match_date,
)
from regcore.design.datetimes import read_texts
from regcore.design.encoded import EncodedLevels, small_codes
from regcore.design.scale import Scale
from regcore.settings import DesignError

DATE_SHARE = 0.9
"""Share of a column's texts that must be dates for it to be a column of dates."""

ODD_SHARE = 0.1
"""Share of texts such as Mar-22 above which only the user can tell that all are dates.
"""

PROBE = 200
"""Different texts that are looked at before all of them are."""

PARTS = ("year", "month", "day", "weekday", "hour")
"""Parts of a date in the order of their columns; weekday 1 is Monday."""

ORDERS = (
    DateOrder(),
    DateOrder(day_first=False),
    DateOrder(year_first=True),
    DateOrder(clock=True),
)
"""What texts may be; the first if they may be several."""

WHOLE = ("days", "hours")
"""What makes one column of all that varies in a date, or in a time of day."""


@dataclass(frozen=True)
class DateColumn:
    """A date as days since the earliest training date or in parts; a time as hours.

    Attributes
    ----------
    origin : the earliest date of the training rows
    parts : "days", "hours" since midnight, or some of the names in `PARTS`
    fills : the median of each part in the training rows
    marked : whether gaps in the training rows earned a column of their own
    """

    kind: ClassVar[str] = "date"
    known: ClassVar[tuple[str, ...]] = ()
    spellings: ClassVar[tuple[tuple[str, str], ...]] = ()
    cells: ClassVar[str] = "date"

    column: str
    order: DateOrder
    origin: np.datetime64
    parts: tuple[str, ...]
    fills: tuple[float, ...]
    marked: bool

    @property
    def since(self) -> str:
        """The origin as text."""
        return str(self.origin).replace("T", " ")

    @property
    def measures(self) -> tuple[tuple[str, float], ...]:
        """What is measured of a cell, and what it is in a gap."""
        return tuple(zip(self.parts, self.fills, strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it gives."""
        names = tuple(
            self.column if part in WHOLE else f"{self.column}: {part}"
            for part in self.parts
        )
        return (*names, f"{self.column} is missing") if self.marked else names

    @property
    def fill(self) -> str:
        """What gaps are filled with, as text."""
        if self.parts == ("days",):
            fill = np.timedelta64(round(self.fills[0]), "D")
            return date_in_words(self.origin + fill)
        return ", ".join(f"{part} {fill:g}" for part, fill in self.measures)

    def gaps(self, column: pd.Series) -> int:
        """Count the cells that are no date."""
        return int(np.isnat(read_dates(column, self.order)).sum())

    def cleaned(self, column: pd.Series) -> pd.Series:
        """Return the cells as dates, or as texts such as 14:05:00."""
        dates = pd.Series(read_dates(column, self.order))
        return dates.dt.strftime("%H:%M:%S") if self.order.clock else dates

    def encode(
        self, column: pd.Series, rows: np.ndarray | slice = slice(None)
    ) -> EncodedLevels:
        """Return a column ready to be written; what is no date is missing."""
        codes, times = _date_codes(column, self.order)
        gaps = np.isnat(times)
        values = [
            np.where(gaps, fill, date_part(times, part, self.origin))
            for part, fill in self.measures
        ]
        lines = np.column_stack([*values, gaps] if self.marked else values)
        singles = np.where(gaps, np.nan, values[0]) if self.marked else values[0]
        codes = small_codes(codes, len(times))
        return EncodedLevels(codes, lines, singles, Scale.none(len(self.names)))


def find_order(
    column: pd.Series, texts: Sequence[str] | None = None
) -> DateOrder | None:
    """Return the order of day and month if a column holds dates, else None.

    Numbers are never dates. Of text, nearly all must be.

    Parameters
    ----------
    texts : the different texts of the column, to save the time of finding them
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return DateOrder()
    if pd.api.types.is_numeric_dtype(column) or not is_text(column):
        return None
    texts = column.dropna().unique().tolist() if texts is None else texts
    probe = texts[:: max(1, len(texts) // PROBE)]
    if len(probe) == 0 or not _mostly([match_date(text) for text in probe]):
        return _clock(texts)
    if pd.Series(probe, dtype="str").str.contains(SHORT_MONTH).mean() > ODD_SHARE:
        return None
    # Of dates in several styles, the few of one may decide what they mean.
    if not pd.Series(list(texts), dtype="str").str.contains(OPEN_ORDER).any():
        order = DateOrder(language=language_of_dates(probe))
        return order if _share_of_dates(texts, order) >= DATE_SHARE else None
    return _better_order(texts)


def forced_order(column: pd.Series) -> DateOrder:
    """Return the order of day and month in a column that was said to hold dates.

    Raises
    ------
    DesignError
        if none of its cells is a date
    """
    order = find_order(column)
    if order is not None:
        return with_century(column, order)
    texts: list[object] = pd.unique(column.dropna()).tolist()
    best = best_order(texts)
    if len(texts) and not _share_of_dates(texts, best):
        raise DesignError(
            f"Column «{column.name}» has only cells that are no dates, for instance "
            f"«{texts[0]}»; choose another type for it."
        )
    return with_century(column, best)


def best_order(texts: Sequence[object]) -> DateOrder:
    """Return the order under which most texts are dates or times of day."""
    shares = [_share_of_dates(texts, order) for order in ORDERS]
    best = ORDERS[int(np.argmax(shares))]
    if shares[0] != shares[1] or best.clock or best.year_first:
        return best
    opened = pd.Series(list(texts)).astype("str").str.contains(OPEN_ORDER).any()
    return replace(best, certain=not opened)


def read_dates(column: pd.Series, order: DateOrder) -> np.ndarray:
    """Return a column as (n,) datetime64[s], NaT where there is no date."""
    codes, times = _date_codes(column, order)
    dates: np.ndarray = times[codes]
    return dates


def _date_codes(column: pd.Series, order: DateOrder) -> tuple[np.ndarray, np.ndarray]:
    """Return each cell as a place among different dates, of which the last is none."""
    if pd.api.types.is_datetime64_any_dtype(column):
        plain = column.dt.tz_convert(None) if column.dt.tz is not None else column
        codes, times = pd.factorize(plain.to_numpy(dtype="datetime64[s]"))
    else:
        codes, texts = pd.factorize(column)
        times = read_texts(texts.tolist(), order)
    return codes, np.append(times, np.datetime64("NaT"))


def is_text(column: pd.Series) -> bool:
    """Whether a column holds text and nothing else."""
    return pd.api.types.is_string_dtype(column)


def date_in_words(time: np.datetime64) -> str:
    """Write a date as 2024-05-31."""
    return str(time.astype("datetime64[D]"))


def _clock(texts: Sequence[object]) -> DateOrder | None:
    """Return that texts are times of day, if all are written alike.

    Where only some have seconds, 12:30 may as well be minutes and seconds.
    """
    shapes = [clock_shape(text) for text in texts[:PROBE]]
    if not _mostly(shapes) or len({*shapes} - {None}) != 1:
        return None
    shapes = [clock_shape(text) for text in texts]
    alike = _mostly(shapes) and len({*shapes} - {None}) == 1
    return DateOrder(clock=True) if alike else None


def _better_order(texts: Sequence[object]) -> DateOrder | None:
    """Return the order under which more texts are dates; day first if they tie."""
    shares = {
        day_first: _share_of_dates(texts, DateOrder(day_first))
        for day_first in (True, False)
    }
    day_first = shares[True] >= shares[False]
    fits = shares[day_first] >= DATE_SHARE
    year = DateOrder(certain=not fits, year_first=True)
    if (not fits or year_comes_first(texts)) and _share_of_dates(
        texts, year
    ) >= DATE_SHARE:
        return year
    return DateOrder(day_first, shares[True] != shares[False]) if fits else None


def _share_of_dates(texts: Sequence[object], order: DateOrder) -> float:
    if not len(texts):
        return 0.0
    return 1.0 - float(np.isnat(read_texts(texts, order)).mean())


def _mostly(found: Sequence[object]) -> bool:
    return sum(match is not None for match in found) >= DATE_SHARE * len(found)

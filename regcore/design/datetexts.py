"""One text to a date or a time of day: the forms known, the order of day and month."""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regcore.design.months import FEWEST_LETTERS, language_of, month_in

SPAN = (np.datetime64("1000-01-01", "s"), np.datetime64("3000-01-01", "s"))
"""Dates outside of it are taken for mistakes."""

POSIX_LAST = 2068
"""Last of the hundred years that two digits stand for, unless a column shows others."""

_MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
_TIME = (
    r"(?:[T ,:]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
    r"\s?(?:Z|UTC|GMT|(?P<zone>[+-]\d{2}:?\d{2}))?"
)
_MONTH = r"(?P<name>[A-Za-z]{3,9})\.?"
_EXACT = "(?P<name>(?i:{}|sept))".format(
    "|".join([*calendar.month_name[1:], *calendar.month_abbr[1:]])
)
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,? )?"
_ANY_MONTH = r"(?:de )?(?P<name>[^\W\d_]{3,12})\.?(?: de)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|[ºª])?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_LIKELY_YEAR = r"(?P<year>(?:1[5-9]|2[01])\d{2})"
_SHAPES = tuple(
    re.compile(shape + _TIME)
    for shape in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})"
        r"(?:(?P=mark)(?P<day>\d{1,2}))?",
        rf"(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<second_>\d{{1,2}})(?P=mark){_YEAR}",
        rf"{_WEEKDAY}{_DAY}[- /.]{{1,2}}{_ANY_MONTH}[- /,]+{_YEAR}",
        rf"{_WEEKDAY}{_MONTH} {_DAY},? (?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})[-_.]?{_EXACT}[-_.]?{_YEAR}",
        rf"{_EXACT}\.?(?:[-/_ ]?(?P<year>\d{{4}})|[-/ ]'?(?P<short>\d{{2}}))",
        rf"{_ANY_MONTH}[-/ ](?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[-/ ]?{_EXACT}(?:[-/ ]?(?P<day>\d{{1,2}}))?",
        rf"{_LIKELY_YEAR}[-/ ]?[mM](?P<month>\d{{1,2}})",
        rf"(?P<month>\d{{1,2}})[-/.]{_LIKELY_YEAR}",
        r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})[日号])?",
    )
)
OPEN_ORDER = r"^\s*\d{1,2}[-/.]\d{1,2}[-/.]"
"""How texts start whose first two numbers are day and month in some order."""

SHORT_MONTH = r"(?i)^\s*[a-z]{3,9}\.?[-/ ]'?\d{2}\s*$"
"""Texts such as Mar-22, which may be the day of a month or the month of a year."""

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_DIGITS = re.compile(r"\d{8}|\d{4}")


@dataclass(frozen=True)
class DateOrder:
    """Whether the day comes before the month in dates such as 03/04/2024.

    Attributes
    ----------
    certain : whether the column itself shows it, or has no such dates
    clock : whether the column has times of day instead, such as 14:05, without a date
    last : the last of the hundred years that two digits stand for; None where the
        column has none, and then as POSIX has it: 69 to 99 are of the last century
    language : of the names of months, as a code of CLDR; empty for English
    year_first : whether the year comes before both in dates such as 24-04-03
    """

    day_first: bool = True
    certain: bool = True
    clock: bool = False
    last: int | None = None
    language: str = ""
    year_first: bool = False

    @property
    def spelled(self) -> str:
        """The order in words."""
        if self.year_first:
            return "the year before the month"
        before = ("day", "month") if self.day_first else ("month", "day")
        return "the {} before the {}".format(*before)


def match_date(text: object) -> re.Match[str] | None:
    """Return the parts of a text that is written as a date, or None."""
    bare = str(text).strip()
    if not 6 <= len(bare) <= 50:
        return None
    for shape in _SHAPES:
        match = shape.fullmatch(bare)
        if match is not None:
            return match
    return None


def clock_shape(text: object) -> str | None:
    """Return what a text has of hour, minute, second and half day, or None."""
    match = _CLOCK.fullmatch(str(text).strip())
    if match is None or int(match["hour"]) > (12 if match["half"] else 23):
        return None
    return "".join(name for name, value in match.groupdict().items() if value)


def year_digits(found: Mapping[str, str | None], order: DateOrder) -> str:
    """Return the digits of the year out of the parts of a date."""
    digits = found.get("year") or found.get("short") or ""
    return str(found["first"]) if order.year_first and is_short(found) else digits


def is_short(found: Mapping[str, str | None]) -> bool:
    """Whether a date is three numbers of two digits."""
    return found.get("first") is not None and len(found["year"] or "") == 2


def fixed_format(text: str, order: DateOrder) -> str | None:
    """Return the format that pandas reads fast, if the text has one of the common."""
    match = None if order.clock else match_date(text)
    if match is None:
        return None
    found = match.groupdict()
    if "first" not in found:
        return "ISO8601" if found.get("mark") == "-" else None
    if found["half"] or found["zone"]:
        return None
    day_month = ("%d", "%m") if order.day_first else ("%m", "%d")
    year = "%Y" if len(found["year"]) == 4 else "%y"
    parts = (*day_month, year)
    if order.year_first and is_short(found):
        parts = ("%y", "%m", "%d")
    clock = " %H:%M" if found["hour"] else ""
    clock += ":%S" if found["second"] else ""
    return found["mark"].join(parts) + clock


def read_date(text: object, order: DateOrder) -> np.datetime64:
    """Return a text as a date, NaT if it is none.

    Eight digits are read as year, month and day, four as a year; a time of day as one
    of the first day of 1970.
    """
    nothing = np.datetime64("NaT")
    if order.clock:
        return nothing if clock_shape(text) is None else _time_of_day(text)
    match = match_date(text)
    parts = _digits(text) if match is None else _date_parts(match.groupdict(), order)
    if parts is None:
        return nothing
    year, month, day = parts
    try:
        date = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "s")
    except ValueError:
        return nothing
    if match is not None:
        date += np.timedelta64(_seconds(match.groupdict()), "s")
    return date if SPAN[0] <= date < SPAN[1] else nothing


def _time_of_day(text: object) -> np.datetime64:
    clock = _CLOCK.fullmatch(str(text).strip())
    if clock is None:
        raise ValueError(f"{text!r} is no time of day.")
    found = clock.groupdict()
    return np.datetime64(_seconds({**found, "zone": None}), "s")


def _digits(text: object) -> tuple[int, int, int] | None:
    whole = str(text).strip().removesuffix(".0")
    if _DIGITS.fullmatch(whole) is None:
        return None
    return int(whole[:4]), int(whole[4:6] or 1), int(whole[6:] or 1)


def _date_parts(
    found: dict[str, str | Any], order: DateOrder
) -> tuple[int, int, int] | None:
    digits = year_digits(found, order)
    year = int(digits)
    if len(digits) == 2:
        last = order.last or POSIX_LAST
        year = last - (last - year) % 100
    if "name" in found:
        month = _month(found["name"], order.language)
        return None if month is None else (year, month, int(found.get("day") or 1))
    if "first" in found:
        first, second = int(found["first"]), int(found["second_"])
        if order.year_first and is_short(found):
            return year, second, int(found["year"])
        return (year, second, first) if order.day_first else (year, first, second)
    return year, int(found["month"]), int(found.get("day") or 1)


def _month(name: str, language: str = "") -> int | None:
    if language:
        return month_in(language, name)
    begun = (at for at, full in enumerate(_MONTHS, 1) if full.startswith(name.lower()))
    return next(begun, None) if len(name) >= FEWEST_LETTERS else None


def language_of_dates(texts: Sequence[object]) -> str:
    """Return the language of the names of months; empty for English and for none."""
    matches = [match_date(text) for text in texts]
    names = {m.groupdict().get("name") for m in matches if m is not None} - {None}
    foreign = [name for name in names if name and _month(name) is None]
    return language_of([name for name in names if name]) if foreign else ""


def _seconds(found: dict[str, str | None]) -> int:
    """Return seconds since midnight in universal time."""
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    seconds = 3600 * hour + 60 * int(found["minute"] or 0) + int(found["second"] or 0)
    if found["zone"]:
        ahead = int(found["zone"][1:3]) * 3600 + int(found["zone"][-2:]) * 60
        seconds += ahead if found["zone"][0] == "-" else -ahead
    return seconds

"""The type that the cells of a column suggest, with the reason.

It is read off the cells of the whole table, as its numbers are; the target's values
decide nothing about another column. A reason may count its cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.design.centuries import with_centuries, with_century
from regcore.design.columns import MOST_LEVELS, is_number
from regcore.design.dates import find_order
from regcore.design.datetexts import DateOrder
from regcore.design.looks import find_look
from regcore.design.names import (
    is_nameless,
    suggests_id,
    suggests_owner,
    suggests_target,
)
from regcore.intake.nearly import Look
from regcore.model.blocks import Tick, no_tick
from regcore.settings import ColumnType, First

FEWEST_IDS = 8
"""Fewest rows in which numbers or codes, all different, are taken for an id."""

YEARS = (1500, 2200)
"""Whole numbers between these that run on may be years, which do say something."""

LARGEST_WHOLE = 2.0**53
"""Whole numbers above this are not all told apart."""

FREE_TEXT = 0.5
"""Share of different values above which a text column is no category."""

WORDS_OF_TEXT = 4
"""Mean words a cell from which text is called free text."""

NEARLY = 0.8
"""Share of the rows with a value of their own that is called nearly every row."""

PROBE = 1000
"""Cells that are looked at before all are."""

RUNNING = 0.9
"""Share of the steps by one from which whole numbers count rows, a few times over."""

LEFT_OVER = (
    "it has no name and its whole numbers are all different, as in a left-over index"
)

LEVELS = "it has few distinct values"


@dataclass(frozen=True)
class Guess:
    """The type that a column's cells suggest, and why, as a clause.

    Attributes
    ----------
    order : of day and month, if the cells are dates
    looks : what most cells look like, if that is numbers or dates
    runs : whether an id numbers the rows, in some order, or did before some were drawn
    repeats : whether an id is a number that several rows share
    """

    type: ColumnType
    reason: str
    order: DateOrder | None = None
    runs: bool = False
    repeats: bool = False
    looks: Look | None = None


def guess_type(column: pd.Series, *, headed: bool = True) -> Guess:
    """Return the type that a column's cells, and for ids its name, suggest.

    Parameters
    ----------
    headed : whether its table has names, so that to have none says something
    """
    known = column.dropna()
    if known.empty:
        return Guess(ColumnType.EMPTY, "it has no values")
    if len(known) == len(column) and (known == known.iloc[0]).all():
        return Guess(ColumnType.CONSTANT, "every row has the same value")
    if is_number(column):
        return _guess_number(column, known, headed=headed)
    return _guess_text(column, known)


def _guess_number(column: pd.Series, known: pd.Series, *, headed: bool) -> Guess:
    number = Guess(ColumnType.NUMBER, "its values are numbers")
    values = known.to_numpy(dtype=float)
    nameless = headed and is_nameless(column.name)
    # The dearest question last: most numbers are not whole, or come twice early on.
    head = values[:PROBE]
    if len(known) < FEWEST_IDS or np.abs(values).max() > LARGEST_WHOLE:
        return number
    if (head % 1).any():
        return number
    low, high = values.min(), values.max()
    crowded = high - low < len(known) - 1
    if crowded or len(set(head)) < len(head) or not known.is_unique:
        return _guess_repeated(column.name, values, nameless=nameless) or number
    if (YEARS[0] <= low and high <= YEARS[1]) or (values % 1).any():
        return number
    if high - low == len(column) - 1 == len(known) - 1:
        return Guess(ColumnType.ID, "it numbers the rows", runs=True)
    if nameless and low >= 0 and len(known) == len(column):
        return Guess(ColumnType.ID, LEFT_OVER, runs=True)
    if suggests_id(column.name):
        return Guess(
            ColumnType.ID, "its whole numbers are all different and its name says id"
        )
    return number


def _guess_repeated(
    name: object, values: np.ndarray, *, nameless: bool
) -> Guess | None:
    """Return the guess for whole numbers that repeat and stand for something else."""
    if nameless and (np.diff(values) == 1).mean() >= RUNNING:
        return Guess(ColumnType.ID, "it has no name and numbers rows anew", runs=True)
    if not suggests_owner(name) or suggests_target(name) > 0 or (values % 1).any():
        return None
    if len(np.unique(values)) < FEWEST_IDS:
        return None
    return Guess(
        ColumnType.ID, "its name says id and several rows share a number", repeats=True
    )


def _guess_text(column: pd.Series, known: pd.Series) -> Guess:
    # Millions of texts take long to compare, so that it is done once.
    texts: list[str] = pd.unique(known).tolist()
    order = find_order(column, texts)
    if order is not None:
        return _dates(order)
    if not pd.api.types.is_string_dtype(column):
        return Guess(ColumnType.CATEGORY, LEVELS)
    guess, looks = _guess_words(column, known, len(texts)), find_look(column, texts)
    if looks is None:
        return guess
    seems = f"{looks.count:,} of {looks.total:,} cells look like {looks.what}"
    return replace(guess, reason=f"{guess.reason}, though {seems}", looks=looks)


def _guess_words(column: pd.Series, known: pd.Series, levels: int) -> Guess:
    if levels == len(known) >= FEWEST_IDS and _are_codes(known):
        return Guess(ColumnType.ID, "its codes are all different")
    many = len(known) > MOST_LEVELS and levels > FREE_TEXT * len(known)
    some = known.iloc[:: max(1, len(known) // 1000)]
    words = sum(len(text.split()) for text in some) / len(some)
    if many and words >= WORDS_OF_TEXT:
        return Guess(
            ColumnType.TEXT, f"it is free text, about {words:.0f} words a cell"
        )
    if many or levels == len(known) >= FEWEST_IDS:
        return Guess(ColumnType.TEXT, _hardly_repeats(column, known, levels))
    if levels > FREE_TEXT * len(known):
        return Guess(ColumnType.CATEGORY, _different(column, known, levels))
    return Guess(ColumnType.CATEGORY, LEVELS)


def _hardly_repeats(column: pd.Series, known: pd.Series, levels: int) -> str:
    alone = len(known) - int(known.duplicated(keep=False).sum())
    rows = len(column)
    if alone >= NEARLY * rows:
        return f"nearly every row has a value of its own: {alone:,} of {rows:,} rows"
    return _different(column, known, levels)


def _different(column: pd.Series, known: pd.Series, levels: int) -> str:
    if levels == 1:
        return "it has a single value"
    gaps = " that are not empty" if len(known) < len(column) else ""
    return f"it has {levels:,} different values in the {len(known):,} rows{gaps}"


def _dates(order: DateOrder, why: str = "as a guess") -> Guess:
    unsure = "" if order.certain else f", {order.spelled} {why}"
    what = "times of day" if order.clock else "dates"
    return Guess(ColumnType.DATE, f"its values are {what}{unsure}", order)


def _are_codes(known: pd.Series) -> bool:
    """Whether texts are single words with digits, as ids are."""
    probe = known.iloc[:: max(1, len(known) // 1000)].str.strip()
    codes = probe.str.contains(r"\d") & ~probe.str.contains(r"\s")
    return suggests_id(known.name) or bool(codes.mean() > 0.9)


def guess_types(table: pd.DataFrame, tick: Tick = no_tick) -> dict[str, Guess]:
    """Return the type of every column; the names must be different.

    Dates that leave the order of day and month open are read as other columns are.
    """
    headed = not all(is_nameless(name) for name in table.columns)
    guesses = {}
    for name in table.columns:
        tick()
        guesses[name] = guess_type(table[name], headed=headed)
    orders = [guess.order for guess in guesses.values() if guess.order is not None]
    month_first = any(order.certain and not order.day_first for order in orders)
    if month_first:
        month = _dates(DateOrder(day_first=False, certain=False), "as in other columns")
        opened = [
            name for name, one in open_dates(guesses).items() if not one.year_first
        ]
        guesses |= dict.fromkeys(opened, month)
    dates = {name: g.order for name, g in guesses.items() if g.order is not None}
    centuries = with_centuries(table, dates) if dates else {}
    return guesses | {
        name: replace(guesses[name], order=order) for name, order in centuries.items()
    }


def open_dates(guesses: Mapping[str, Guess]) -> dict[str, DateOrder]:
    """Return the columns of dates that leave the order of day and month open."""
    return {
        name: guess.order
        for name, guess in guesses.items()
        if guess.order is not None and not guess.order.certain
    }


def tell_order(
    table: pd.DataFrame, guesses: Mapping[str, Guess], first: First
) -> Mapping[str, Guess]:
    """Return the guesses with the order chosen for dates that leave it open.

    The year comes first only where it has two digits.
    """
    if first is First.AUTO:
        return guesses
    year = first is First.YEAR
    told = {}
    for name, order in open_dates(guesses).items():
        new = replace(order, day_first=first is not First.MONTH, year_first=year)
        if order.year_first != year:
            new = with_century(table[name], new)
        if order.last is not None or not year:
            told[name] = _dates(new, "as chosen")
    return {**guesses, **told}

"""What is guessed of dates and nothing decides: controls that correct it."""

from operator import attrgetter

import streamlit as st

from regcore.design.guesses import open_dates
from regcore.page.columns import key_of
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.settings import First
from regcore.words import named


def choose_date_order(dataset: Dataset) -> First:
    """Draw the order of day and month, if a column of dates leaves it open."""
    found = open_dates(dataset.sheet.types)
    guessed = guessed_first(dataset)
    if guessed is First.AUTO:
        return First.AUTO
    columns = ", ".join(named(name) for name in found)
    example = "23-04-07" if guessed is First.YEAR else "03/04/2024"
    chosen = st.segmented_control(
        f"In dates such as {example} first comes the",
        orders_near(guessed),
        default=guessed,
        format_func=attrgetter("words"),
        required=True,
        key=key_of(dataset, "date order"),
        persist_state="page",
        help=literal(f"No cell of {columns} decides it; this is a guess."),
    )
    return First.AUTO if chosen == guessed else First(chosen)


def guessed_first(dataset: Dataset) -> First:
    """Return what was taken to come first; "auto" where no column leaves it open."""
    for order in open_dates(dataset.sheet.types).values():
        if order.year_first:
            return First.YEAR
        return First.DAY if order.day_first else First.MONTH
    return First.AUTO


def orders_near(guessed: First) -> list[First]:
    """Return what may come first, the year only where it is guessed to."""
    return [First.DAY, First.MONTH, *([First.YEAR] if guessed is First.YEAR else [])]


def choose_centuries(dataset: Dataset) -> tuple[tuple[str, int], ...]:
    """Draw which years two digits stand for, for each column that has such years."""
    chosen = []
    for name, last in guessed_centuries(dataset).items():
        year = st.segmented_control(
            literal(f"Two digits of a year in {named(name)} stand for"),
            centuries_near(last),
            default=last,
            format_func=lambda year: f"{year - 99}–{year}",
            required=True,
            key=century_key(dataset, str(name)),
            persist_state="page",
            help="A guess, by the years that the column and the other dates have.",
        )
        if year != last:
            chosen.append((name, int(year)))
    return tuple(chosen)


def guessed_centuries(dataset: Dataset) -> dict[str, int]:
    """Last of the hundred years of two digits, by column that has such years."""
    types = dataset.sheet.types.items()
    orders = {str(name): guess.order for name, guess in types if guess.order}
    return {name: one.last for name, one in orders.items() if one.last is not None}


def centuries_near(last: int) -> list[int]:
    """Return the hundred years before, those guessed, and those after."""
    return [last - 100, last, last + 100]


def century_key(dataset: Dataset, column: str) -> str:
    """Key of the control of a column's years of two digits."""
    place = list(dataset.table.columns).index(column)
    return key_of(dataset, f"century of {place}")

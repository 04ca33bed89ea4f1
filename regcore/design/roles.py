"""What each column of a table is, and what it is used for, with the reason.

The type is read off the cells of the whole table, as its numbers are; the target's
values decide nothing about another column. A reason may count its cells; the figures
that a model uses are fitted later, on training rows only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from regcore.design.columns import MOST_LEVELS, is_number, label
from regcore.design.dates import find_order
from regcore.design.datetexts import DateOrder
from regcore.design.looks import find_look
from regcore.design.names import suggests_id
from regcore.intake.nearly import Look
from regcore.settings import ColumnType, DesignError, Settings

Role = Literal["feature", "target", "left out"]

LEFT_OUT = (ColumnType.ID, ColumnType.TEXT, ColumnType.CONSTANT, ColumnType.EMPTY)
"""Types that are not used unless asked for."""

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

EXAMPLES = 3

PROBE = 1000
"""Cells that are looked at before all are."""

NOT_CHOSEN = "it was not chosen"

LEVELS = "its values come again and again"


@dataclass(frozen=True)
class Guess:
    """The type that a column's cells suggest, and why, as a clause.

    Attributes
    ----------
    order : of day and month, if the cells are dates
    looks : what most cells look like, if that is numbers or dates
    runs : whether an id is a number that grows by one from row to row, in some order
    """

    type: ColumnType
    reason: str
    order: DateOrder | None = None
    runs: bool = False
    looks: Look | None = None


@dataclass(frozen=True)
class ColumnRole:
    """What one column is and what it is used for.

    Attributes
    ----------
    reason : a clause; why it has this type, and why it is left out if it is
    order : of day and month, if the cells were found to be dates
    looks : what most cells look like, where that is not what they are used as
    """

    column: str
    type: ColumnType
    role: Role
    reason: str
    order: DateOrder | None = None
    looks: Look | None = None


def guess_type(column: pd.Series) -> Guess:
    """Return the type that a column's cells, and for ids its name, suggest."""
    known = column.dropna()
    if known.empty:
        return Guess(ColumnType.EMPTY, "it has no values")
    if len(known) == len(column) and (known == known.iloc[0]).all():
        return Guess(ColumnType.CONSTANT, "every row has the same value")
    if is_number(column):
        return _guess_number(column, known)
    return _guess_text(column, known)


def _guess_number(column: pd.Series, known: pd.Series) -> Guess:
    number = Guess(ColumnType.NUMBER, "its values are numbers")
    values = known.to_numpy(dtype=float)
    # The dearest question last: most numbers are not whole, or come twice early on.
    head = values[:PROBE]
    if len(known) < FEWEST_IDS or np.abs(values).max() > LARGEST_WHOLE:
        return number
    if (head % 1).any() or len(set(head)) < len(head) or (values % 1).any():
        return number
    low, high = values.min(), values.max()
    crowded = high - low < len(known) - 1
    if crowded or (YEARS[0] <= low and high <= YEARS[1]) or not known.is_unique:
        return number
    if high - low == len(column) - 1 == len(known) - 1:
        return Guess(ColumnType.ID, "it numbers the rows", runs=True)
    if suggests_id(column.name):
        return Guess(
            ColumnType.ID, "its whole numbers are all different and its name says id"
        )
    return number


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
    words = known.iloc[:: max(1, len(known) // 1000)].str.split().str.len().mean()
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


def guess_types(table: pd.DataFrame) -> dict[str, Guess]:
    """Return the type of every column; the names must be different.

    Dates that leave the order of day and month open are read as other columns are.
    """
    guesses = {name: guess_type(table[name]) for name in table.columns}
    orders = [guess.order for guess in guesses.values() if guess.order is not None]
    month_first = any(order.certain and not order.day_first for order in orders)
    if month_first:
        month = _dates(DateOrder(day_first=False, certain=False), "as in other columns")
        guesses |= dict.fromkeys(open_dates(guesses), month)
    return guesses


def open_dates(guesses: Mapping[str, Guess]) -> dict[str, DateOrder]:
    """Return the columns of dates that leave the order of day and month open."""
    return {
        name: guess.order
        for name, guess in guesses.items()
        if guess.order is not None and not guess.order.certain
    }


def assign_roles(
    table: pd.DataFrame,
    settings: Settings,
    guesses: Mapping[str, Guess] | None = None,
) -> tuple[ColumnRole, ...]:
    """Return the type and role of every column under the settings.

    Parameters
    ----------
    guesses : what `guess_types` returned for this table, to save its time

    Raises
    ------
    DesignError
        if a type is chosen for a column that the table lacks
    """
    guesses = guess_types(table) if guesses is None else guesses
    if settings.date_order != "auto":
        order = DateOrder(settings.date_order == "day", certain=False)
        told = _dates(order, "as chosen")
        guesses = {**guesses, **dict.fromkeys(open_dates(guesses), told)}
    chosen = dict(settings.types)
    for name in chosen:
        if name not in guesses:
            raise DesignError(f"The table has no column «{name}» to give a type.")
    types = {
        name: _chosen(guess, ColumnType(chosen[name])) if name in chosen else guess
        for name, guess in guesses.items()
    }
    if settings.features is None:
        types = _with_one_feature(table, types, settings)
    return tuple(_assign(table[name], types[name], settings) for name in table.columns)


def _chosen(guess: Guess, kind: ColumnType) -> Guess:
    """Put the chosen type in the place of the guessed, which may be the same."""
    same = guess.type is kind
    return replace(guess, looks=None) if same else Guess(kind, "its type was chosen")


def _with_one_feature(
    table: pd.DataFrame, types: Mapping[str, Guess], settings: Settings
) -> Mapping[str, Guess]:
    """Use running numbers or a few codes where nothing else is left to predict from."""
    taken = {settings.target, *_group(settings), *dict(settings.types)}
    others = {name: guess for name, guess in types.items() if name not in taken}
    if any(
        guess.type not in LEFT_OUT
        for name, guess in types.items()
        if name not in (settings.target, *_group(settings))
    ):
        return types
    rescued = {
        name: Guess(
            ColumnType.NUMBER if guess.runs else ColumnType.CATEGORY,
            f"{guess.reason}, but there is no other column to use",
        )
        for name, guess in others.items()
        if guess.runs or _has_few_levels(table[name], guess)
    }
    return {**types, **rescued}


def _has_few_levels(column: pd.Series, guess: Guess) -> bool:
    codes = guess.type in (ColumnType.ID, ColumnType.TEXT)
    return codes and not is_number(column) and column.nunique() <= MOST_LEVELS


def _group(settings: Settings) -> tuple[str, ...]:
    """The group column, if it decides the split."""
    return (settings.group,) if settings.split == "groups" else ()


def _assign(column: pd.Series, guess: Guess, settings: Settings) -> ColumnRole:
    kind, role, reason = guess.type, "feature", guess.reason
    name, chosen = column.name, settings.features
    if name == settings.target:
        role = "target"
    elif chosen is not None and name not in chosen:
        role, reason = "left out", f"{reason}; {NOT_CHOSEN}"
    elif chosen is None and name in _group(settings):
        role, reason = "left out", f"{reason}; it says which rows belong together"
    elif kind in LEFT_OUT:
        role, kind, reason = _reconsider(column, guess, settings)
    return ColumnRole(name, kind, role, reason, guess.order, guess.looks)


def _reconsider(
    column: pd.Series, guess: Guess, settings: Settings
) -> tuple[Role, ColumnType, str]:
    """Use an id or a text if it was chosen as a feature, and leave it out if not."""
    usable = guess.type in (ColumnType.ID, ColumnType.TEXT)
    if settings.features is None or not usable:
        return "left out", guess.type, guess.reason
    kind = ColumnType.NUMBER if is_number(column) else ColumnType.CATEGORY
    return "feature", kind, f"{guess.reason}, but it was chosen"


def looks_in_words(roles: Sequence[ColumnRole]) -> tuple[str, ...]:
    """Return a sentence on each column that looks like something else."""
    return tuple(role.looks.in_words(role.column) for role in roles if role.looks)


def roles_table(table: pd.DataFrame, roles: Sequence[ColumnRole]) -> pd.DataFrame:
    """Return the roles as a table, one row a column, for reading and changing."""
    values = [table[role.column].value_counts(sort=False) for role in roles]
    return pd.DataFrame(
        {
            "column": [str(role.column) for role in roles],
            "type": [str(role.type) for role in roles],
            "role": [role.role for role in roles],
            "reason": [role.reason for role in roles],
            "examples": [", ".join(map(label, v.index[:EXAMPLES])) for v in values],
            "missing": [int(table[role.column].isna().sum()) for role in roles],
            "distinct": [len(counts) for counts in values],
        }
    )

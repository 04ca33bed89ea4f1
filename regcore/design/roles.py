"""What each column of a table is used for, with the reason.

Its type is the guessed one, unless another was chosen; the figures that a model uses
are fitted later, on training rows only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from regcore.design.columns import MOST_LEVELS, is_number, label, name_of
from regcore.design.datetexts import DateOrder
from regcore.design.guesses import Guess, tell_order
from regcore.design.sheet import Sheet
from regcore.intake.nearly import Look
from regcore.settings import ColumnType, DesignError, Preparation

Role = Literal["feature", "target", "left out"]

LEFT_OUT = (ColumnType.ID, ColumnType.TEXT, ColumnType.CONSTANT, ColumnType.EMPTY)
"""Types that are not used unless asked for."""

EXAMPLES = 3

NOT_CHOSEN = "it was not chosen"

OFFER = "a split by its groups keeps the rows of one together"


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


def assign_roles(sheet: Sheet, settings: Preparation) -> tuple[ColumnRole, ...]:
    """Return the type and role of every column under the settings.

    Raises
    ------
    DesignError
        if a type is chosen for a column that the table lacks
    """
    table = sheet.table
    guesses = tell_order(table, sheet.types, settings.date_order)
    chosen = dict(settings.types)
    for name in chosen:
        if name not in guesses:
            raise DesignError(f"The table has no column «{name}» to give a type.")
    types: Mapping[str, Guess] = {
        name: _chosen(guess, chosen[name]) if name in chosen else guess
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
    table: pd.DataFrame, types: Mapping[str, Guess], settings: Preparation
) -> Mapping[str, Guess]:
    """Use running numbers or a few codes where nothing else is left to predict from."""
    taken = {settings.target, *settings.grouped_by, *dict(settings.types)}
    others = {name: guess for name, guess in types.items() if name not in taken}
    if any(
        guess.type not in LEFT_OUT
        for name, guess in types.items()
        if name not in (settings.target, *settings.grouped_by)
    ):
        return types
    rescued = {
        name: Guess(
            ColumnType.NUMBER if is_number(table[name]) else ColumnType.CATEGORY,
            f"{guess.reason}, but there is no other column to use",
        )
        for name, guess in others.items()
        if guess.runs or guess.repeats or _has_few_levels(table[name], guess)
    }
    return {**types, **rescued}


def _has_few_levels(column: pd.Series, guess: Guess) -> bool:
    codes = guess.type in (ColumnType.ID, ColumnType.TEXT)
    return codes and not is_number(column) and column.nunique() <= MOST_LEVELS


def _assign(column: pd.Series, guess: Guess, settings: Preparation) -> ColumnRole:
    role: Role = "feature"
    kind, reason = guess.type, guess.reason
    name, chosen = name_of(column), settings.features
    if name == settings.target:
        role = "target"
    elif chosen is not None and name not in chosen:
        role, reason = "left out", f"{reason}; {NOT_CHOSEN}"
    elif chosen is None and name in settings.grouped_by:
        role, reason = "left out", f"{reason}; it says which rows belong together"
    elif kind in LEFT_OUT:
        role, kind, reason = _reconsider(column, guess, settings)
    return ColumnRole(name, kind, role, reason, guess.order, guess.looks)


def _reconsider(
    column: pd.Series, guess: Guess, settings: Preparation
) -> tuple[Role, ColumnType, str]:
    """Use an id or a text if it was chosen as a feature, and leave it out if not."""
    usable = guess.type in (ColumnType.ID, ColumnType.TEXT)
    if settings.features is None or not usable:
        reason = f"{guess.reason}; {OFFER}" if guess.repeats else guess.reason
        return "left out", guess.type, reason
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

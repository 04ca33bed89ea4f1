"""Columns of text that the user made numbers: what can be taken, and what cannot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.design.columns import is_number, label
from regcore.design.roles import ColumnRole
from regcore.intake.nearly import Taken, take_numbers
from regcore.settings import ColumnType, DesignError
from regcore.words import counted, listed, named, one_or_many


@dataclass(frozen=True)
class ChosenNumber:
    """How the text of a column is read as numbers, on this table and on any other.

    Attributes
    ----------
    decimal : the decimal sign
    scaled : whether letters such as K and M are multiplied out
    """

    column: str
    decimal: str
    scaled: bool


def take_chosen(
    table: pd.DataFrame, roles: Sequence[ColumnRole]
) -> tuple[pd.DataFrame, tuple[ChosenNumber, ...], tuple[str, ...]]:
    """Make numbers of the text that is to be a number.

    Returns
    -------
    the table with these columns as numbers, how they were read, sentences on what
    became missing

    Raises
    ------
    DesignError
        if such a column has no number at all
    """
    chosen, notes = [], []
    for role in roles:
        column = table[role.column]
        wanted = role.type is ColumnType.NUMBER and role.role != "left out"
        if not wanted or is_number(column):
            continue
        taken = take_numbers(_texts(column))
        _refuse_text(column, taken)
        table = table.assign(**{role.column: taken.values})
        chosen.append(ChosenNumber(role.column, taken.decimal, taken.scaled))
        notes += _note(role.column, taken)
    return table, tuple(chosen), tuple(notes)


def read_chosen(table: pd.DataFrame, chosen: Iterable[ChosenNumber]) -> pd.DataFrame:
    """Return another table with its text read as the first table's was."""
    for how in chosen:
        column = table[how.column]
        if not is_number(column):
            taken = take_numbers(_texts(column), how.decimal, how.scaled)
            table = table.assign(**{how.column: taken.values})
    return table


def _texts(column: pd.Series) -> pd.Series:
    """The cells as text; true is 1 and false 0."""
    if pd.api.types.is_bool_dtype(column):
        column = column.astype("Int64")
    return column.astype("object").map(label, na_action="ignore").astype("str")


def _refuse_text(column: pd.Series, taken: Taken) -> None:
    known = column.dropna()
    if len(known) and np.isnan(taken.values).all():
        raise DesignError(
            f"Column {named(column.name)} holds no numbers: row {known.index[0] + 1}: "
            f"{named(known.iloc[0])} is no number; choose another type for it."
        )


def _note(column: str, taken: Taken) -> list[str]:
    """What is to be said of a column that was made numbers, in one sentence."""
    total = taken.other + int((~np.isnan(taken.values)).sum())
    said = []
    if taken.other:
        said.append(
            f"{taken.other:,} of its {total:,} cells "
            f"{one_or_many(taken.other, 'is', 'are')} no number, such as "
            f"{_examples(taken.others)}, and became missing"
        )
    if taken.marked:
        said.append(
            f"{counted(taken.marked, 'cell')} such as {_examples(taken.marks)} became "
            f"the number in {one_or_many(taken.marked, 'it', 'them')}"
        )
    if not taken.certain:
        mark = "point" if taken.decimal == "." else "comma"
        said.append(f"the {mark} was taken as decimal sign, which no cell decides")
    return (
        [f"{named(column)} is a number, as chosen: {'; '.join(said)}."] if said else []
    )


def _examples(texts: Sequence[str]) -> str:
    return listed([named(text) for text in texts])

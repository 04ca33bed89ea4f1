"""The target column: its task, its classes, its numbers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.columns import is_free_text, is_number, label, numbers
from regcore.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS, Array, Loss
from regcore.settings import DesignError, Task

MOST_CLASSES = 50
"""Largest number of classes that is trained."""

FEW_VALUES = 10
"""Whole numbers 0 … K−1 or 1 … K with at most this many K are taken as class codes."""

ROWS_A_CODE = 10
"""Rows that every class code must have, to be taken as one."""

MOST_NAMED = 5
"""Spellings that a note names."""

LOSSES: dict[Task, Loss] = {
    Task.REGRESSION: HALF_SQUARED_ERROR,
    Task.BINARY: LOG_LOSS,
    Task.MULTICLASS: CROSS_ENTROPY,
}


@dataclass(frozen=True)
class Target:
    """The target of the rows that have one.

    Attributes
    ----------
    task, classes : the classes are empty for a regression; of two, the second is the
        one whose probability is modelled
    values : (n,) numbers for a regression, class codes otherwise
    """

    task: Task
    classes: tuple[str, ...]
    values: Array


LIKELY_NAMES = (
    "target",
    "label",
    "class",
    "outcome",
    "response",
    "y",
)
"""Names that say outright that a column is what is to be predicted."""


def propose_target(table: pd.DataFrame) -> tuple[str, str]:
    """Return the column that is likely to be predicted, and why, as a clause.

    A column that is named so; else the last one that varies and is neither free text
    nor a number that is different in every row and whole, as an id is.
    """
    usable = [name for name in table.columns if _can_be_target(table[name])]
    for name in usable:
        if str(name).strip().lower() in LIKELY_NAMES:
            return name, "its name says so"
    if usable:
        return usable[-1], "it is the last column that can be predicted"
    return table.columns[-1], "it is the last column"


def _can_be_target(column: pd.Series) -> bool:
    known = column.dropna()
    if known.nunique() < 2:
        return False
    if not is_number(column):
        return not is_free_text(column)
    values = known.to_numpy(dtype=float)
    whole = (np.floor(values) == values).all()
    return not (whole and known.is_unique and len(known) > FEW_VALUES)


def propose_task(column: pd.Series) -> tuple[Task, str]:
    """Return the likely task of a target, and why, as a clause.

    Two values are two classes. Text is classes. Numbers are a regression, unless they
    are class codes: 0 … K−1 or 1 … K, each with ten rows or more.
    """
    counts = column.dropna().value_counts()
    if len(counts) == 2:
        return Task.BINARY, "it has two values"
    if not is_number(column):
        return Task.MULTICLASS, f"it is no number and has {len(counts)} values"
    codes = np.sort(counts.index.to_numpy(dtype=float))
    consecutive = (
        3 <= len(codes) <= FEW_VALUES
        and codes[0] in (0, 1)
        and np.array_equal(codes, codes[0] + np.arange(len(codes)))
    )
    if consecutive and counts.min() >= ROWS_A_CODE:
        return Task.MULTICLASS, f"it has the {len(codes)} whole numbers of class codes"
    return Task.REGRESSION, "it is a number with many values"


def merge_spellings(column: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Take together classes that differ in case or in spaces around them only.

    Returns
    -------
    the column, each class in its most frequent spelling, and a sentence if any class
    had more than one
    """
    if not pd.api.types.is_string_dtype(column):
        return column, ()
    spellings = column.value_counts().index
    chosen: dict[str, str] = {}
    for text in spellings:
        chosen.setdefault(_bare(text), text)
    changed = [text for text in spellings if chosen[_bare(text)] != text]
    if not changed:
        return column, ()
    named = ", ".join(f"«{text}»" for text in changed[:MOST_NAMED])
    more = ", …" if len(changed) > MOST_NAMED else ""
    merged = column.map(lambda text: chosen[_bare(text)], na_action="ignore")
    return merged, (
        f"Classes of «{column.name}» that differ in case or outer spaces only were "
        f"taken together: {named}{more}.",
    )


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()


def read_target(column: pd.Series, task: Task) -> Target:
    """Turn a target without missing values into numbers or class codes.

    Raises
    ------
    DesignError
        if the target has one value only, is not a number where one is needed, has too
        many classes, or a class with one row
    """
    name = f"«{column.name}»"
    if column.nunique() < 2:
        raise DesignError(
            f"The target {name} has the same value in every row; choose another target."
        )
    if task is Task.REGRESSION:
        if not is_number(column):
            raise DesignError(
                f"The target {name} is not a number, and a regression needs one; "
                "choose classes as the task, or another target."
            )
        return Target(task, (), numbers(column))
    codes, levels = pd.factorize(column, sort=True)
    counts = np.bincount(codes)
    if task is Task.BINARY and len(levels) > 2:
        raise DesignError(
            f"The target {name} has {len(levels)} values where two classes were asked "
            "for; choose «three or more classes», or another target."
        )
    if task is Task.MULTICLASS and len(levels) == 2:
        raise DesignError(
            f"The target {name} has two values; choose «two classes» as the task."
        )
    if len(levels) > MOST_CLASSES:
        raise DesignError(
            f"The target {name} has {len(levels)} different values, more than the "
            f"{MOST_CLASSES} classes that can be trained; choose another target."
        )
    if counts.min() < 2:
        raise DesignError(
            f"The class «{label(levels[counts.argmin()])}» of {name} has one row; "
            "leave that row out of the file or merge the class with another."
        )
    return Target(task, tuple(label(level) for level in levels), codes.astype(float))

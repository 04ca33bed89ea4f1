"""The target column: its task, its classes, its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.design.columns import is_number, label, numbers
from regcore.design.guesses import Guess, guess_types
from regcore.design.names import suggests_id, suggests_target
from regcore.design.spellings import bare, most_frequent
from regcore.model.losses import Array
from regcore.settings import ColumnType, DesignError, Task

MOST_CLASSES = 50
"""Largest number of classes that is trained."""

FEW_VALUES = 10
"""Whole numbers 0 … K−1 or 1 … K with at most this many K are taken as class codes."""

ROWS_A_CODE = 10
"""Rows that every class code must have, to be taken as one."""

PROBE = 1000
"""Cells that are looked at before all are."""

MOST_NAMED = 5
"""Spellings that a note names."""

MANY_VALUES = "it is a number with many values"

MOSTLY_DIFFERENT = 0.8
"""Share of different values above which whole numbers tell rows apart."""

PREDICTABLE = (ColumnType.NUMBER, ColumnType.CATEGORY)
"""Types of column that can be a target."""


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


def propose_target(
    table: pd.DataFrame, guesses: Mapping[str, Guess] | None = None
) -> tuple[str, str]:
    """Return the column that is likely to be predicted, and why, as a clause.

    Its name counts most, then whether it is the last column, the first, or has two
    values; a last column whose name speaks for a feature is no sign. Ids, dates, text
    and constants are never proposed where there is another.

    Parameters
    ----------
    guesses : the types of its columns, where they are known

    Raises
    ------
    DesignError
        if the table has no column
    """
    guesses = guess_types(table) if guesses is None else guesses
    usable = [
        name for name, guess in guesses.items() if _can_be_predicted(table[name], guess)
    ]
    if not len(table.columns):
        raise DesignError("The table has no column; choose a table with two or more.")
    if not usable:
        return table.columns[-1], "it is the last column, though none can be predicted"
    scores = {name: _likelihood(table[name], usable) for name in usable}
    # Of equals the later: tables tend to end with what they are about.
    best = max(reversed(usable), key=scores.__getitem__)
    return best, _why_target(table[best], usable)


def _can_be_predicted(column: pd.Series, guess: Guess) -> bool:
    """Whether a column is a number or a category; a target may run on as ids do."""
    name = column.name
    wanted = suggests_target(name) > 0
    running = guess.type is ColumnType.ID and guess.runs
    if guess.type not in PREDICTABLE:
        return running and wanted and not suggests_id(name)
    return wanted or not (suggests_id(name) and _tells_apart(column))


def _tells_apart(column: pd.Series) -> bool:
    """Whether nearly every cell has a whole number of its own, as an id with a slip."""
    known = column.dropna()
    whole = is_number(column) and not (known % 1).any()
    return whole and known.nunique() > MOSTLY_DIFFERENT * len(known)


def _likelihood(column: pd.Series, usable: Sequence[str]) -> float:
    """Return how likely a column is to be the target, against others of its table."""
    name, known = column.name, column.dropna()
    meaning = suggests_target(name)
    likely = 2.0 * meaning + 1.0 * (name == usable[0])
    likely += 3.0 * (name == usable[-1] and meaning >= 0 and not suggests_id(name))
    likely -= 3.0 * (len(known) < 0.5 * len(column))
    if is_number(column) and known.iloc[:PROBE].nunique() > 2:
        # To count every value of a long column of numbers would tell no more.
        return likely
    counts = known.value_counts()
    likely += 1.0 * (len(counts) == 2) - 20.0 * (len(counts) < 2)
    if not is_number(column) or len(counts) == 2:
        # A class needs rows; one with many classes is rather a feature.
        likely -= 9.0 * (counts.min() < 2) + 1.0 * (len(counts) > FEW_VALUES)
        likely -= 1.0 * (len(counts) > 2)
        likely -= 9.0 * (len(counts) > MOST_CLASSES)
    return likely


def _why_target(column: pd.Series, usable: Sequence[str]) -> str:
    if suggests_target(column.name) > 0:
        return "its name says so"
    if column.name == usable[-1]:
        return "it is the last column that can be predicted"
    if column.nunique() == 2:
        return "it has two values"
    return "it is the first column that can be predicted"


def propose_task(column: pd.Series) -> tuple[Task, str]:
    """Return the likely task of a target, and why, as a clause.

    Two values are two classes. Text is classes. Numbers are a regression, unless they
    are class codes: 0 … K−1 or 1 … K, each with ten rows or more.
    """
    if is_number(column) and column.iloc[:PROBE].nunique() > FEW_VALUES:
        return Task.REGRESSION, MANY_VALUES
    counts = merge_spellings(column.dropna())[0].value_counts()
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
    return Task.REGRESSION, MANY_VALUES


def merge_spellings(column: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Take together classes that differ in case or in spaces around them only.

    Returns
    -------
    the column, each class in its most frequent spelling, and a sentence if any class
    had more than one
    """
    if not pd.api.types.is_string_dtype(column):
        return column, ()
    spelled, said = merge_counted(column.value_counts(), column.name)
    if not said:
        return column, ()
    chosen = dict(zip(spelled.index, spelled, strict=True))
    return column.map(chosen, na_action="ignore"), said


def merge_counted(counts: pd.Series, name: object) -> tuple[pd.Series, tuple[str, ...]]:
    """Do as `merge_spellings` does, for cells of which it is known how often they come.

    Parameters
    ----------
    counts : index the cells

    Returns
    -------
    the spelling of each cell, index the cells, and the sentence
    """
    cells = counts.index.to_series()
    if not pd.api.types.is_string_dtype(cells):
        return cells, ()
    chosen = most_frequent(counts.index.tolist(), counts.to_numpy())
    changed = [text for text in counts.index if chosen[bare(text)] != text]
    if not changed:
        return cells, ()
    named = ", ".join(f"«{text}»" for text in changed[:MOST_NAMED])
    more = ", …" if len(changed) > MOST_NAMED else ""
    return cells.map(lambda text: chosen[bare(text)]), (
        f"Classes of «{name}» that differ in case or outer spaces only were "
        f"taken together: {named}{more}.",
    )


def read_target(column: pd.Series, task: Task) -> Target:
    """Turn a target without missing values into numbers or class codes.

    Raises
    ------
    DesignError
        if the target has one value only, is not a number where one is needed, has too
        many classes, or a class with one row
    """
    name = f"«{column.name}»"
    if column.iloc[:PROBE].nunique() < 2 and column.nunique() < 2:
        raise DesignError(
            f"The target {name} has the same value in every row; choose another target."
        )
    if not task.loss.classes:
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
            f"The class «{label(levels[int(counts.argmin())])}» of {name} has one row; "
            "leave that row out of the file or merge the class with another."
        )
    return Target(task, tuple(label(level) for level in levels), codes.astype(float))

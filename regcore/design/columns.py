"""One column of a table into columns of the design matrix.

Everything is fitted on training rows: the value that fills gaps, the levels that get a
column. A level is named ``column = level``; a column that marks gaps, ``column is
missing``.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, cast

import numpy as np
import pandas as pd

from regcore.design.encoded import EncodedLevels, EncodedNumber, small_codes
from regcore.design.figures import Figures, differ
from regcore.design.scale import Scale
from regcore.design.spellings import Spellings, merge_levels
from regcore.design.spellings import in_words as spellings_in_words
from regcore.model.losses import Array
from regcore.settings import DesignError
from regcore.words import counted

MOST_LEVELS = 20
"""Levels of one category that get a column of their own."""

LARGEST = 1e100
"""Largest number that is scaled."""

EVERY_ROW_EMPTY = "left out: every training row is empty"

MISSING = "(missing)"
OTHER = "(other)"


def label(value: object) -> str:
    """Write a level or a class as the file did: 1, not 1.0."""
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def refuse_unclear_names(table: pd.DataFrame) -> None:
    """Refuse names that do not stand for one column each."""
    if table.columns.nlevels > 1:
        raise DesignError("The table has more than one line of names; keep one.")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise DesignError(f"Two columns are named «{twice[0]}»; rename one of them.")


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Number the rows from 0; make objects numbers where all are, else text."""
    table = table.reset_index(drop=True).infer_objects()
    for i, dtype in enumerate(table.dtypes):
        if pd.api.types.is_object_dtype(dtype):
            column = table.iloc[:, i]
            if pd.api.types.infer_dtype(column) == "decimal":
                table.isetitem(i, column.astype(float).array)
            else:
                table.isetitem(i, column.map(label, na_action="ignore").array)
    return table


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers; true and false are categories."""
    kinds = pd.api.types
    return kinds.is_numeric_dtype(column) and not (
        kinds.is_bool_dtype(column) or kinds.is_complex_dtype(column)
    )


def numbers(column: pd.Series) -> Array:
    """Return a numeric column as (n,) floats, missing as NaN.

    Raises
    ------
    DesignError
        if a value is no number, infinite, or too large to be scaled; the row named is
        the index counted from 1
    """
    values = _floats(column)
    wrong = np.flatnonzero(np.abs(values) > LARGEST)
    if len(wrong):
        raise DesignError(
            f"Column «{column.name}», row {column.index[wrong[0]] + 1}: "
            f"{values[wrong[0]]:g} is too large to be scaled (the limit is "
            f"{LARGEST:g}); correct it or leave the column out."
        )
    return values


def _floats(column: pd.Series) -> Array:
    try:
        return column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DesignError(
            f"Column «{column.name}» must hold numbers, as it did in training."
        ) from None


def coded(column: pd.Series) -> pd.Series:
    """Return the cells as codes of a category, so that texts are hashed only once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, values = pd.factorize(column)
    cells = pd.Categorical.from_codes(small_codes(codes, len(values)), values)
    return pd.Series(cells, index=column.index, name=column.name)


def varies(values: Array) -> bool:
    """Whether numbers differ by more than their last digits, so that they scale."""
    return differ(float(values.min()), float(values.max()))


@dataclass(frozen=True)
class NumberColumn:
    """A number, its gaps filled, and a mark where one was filled.

    Attributes
    ----------
    fill : median of the training rows
    marked : whether gaps in the training rows earned a column of their own
    """

    kind: ClassVar[str] = "number"
    known: ClassVar[tuple[str, ...]] = ()
    spellings: ClassVar[tuple[tuple[str, str], ...]] = ()
    cells: ClassVar[str] = "number"
    since: ClassVar[str] = ""

    column: str
    fill: float
    marked: bool

    @property
    def measures(self) -> tuple[tuple[str, float], ...]:
        """What is measured of a cell, and what it is in a gap."""
        return (("number", self.fill),)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it gives."""
        mark = f"{self.column} is missing"
        return (self.column, mark) if self.marked else (self.column,)

    def cleaned(self, column: pd.Series) -> pd.Series:
        """Return the cells as floats."""
        return pd.Series(_floats(column))

    def encode(
        self, column: pd.Series, rows: np.ndarray | slice = slice(None)
    ) -> EncodedNumber:
        """Return a column ready to be written.

        Parameters
        ----------
        rows : those that will be asked for; only these must be numbers of a fair size
        """
        numbers(column.iloc[rows])
        shared = isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu"
        cells = column if shared else pd.Series(_floats(column))
        return EncodedNumber(cells, self.fill, self.marked, Scale.none(len(self.names)))


@dataclass(frozen=True)
class CategoryColumn:
    """A category, one column a level; two levels give the second's only.

    Attributes
    ----------
    levels : levels that get a column
    other : whether one more column takes all remaining levels
    base : of two levels the one without a column, which is 0 in the other's
    cells : what the cells were in training: "text", or a "number" or a "truth" whose
        levels are how it is written
    spellings : pairs of a text and the level that it is as well, but for case or spaces
    """

    kind: ClassVar[str] = "category"
    measures: ClassVar[tuple[tuple[str, float], ...]] = ()
    marked: ClassVar[bool] = False
    since: ClassVar[str] = ""

    column: str
    levels: tuple[str, ...]
    other: bool
    base: str | None = None
    cells: str = field(default="text", compare=False)
    spellings: Spellings = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Every level that is told from the others."""
        return self.levels if self.base is None else (*self.levels, self.base)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it gives."""
        levels = (*self.levels, OTHER) if self.other else self.levels
        return tuple(f"{self.column} = {level}" for level in levels)

    def cleaned(self, column: pd.Series) -> pd.Series:
        """Return the cells as they were in training, or else as text."""
        if self.cells != "text" and _cells_of(column) == self.cells:
            return column
        return column.astype("object").map(label, na_action="ignore").astype("str")

    def encode(
        self, column: pd.Series, rows: np.ndarray | slice = slice(None)
    ) -> EncodedLevels:
        """Return a column ready to be written.

        A level that training never saw is "other" if there is such a column, and has
        the average of each column if not.
        """
        codes, levels = level_codes(column)
        place, same = {t: i for i, t in enumerate(self.known)}, dict(self.spellings)
        own = [same.get(level, level) for level in levels]
        kept = np.array([place.get(level, len(place)) for level in own], dtype=int)
        width = len(self.names)
        lines = np.eye(len(place) + 1)[:, :width]
        if not self.other:
            lines[-1] = np.nan
        return EncodedLevels(
            small_codes(kept, len(lines))[codes],
            lines,
            lines @ np.arange(1.0, width + 1.0),
            Scale.none(width),
        )


def level_codes(column: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return each row's level as a code, and the levels as text, in sorted order."""
    codes, values = pd.factorize(column, sort=False)
    labels = [label(value) for value in values]
    if (codes < 0).any():
        codes = np.where(codes < 0, len(labels), codes)
        labels.append(MISSING)
    levels = sorted(set(labels))
    place = {level: i for i, level in enumerate(levels)}
    return np.array([place[label] for label in labels], dtype=int)[codes], tuple(levels)


def name_of(column: pd.Series) -> str:
    """Return the name of a column of a table."""
    return cast("str", column.name)


def fit_number(
    column: pd.Series,
) -> tuple[NumberColumn | CategoryColumn | None, str]:
    """Fit a number on the training rows; the note says what was filled or why not."""
    values = numbers(column)
    gaps = np.isnan(values)
    if gaps.all():
        return None, EVERY_ROW_EMPTY
    figures = Figures.of(values[~gaps], int(gaps.sum()))
    if figures.gaps and not figures.varies:
        return fit_category(column)
    return number_of(name_of(column), figures)


def number_of(name: str, figures: Figures) -> tuple[NumberColumn | None, str]:
    """Fit a number by its figures over the training rows, with the note."""
    gaps, fill = figures.gaps, figures.median
    if not figures.varies:
        rounded = ", up to rounding" if figures.high > figures.low else ""
        return None, f"left out: {fill:g} in every training row{rounded}"
    if not gaps:
        return NumberColumn(name, fill, marked=False), ""
    note = (
        f"{counted(gaps, 'gap')} in the training rows filled with their median, "
        f"{fill:g}, and marked"
    )
    return NumberColumn(name, fill, marked=True), note


def fit_category(
    column: pd.Series, most: int = MOST_LEVELS, times: np.ndarray | None = None
) -> tuple[CategoryColumn | None, str]:
    """Fit a category on the training rows; a note says what was merged or why not.

    Parameters
    ----------
    times : how often each row of the column is there, if that is not once
    """
    codes, levels = level_codes(column)
    counts = np.bincount(codes, times, len(levels)).astype(int)
    name, cells = name_of(column), _cells_of(column)
    same: Spellings = ()
    if cells == "text":
        levels, counts, same = merge_levels(column, levels, counts)
    if len(levels) == 1:
        empty = levels[0] == MISSING
        return (
            None,
            EVERY_ROW_EMPTY if empty else "left out: every training row is equal",
        )
    encoding = CategoryColumn(name, levels, other=False, cells=cells, spellings=same)
    notes = [spellings_in_words(same)] if same else []
    if len(levels) == 2:
        encoding = replace(encoding, levels=levels[1:], base=levels[0])
    elif len(levels) > most:
        common = np.sort(np.argsort(-counts, kind="stable")[:most])
        kept = tuple(levels[i] for i in common)
        encoding = replace(encoding, levels=kept, other=True)
        notes.append(
            f"the {most} most frequent of {len(levels)} levels kept, the other "
            f"{len(levels) - most} taken together as {OTHER}"
        )
    return encoding, "; ".join(notes)


def _cells_of(column: pd.Series) -> str:
    values = column.dtype
    if isinstance(values, pd.CategoricalDtype):
        values = values.categories.dtype
    if pd.api.types.is_bool_dtype(values):
        return "truth"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"

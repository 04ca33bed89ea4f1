"""The design matrix, and the way back to the table."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from regcore.design.chosen import ChosenNumber
from regcore.design.copies import Copies
from regcore.design.encoded import EncodedRows
from regcore.design.ledger import (
    ColumnEncoding,
    LedgerEntry,
    ledger_table,
)
from regcore.design.recipe import Recipe
from regcore.design.scale import Scale
from regcore.model.losses import Array
from regcore.settings import Task
from regcore.words import counted, named, one_or_many


@dataclass(frozen=True)
class Design:
    """The design matrix, and the way back to the table.

    Attributes
    ----------
    target, task, classes : what is predicted; of two classes the second is modelled
    training, Y : (n, p) and (n, k), the training rows, standardised; of the first,
        rows are made when they are asked for
    validation, Y_validation : the same for the rows held out
    test, Y_test : the same for the rows locked away, which nothing has looked at
    rows, validation_rows, test_rows : their row numbers in the table
    groups, validation_groups : codes of the groups whose rows stay together, if the
        rows are split by groups
    repeated : which of the rows held out are the same as a training row in every
        feature and the target, as a mask; none where they may well be so by chance
    features, sources : (p,) names, and the table's column behind each; columns of the
        design that are copies or mirrors of each other are one feature, named after the
        first
    names : of all columns of the design, copies and all, in the order of `encodings`
    copies : which of these columns are the same
    x_scale, y_scale : back to original units; a class target is not scaled
    encodings : how each used column becomes columns of the matrix
    ledger : what became of every column
    chosen : how columns of text were read that the user made numbers
    dropped : sentences on rows that were left out, and on cells that became missing
    """

    target: str
    task: Task
    classes: tuple[str, ...]
    training: EncodedRows
    Y: Array
    validation: EncodedRows
    Y_validation: Array
    test: EncodedRows
    Y_test: Array
    rows: np.ndarray
    validation_rows: np.ndarray
    test_rows: np.ndarray
    groups: np.ndarray | None
    validation_groups: np.ndarray | None
    repeated: np.ndarray
    features: tuple[str, ...]
    sources: tuple[str, ...]
    names: tuple[str, ...]
    copies: Copies
    x_scale: Scale
    y_scale: Scale
    encodings: tuple[ColumnEncoding, ...]
    ledger: tuple[LedgerEntry, ...]
    chosen: tuple[ChosenNumber, ...]
    dropped: tuple[str, ...]

    @cached_property
    def X(self) -> Array:
        """The training rows, (n, p): made when first asked for, and then kept."""
        return self.training.matrix()

    @cached_property
    def X_validation(self) -> Array:
        """The rows held out, (n, p): made when first asked for, and then kept."""
        return self.validation.matrix()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on everything that was filled, merged, left out or dropped."""
        columns = filter(None, (entry.sentence for entry in self.ledger))
        apart, new = self._held_out_apart, self._held_out_new
        repeated = filter(None, [self.held_out_repeated])
        return (*self.dropped, *columns, *apart, *new, *repeated)

    @cached_property
    def _held_out_apart(self) -> tuple[str, ...]:
        """Sentences on copies that rows held out tell apart."""
        apart = self._named(self.copies.apart(self.validation))
        total = counted(len(self.validation_rows), "row")
        return tuple(
            f"{named(feature)}: the copies differ in {rows:,} of the {total} held out."
            for feature, rows in apart.items()
            if rows
        )

    @cached_property
    def _held_out_new(self) -> tuple[str, ...]:
        """Sentences on levels that only rows held out have."""
        return self.recipe.unseen_in_words(self.validation, " held out")

    @cached_property
    def held_out_repeated(self) -> str:
        """A sentence on rows held out that are the same as training rows; or empty."""
        count = int(self.repeated.sum())
        if not count:
            return ""
        total = counted(len(self.validation_rows), "row")
        return (
            f"{count:,} of the {total} held out "
            f"{one_or_many(count, 'is a copy', 'are copies')} of training rows, the "
            "same in every feature and the target."
        )

    def _named(self, apart: dict[int, int]) -> dict[str, int]:
        place = self.place
        return {
            self.features[place[j]]: rows for j, rows in apart.items() if place[j] >= 0
        }

    @cached_property
    def kept(self) -> np.ndarray:
        """Which columns of the design are features, as a mask."""
        kept = self.training.kept
        assert kept is not None
        return kept

    @cached_property
    def place(self) -> np.ndarray:
        """Place among the features of each column of the design; −1 if left out.

        Copies share one.
        """
        place = np.where(self.kept, np.cumsum(self.kept) - 1, -1)
        shared: np.ndarray = place[self.copies.first]
        return shared

    @property
    def ledger_table(self) -> pd.DataFrame:
        """What became of every column, one row a column."""
        return ledger_table(self.ledger)

    @cached_property
    def recipe(self) -> Recipe:
        """How any other table becomes rows of this matrix."""
        used = {encoding.column for encoding in self.encodings}
        chosen = tuple(how for how in self.chosen if how.column in used)
        scale = self.training.scale
        return Recipe(self.encodings, self.names, chosen, self.kept, scale)

    def encode(self, table: pd.DataFrame) -> Array:
        """Return the standardised design matrix of any table with these columns.

        Of copies the first column counts, also in rows where they differ; see
        `copies_apart`. A level that no training row has is taken as the average of the
        column, which is 0; see `unseen_levels`.

        Raises
        ------
        DesignError
            if the table lacks a column, or has text where there were numbers
        """
        return self.recipe.rows(table).matrix()

    def copies_apart(self, table: pd.DataFrame) -> pd.Series:
        """In how many rows of a table the copies of a feature differ from it.

        One number a feature that has copies. Raises as `encode` does.
        """
        apart = self._named(self.copies.apart(self.recipe.rows(table)))
        return pd.Series(apart, name="rows", dtype=int).rename_axis("feature")

    def unseen_levels(self, table: pd.DataFrame) -> tuple[str, ...]:
        """Say in how many rows of a table a level stands that no training row has.

        One sentence a column that has such levels; a gap is a level as well. Raises as
        `encode` does.
        """
        return self.recipe.unseen_in_words(self.recipe.rows(table))

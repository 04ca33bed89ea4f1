"""What a table is prepared by: all that is known of the design without its rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from regcore.design.chosen import ChosenNumber
from regcore.design.copies import Copies
from regcore.design.ledger import ColumnEncoding, LedgerEntry, ledger_table
from regcore.design.recipe import Recipe
from regcore.design.scale import Scale
from regcore.model.losses import Array
from regcore.settings import Task


@dataclass(frozen=True)
class Prepared:
    """The columns of a design matrix, and the way there from the table and back.

    Attributes
    ----------
    target, task, classes : what is predicted; of two classes the second is modelled
    features, sources : (p,) names, and the table's column behind each; columns of the
        design that are copies or mirrors of each other are one feature, named after the
        first
    names : of all columns of the design, copies and all, in the order of `encodings`
    copies : which of these columns are the same
    kept : which of these columns are features, as a mask
    scale : standardises all these columns, with figures of the training rows
    y_scale : the same for the target; a class target is not scaled
    encodings : how each used column becomes columns of the matrix
    ledger : what became of every column
    chosen : how columns of text were read that the user made numbers
    dropped : sentences on rows that were left out, and on cells that became missing
    """

    target: str
    task: Task
    classes: tuple[str, ...]
    features: tuple[str, ...]
    sources: tuple[str, ...]
    names: tuple[str, ...]
    copies: Copies
    kept: np.ndarray
    scale: Scale
    y_scale: Scale
    encodings: tuple[ColumnEncoding, ...]
    ledger: tuple[LedgerEntry, ...]
    chosen: tuple[ChosenNumber, ...]
    dropped: tuple[str, ...]

    @cached_property
    def x_scale(self) -> Scale:
        """Back from the features to original units."""
        return self.scale.part(self.kept)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on everything that was filled, merged, left out or dropped."""
        columns = filter(None, (entry.sentence for entry in self.ledger))
        return (*self.dropped, *columns)

    def _named(self, apart: dict[int, int]) -> dict[str, int]:
        place = self.place
        return {
            self.features[place[j]]: rows for j, rows in apart.items() if place[j] >= 0
        }

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
        return Recipe(self.encodings, self.names, chosen, self.kept, self.scale)

    def outputs(self, column: pd.Series) -> tuple[np.ndarray, Array]:
        """Rows whose target is known, as a mask, and Y of these.

        Parameters
        ----------
        column : the target of any table, its classes spelled as in `classes`
        """
        if not self.classes:
            values = column.to_numpy(dtype=float, na_value=np.nan)
            known = np.isfinite(values)
            scaled = (values - self.y_scale.mean) / self.y_scale.deviation
            return known, scaled[known, None]
        place = {name: code for code, name in enumerate(self.classes)}
        codes = column.map(place).to_numpy(dtype=float, na_value=np.nan)
        known = np.isfinite(codes)
        codes = codes[known].astype(int)
        if self.task is Task.MULTICLASS:
            return known, np.eye(len(self.classes))[codes]
        return known, codes[:, None].astype(float)

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

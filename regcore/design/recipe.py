"""How any table becomes rows of a design matrix that was fitted on another."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from regcore.design.chosen import ChosenNumber, read_chosen
from regcore.design.columns import plain, refuse_unclear_names
from regcore.design.encoded import EncodedRows
from regcore.design.ledger import ColumnEncoding
from regcore.design.preparation import encode
from regcore.design.scale import Scale
from regcore.settings import DesignError
from regcore.words import counted, named, one_or_many


@dataclass(frozen=True)
class Recipe:
    """All that was fitted on training rows, on the way from a table to the matrix.

    Attributes
    ----------
    encodings : how each used column of the table becomes columns of the matrix
    names : of all these columns, copies and all, in the order of `encodings`
    chosen : how columns of text are read that the user made numbers
    kept : which of the columns are features, as a mask
    scale : standardises all columns
    """

    encodings: tuple[ColumnEncoding, ...]
    names: tuple[str, ...]
    chosen: tuple[ChosenNumber, ...]
    kept: np.ndarray
    scale: Scale

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """Which columns of the matrix, before any is left out, each encoding makes."""
        ends = np.cumsum([len(encoding.names) for encoding in self.encodings]).tolist()
        return tuple(map(slice, [0, *ends[:-1]], ends))

    @cached_property
    def sources(self) -> frozenset[str]:
        """The columns of the table that a feature is made from."""
        pairs = zip(self.encodings, self.places, strict=True)
        return frozenset(e.column for e, place in pairs if self.kept[place].any())

    def read(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table with its rows numbered and its text read as in training.

        Raises
        ------
        DesignError
            if a column is lacking, or a name does not stand for one
        """
        refuse_unclear_names(table)
        for encoding in self.encodings:
            if encoding.column not in table.columns:
                raise DesignError(f"The table has no column «{encoding.column}».")
        return read_chosen(plain(table), self.chosen)

    def rows(self, table: pd.DataFrame) -> EncodedRows:
        """Return all rows of a table, standardised. Raises as `read` does.

        Raises
        ------
        DesignError
            if there is text where there were numbers
        """
        rows = np.arange(len(table))
        encoded = EncodedRows(encode(self.read(table), self.encodings, rows), rows)
        return encoded.scaled(self.scale).keep(self.kept)

    def unseen_in_words(self, rows: EncodedRows, which: str = "") -> tuple[str, ...]:
        """Sentences on the columns of which some rows have a level never seen."""
        total = f"{counted(len(rows), 'row')}{which}"
        return tuple(
            f"{named(encoding.column)}: {unseen:,} of the {total} "
            f"{one_or_many(unseen, 'has a level', 'have levels')} that no training row "
            "has, taken as the average of the column."
            for encoding, unseen in zip(self.encodings, rows.unseen(), strict=True)
            if unseen and encoding.column in self.sources
        )

"""The design matrix: a preparation, and rows."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from regcore.design.encoded import EncodedRows
from regcore.design.prepared import Prepared
from regcore.design.scale import Scale
from regcore.model.given import Given
from regcore.model.losses import Array
from regcore.words import counted, named, one_or_many


@dataclass(frozen=True)
class Design(Prepared):
    """The design matrix, and the way back to the table.

    Attributes
    ----------
    training, Y : (n, p) and (n, k), the training rows, standardised; of the first,
        rows are made when they are asked for
    validation, Y_validation : the same for the rows held out
    test, Y_test : the same for the rows locked away, which nothing has looked at
    rows, validation_rows, test_rows : their row numbers in the table
    groups, validation_groups : codes of the groups whose rows stay together, if the
        rows are split by groups
    repeated : which of the rows held out are the same as a training row in every
        feature and the target, as a mask; none where they may well be so by chance
    """

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

    @classmethod
    def of(
        cls,
        prepared: Prepared,
        table: pd.DataFrame,
        held_out: np.ndarray,
        locked: np.ndarray | None = None,
    ) -> Self:
        """Return the design of some rows, where sums speak for all of them.

        Parameters
        ----------
        table : rows whose target is known; there may be none
        held_out, locked : (rows,), which of them do not train; None for none
        """
        encoded = prepared.recipe.rows(table)
        outputs = prepared.outputs(table[prepared.target])[1]
        locked = np.zeros_like(held_out) if locked is None else locked
        sides = ~(held_out | locked), held_out, locked
        train, apart, test = map(np.flatnonzero, sides)
        return cls(
            **{one.name: getattr(prepared, one.name) for one in fields(Prepared)},
            training=replace(encoded, rows=train),
            Y=outputs[train],
            validation=replace(encoded, rows=apart),
            Y_validation=outputs[apart],
            test=replace(encoded, rows=test),
            Y_test=outputs[test],
            rows=train,
            validation_rows=apart,
            test_rows=test,
            groups=None,
            validation_groups=None,
            repeated=np.zeros(len(apart), dtype=bool),
        )

    @property
    def given(self) -> Given:
        """The training rows as in the table, which no scaling has rounded."""
        scale, mask = self.training.scale, self.training.kept
        rows = self.training.scaled(Scale.none(len(scale.mean)))
        kept = scale if mask is None else scale.part(mask)
        k = self.Y.shape[1]
        mean, deviation = (
            np.r_[kept.mean, np.zeros(k)],
            np.r_[kept.deviation, np.ones(k)],
        )
        return Given.of(rows, self.Y).scaled(mean, deviation)

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

"""A column while it is cut: its numbers where all of it is plain, else its text."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from regcore.intake.plain import Plain, may_be_plain
from regcore.intake.points import Trust, may_be_groups
from regcore.intake.texts import spread


class Cut:
    """A column part by part; the text of plain numbers is let go of with each part.

    Parameters
    ----------
    parts : text, missing where a cell is empty
    decimal : the sign under which numbers are looked for, if they are
    most : how many rows are expected at most
    some : how many cells of each part of plain numbers are kept as text

    Attributes
    ----------
    plain : the numbers, if there is nothing else
    lost : whether something else came after numbers whose text is gone
    """

    def __init__(
        self,
        parts: Iterable[pa.StringArray] = (),
        decimal: str | None = None,
        most: int = 0,
        some: int = 0,
    ) -> None:
        self._parts = [*parts]
        self._sample: list[str] = []
        self._some = some
        self.plain = None if decimal is None else Plain(most, decimal)
        self.lost = False

    @property
    def text(self) -> pa.ChunkedArray:
        """All cells; of plain numbers, some from all over them."""
        parts = self._parts or [pa.array(self._sample, pa.string())]
        return pa.chunked_array(parts)

    def add(self, part: pa.StringArray) -> None:
        """Take the next rows."""
        plain = self.plain
        if plain is not None and not len(plain.values) and not _starts(part, plain):
            self.plain = plain = None
        if plain is not None:
            self._sample += spread(part, self._some)
            self.lost = not plain.add(part)
            self.plain = None if self.lost else plain
        elif not self.lost:
            self._parts.append(part)

    def keep(self, rows: np.ndarray) -> None:
        """Keep the rows of a mask."""
        if self.plain is not None:
            self.plain.keep(rows)
        elif not self.lost:
            self._parts = self.text.filter(pa.array(rows)).chunks

    def fits(self, decimal: str, trust: Trust) -> bool:
        """Whether what is kept is all that is needed under a decimal sign."""
        if self.plain is None or self.plain.values.dtype == np.int64:
            return not self.lost
        known = trust is Trust.SAID or not may_be_groups(self.text, decimal)
        return known and self.plain.decimal == decimal


def _starts(part: pa.StringArray, plain: Plain) -> bool:
    """Whether a column that starts so may hold nothing but plain numbers."""
    sign = plain.decimal
    return may_be_plain(part, sign) and not may_be_groups(part, sign)

"""A column after reading, and what was done to it."""

from dataclasses import dataclass

import pandas as pd

from regcore.intake.nearly import Look


@dataclass(frozen=True)
class Column:
    """A column after reading: numbers or text, and what was done to it.

    Attributes
    ----------
    absent : words of a column of text that were taken as missing, with their counts
    gaps : the same of a column of numbers, where they can be nothing else
    levels : words for «no value» that stayed as levels, with their counts
    stand_ins : numbers that were taken as missing, as text, with their counts
    open_sign : the decimal sign that was used, where the other reads all cells too
    example : a cell that both read
    """

    cells: pd.Series
    decimal: str | None = None
    unit: str = ""
    grouped: str = ""
    odd: int = 0
    odd_row: int = 0
    odd_cell: str = ""
    zeros: int = 0
    bounds: int = 0
    bound: str = ""
    footnote: str = ""
    factor: str = ""
    formula: str = ""
    why_text: str = ""
    words: int = 0
    word: str = ""
    labels: str = ""
    looks: Look | None = None
    absent: tuple[tuple[str, int], ...] = ()
    gaps: tuple[tuple[str, int], ...] = ()
    levels: tuple[tuple[str, int], ...] = ()
    stand_ins: tuple[tuple[str, int], ...] = ()
    open_sign: str = ""
    example: str = ""

    @property
    def is_number(self) -> bool:
        """Whether its cells were read as numbers."""
        return self.cells.dtype.kind in "if"

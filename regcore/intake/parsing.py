"""Full rows of bytes to columns, by pandas' C parser.

The parser drops zeros in front of codes, silently. So the cells that look like codes
are counted in the bytes: what it read as numbers is looked at again as text where it
has any, or digits that are lost.
"""

import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.intake.cells import (
    MISSING_MARKS,
    MISSING_WORDS,
    is_missing_number,
    is_number,
)
from regcore.intake.dialect import Dialect
from regcore.intake.numbers import Column, read_column
from regcore.intake.shapes import LARGEST_EXACT

SAMPLE_ROWS = 200
CODE = r"(?:^| )0\d+(?: |$)"
FAILURES = (
    pd.errors.ParserError,
    pd.errors.ParserWarning,
    pd.errors.EmptyDataError,
    UnicodeDecodeError,
)


class Source:
    """Pieces of bytes, handed to the parser one after another without a copy of all."""

    def __init__(self, pieces: Sequence[memoryview]) -> None:
        self.pieces = pieces
        self.piece = self.at = 0
        self.stopped = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none once it was stopped."""
        parts, left = [], float("inf") if size < 0 else size
        while left and self.piece < len(self.pieces) and not self.stopped:
            view = self.pieces[self.piece]
            stop = len(view) if left >= len(view) - self.at else self.at + left
            parts.append(view[self.at : stop])
            left -= stop - self.at
            at_end = stop == len(view)
            self.piece, self.at = self.piece + at_end, 0 if at_end else stop
        return b"".join(parts)

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def stop(self) -> None:
        """Let the parser end early; what it returns is then of no use."""
        self.stopped = True


@dataclass(frozen=True)
class Kinds:
    """What the first cells of each column show, so that the rest is read fast.

    Attributes
    ----------
    plain : columns of numbers that need no second look
    words : columns that the parser leaves as text by itself, which is faster
    """

    width: int
    plain: frozenset[int]
    words: frozenset[int]

    @property
    def guarded(self) -> set[int]:
        """Columns that are read as text, so that nothing in them is lost."""
        return {*range(self.width)} - self.plain - self.words


def kinds_of(sample: list[list[str]]) -> Kinds:
    """Look at the first rows of a table."""
    columns = list(zip(*sample[:SAMPLE_ROWS], strict=True))
    plain = {place for place, cells in enumerate(columns) if _is_plain(cells)}
    words = {place for place, cells in enumerate(columns) if _is_words(cells)}
    return Kinds(len(columns), frozenset(plain), frozenset(words - plain))


def _is_plain(cells: Sequence[str]) -> bool:
    values = [cell.strip() for cell in cells if not is_missing_number(cell)]
    numbers = pd.to_numeric(pd.Series(values, dtype="object"), errors="coerce")
    # A plus in front may be that of a phone number, which is none.
    bare = all(
        value.isascii() and "_" not in value and value[0] != "+" for value in values
    )
    finite = np.isfinite(numbers.astype(float)).all()
    return bool(values) and bare and bool(finite)


def _is_words(cells: Sequence[str]) -> bool:
    """Whether one cell is neither a number nor true or false, which is enough."""
    bare = {cell.strip() for cell in cells}
    truth = {cell.lower() for cell in bare} <= {"true", "false", ""}
    odd = (not (is_number(cell) or is_missing_number(cell)) for cell in bare)
    return not truth and any(odd)


def parse(source: Source, dialect: Dialect, kinds: Kinds) -> pd.DataFrame | None:
    """Return what the parser makes of the bytes, None if it cannot."""
    return _parse(source, dialect, kinds, kinds.guarded)


def columns_of(
    table: pd.DataFrame,
    pieces: Sequence[memoryview],
    dialect: Dialect,
    kinds: Kinds,
    codes: int,
    decimal: str,
    header: list[str],
) -> list[Column] | None:
    """Return the columns of a table that was parsed; doubtful ones are parsed again.

    Parameters
    ----------
    pieces : the bytes it was parsed from
    codes : words with a zero in front and digits only that were counted in them
    header : names that no row may repeat

    Returns
    -------
    list[Column] | None
        None if a row repeats the names.
    """
    doubtful = _doubtful(table, kinds.plain, codes)
    doubtful += [at for at in sorted(kinds.words) if table[at].dtype != "str"]
    if doubtful:
        again = _parse(Source(pieces), dialect, kinds, doubtful, doubtful)
        for place in doubtful:
            table[place] = again[place]
    if header and _repeats(table, header):
        return None
    settled = kinds.plain - set(doubtful)
    return [
        Column(table[place]) if place in settled else read_column(table[place], decimal)
        for place in range(kinds.width)
    ]


def _parse(
    source: Source,
    dialect: Dialect,
    kinds: Kinds,
    text: Collection[int],
    only: list[int] | None = None,
) -> pd.DataFrame | None:
    words = sorted(MISSING_WORDS | MISSING_MARKS | {""})
    plain = kinds.plain - set(text)
    try:
        # A column of mixed types is looked at again, without a warning.
        with warnings.catch_warnings(action="ignore", category=pd.errors.DtypeWarning):
            return pd.read_csv(
                source,
                sep=dialect.separator,
                header=None,
                names=range(kinds.width),
                usecols=only,
                index_col=False,
                dtype=dict.fromkeys(text, "str"),
                na_values={
                    p: words if p in plain else [""] for p in range(kinds.width)
                },
                keep_default_na=False,
                skipinitialspace=dialect.skip_space,
            )
    except FAILURES:
        return None


def _repeats(table: pd.DataFrame, header: list[str]) -> bool:
    """Whether some row has the names of the columns as its cells."""
    same = None
    for place, name in enumerate(header):
        if pd.api.types.is_numeric_dtype(table[place]):
            return False
        cells = table[place]
        equal = (cells == name if name else cells.isna()).fillna(False).to_numpy(bool)
        same = equal if same is None else same & equal
        if not same.any():
            return False
    return True


def _doubtful(table: pd.DataFrame, plain: Collection[int], codes: int) -> list[int]:
    """Columns read as numbers whose text must be looked at after all."""
    doubtful = [place for place in sorted(plain) if not _settled(table[place])]
    if codes:
        others = [table[place] for place in table if place not in plain]
        texts = [cells for cells in others if cells.dtype == "str"]
        known = sum(int(cells.str.count(CODE).sum()) for cells in texts)
        if known != codes:
            return sorted(plain)
    return doubtful


def _settled(cells: pd.Series) -> bool:
    """Whether a column is all finite numbers that kept their digits."""
    if cells.dtype == np.int64:
        return True
    if cells.dtype != np.float64:
        return False
    # Comparisons with NaN are false, so this also tells infinite values.
    values = cells.to_numpy()
    return not bool((np.abs(values) > LARGEST_EXACT).any())

"""Quotes that do not stand around cells: the rows near them are read one by one.

Everywhere else a quote that opens a cell is closed at its end, so that a parser which
believes every quote is right.
"""

from collections.abc import Sequence
from typing import overload

import numpy as np

from regcore.intake.dialect import Dialect
from regcore.intake.records import Records, read_from

PIECE = 1 << 20
NEWLINE, RETURN, SPACE = b"\n\r "


class Lines(Sequence[str]):
    """Lines of the bytes from a position on, decoded when they are asked for.

    Attributes
    ----------
    bounds : where each line starts, and where the last one ends
    """

    def __init__(self, data: bytes, start: int) -> None:
        self.data = data
        line_ends = [
            np.flatnonzero(np.frombuffer(data[at : at + PIECE], np.uint8) == NEWLINE)
            + (at + 1)
            for at in range(start, len(data), PIECE)
        ]
        self.bounds = np.concatenate([[start], *line_ends])
        if self.bounds[-1] < len(data):
            self.bounds = np.append(self.bounds, len(data))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        start, stop = self.bounds[at : at + 2].tolist()
        return self.data[start:stop].decode("utf-8")

    def stray(self, first: int, last: int, dialect: Dialect) -> np.ndarray:
        """Whether lines by themselves have quotes that do not stand around cells."""
        bounds = self.bounds[first : last + 1]
        piece = np.frombuffer(self.data, np.uint8)[bounds[0] : bounds[-1]]
        quotes = np.flatnonzero(piece == ord(dialect.quote))
        before = np.searchsorted(quotes, bounds - bounds[0])
        counts = np.diff(before)
        line = np.repeat(np.arange(len(counts)), counts)
        closing = (np.arange(len(quotes)) - before[line]) % 2 == 1
        stray = counts % 2 == 1
        stray[line[~_at_edge(piece, quotes, closing, dialect)]] = True
        return stray


def read_stray(
    data: bytes, start: int, line: int, dialect: Dialect, width: int, records: Records
) -> tuple[bytes | memoryview, np.ndarray | None]:
    """Read the rows at stray quotes; return the bytes of all others, and their lines.

    Parameters
    ----------
    data : the file
    start : where its first row stands
    line : the number of that line
    dialect : how rows are cut into cells
    width : the usual number of cells
    records : gets the rows that were read

    Returns
    -------
    tuple[bytes | memoryview, np.ndarray | None]
        The other lines, and their numbers; None if no line was taken out.
    """
    found = _stray_stretch(data, start, dialect)
    if found is None:
        return memoryview(data)[start:], None
    lines = Lines(data, start)
    kept = np.ones(len(lines), bool)
    while found is not None:
        first, last = np.searchsorted(lines.bounds, found).tolist()
        end = _read_stretch(lines, first, last, line, dialect, width, records, kept)
        found = _stray_stretch(data, int(lines.bounds[end]), dialect)
    edges = np.flatnonzero(np.diff(kept, prepend=False, append=False))
    bounds = lines.bounds[edges].reshape(-1, 2).tolist()
    view = memoryview(data)
    rest = b"".join([view[first:last] for first, last in bounds])
    return rest, np.flatnonzero(kept) + line


def _read_stretch(
    lines: Lines,
    first: int,
    last: int,
    line: int,
    dialect: Dialect,
    width: int,
    records: Records,
    kept: np.ndarray,
) -> int:
    """Read the rows at the stray lines of a stretch; return the line to go on from."""
    stray = lines.stray(first, last, dialect)
    numbers = range(line, line + len(lines))

    def is_stray(at: int) -> bool:
        beyond = at >= last and bool(lines.stray(at, at + 1, dialect)[0])
        return beyond if at >= last else bool(stray[at - first])

    def enough(at: int) -> bool:
        return at < len(lines) and not is_stray(at)

    end = first
    for at in (np.flatnonzero(stray) + first).tolist():
        if at < end:
            continue
        end = at
        while end < len(lines) and is_stray(end):
            end = read_from(lines, end, dialect, width, records, numbers, enough)
        kept[at:end] = False
    return max(end, last)


def _stray_stretch(data: bytes, at: int, dialect: Dialect) -> tuple[int, int] | None:
    """Next whole lines in which not every quote stands at the edge of a cell.

    What is before them ends outside of quotes.
    """
    quote = dialect.quote.encode()
    while (first := data.find(quote, at)) >= 0:
        at = max(at, data.rfind(b"\n", at, first) + 1)
        end = _line_start(data, at + PIECE)
        piece = np.frombuffer(data, np.uint8)[at:end]
        quotes = np.flatnonzero(piece == ord(quote))
        if len(quotes) % 2 and end < len(data):
            # A cell goes on beyond the piece: its row belongs to the next one.
            cut = data.rfind(b"\n", at, at + int(quotes[-1])) + 1
            if cut > at:
                end = cut
                piece, quotes = piece[: end - at], quotes[quotes < end - at]
        closing = np.arange(len(quotes)) % 2 == 1
        if len(quotes) % 2 or not _at_edge(piece, quotes, closing, dialect).all():
            return at, end
        at = end
    return None


def _line_start(data: bytes, at: int) -> int:
    """Position after the first line that ends at a position or later."""
    found = data.find(b"\n", at)
    return len(data) if found < 0 else found + 1


def _at_edge(
    piece: np.ndarray, quotes: np.ndarray, closing: np.ndarray, dialect: Dialect
) -> np.ndarray:
    """Whether each quote stands at the edge of a cell, in a piece of whole lines."""
    edges = np.zeros(256, bool)
    edges[[ord(dialect.separator), ord(dialect.quote), NEWLINE, RETURN]] = True
    beside = np.where(closing, quotes + 1, quotes - 1)
    if dialect.skip_space:
        # One blank may stand between a separator and the quote after it.
        spaced = ~closing & (beside > 0) & (piece[quotes - 1] == SPACE)
        beside = beside - spaced
    outer = (beside < 0) | (beside >= len(piece))
    found: np.ndarray = outer | edges[piece[np.where(outer, 0, beside)]]
    return found

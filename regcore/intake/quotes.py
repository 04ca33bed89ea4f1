"""Quotes that do not stand around cells: the rows near them are read one by one.

Everywhere else a quote that opens a cell is closed at its end, so that a parser which
believes every quote is right.
"""

from collections.abc import Sequence
from typing import overload

import numpy as np

from regcore.intake.dialect import Dialect, split_lines
from regcore.intake.records import Records, read_from

PIECE = 1 << 20
TOGETHER = 1 << 12
NEWLINE, RETURN, SPACE = b"\n\r "


class Lines(Sequence[str]):
    """Lines of the bytes from a position on, decoded when they are asked for.

    Attributes
    ----------
    bounds : where each line starts, and where the last one ends
    """

    def __init__(self, data: bytes, start: int, dialect: Dialect) -> None:
        self.data = data
        self.dialect = dialect
        line_ends = [
            np.flatnonzero(np.frombuffer(data[at : at + PIECE], np.uint8) == NEWLINE)
            + (at + 1)
            for at in range(start, len(data), PIECE)
        ]
        self.bounds = np.concatenate([[start], *line_ends])
        if self.bounds[-1] < len(data):
            self.bounds = np.append(self.bounds, len(data))
        # The lines that were asked for last, which are asked for again and again.
        self._first = 0
        self._text: list[str] = []
        self._stray: list[bool] = []

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        place = self._look_at(at)
        return self._text[place]

    def is_stray(self, at: int) -> bool:
        """Whether a line has quotes that by itself do not stand around cells."""
        place = self._look_at(at)
        return self._stray[place]

    def _look_at(self, at: int) -> int:
        if not self._first <= at < self._first + len(self._text):
            if not 0 <= at < len(self):
                raise IndexError(at)
            bounds = self.bounds[at : at + TOGETHER + 1]
            text = self.data[bounds[0] : bounds[-1]]
            self._first = at
            self._text = split_lines(text.decode(), "\n")
            self._stray = _stray_lines(text, bounds - bounds[0], self.dialect).tolist()
        return at - self._first


def _stray_lines(text: bytes, bounds: np.ndarray, dialect: Dialect) -> np.ndarray:
    """Whether each line by itself has quotes that do not stand around cells."""
    piece = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(piece == ord(dialect.quote))
    before = np.searchsorted(quotes, bounds)
    counts = np.diff(before)
    line = np.repeat(np.arange(len(counts)), counts)
    closing = (np.arange(len(quotes)) - before[line]) % 2 == 1
    stray: np.ndarray = counts % 2 == 1
    stray[line[~_at_edge(piece, quotes, closing, dialect)]] = True
    return stray


def read_stray(
    data: bytes, start: int, line: int, dialect: Dialect, width: int, records: Records
) -> tuple[bytes | memoryview, np.ndarray | None]:
    """Read the rows at stray quotes; return the bytes of all others, and their lines.

    The first row stands at the position `start`, in the line `line`. There are no
    numbers of lines if none was taken out.
    """
    found = _stray_stretch(data, start, dialect)
    if found is None:
        return memoryview(data)[start:], None
    lines = Lines(data, start, dialect)
    numbers = range(line, line + len(lines))
    kept = np.ones(len(lines), bool)

    def enough(at: int) -> bool:
        return at < len(lines) and not lines.is_stray(at)

    while found is not None:
        at, last = np.searchsorted(lines.bounds, found).tolist()
        while at < last:
            first = at
            while at < len(lines) and lines.is_stray(at):
                at = read_from(lines, at, dialect, width, records, numbers, enough)
            kept[first:at] = False
            at += at == first
        found = _stray_stretch(data, int(lines.bounds[at]), dialect)
    edges = np.flatnonzero(np.diff(kept, prepend=False, append=False))
    bounds = lines.bounds[edges].reshape(-1, 2).tolist()
    view = memoryview(data)
    rest = b"".join([view[first:last] for first, last in bounds])
    return rest, np.flatnonzero(kept) + line


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
        closing = (np.arange(len(quotes)) & 1).astype(bool)
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
    beside = quotes - 1 + (closing.view(np.int8) << 1)
    if dialect.skip_space:
        # One blank may stand between a separator and the quote after it.
        spaced = ~closing & (beside > 0) & (piece[quotes - 1] == SPACE)
        beside = beside - spaced
    # Beyond the ends of the piece lies the quote itself, as it were.
    bytes_beside = piece.take(beside, mode="clip")
    found: np.ndarray = bytes_beside == ord(dialect.quote)
    for edge in (ord(dialect.separator), NEWLINE, RETURN):
        found |= bytes_beside == edge
    return found

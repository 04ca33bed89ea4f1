"""Which lines of a large file are full rows by themselves, and how many hold codes.

A line is regular if its quotes stand in pairs at the edges of cells, if it has the
usual number of separators outside of them, and shows a value. All is counted in pieces
of whole lines that stay in the processor's cache.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regcore.intake.dialect import Dialect
from regcore.intake.scan import (
    CHUNK,
    NEWLINE,
    QUOTE,
    RETURN,
    SPACE,
    ZERO,
    count_codes,
)

# Lines that begin with more blank cells than these bytes are looked at as a whole.
PATIENCE = 32


@dataclass(frozen=True)
class Survey:
    """Lines of a file from its first row on.

    Attributes
    ----------
    bounds : where each line starts, and where the last one ends
    regular : whether each line is a full row by itself
    codes : words that are whole numbers with a zero in front
    """

    bounds: np.ndarray
    regular: np.ndarray
    codes: int


def survey(
    raw: bytes,
    start: int,
    stop: int,
    dialect: Dialect,
    width: int,
    at_odd: Callable[[], None] = lambda: None,
) -> Survey:
    """Look at the lines from one position to another; `at_odd` is told of odd ones."""
    data = np.frombuffer(raw, dtype=np.uint8)
    quoted = raw.find(b'"', start, stop) >= 0
    bounds, regular, codes = [np.array([start])], [], 0
    at = start
    while at < stop:
        end = _end_of_line(raw, at, stop)
        piece = data[at:end]
        line_ends = np.flatnonzero(piece == NEWLINE) + 1
        if len(line_ends) == 0 or line_ends[-1] < len(piece):
            line_ends = np.append(line_ends, len(piece))
        block = _Block(piece, np.append(0, line_ends), dialect, quoted=quoted)
        full = block.full(width)
        if not full.all():
            at_odd()
        bounds.append(line_ends + at)
        regular.append(full)
        codes += block.codes()
        at = end
    return Survey(np.concatenate(bounds), np.concatenate(regular), codes)


def _end_of_line(raw: bytes, at: int, stop: int) -> int:
    """Position after the last line that ends within a piece, or after a longer one."""
    if at + CHUNK >= stop:
        return stop
    end = raw.rfind(b"\n", at, at + CHUNK)
    end = raw.find(b"\n", at + CHUNK, stop) if end < 0 else end
    return stop if end < 0 else end + 1


class _Block:
    """Whole lines, and where their separators and quotes are."""

    def __init__(
        self, piece: np.ndarray, bounds: np.ndarray, dialect: Dialect, *, quoted: bool
    ) -> None:
        self.piece, self.bounds, self.dialect = piece, bounds, dialect
        self.is_mark = piece == ord(dialect.separator)
        self.is_quote = piece == QUOTE if quoted else None
        self.quotes = np.flatnonzero(self.is_quote) if quoted else bounds[:0]
        self.edges = np.zeros(256, dtype=bool)
        self.edges[[ord(dialect.separator), NEWLINE, RETURN, QUOTE]] = True

    def full(self, width: int) -> np.ndarray:
        """Whether each line is a full row by itself."""
        # Bytes count fastest. They start again after 255, where a row would be longer
        # than the others, which is an error to the parser.
        kind = np.uint8 if width <= 256 else np.int64
        marks = self._marks_between(self.bounds[:-1], kind)
        fair = True
        if len(self.quotes):
            hidden, fair = self._quoting(kind)
            marks = marks - hidden
        return (marks == width - 1) & fair & self._filled()

    def _marks_between(self, places: np.ndarray, kind: type) -> np.ndarray:
        """Count the separators from each place on up to the next."""
        return np.add.reduceat(self.is_mark.view(np.uint8), places, dtype=kind)

    def _quoting(self, kind: type) -> tuple[np.ndarray, np.ndarray]:
        """Separators of each line that are in quotes, and whether its quotes are fair.

        Those of lines whose quotes are not mean nothing.
        """
        quotes, lines = self.quotes, len(self.bounds) - 1
        before = np.searchsorted(quotes, self.bounds)
        counts = np.diff(before)
        line = np.repeat(np.arange(lines), counts)
        closing = (np.arange(len(quotes)) - before[line]) % 2 == 1
        inside = np.where(closing, 0, self._marks_between(quotes, kind))
        hidden = np.bincount(line, weights=inside, minlength=lines).astype(kind)
        fair = counts % 2 == 0
        fair[line[~self._at_edge(closing)]] = False
        return hidden, fair

    def _at_edge(self, closing: np.ndarray) -> np.ndarray:
        """Whether each quote stands at the edge of a cell."""
        beside = np.where(closing, self.quotes + 1, self.quotes - 1)
        if self.dialect.skip_space:
            # One blank may stand between a separator and the quote after it.
            opening = ~closing & (beside > 0)
            beside = beside - (opening & (self.piece[self.quotes - 1] == SPACE))
        # A piece starts and ends with a line.
        outer = (beside < 0) | (beside >= len(self.piece))
        return outer | self.edges[self.piece[np.where(outer, 0, beside)]]

    def _filled(self) -> np.ndarray:
        """Whether each line shows a value; the first byte that does is seldom far."""
        shows = np.zeros(256, dtype=bool)
        shows[33:127] = True
        # White space of other alphabets starts with one of the bytes left out here.
        shows[[0xE0, *range(0xC3, 0xE0), *range(0xE4, 0xF5)]] = True
        shows[[ord(self.dialect.separator), QUOTE]] = False
        filled = np.zeros(len(self.bounds) - 1, dtype=bool)
        going = np.arange(len(filled))
        for step in range(PATIENCE):
            at = self.bounds[going] + step
            within = at < self.bounds[going + 1]
            going, at = going[within], at[within]
            seen = shows[self.piece[at]]
            filled[going[seen]] = True
            going = going[~seen]
            if len(going) == 0:
                return filled
        return np.logical_or.reduceat(shows[self.piece], self.bounds[:-1])

    def codes(self) -> int:
        """Count the words that start with a zero, are longer, and all digits."""
        before = self.is_mark | (self.piece == NEWLINE)
        before |= self.piece == SPACE
        if self.is_quote is not None:
            before |= self.is_quote
        zeros = np.flatnonzero((self.piece[1:] == ZERO) & before[:-1]) + 1
        if self.piece[0] == ZERO:
            zeros = np.append(zeros, 0)
        return count_codes(self.piece, zeros, self.edges)

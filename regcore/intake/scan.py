"""Counts over the bytes of a file: separators, line ends, quotes, codes.

In pieces that stay in the processor's cache, so that 150 MB take a fifth of a second.
"""

from dataclasses import dataclass

import numpy as np

from regcore.intake.dialect import Dialect

CHUNK = 1 << 20
NEWLINE, RETURN, QUOTE, SPACE, ZERO = b'\n\r" 0'


@dataclass
class Scan:
    """Counts over the bytes of the data; `quoted` if any of them is in quotes.

    `last_row` is the position of the last row, where line ends in quotes were told.
    """

    separators: int = 0
    line_ends: int = 0
    codes: int = 0
    quoted: bool = False
    stray: bool = False
    last_row: int = 0


def scan(raw: bytes, start: int, stop: int, dialect: Dialect) -> Scan:
    """Count separators, line ends and codes with zeros in front, in pieces."""
    data = np.frombuffer(raw, dtype=np.uint8)[start:stop]
    found = Scan(quoted=raw.find(b'"', start, stop) >= 0)
    edges = np.zeros(256, dtype=bool)
    edges[[ord(dialect.separator), NEWLINE, RETURN, QUOTE]] = True
    quotes = 0
    for at in range(0, len(data), CHUNK):
        # One byte of the piece before tells whether the first byte starts a cell.
        piece = data[max(0, at - 1) : at + CHUNK]
        skip = min(at, 1)
        before = piece == ord(dialect.separator)
        found.separators += int(np.count_nonzero(before[skip:]))
        line_ends = piece == NEWLINE
        found.line_ends += int(np.count_nonzero(line_ends[skip:]))
        before |= line_ends
        if found.quoted:
            is_quote = piece == QUOTE
            before |= is_quote
            places = np.flatnonzero(is_quote[skip:]) + at
            found.stray |= _stray(data, places, quotes % 2, edges)
            quotes += len(places)
        before |= piece == SPACE
        zeros = np.flatnonzero((piece[1:] == ZERO) & before[:-1]) + at + 1 - skip
        if at == 0 and piece[0] == ZERO:
            zeros = np.append(zeros, 0)
        found.codes += count_codes(data, zeros, edges)
    found.stray |= quotes % 2 == 1
    return found


def scan_outside(raw: bytes, start: int, stop: int, dialect: Dialect) -> Scan:
    """Count separators and line ends outside of quotes, which takes longer."""
    data = np.frombuffer(raw, dtype=np.uint8)[start:stop]
    separator = ord(dialect.separator)
    found = Scan(last_row=start)
    carried = np.uint8(0)
    for at in range(0, len(data), CHUNK):
        piece = data[at : at + CHUNK]
        depth = np.add.accumulate(piece == QUOTE, dtype=np.uint8) + carried
        outside = (depth & 1) == 0
        found.separators += int(np.count_nonzero((piece == separator) & outside))
        line_ends = np.flatnonzero((piece == NEWLINE) & outside)
        found.line_ends += len(line_ends)
        if len(line_ends):
            found.last_row = start + at + int(line_ends[-1]) + 1
        carried = depth[-1]
    return found


def _stray(
    data: np.ndarray, places: np.ndarray, inside: int, edges: np.ndarray
) -> bool:
    """Whether a quote opens or closes anywhere but at the edge of a cell."""
    opening, closing = places[inside::2], places[1 - inside :: 2]
    opening = opening[opening > 0]
    closing = closing[closing < len(data) - 1]
    return not (edges[data[opening - 1]].all() and edges[data[closing + 1]].all())


def count_codes(data: np.ndarray, zeros: np.ndarray, edges: np.ndarray) -> int:
    """How many words that start with a zero are longer and all digits."""
    ends = zeros + 1
    ends = ends[ends < len(data)]
    ends = ends[(data[ends] - ZERO) < 10]
    going = np.arange(len(ends))
    while len(going):
        ends[going] += 1
        going = going[ends[going] < len(data)]
        going = going[(data[ends[going]] - ZERO) < 10]
    inner = ends[ends < len(data)]
    ended = edges[data[inner]] | (data[inner] == SPACE)
    return len(ends) - len(inner) + int(np.count_nonzero(ended))

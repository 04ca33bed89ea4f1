"""Large files with some irregular rows: those alone are read slowly and rewritten.

A line is regular if, taken by itself, its quotes stand in pairs at the edges of cells
and it has the usual number of separators. Where a row starts at such a line, the slow
reader would return just its cells; so only the lines between are given to it.
"""

import csv
import io
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from regcore.intake.dialect import Dialect
from regcore.intake.layout import is_comment
from regcore.intake.ragged import fit_rows
from regcore.intake.records import LONGEST_CELL, Records, read_from
from regcore.intake.scan import NEWLINE, QUOTE, RETURN

BLOCK = 1 << 22
TAIL = 60


@dataclass
class Mended:
    """Bytes whose rows all have the usual width, and what was met on the way.

    `lines` are the line numbers of the rows; `odd` the rows read slowly, before they
    were fitted, and those at the end; `notes` say what was cut or filled up,
    in `other` rows.
    """

    raw: bytes
    lines: np.ndarray
    odd: Records
    notes: list[str]
    other: int


class _Lines:
    """Lines of the bytes, decoded when they are asked for."""

    def __init__(self, raw: bytes, bounds: np.ndarray) -> None:
        self.raw = raw
        self.bounds = bounds

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        start, stop = self.bounds[at : at + 2].tolist()
        return self.raw[start:stop].decode("utf-8")


def mend(
    raw: bytes, start: int, stop: int, first_line: int, dialect: Dialect, width: int
) -> Mended | None:
    """Pad short rows, cut long ones, and leave out what is no row.

    Parameters
    ----------
    raw : the file
    start, stop : where the data starts, and where its last line ends
    first_line : the number of the line that starts at `start`
    dialect : how rows are cut into cells
    width : number of cells of a regular row

    Returns
    -------
    Mended | None
        None if a line is too long or not text: the slow reader tells which.
    """
    bounds = _bounds(raw, start, stop)
    lone = raw.count(b"\r", start, stop) - raw.count(b"\r\n", start, stop)
    if width < 2 or lone or np.diff(bounds).max() > LONGEST_CELL:
        return None
    regular = _regular_lines(raw, bounds, dialect, width)
    lines, odd = _Lines(raw, bounds), Records()
    try:
        spans = _read_odd(lines, regular, dialect, width, odd)
        kept = [at for at, row in enumerate(odd.rows) if not _is_remark(row, width)]
        rows = [list(odd.rows[at]) for at in kept]
        at_lines = np.array([odd.lines[at] for at in kept], dtype=np.int64)
        other = sum(len(row) != width for row in rows)
        notes = fit_rows(rows, at_lines + first_line - 1, width)
        by_line = dict(zip(at_lines.tolist(), rows, strict=True))
        text = _rewritten(raw, bounds, spans, by_line, dialect.separator)
        _add_tail(lines, regular, dialect, odd)
    except UnicodeDecodeError:
        return None
    numbers = np.concatenate([np.flatnonzero(regular) + 1, at_lines])
    for found in (odd.lines, odd.stray, odd.blank, odd.empty):
        found[:] = [line + first_line - 1 for line in found]
    return Mended(text, np.sort(numbers) + first_line - 1, odd, notes, other)


def _bounds(raw: bytes, start: int, stop: int) -> np.ndarray:
    """Where each line starts, and where the last one ends."""
    data = np.frombuffer(raw, dtype=np.uint8)
    pieces = [
        np.flatnonzero(data[at : min(at + BLOCK, stop)] == NEWLINE) + at + 1
        for at in range(start, stop, BLOCK)
    ]
    return np.concatenate([[start], *pieces, [stop]])


def _regular_lines(
    raw: bytes, bounds: np.ndarray, dialect: Dialect, width: int
) -> np.ndarray:
    data = np.frombuffer(raw, dtype=np.uint8)
    cuts = np.searchsorted(bounds, np.arange(bounds[0], bounds[-1], BLOCK))
    cuts = np.unique([*cuts, len(bounds) - 1])
    separator = ord(dialect.separator)
    blocks = []
    for first, last in pairwise(cuts):
        piece = data[bounds[first] : bounds[last]]
        edges = bounds[first : last + 1] - bounds[first]
        blocks.append(_regular_block(piece, edges, separator, width))
    return np.concatenate(blocks)


def _regular_block(
    piece: np.ndarray, bounds: np.ndarray, separator: int, width: int
) -> np.ndarray:
    """Whether each line of a piece is a full row by itself."""
    marks = np.flatnonzero(piece == separator)
    quotes = np.flatnonzero(piece == QUOTE)
    spoilt = np.zeros(len(bounds) - 1, dtype=bool)
    if len(quotes):
        before = np.searchsorted(quotes, bounds)
        spoilt = _stray_lines(piece, bounds, quotes, before, separator)
        per_line = np.diff(np.searchsorted(marks, bounds))
        opened = np.searchsorted(quotes, marks) - np.repeat(before[:-1], per_line)
        marks = marks[opened % 2 == 0]
    full = np.diff(np.searchsorted(marks, bounds)) == width - 1
    # Other alphabets have white space of their own, so only ASCII shows a value.
    shows = np.zeros(256, dtype=bool)
    shows[33:127] = True
    shows[[separator, QUOTE]] = False
    filled = np.logical_or.reduceat(shows[piece], bounds[:-1])
    return full & filled & ~spoilt


def _stray_lines(
    piece: np.ndarray,
    bounds: np.ndarray,
    quotes: np.ndarray,
    before: np.ndarray,
    separator: int,
) -> np.ndarray:
    """Whether the quotes of each line are unpaired, or not at the edges of cells."""
    counts = np.diff(before)
    closing = (np.arange(len(quotes)) - np.repeat(before[:-1], counts)) % 2 == 1
    edges = np.zeros(256, dtype=bool)
    edges[[separator, NEWLINE, RETURN, QUOTE]] = True
    # A piece starts and ends with a line.
    beside = np.where(closing, quotes + 1, quotes - 1)
    outer = (beside < 0) | (beside >= len(piece))
    fair = outer | edges[piece[np.where(outer, 0, beside)]]
    stray = counts % 2 == 1
    stray[np.repeat(np.arange(len(counts)), counts)[~fair]] = True
    return stray


def _read_odd(
    lines: _Lines,
    regular: np.ndarray,
    dialect: Dialect,
    width: int,
    odd: Records,
) -> list[tuple[int, int]]:
    """Read the rows at irregular lines; return the lines they take, no more regular."""
    spans, end = [], 0

    def enough(at: int) -> bool:
        return at < len(lines) and bool(regular[at])

    for start in np.flatnonzero(~regular).tolist():
        if start < end:
            continue
        end = start
        while end < len(lines) and not regular[end]:
            end = read_from(lines, end, dialect, width, odd, enough)
        spans.append((start, end))
    for start, end in spans:
        regular[start:end] = False
    return spans


def _is_remark(row: list[str], width: int) -> bool:
    return len(row) < width and is_comment(row, width)


def _rewritten(
    raw: bytes,
    bounds: np.ndarray,
    spans: list[tuple[int, int]],
    rows: dict[int, list[str]],
    separator: str,
) -> bytes:
    """Bytes with the rows in place of the lines they were read from."""
    view, pieces, done = memoryview(raw), [], int(bounds[0])
    for start, end in spans:
        pieces.append(view[done : bounds[start]])
        text = io.StringIO()
        found = [rows[line] for line in range(start + 1, end + 1) if line in rows]
        csv.writer(text, delimiter=separator, lineterminator="\n").writerows(found)
        pieces.append(text.getvalue().encode())
        done = int(bounds[end])
    return b"".join([*pieces, view[done : bounds[-1]]])


def _add_tail(
    lines: _Lines, regular: np.ndarray, dialect: Dialect, odd: Records
) -> None:
    """Add the regular ones of the last rows, where totals may stand."""
    last = len(lines) - TAIL
    found = [at for at in range(max(0, last), len(lines)) if regular[at]]
    for at in found:
        odd.add(next(dialect.reader([lines[at]])), at + 1)


def digest(head: Records, mended: Mended, header: list[str], first: int) -> Records:
    """Rows of the head, at the end, and odd ones that the layout depends on.

    Parameters
    ----------
    head : the first rows of the file, with what stands above the data
    header : first row of the header
    first : line where the data starts
    """
    odd = mended.odd
    rows = dict(zip(head.lines, head.rows, strict=True))
    for line, row in zip(odd.lines, odd.rows, strict=True):
        late = line > mended.lines[-1] - TAIL
        if late or row[0].lstrip().startswith("#") or row[: len(header)] == header:
            rows[line] = row
    gaps = {
        name: [line for line in getattr(head, name) if line < first]
        + getattr(odd, name)
        for name in ("stray", "blank", "empty")
    }
    lines = sorted(rows)
    return Records([rows[line] for line in lines], lines, **gaps)

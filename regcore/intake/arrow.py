"""Rows of any number by Arrow's CSV reader, which takes every cell as text.

It names each row of another width by its number, and those are cut as the others are
by the reader of single rows. What a line break, a quote or a separator means is the
same to both, where quotes stand around cells.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regcore.intake.cut import Cut
from regcore.intake.dialect import Dialect, split_lines
from regcore.intake.limits import LONGEST_CELL
from regcore.intake.parts import Uncut
from regcore.intake.quotes import read_stray
from regcore.intake.records import Records, read_records, refuse_long_cell
from regcore.intake.texts import Bytes
from regcore.intake.watch import CUT, told

TAIL = 60
"""Rows at the end that are kept as text, for totals and notes below a table."""

SAMPLE = 200
"""Cells of a column of plain numbers that are kept as text."""


@dataclass(frozen=True)
class Parsed:
    """Rows of the usual width, column by column, and all others as records.

    Attributes
    ----------
    lines : the line where each of those rows starts
    last : the last of those rows as text
    again : columns at some places as text, in those rows that a mask has
    """

    columns: list[Cut]
    lines: np.ndarray
    records: Records
    last: pa.Table
    again: Callable[[Sequence[int], np.ndarray], list[pa.ChunkedArray]]


def parse(
    data: bytes,
    start: int,
    line: int,
    dialect: Dialect,
    width: int,
    names: Sequence[str] = (),
    decimal: str | None = None,
) -> Parsed | None:
    """Cut the rows from a position on, which is the start of a line.

    Parameters
    ----------
    names : cells that a row starts with only if it repeats the header
    decimal : the sign of plain numbers; without it, all is kept as text

    Returns
    -------
    Parsed | None
        None if a row is too long for the parser.
    """
    records = Records()
    rest, numbers = read_stray(data, start, line, dialect, width, records)
    quoted = dialect.quote.encode() in data
    if dialect.skip_space:
        rest = _without_space(rest, dialect)
    text = Uncut(rest, dialect, width, quoted)
    some = max(2, SAMPLE * text.block // max(1, len(rest)))
    met = _Met([Cut((), decimal, text.most, some) for _ in range(width)])
    irregular: list[tuple[int, str]] = []
    try:
        for number, part in enumerate(text.parts(irregular), 1):
            told(CUT * min(number * text.block / len(rest), 1.0))
            met.add(part, names, quoted=quoted)
    except pa.ArrowInvalid:
        return None
    at = np.array([row for row, _ in irregular], dtype=np.int64)
    line_of = met.lines_of(irregular, at)
    if numbers is None:
        line_of += line
    else:
        line_of = numbers[line_of]
    lines = _without(line_of, at)
    if met.long:
        refuse_long_cell(int(lines[met.long[0]]))
    gaps = _gaps(data, start, line, lines[met.hollow], width)
    repeated = Records([[*names] for _ in met.repeated], lines[met.repeated].tolist())
    apart = _cut_apart(irregular, line_of[at], dialect, width)
    for others in (apart, repeated, gaps):
        records = records.merge(others)
    kept = _without(np.arange(met.size), [*met.hollow, *met.repeated])
    last = pa.Table.from_batches(met.last, text.schema)
    again = partial(_again, text, kept)
    odd = len(kept) < len(lines)
    return Parsed(met.columns, lines[kept] if odd else lines, records, last, again)


def _without(values: np.ndarray, at: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.delete(values, at) if len(at) else values


def _again(
    text: Uncut, kept: np.ndarray, places: Sequence[int], rows: np.ndarray
) -> list[pa.ChunkedArray]:
    """Cut columns at some places anew, in those of the kept rows that a mask has."""
    wanted, found = kept[rows], []
    first = 0
    for part in text.parts([], places):
        told(CUT)
        at = wanted[slice(*np.searchsorted(wanted, [first, first + len(part)]))] - first
        found.append(part if len(at) == len(part) else part.take(pa.array(at)))
        first += len(part)
    columns: list[pa.ChunkedArray] = pa.Table.from_batches(found).columns
    return columns


@dataclass
class _Met:
    """The rows of the usual width so far, and what was met in them.

    Attributes
    ----------
    size : how many rows there were
    hollow, repeated, long : those that show nothing, repeat the header, or have a cell
        that is too long
    breaks : how many line breaks the cells of each row have, part by part
    last : parts that hold the last of the others
    """

    columns: list[Cut]
    size: int = 0
    hollow: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    long: list[int] = field(default_factory=list)
    breaks: list[np.ndarray] = field(default_factory=list)
    last: list[pa.RecordBatch] = field(default_factory=list)

    def add(self, part: pa.RecordBatch, names: Sequence[str], *, quoted: bool) -> None:
        """Take the rows of the next part that are neither hollow nor the header."""
        hollow, repeated = _hollow(part), _repeated(part, names)
        self.hollow += (hollow + self.size).tolist()
        self.repeated += (repeated + self.size).tolist()
        self.long += (_long(part) + self.size).tolist()
        self.size += len(part)
        rows, odd = part, [*hollow, *repeated]
        if odd:
            rows = part.take(pa.array(np.delete(np.arange(len(part)), odd)))
        for column, cells in zip(self.columns, rows.columns, strict=True):
            column.add(cells)
        if quoted:
            # Plain numbers have no line breaks.
            pairs = zip(part.columns, self.columns, strict=True)
            texts = (cells for cells, column in pairs if odd or column.plain is None)
            self.breaks.append(_breaks(len(part), texts))
        self.last.append(rows)
        while sum(map(len, self.last[1:])) >= TAIL:
            del self.last[0]

    def lines_of(self, irregular: list[tuple[int, str]], at: np.ndarray) -> np.ndarray:
        """Count the lines above each row, with the irregular ones at some places."""
        lines = np.arange(self.size + len(at))
        within = [text.count("\n") for _, text in irregular]
        if any(within) or any(part.any() for part in self.breaks):
            breaks = np.concatenate(self.breaks)
            if within:
                breaks = np.insert(breaks, at - np.arange(len(at)), within)
            lines[1:] += np.cumsum(breaks, out=breaks)[:-1]
        return lines


def _without_space(data: bytes | memoryview, dialect: Dialect) -> bytes:
    """Leave out the blanks between a separator and the cell after it."""
    raw = np.frombuffer(data, np.uint8)
    outside = np.add.accumulate(raw == ord(dialect.quote), dtype=np.uint8) % 2 == 0
    starts = (raw == ord(dialect.separator)) | (raw == ord("\n"))
    blank, opens = (raw == ord(" ")) & outside, outside & starts
    drop = np.zeros(len(raw), bool)
    before = np.append(True, opens[:-1])
    while (new := blank & before & ~drop).any():
        drop |= new
        before = np.append(True, (opens | drop)[:-1])
    return raw[~drop].tobytes()


def _hollow(part: pa.RecordBatch) -> np.ndarray:
    """Return the rows that show nothing but white space."""
    rows = np.arange(0)
    for place, column in enumerate(part.columns):
        cells = column.take(pa.array(rows)) if place else column
        held = Bytes.of(cells)
        if cells.null_count == 0 and held.visible:
            return rows[:0]
        # Letters beyond ASCII may be white space too.
        unseen = np.flatnonzero((held.first <= ord(" ")) | (held.first > ord("~")))
        rows = rows[unseen] if place else unseen
    texts = [pc.utf8_trim_whitespace(c.take(pa.array(rows))) for c in part.columns]
    shown = [pc.binary_length(t).fill_null(0).to_numpy() > 0 for t in texts]
    found: np.ndarray = rows[~np.logical_or.reduce(shown)]
    return found


def _repeated(part: pa.RecordBatch, names: Sequence[str]) -> np.ndarray:
    """Return the rows that repeat the header."""
    if not names:
        return np.arange(0)
    # Few rows have cells of the size of the first name.
    sizes = Bytes.of(part.column(0)).sizes
    rows = np.flatnonzero(sizes == len(names[0].encode()))
    for name, column in zip(names, part.columns, strict=False):
        if len(rows) == 0:
            break
        cells = column.take(pa.array(rows)).fill_null("")
        rows = rows[pc.equal(cells, name).to_numpy(zero_copy_only=False)]
    return rows


def _long(part: pa.RecordBatch) -> np.ndarray:
    """Return the rows with a cell that is too long, in order."""
    found = [np.arange(0)]
    for cells in part.columns:
        if cells.nbytes > LONGEST_CELL < Bytes.of(cells).sizes.max():
            sizes = pc.utf8_length(cells).fill_null(0).to_numpy()
            found.append(np.flatnonzero(sizes > LONGEST_CELL))
    return np.unique(np.concatenate(found))


def _breaks(rows: int, columns: Iterable[pa.StringArray]) -> np.ndarray:
    """Count the line breaks within the cells of each row."""
    breaks = np.zeros(rows, dtype=np.int64)
    for held in map(Bytes.of, columns):
        at = np.flatnonzero(held.data == ord("\n"))
        if len(at):
            breaks += np.diff(np.searchsorted(at, held.bounds))
    return breaks


def _cut_apart(
    irregular: list[tuple[int, str]], at: np.ndarray, dialect: Dialect, width: int
) -> Records:
    """Cut the rows that were put aside, which start at the given lines."""
    lines: list[str] = []
    numbers: list[int] = []
    for (_, text), first in zip(irregular, at.tolist(), strict=True):
        cut = split_lines(text + "\n", "\n")
        lines += cut
        numbers += range(first, first + len(cut))
    return read_records(lines, dialect, width, numbers)


def _gaps(data: bytes, start: int, line: int, at: np.ndarray, width: int) -> Records:
    """Return the lines without a value: those without a separator are blank."""
    if width == 1 or len(at) == 0:
        return Records(blank=at.tolist())
    raw = np.frombuffer(data, np.uint8)
    ends = np.append(np.flatnonzero(raw[start:] == ord("\n")) + start, len(data))
    firsts, lasts = np.append(start, ends + 1)[at - line], ends[at - line]
    blank = firsts == lasts
    for place in np.flatnonzero(~blank).tolist():
        blank[place] = not data[firsts[place] : lasts[place]].strip(b" \r")
    return Records(blank=at[blank].tolist(), empty=at[~blank].tolist())

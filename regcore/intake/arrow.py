"""Rows of any number by Arrow's CSV reader, which takes every cell as text.

It names each row of another width by its number, and those are cut as the others are
by the reader of single rows. What a line break, a quote or a separator means is the
same to both, where quotes stand around cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from regcore.intake.dialect import Dialect, split_lines
from regcore.intake.limits import LONGEST_CELL
from regcore.intake.quotes import read_stray
from regcore.intake.records import Records, read_records, refuse_long_cell
from regcore.intake.texts import Bytes, count_byte
from regcore.intake.watch import CUT, told

BLOCK = 1 << 21
FEW_ROWS = 1_000


@dataclass(frozen=True)
class Parsed:
    """Rows of the usual width, column by column, and all others as records.

    Attributes
    ----------
    columns : text, missing where a cell is empty
    lines : the line where each of those rows starts
    """

    columns: list[pa.ChunkedArray]
    lines: np.ndarray
    records: Records


def parse(
    data: bytes, start: int, line: int, dialect: Dialect, width: int
) -> Parsed | None:
    """Cut the rows from a position on, which is the start of a line.

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
    irregular: list[tuple[int, str]] = []
    table = _read(rest, dialect, width, irregular, quoted=quoted)
    if table is None:
        return None
    if len(table) < FEW_ROWS * table.column(0).num_chunks:
        # Each part of each column takes some time of its own.
        table = table.combine_chunks()
    columns = table.columns
    at = np.array([row for row, _ in irregular], dtype=np.int64)
    total = len(table) + len(at)
    regular = np.ones(total, bool)
    regular[at] = False
    line_of = np.arange(total)
    if quoted and total < _line_count(data, start, numbers):
        line_of += _breaks_before(columns, irregular, regular)
    line_of = line_of + line if numbers is None else numbers[line_of]
    lines = line_of[regular]
    for column in columns:
        _refuse_long_cells(column, lines)
    records = records.merge(_cut_apart(irregular, line_of[at], dialect, width))
    hollow = _hollow(columns)
    if len(hollow):
        gaps = _gaps(data, start, line, lines[hollow], width)
        records, lines = records.merge(gaps), np.delete(lines, hollow)
        kept = np.delete(np.arange(len(table)), hollow)
        columns = table.take(pa.array(kept)).columns
    return Parsed(columns, lines, records)


def _read(
    data: bytes | memoryview,
    dialect: Dialect,
    width: int,
    irregular: list[tuple[int, str]],
    *,
    quoted: bool,
) -> pa.Table | None:
    """Return the rows of the usual width; put the others aside with their position."""
    names = [str(place) for place in range(width)]

    def put_aside(row: pa.csv.InvalidRow) -> str:
        irregular.append((row.number - 1, row.text))
        return "skip"

    if len(data) == 0:
        empty = pa.array([], pa.string())
        return pa.table(dict.fromkeys(names, empty))
    try:
        reader = pa.csv.open_csv(
            pa.BufferReader(pa.py_buffer(data)),
            # Only one thread knows the numbers of the rows.
            pa.csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
            pa.csv.ParseOptions(
                delimiter=dialect.separator,
                quote_char=dialect.quote if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
                invalid_row_handler=put_aside,
            ),
            pa.csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
            memory_pool=_pool(),
        )
        batches = [*_told_of(reader, len(data))]
    except pa.ArrowInvalid:
        return None
    return pa.Table.from_batches(batches, reader.schema)


def _pool() -> pa.MemoryPool:
    """Return memory that is cleared no sooner and held no longer than it is used.

    Arrow's first choice clears far more, and that of the system comes to pieces.
    """
    known = "jemalloc" in pa.supported_memory_backends()
    return pa.jemalloc_memory_pool() if known else pa.default_memory_pool()


def _told_of(reader: pa.csv.CSVStreamingReader, size: int) -> Iterator[pa.RecordBatch]:
    """Yield the parts of a text, and tell how much of its bytes they are."""
    for number, batch in enumerate(reader, 1):
        told(CUT * min(number * BLOCK / size, 1.0))
        yield batch


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


def _line_count(data: bytes, start: int, numbers: np.ndarray | None) -> int:
    """Count the lines that were cut, which are more than the rows where some fold."""
    if numbers is not None:
        return len(numbers)
    ends = count_byte(data, ord("\n")) - data.count(b"\n", 0, start)
    return ends + (not data.endswith(b"\n"))


def _breaks_before(
    columns: list[pa.ChunkedArray],
    irregular: list[tuple[int, str]],
    regular: np.ndarray,
) -> np.ndarray:
    """Count the line breaks within the cells of all rows above each row."""
    breaks = np.zeros(len(regular), dtype=np.int64)
    rows = np.flatnonzero(regular)
    for column in columns:
        first = 0
        for held in map(Bytes.of, column.chunks):
            cells, at = len(held.bounds) - 1, np.flatnonzero(held.data == ord("\n"))
            if len(at):
                within = np.diff(np.searchsorted(at, held.bounds))
                breaks[rows[first : first + cells]] += within
            first += cells
    for row, text in irregular:
        breaks[row] = text.count("\n")
    above: np.ndarray = np.cumsum(breaks) - breaks
    return above


def _refuse_long_cells(column: pa.ChunkedArray, lines: np.ndarray) -> None:
    parts = [part for part in column.chunks if part.nbytes > LONGEST_CELL]
    if any(Bytes.of(part).sizes.max() > LONGEST_CELL for part in parts):
        long = pc.utf8_length(column).fill_null(0).to_numpy() > LONGEST_CELL
        if long.any():
            refuse_long_cell(int(lines[long.argmax()]))


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


def _hollow(columns: list[pa.ChunkedArray]) -> np.ndarray:
    """Return the positions of rows that show nothing but white space."""
    rows = np.arange(len(columns[0]))
    for column in columns:
        cells = column if len(rows) == len(column) else column.take(pa.array(rows))
        parts = [Bytes.of(part).first for part in cells.chunks]
        first = np.concatenate(parts or [np.zeros(0, np.uint8)])
        # Letters beyond ASCII may be white space too.
        rows = rows[(first <= ord(" ")) | (first > ord("~"))]
        if len(rows) == 0:
            return rows
    texts = [pc.utf8_trim_whitespace(c.take(pa.array(rows))) for c in columns]
    shown = [pc.binary_length(t).fill_null(0).to_numpy() > 0 for t in texts]
    found: np.ndarray = rows[~np.logical_or.reduce(shown)]
    return found


def _gaps(data: bytes, start: int, line: int, at: np.ndarray, width: int) -> Records:
    """Return the lines without a value: those without a separator are blank."""
    if width == 1:
        return Records(blank=at.tolist())
    raw = np.frombuffer(data, np.uint8)
    ends = np.append(np.flatnonzero(raw[start:] == ord("\n")) + start, len(data))
    firsts, lasts = np.append(start, ends + 1)[at - line], ends[at - line]
    blank = firsts == lasts
    for place in np.flatnonzero(~blank).tolist():
        blank[place] = not data[firsts[place] : lasts[place]].strip(b" \r")
    return Records(blank=at[blank].tolist(), empty=at[~blank].tolist())

"""Large files: pandas' C parser, and a proof that it read every row whole.

The C parser pads short rows, drops zeros in front of codes and lets a stray quote
swallow lines, all silently. So the bytes are scanned: quotes must stand at the edges
of cells, and the separators must be exactly those of full rows. What does not pass is
mended where it is irregular and parsed again; what still does not pass is left to the
slower reader.
"""

import re
import warnings
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.intake.cells import (
    MISSING_MARKS,
    MISSING_WORDS,
    is_missing_number,
    is_number,
)
from regcore.intake.decoding import refuse_controls
from regcore.intake.dialect import Dialect, split_lines, usual_width
from regcore.intake.layout import Layout
from regcore.intake.mending import digest, mend
from regcore.intake.numbers import LARGEST_EXACT, Column, guess_decimal, read_column
from regcore.intake.plan import Reading, cut, plan_layout, refuse_shape
from regcore.intake.ragged import layout_notes, text_table
from regcore.intake.records import Records
from regcore.intake.scan import CHUNK, Scan, scan, scan_outside

HEAD_BYTES = 1 << 17
HEAD_TRIES = 1_000
SAMPLE_ROWS = 200
# With more rows of another width than this share, the text is no regular table.
MOST_IRREGULAR = 0.4
NEWLINE = ord("\n")
CODE = r"0\d+"


class _Source:
    """Bytes from a position on, handed to the parser without decoding them first."""

    def __init__(self, raw: bytes, start: int, stop: int) -> None:
        self.view = memoryview(raw)[start:stop]
        self.at = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        start = self.at
        self.at = len(self.view) if size < 0 else min(start + size, len(self.view))
        return bytes(self.view[start : self.at])

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


@dataclass(frozen=True)
class Bulk:
    """The columns of a large file, its header rows, and how it was read.

    `first_line` is that of the first row if every row is one line; `lines` has the
    line of every row where that was needed.
    """

    columns: list[Column]
    header: list[list[str]]
    plan: Layout
    reading: Reading
    notes: list[str]
    first_line: int | None
    lines: np.ndarray | None = None

    def where(self, row: int) -> str:
        """Name a row by its line, if that is known."""
        if self.lines is not None:
            return f"line {self.lines[row]}"
        if self.first_line is None:
            return f"row {row + 1:,} of the data"
        return f"line {self.first_line + row}"


@dataclass(frozen=True)
class _Head:
    """The first rows of a file, their layout, and the bytes of the data."""

    records: Records
    plan: Layout
    dialect: Dialect
    sample: list[list[str]]
    decimal: str
    start: int
    stop: int

    @property
    def first_line(self) -> int:
        """Line of the first row of data."""
        return self.records.lines[self.plan.first]

    def reading(self, reading: Reading, last_row: int) -> Reading:
        """Return what was used for what was asked."""
        lines, header = self.records.lines, self.plan.header
        return replace(
            reading,
            delimiter=self.dialect.separator,
            decimal=self.decimal,
            header_row=lines[header.start] if header else 0,
            header_rows=len(header),
            first_row=self.first_line,
            last_row=last_row,
        )


def read_bulk(raw: bytes, reading: Reading) -> Bulk | None:
    """Read UTF-8 bytes in one go, or return None if that would not be exact."""
    lines = _head(raw)
    if lines is None:
        return None
    records, dialect, notes = cut(lines, reading)
    plan = plan_layout(records, replace(reading, last_row=records.lines[-1]))
    rows = records.rows[plan.first : plan.last]
    sample = [row for row in rows if len(row) == plan.width]
    usual = dialect.quote == '"' and not dialect.escape and dialect.separator != " "
    if len(sample) < 2 or plan.second or not usual:
        return None
    stop = _data_end(raw, reading.last_row)
    refuse_shape(plan.width, _fewest_rows(lines, stop))
    table = text_table(sample, [str(place) for place in range(plan.width)])
    decimal = reading.decimal or guess_decimal(table, dialect.separator)
    start = _line_start(raw, records.lines[plan.first])
    head = _Head(records, plan, dialect, sample, decimal, start, stop)
    odd = records.stray or records.empty or plan.comments
    done = None
    if len(sample) == len(rows) and not odd:
        done = _regular(raw, head, reading, notes)
    if done is None and usual_width(lines, dialect) == plan.width:
        done = _irregular(raw, head, reading, notes)
    return done


def _regular(
    raw: bytes, head: _Head, reading: Reading, notes: list[str]
) -> Bulk | None:
    """Read a file whose rows are all full, from the first to the last."""
    start, stop, dialect = head.start, head.stop, head.dialect
    done = _columns(raw, head)
    if done is None:
        return None
    columns, found = done
    rows = len(columns[0].cells)
    simple = found.line_ends + 1 == rows
    outside = scan_outside if found.quoted and not simple else lambda *_: found
    blank = outside(raw, start, stop, dialect).line_ends + 1 - rows
    notes = notes + layout_notes(replace(head.records, blank=[]), head.plan)
    if blank:
        notes.append(f"{blank:,} blank lines were left out.")
    used = head.reading(reading, head.first_line + found.line_ends)
    header = [head.records.rows[at] for at in head.plan.header]
    first = head.first_line if simple else None
    return Bulk(columns, header, head.plan, used, notes, first)


def _irregular(
    raw: bytes, head: _Head, reading: Reading, notes: list[str]
) -> Bulk | None:
    """Read a file after its irregular rows were mended."""
    width, records = head.plan.width, head.records
    mended = mend(raw, head.start, head.stop, head.first_line, head.dialect, width)
    if mended is None or mended.other > MOST_IRREGULAR * len(mended.lines):
        return None
    header = [records.rows[at] for at in head.plan.header]
    all_rows = digest(records, mended, header[0] if header else [""], head.first_line)
    plan = plan_layout(all_rows, reading)
    same = plan.width == width and plan.header == head.plan.header
    if not same or plan.first != head.plan.first or plan.second or plan.repeated:
        return None
    head = replace(head, start=0, stop=_data_end(mended.raw, None))
    done = _columns(mended.raw, head, full=True)
    if done is None or len(done[0][0].cells) != len(mended.lines):
        return None
    notes = notes + layout_notes(all_rows, plan) + mended.notes
    used = head.reading(reading, int(mended.lines[-1]))
    return Bulk(done[0], header, plan, used, notes, None, mended.lines)


def _head(raw: bytes) -> list[str] | None:
    """Return the first lines, not cut within a quoted cell."""
    # What the decoder would clean up is left to it.
    if b"\x00" in raw or raw.endswith(b"\x1a"):
        return None
    # One byte is found ten times faster than three.
    if raw.find(b"\xef", 1) > 0 and raw.find(b"\xef\xbb\xbf", 1) > 0:
        return None
    end = HEAD_BYTES
    for _ in range(HEAD_TRIES if len(raw) > HEAD_BYTES else 0):
        end = raw.rfind(b"\n", 0, end)
        if end < 0:
            return None
        if raw.count(b'"', 0, end) % 2 == 0:
            break
    try:
        text = raw[: end + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    refuse_controls(text)
    # Lone carriage returns end lines for csv, but not for the parser below.
    return None if re.search(r"\r(?!\n)", text) else split_lines(text)


def _line_start(raw: bytes, line: int) -> int:
    """Position of the first byte of a line."""
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    for _ in range(line - 1):
        at = raw.index(b"\n", at) + 1
    return at


def _data_end(raw: bytes, last: int | None) -> int:
    """Position after the last line asked for, without line ends."""
    stop = len(raw)
    if last is not None:
        data, lines = np.frombuffer(raw, dtype=np.uint8), 0
        for at in range(0, len(raw), CHUNK):
            places = np.flatnonzero(data[at : at + CHUNK] == NEWLINE)
            if lines + len(places) >= last:
                stop = at + int(places[last - lines - 1])
                break
            lines += len(places)
    while stop and raw[stop - 1] in b"\r\n":
        stop -= 1
    return stop


def _columns(
    raw: bytes, head: _Head, *, full: bool = False
) -> tuple[list[Column], Scan] | None:
    """Columns and counts; `full` says that each row is known to have all its cells."""
    start, stop, dialect, decimal = head.start, head.stop, head.dialect, head.decimal
    width = head.plan.width
    few = head.sample[:SAMPLE_ROWS]
    plain, words = _plain_columns(few), _word_columns(few)
    guarded = set(range(width)) - plain - words
    # Both leave the interpreter to others for most of their time.
    with ThreadPoolExecutor(1) as pool:
        scanning = pool.submit(scan, raw, start, stop, dialect)
        table = _parse(raw, start, stop, dialect, width, plain, guarded)
        found = scanning.result()
    if found.stray or table is None or _empty_rows(table):
        return None
    # A short row has no last cell. Where separators stand in quotes, their number
    # says nothing, and the last column is asked first.
    if not full and (not found.quoted or table[width - 1].isna().any()):
        counted = scan_outside(raw, start, stop, dialect) if found.quoted else found
        if counted.separators != (width - 1) * len(table):
            return None
    doubtful = _doubtful(table, plain, found.codes)
    doubtful += [place for place in sorted(words) if table[place].dtype != "str"]
    if doubtful:
        again = _parse(raw, start, stop, dialect, width, set(), doubtful, doubtful)
        for place in doubtful:
            table[place] = again[place]
    settled = plain - set(doubtful)
    columns = [
        Column(table[place]) if place in settled else read_column(table[place], decimal)
        for place in range(width)
    ]
    return columns, found


def _fewest_rows(head: list[str], size: int) -> int:
    """Estimate from below how many rows a file has whose rest is like its head."""
    return size // (2 * max(1, sum(map(len, head)) // len(head)))


def _plain_columns(sample: list[list[str]]) -> set[int]:
    """Columns whose first cells are numbers that need no second look."""
    plain = set()
    for place, cells in enumerate(zip(*sample, strict=True)):
        values = [cell.strip() for cell in cells if not is_missing_number(cell)]
        numbers = pd.to_numeric(pd.Series(values, dtype="object"), errors="coerce")
        ascii_only = all(value.isascii() and "_" not in value for value in values)
        if values and ascii_only and np.isfinite(numbers.astype(float)).all():
            plain.add(place)
    return plain


def _word_columns(sample: list[list[str]]) -> set[int]:
    """Columns that the parser leaves as text by itself, which is faster.

    One cell that is neither a number nor true or false is enough for that.
    """
    kept = set()
    for place, cells in enumerate(zip(*sample, strict=True)):
        bare = {cell.strip() for cell in cells}
        truth = {cell.lower() for cell in bare} <= {"true", "false", ""}
        odd = (not (is_number(cell) or is_missing_number(cell)) for cell in bare)
        if not truth and any(odd):
            kept.add(place)
    return kept


def _parse(
    raw: bytes,
    start: int,
    stop: int,
    dialect: Dialect,
    width: int,
    plain: set[int],
    text: Collection[int],
    only: list[int] | None = None,
) -> pd.DataFrame | None:
    words = sorted(MISSING_WORDS | MISSING_MARKS | {""})
    try:
        # A column of mixed types is looked at again below, without a warning.
        with warnings.catch_warnings(action="ignore", category=pd.errors.DtypeWarning):
            return pd.read_csv(
                _Source(raw, start, stop),
                sep=dialect.separator,
                header=None,
                names=range(width),
                usecols=only,
                index_col=False,
                dtype=dict.fromkeys(text, "str"),
                na_values={p: words if p in plain else [""] for p in range(width)},
                keep_default_na=False,
                skipinitialspace=dialect.skip_space,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError):
        return None


def _empty_rows(table: pd.DataFrame) -> bool:
    """Whether some row has no value at all."""
    left = None
    for place in table:
        missing = table[place].isna().to_numpy()
        left = missing if left is None else left & missing
        if not left.any():
            return False
    return True


def _doubtful(table: pd.DataFrame, plain: set[int], codes: int) -> list[int]:
    """Columns read as numbers whose text must be looked at after all."""
    doubtful = [place for place in sorted(plain) if not _settled(table[place])]
    if codes:
        text = [table[place] for place in table if place not in plain]
        known = sum(int(cells.str.fullmatch(CODE).sum()) for cells in text)
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

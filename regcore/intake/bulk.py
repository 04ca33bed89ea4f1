"""Large files: a survey of their lines, and pandas' C parser for what is regular.

The C parser pads short rows, fails at long ones and lets a stray quote swallow lines.
So the lines are surveyed while it reads: if all are full rows, its table stands; if
not, it is stopped, the odd lines are mended, and it reads what they became. Files
whose cells span lines are checked by the number of their separators instead. What
passes neither way is left to the slower reader.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.intake.decoding import refuse_controls
from regcore.intake.dialect import Dialect, split_lines, usual_width
from regcore.intake.layout import Layout, can_repeat, is_aligned
from regcore.intake.limits import refuse_shape
from regcore.intake.mending import digest, mend
from regcore.intake.numbers import Column, guess_decimal
from regcore.intake.parsing import Kinds, Source, columns_of, kinds_of, parse
from regcore.intake.plan import Reading, cut, plan_layout
from regcore.intake.ragged import layout_notes, text_table
from regcore.intake.records import Records
from regcore.intake.scan import CHUNK, NEWLINE, Scan, scan, scan_outside
from regcore.intake.survey import Survey, survey

HEAD_BYTES = 1 << 17
HEAD_TRIES = 1_000
# With more rows of another width than this share, the text is no regular table.
MOST_IRREGULAR = 0.4
# With more rows over several lines than this share, it pays to look for another way.
MOST_FOLDED = 0.1


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
    """The first rows of a file, their layout, and the bytes of the data.

    `again` are the lines further down that repeat the header; the first of them ends
    the data, unless its last line was given.
    """

    records: Records
    plan: Layout
    dialect: Dialect
    kinds: Kinds
    sample: pd.DataFrame
    notes: list[str]
    start: int
    stop: int
    again: list[int]

    @property
    def first_line(self) -> int:
        """Line of the first row of data."""
        return self.records.lines[self.plan.first]

    @property
    def header(self) -> list[list[str]]:
        """The rows of the header."""
        return [self.records.rows[at] for at in self.plan.header]

    @property
    def names(self) -> list[str]:
        """The first row of the header, if no row of data may repeat it."""
        names = self.header[0] if self.plan.header else []
        return names if can_repeat(names) else []

    def decimal(self, table: pd.DataFrame, reading: Reading) -> str:
        """Return the decimal sign, from the first cells where those are numbers."""
        plain = self.kinds.plain
        texts = [
            self.sample[place] if place in plain else table[place] for place in table
        ]
        return reading.decimal or guess_decimal(texts, self.dialect.separator)

    def reading(self, reading: Reading, decimal: str, last_row: int) -> Reading:
        """Return what was used for what was asked."""
        lines, header = self.records.lines, self.plan.header
        return replace(
            reading,
            delimiter=self.dialect.separator,
            decimal=decimal,
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
    regular = usual_width(lines, dialect) == plan.width
    aligned = plan.width == 1 and any(map(is_aligned, sample))
    if len(sample) < 2 or plan.second or aligned or not usual or not regular:
        return None
    stop = _data_end(raw, reading.last_row)
    refuse_shape(plan.width, _fewest_rows(lines, stop))
    table = text_table(sample, [*range(plan.width)])
    start = _line_start(raw, records.lines[plan.first])
    kinds = kinds_of(sample)
    head = _Head(records, plan, dialect, kinds, table, notes, start, stop, [])
    head = _until_repeated(raw, head, reading)
    if head.stop <= head.start:
        return None
    folded = sum(any("\n" in cell for cell in row) for row in sample)
    done = None
    if folded > MOST_FOLDED * len(sample):
        done = _by_counts(raw, head, reading)
    return done or _by_lines(raw, head, reading)


def _until_repeated(raw: bytes, head: _Head, reading: Reading) -> _Head:
    """Find the lines that repeat the header; end the data above the first of them."""
    if not head.names:
        return head
    start = _line_start(raw, head.records.lines[head.plan.header.start])
    line = raw[start : raw.index(b"\n", start)].rstrip(b"\r")
    places, at = [], head.start - 1
    while (at := raw.find(b"\n" + line, at, head.stop)) >= 0:
        at += 1
        if raw[at + len(line) : at + len(line) + 1] in (b"", b"\r", b"\n"):
            places.append(at)
    again = [raw.count(b"\n", 0, place) + 1 for place in places]
    if not places or reading.last_row is not None:
        return replace(head, again=again)
    stop = len(raw[: places[0]].rstrip(b"\r\n"))
    return replace(head, stop=stop, again=again[:1])


def _by_lines(raw: bytes, head: _Head, reading: Reading) -> Bulk | None:
    """Read a file whose rows are lines, all but a few of them."""
    table, found = _parsed_and_surveyed(raw, head)
    odd = len(found.regular) - int(found.regular.sum())
    if odd > MOST_IRREGULAR * len(found.regular):
        return None
    names = head.names
    mended = mend(raw, found, head.first_line, head.dialect, head.plan.width, names)
    if mended is None or mended.other > MOST_IRREGULAR * len(mended.lines):
        return None
    all_rows = digest(head.records, mended, names, head.first_line)
    ended = reading.last_row is None and bool(head.again)
    if ended:
        all_rows.rows.append(names)
        all_rows.lines.append(head.again[0])
    plan = plan_layout(all_rows, reading)
    laid_out = (plan.width, plan.header, plan.first, plan.second)
    if laid_out != (head.plan.width, head.plan.header, head.plan.first, ended):
        return None
    if odd:
        table = parse(Source(mended.pieces), head.dialect, head.kinds)
    if table is None or len(table) != len(mended.lines):
        return None
    decimal = head.decimal(table, reading)
    columns = columns_of(
        table, mended.pieces, head.dialect, head.kinds, found.codes, decimal, names
    )
    if columns is None:
        return None
    notes = head.notes + layout_notes(all_rows, plan) + mended.notes
    used = head.reading(reading, decimal, int(mended.lines[-1]))
    return Bulk(columns, head.header, plan, used, notes, None, mended.lines)


def _parsed_and_surveyed(raw: bytes, head: _Head) -> tuple[pd.DataFrame | None, Survey]:
    """Parse all, which the first odd line stops, and survey all at the same time."""
    start, stop, dialect = head.start, head.stop, head.dialect
    source = Source([memoryview(raw)[start:stop]])
    # Both leave the interpreter to others for most of their time.
    with ThreadPoolExecutor(1) as pool:
        surveying = pool.submit(
            survey, raw, start, stop, dialect, head.plan.width, source.stop
        )
        table = parse(source, dialect, head.kinds)
        found = surveying.result()
    repeated = np.array(head.again, dtype=int) - head.first_line
    found.regular[repeated[repeated < len(found.regular)]] = False
    return table, found


def _by_counts(raw: bytes, head: _Head, reading: Reading) -> Bulk | None:
    """Read a file whose cells span lines, if all its rows are full."""
    start, stop, dialect, kinds = head.start, head.stop, head.dialect, head.kinds
    odd = head.records.stray or head.records.empty or head.plan.comments or head.again
    if odd or head.plan.last - head.plan.first < 2:
        return None
    pieces = [memoryview(raw)[start:stop]]
    with ThreadPoolExecutor(1) as pool:
        scanning = pool.submit(scan, raw, start, stop, dialect)
        table = parse(Source(pieces), dialect, kinds)
        found = scanning.result()
    outside = scan_outside(raw, start, stop, dialect)
    if table is None or not _is_whole(table, found, outside):
        return None
    decimal = head.decimal(table, reading)
    columns = columns_of(
        table, pieces, dialect, kinds, found.codes, decimal, head.names
    )
    if columns is None:
        return None
    blank = outside.line_ends + 1 - len(table)
    notes = head.notes + layout_notes(replace(head.records, blank=[]), head.plan)
    if blank:
        notes.append(f"{blank:,} blank lines were left out.")
    lines = found.line_ends - raw.count(b"\n", outside.last_row, stop)
    used = head.reading(reading, decimal, head.first_line + lines)
    return Bulk(columns, head.header, head.plan, used, notes, None)


def _is_whole(table: pd.DataFrame, found: Scan, outside: Scan) -> bool:
    """Whether the separators outside of quotes are just those of full rows."""
    if found.stray or bool(table.isna().all(axis=1).any()):
        return False
    return outside.separators == (table.shape[1] - 1) * len(table)


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


def _fewest_rows(head: list[str], size: int) -> int:
    """Estimate from below how many rows a file has whose rest is like its head."""
    return size // (2 * max(1, sum(map(len, head)) // len(head)))

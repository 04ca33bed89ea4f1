"""Large regular files: pandas' C parser, and a proof that it read every row whole.

The C parser pads short rows, drops zeros in front of codes and lets a stray quote
swallow lines, all silently. So the bytes are scanned first: quotes must stand at the
edges of cells, and the separators must be exactly those of full rows. Whatever does
not pass is left to the slower reader.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.cells import MISSING_MARKS, MISSING_WORDS, is_missing_number
from regcore.dialect import Dialect, split_lines
from regcore.layout import Layout
from regcore.numbers import LARGEST_EXACT, Column, guess_decimal, read_column
from regcore.plan import Reading, cut, plan_layout, refuse_shape
from regcore.ragged import layout_notes, text_table
from regcore.records import Records

CHUNK = 1 << 19
HEAD_BYTES = 1 << 18
HEAD_TRIES = 1_000
NEWLINE, RETURN, QUOTE, SPACE, ZERO = b'\n\r" 0'
CODE = r"0\d+"


@dataclass
class Scan:
    """Counts over the bytes of the data, outside of quotes."""

    separators: int = 0
    lines: int = 0
    codes: int = 0
    quoted: bool = False
    stray: bool = False


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


def scan(raw: bytes, start: int, stop: int, dialect: Dialect) -> Scan:
    """Count separators, line ends and codes with zeros in front, in pieces."""
    data = np.frombuffer(raw, dtype=np.uint8)[start:stop]
    separator = ord(dialect.separator)
    found = Scan(quoted=raw.find(b'"', start, stop) >= 0)
    edges = np.zeros(256, dtype=bool)
    edges[[separator, NEWLINE, RETURN, QUOTE]] = True
    edges[SPACE] = dialect.skip_space
    inside = 0
    for at in range(0, len(data), CHUNK):
        piece = data[at : at + CHUNK]
        is_separator, is_line = piece == separator, piece == NEWLINE
        if found.quoted:
            quotes = piece == QUOTE
            depth = np.add.accumulate(quotes, dtype=np.uint8)
            within = ((depth + np.uint8(inside)) & 1).astype(bool)
            places = np.flatnonzero(quotes) + at
            found.stray |= _stray(data, places, inside, edges)
            inside = (inside + len(places)) & 1
            is_separator &= ~within
            is_line &= ~within
        found.separators += int(np.count_nonzero(is_separator))
        found.lines += int(np.count_nonzero(is_line))
        found.codes += _codes(data, at, piece, edges)
    found.stray |= bool(inside)
    return found


def _stray(
    data: np.ndarray, places: np.ndarray, inside: int, edges: np.ndarray
) -> bool:
    """Whether a quote opens or closes anywhere but at the edge of a cell."""
    opening, closing = places[inside::2], places[1 - inside :: 2]
    opening = opening[opening > 0]
    closing = closing[closing < len(data) - 1]
    return not (edges[data[opening - 1]].all() and edges[data[closing + 1]].all())


def _codes(data: np.ndarray, at: int, piece: np.ndarray, edges: np.ndarray) -> int:
    """How many cells are whole numbers with a zero in front."""
    following = data[at + 1 : at + len(piece) + 1]
    zeros = piece[: len(following)] == ZERO
    zeros &= (following - ZERO) < 10
    places = np.flatnonzero(zeros) + at
    before = data[np.maximum(places - 1, 0)]
    places = places[edges[before] | (places == 0)]
    ends = places + 1
    open_ends = np.arange(len(places))
    while len(open_ends):
        ends[open_ends] += 1
        open_ends = open_ends[ends[open_ends] < len(data)]
        open_ends = open_ends[(data[ends[open_ends]] - ZERO) < 10]
    at_edge = ends >= len(data)
    at_edge[~at_edge] = edges[data[ends[~at_edge]]]
    return int(np.count_nonzero(at_edge))


@dataclass(frozen=True)
class Bulk:
    """The columns of a regular file, its header rows, and how it was read."""

    columns: list[Column]
    header: list[list[str]]
    plan: Layout
    reading: Reading
    notes: list[str]
    first_line: int | None

    def where(self, row: int) -> str:
        """Name a row by its line, if every row is one line."""
        if self.first_line is None:
            return f"row {row + 1:,} of the data"
        return f"line {self.first_line + row}"


def read_bulk(raw: bytes, reading: Reading) -> Bulk | None:
    """Read UTF-8 bytes in one go, or return None if the file is not regular."""
    head = _head(raw)
    if head is None:
        return None
    records, dialect, notes = cut(head, reading)
    plan = plan_layout(records, replace(reading, last_row=records.lines[-1]))
    sample = records.rows[plan.first : plan.last]
    if not _regular(records, plan, dialect, sample):
        return None
    start = _line_start(raw, records.lines[plan.first])
    stop = _data_end(raw, reading.last_row)
    found = scan(raw, start, stop, dialect)
    if found.stray:
        return None
    refuse_shape(plan.width, found.separators // max(1, plan.width - 1))
    names = [str(place) for place in range(plan.width)]
    decimal = reading.decimal or guess_decimal(
        text_table(sample, names), dialect.separator
    )
    columns = _columns(raw, start, stop, dialect, sample, decimal, found)
    if columns is None:
        return None
    rows = len(columns[0].cells)
    blank = found.lines + 1 - rows
    notes += layout_notes(replace(records, blank=[]), plan)
    if blank:
        notes.append(f"{blank:,} blank lines were left out.")
    one_line_each = not blank and raw.count(b"\n", start, stop) == found.lines
    last = raw.count(b"\n", 0, stop) + 1
    used = replace(
        reading,
        delimiter=dialect.separator,
        decimal=decimal,
        header_row=records.lines[plan.header.start] if plan.header else 0,
        header_rows=len(plan.header),
        first_row=records.lines[plan.first],
        last_row=last,
    )
    header = [records.rows[at] for at in plan.header]
    first = records.lines[plan.first] if one_line_each else None
    return Bulk(columns, header, plan, used, notes, first)


def _head(raw: bytes) -> list[str] | None:
    """The first lines, not cut within a quoted cell."""
    if b"\x00" in raw:
        return None
    end = HEAD_BYTES
    for _ in range(HEAD_TRIES):
        end = raw.rfind(b"\n", 0, end)
        if end < 0:
            return None
        if raw.count(b'"', 0, end) % 2 == 0:
            break
    try:
        text = raw[: end + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    # Lone carriage returns end lines for csv, but not for the parser below.
    return None if re.search(r"\r(?!\n)", text) else split_lines(text)


def _regular(
    records: Records, plan: Layout, dialect: Dialect, sample: list[list[str]]
) -> bool:
    whole = len(sample) > 1 and all(len(row) == plan.width for row in sample)
    odd = records.stray or records.empty or plan.comments or plan.second
    return whole and not odd and not dialect.escape and dialect.separator != " "


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
    raw: bytes,
    start: int,
    stop: int,
    dialect: Dialect,
    sample: list[list[str]],
    decimal: str,
    found: Scan,
) -> list[Column] | None:
    width = len(sample[0])
    plain = _plain_columns(sample)
    table = _parse(raw, start, stop, dialect, width, plain)
    if table is None or found.separators != (width - 1) * len(table):
        return None
    if _empty_rows(table):
        return None
    doubtful = _doubtful(table, plain, found.codes)
    if doubtful:
        again = _parse(raw, start, stop, dialect, width, set(), doubtful)
        for place in doubtful:
            table[place] = again[place]
    return [
        Column(table.pop(place))
        if place in plain and place not in doubtful
        else read_column(table.pop(place), decimal)
        for place in range(width)
    ]


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


def _parse(
    raw: bytes,
    start: int,
    stop: int,
    dialect: Dialect,
    width: int,
    plain: set[int],
    only: list[int] | None = None,
) -> pd.DataFrame | None:
    words = sorted(MISSING_WORDS | MISSING_MARKS | {""})
    try:
        table = pd.read_csv(
            _Source(raw, start, stop),
            sep=dialect.separator,
            header=None,
            names=range(width),
            usecols=only,
            index_col=False,
            dtype={place: "str" for place in range(width) if place not in plain},
            na_values={p: words if p in plain else [""] for p in range(width)},
            keep_default_na=False,
            skipinitialspace=dialect.skip_space,
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError):
        return None
    return table


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

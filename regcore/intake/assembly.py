"""Regular rows and odd ones put together, up to the last line of the table."""

import sys
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regcore.intake.arrow import Parsed
from regcore.intake.layout import REMARKS, is_comment
from regcore.intake.ragged import fit_rows, text_columns
from regcore.intake.records import Records

# Totals and notes below the table stand in its last lines.
TAIL = 60


@dataclass(frozen=True)
class Assembly:
    """The rows of a table: those of its width in order, then the others.

    Attributes
    ----------
    columns : text, missing where a cell is empty
    lines : the line where each row starts
    records : the rows that the layout depends on: the first, the last, and remarks
    below : lines of what stands below the last line that was asked for
    ended : whether the table was ended above a line that repeats its header
    other : how many rows had another width
    notes : sentences on those
    """

    columns: list[pa.ChunkedArray]
    lines: np.ndarray
    records: Records
    below: list[int]
    ended: bool
    other: int
    notes: list[str]


def assemble(parsed: Parsed, names: list[str], last_row: int | None) -> Assembly:
    """Put the rows together.

    Parameters
    ----------
    parsed : all rows from the first one of the data on
    names : the first row of the header, if no row of data may repeat it
    last_row : the last line of data, if that was asked for
    """
    width, odd = len(parsed.columns), parsed.records
    again = _repeated(parsed, names)
    ended = last_row is None and len(again) > 0
    last = sys.maxsize if last_row is None else last_row
    last = again[0] - 1 if ended else last
    kept = odd.only(
        lambda line, row: (
            line <= last
            and not (len(row) < width and is_comment(row, width))
            and not _is(row, names)
        )
    )
    rows = [*map(list, kept.rows)]
    other = sum(len(row) != width for row in rows)
    at_rows = np.array(kept.lines, dtype=np.int64)
    notes = fit_rows(rows, at_rows, width)
    regular = (parsed.lines <= last) & ~np.isin(parsed.lines, again)
    columns, lines = parsed.columns, parsed.lines
    if not regular.all():
        columns = [column.filter(pa.array(regular)) for column in columns]
        lines = lines[regular]
    seen = parsed.lines[parsed.lines > last].tolist() if last_row else []
    below = sorted([*seen, *(line for line in odd.lines if line > last)])
    shown = again[:1] if ended else [line for line in again if line <= last]
    records = _digest(columns, lines, odd, names, last)
    if rows:
        pairs = zip(columns, text_columns(rows, width), strict=True)
        columns = [pa.chunked_array([*c.chunks, other]) for c, other in pairs]
        lines = np.concatenate([lines, at_rows])
    records = records.merge(Records([names] * len(shown), list(shown)))
    return Assembly(columns, lines, records, below, ended, other, notes)


def _is(row: list[str], names: list[str]) -> bool:
    return bool(names) and row[: len(names)] == names


def _repeated(parsed: Parsed, names: list[str]) -> list[int]:
    """Lines that repeat the header, in order."""
    if not names:
        return []
    found = parsed.records.only(lambda _, row: _is(row, names)).lines
    rows = np.arange(len(parsed.lines))
    for name, column in zip(names, parsed.columns, strict=False):
        cells = column if len(rows) == len(column) else column.take(pa.array(rows))
        same = pc.equal(cells, name).fill_null(False) if name else cells.is_null()
        rows = rows[same.to_numpy(zero_copy_only=False)]
        if len(rows) == 0:
            break
    return sorted([*found, *parsed.lines[rows].tolist()])


def _digest(
    columns: list[pa.ChunkedArray],
    lines: np.ndarray,
    odd: Records,
    names: list[str],
    last: int,
) -> Records:
    """Return the last rows, and the odd ones that the layout depends on."""
    ends = [*lines[-1:].tolist(), *(line for line in odd.lines if line <= last)]
    late = max(ends, default=0) - TAIL
    tail = int(np.searchsorted(lines, late, side="right"))
    cells = [column.slice(tail).fill_null("").to_pylist() for column in columns]
    rows = Records([*map(list, zip(*cells, strict=True))], lines[tail:].tolist())
    before = odd.between(0, last)
    kept = before.only(
        lambda line, row: (
            line > late or row[0].lstrip().startswith(REMARKS) or _is(row, names)
        )
    )
    return rows.merge(replace(before, rows=kept.rows, lines=kept.lines))

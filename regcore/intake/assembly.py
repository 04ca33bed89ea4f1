"""Regular rows and odd ones put together, up to the last line of the table."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from regcore.intake.arrow import TAIL, Parsed
from regcore.intake.cut import Cut
from regcore.intake.layout import REMARKS, is_comment
from regcore.intake.ragged import fit_rows, text_columns
from regcore.intake.records import Records


@dataclass(frozen=True)
class Assembly:
    """The rows of a table: those of its width in order, then the others.

    Attributes
    ----------
    again : columns at some places, anew as text
    lines : the line where each row starts
    records : the rows that the layout depends on: the first, the last, and remarks
    below : lines of what stands below the last line that was asked for
    ended : whether the table was ended above a line that repeats its header
    other : how many rows had another width
    notes : sentences on those
    """

    columns: list[Cut]
    again: Callable[[Sequence[int]], list[Cut]]
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
    again = odd.only(lambda _, row: _is(row, names)).lines
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
    regular = parsed.lines <= last
    columns, lines = parsed.columns, parsed.lines
    if not regular.all():
        lines = lines[regular]
        for column in columns:
            column.keep(regular)
    seen = parsed.lines[parsed.lines > last].tolist() if last_row else []
    below = sorted([*seen, *(line for line in odd.lines if line > last)])
    shown = again[:1] if ended else [line for line in again if line <= last]
    records = _digest(parsed, regular, lines, names, last)
    others = text_columns(rows, width)
    if rows:
        for column, cells in zip(columns, others, strict=True):
            column.add(cells)
        lines = np.concatenate([lines, at_rows])

    def anew(places: Sequence[int]) -> list[Cut]:
        texts = parsed.again(places, regular)
        pairs = zip(places, texts, strict=True)
        return [Cut([*text.chunks, others[place]]) for place, text in pairs]

    records = records.merge(Records([names] * len(shown), list(shown)))
    return Assembly(columns, anew, lines, records, below, ended, other, notes)


def _is(row: list[str], names: list[str]) -> bool:
    return bool(names) and row[: len(names)] == names


def _digest(
    parsed: Parsed, regular: np.ndarray, lines: np.ndarray, names: list[str], last: int
) -> Records:
    """Return the last rows, and the odd ones that the layout depends on."""
    before = parsed.records.between(0, last)
    late = max([*lines[-1:].tolist(), *before.lines], default=0) - TAIL
    tail = regular & (parsed.lines > late)
    count = int(np.count_nonzero(tail))
    if regular[-1:].all():
        texts = parsed.last.slice(len(parsed.last) - count).columns
    else:
        texts = parsed.again(range(len(parsed.columns)), tail)
    cells = [text.fill_null("").to_pylist() for text in texts]
    rows = Records([*map(list, zip(*cells, strict=True))], lines[-count:].tolist())
    kept = before.only(
        lambda line, row: (
            line > late or row[0].lstrip().startswith(REMARKS) or _is(row, names)
        )
    )
    return rows.merge(replace(before, rows=kept.rows, lines=kept.lines))

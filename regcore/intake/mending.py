"""Large files with some irregular rows: those alone are read slowly and rewritten.

Where a row starts at a line that is a full row by itself, the slow reader would return
just its cells; so only the lines between are given to it.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np

from regcore.intake.dialect import Dialect
from regcore.intake.layout import is_comment
from regcore.intake.limits import LONGEST_CELL
from regcore.intake.ragged import fit_rows
from regcore.intake.records import Records, read_from
from regcore.intake.survey import Survey

TAIL = 60


@dataclass
class Mended:
    """Bytes whose rows all have the usual width, and what was met on the way.

    `pieces` are the bytes one after another; `lines` the line numbers of the rows;
    `odd` the rows read slowly, before they were fitted, and those at the end; `notes`
    say what was cut or filled up, in `other` rows.
    """

    pieces: list[memoryview]
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
    raw: bytes,
    found: Survey,
    first_line: int,
    dialect: Dialect,
    width: int,
    header: list[str],
) -> Mended | None:
    """Pad short rows, cut long ones, and leave out what is no row.

    Parameters
    ----------
    raw : the file
    found : where its lines are, and which of them are regular
    first_line : the number of the first of them
    dialect : how rows are cut into cells
    width : number of cells of a regular row
    header : names that are no row where they are repeated

    Returns
    -------
    Mended | None
        None if a line is too long or not text: the slow reader tells which.
    """
    bounds, regular = found.bounds, found.regular.copy()
    start, stop = bounds[[0, -1]].tolist()
    irregular = width < 2 and not regular.all()
    lone = _has_lone_return(raw, start, stop)
    if irregular or lone or np.diff(bounds).max() > LONGEST_CELL:
        return None
    lines, odd = _Lines(raw, bounds), Records()
    try:
        spans = _read_odd(lines, regular, dialect, width, odd)
        kept = [
            at
            for at, row in enumerate(odd.rows)
            if not _is_remark(row, width) and not _repeats(row, header)
        ]
        rows = [list(odd.rows[at]) for at in kept]
        at_lines = np.array([odd.lines[at] for at in kept], dtype=np.int64)
        other = sum(len(row) != width for row in rows)
        notes = fit_rows(rows, at_lines + first_line - 1, width)
        by_line = dict(zip(at_lines.tolist(), rows, strict=True))
        pieces = _rewritten(raw, bounds, spans, by_line, dialect.separator)
        _add_tail(lines, regular, dialect, odd)
    except UnicodeDecodeError:
        return None
    numbers = np.concatenate([np.flatnonzero(regular) + 1, at_lines])
    for met in (odd.lines, odd.stray, odd.blank, odd.empty):
        met[:] = [line + first_line - 1 for line in met]
    # Two runs that are in order already, which a stable sort only merges.
    numbers = np.sort(numbers, kind="stable")
    return Mended(pieces, numbers + first_line - 1, odd, notes, other)


def _has_lone_return(raw: bytes, start: int, stop: int) -> bool:
    """Whether some line ends with a carriage return alone."""
    if raw.find(b"\r", start, stop) < 0:
        return False
    return raw.count(b"\r", start, stop) > raw.count(b"\r\n", start, stop)


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


def _repeats(row: list[str], header: list[str]) -> bool:
    return bool(header) and row[: len(header)] == header


def _rewritten(
    raw: bytes,
    bounds: np.ndarray,
    spans: list[tuple[int, int]],
    rows: dict[int, list[str]],
    separator: str,
) -> list[memoryview]:
    """Pieces of bytes, with the rows in place of the lines they were read from."""
    view, pieces, done = memoryview(raw), [], int(bounds[0])
    for start, end in spans:
        pieces.append(view[done : bounds[start]])
        text = io.StringIO()
        found = [rows[line] for line in range(start + 1, end + 1) if line in rows]
        csv.writer(text, delimiter=separator, lineterminator="\n").writerows(found)
        pieces.append(memoryview(text.getvalue().encode()))
        done = int(bounds[end])
    return [*pieces, view[done : bounds[-1]]]


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
        if late or row[0].lstrip().startswith("#") or _repeats(row, header):
            rows[line] = row
    gaps = {
        name: [line for line in getattr(head, name) if line < first]
        + getattr(odd, name)
        for name in ("stray", "blank", "empty")
    }
    lines = sorted(rows)
    return Records([rows[line] for line in lines], lines, **gaps)

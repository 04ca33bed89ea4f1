"""How much is taken: bytes, columns, cells, and what one line may hold.

All but the number of cells is seen in the bytes, before anything is parsed.
"""

import re

from regcore.intake.dialect import RARE_SEPARATORS, SEPARATORS
from regcore.intake.refusals import IntakeError

MOST_BYTES = 200_000_000
MOST_COLUMNS = 5_000
MOST_CELLS = 50_000_000
LONGEST_CELL = 100_000
# Bytes of a character in the widest encoding.
WIDEST = 4


def refuse_size(raw: bytes) -> None:
    """Refuse files without a word and those over the limit."""
    if re.search(rb"[^\s\xef\xbb\xbf\xff\xfe]", raw) is None:
        raise IntakeError("The file is empty; upload a table with a header and rows.")
    if len(raw) > MOST_BYTES:
        raise IntakeError(
            f"The file has {len(raw) / 1e6:,.0f} MB and the limit is "
            f"{MOST_BYTES / 1e6:,.0f} MB; leave out rows or columns you do not need."
        )


def refuse_wide_lines(raw: bytes, separator: str | None = None) -> None:
    """Refuse a line that has more cells than a table may have columns.

    Only a line that is longer than any cell may be is looked at. It is refused if no
    separator, or not the one that is known, cuts it into few enough cells that each
    could be short enough.
    """
    marks = [separator] if separator else [*SEPARATORS, *RARE_SEPARATORS, " "]
    line_end = b"\n" if b"\n" in raw else b"\r"
    at = 0
    while at + LONGEST_CELL < len(raw):
        beyond = at + LONGEST_CELL
        if raw.find(line_end, at, beyond) < 0:
            # The stretch before this one had a line end, or was a long line itself.
            start = raw.rfind(line_end, max(0, at - LONGEST_CELL), at) + 1
            end = raw.find(line_end, beyond)
            beyond = len(raw) if end < 0 else end
            _refuse_wide(raw, max(start, 0), beyond, marks)
        at = beyond


def _refuse_wide(raw: bytes, start: int, end: int, marks: list[str]) -> None:
    line = raw[start:end]
    if b"\r" in line:
        line = max(line.split(b"\r"), key=len)
        start = raw.index(line, start)
    # Separators within quotes are none.
    bare = re.sub(rb'"[^"]*"', b"", line) if b'"' in line else line
    found = [mark.encode() for mark in marks if mark.encode() in bare]
    cells = [bare.count(mark) + 1 for mark in found] or [1]
    fair = max((count for count in cells if count <= MOST_COLUMNS), default=0)
    if max(cells) > MOST_COLUMNS and len(line) > fair * WIDEST * LONGEST_CELL:
        number = len(re.findall(rb"\r\n|\r|\n", raw[:start])) + 1
        raise IntakeError(
            f"Line {number:,} has {max(cells):,} cells and the limit is "
            f"{MOST_COLUMNS:,} columns; leave out columns you do not need, or check "
            "where the lines of the file end."
        )


def refuse_shape(width: int, rows: int) -> None:
    """Refuse tables over the limits."""
    if width > MOST_COLUMNS:
        raise IntakeError(
            f"The table has {width:,} columns and the limit is {MOST_COLUMNS:,}; "
            "leave out columns you do not need."
        )
    if width * rows > MOST_CELLS:
        raise IntakeError(
            f"The table has {width * rows:,} cells and the limit is "
            f"{MOST_CELLS:,}; leave out rows or columns you do not need."
        )

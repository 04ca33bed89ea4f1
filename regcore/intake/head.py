"""The lines of names, weighed against the rows below: what else stands above the data.

Above the data may stand lines about the file, names over one or more lines, and lines
of units, of labels or of types. None of them fits the columns as a row of data does.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from regcore.intake.cells import (
    MISSING_MARKS,
    is_date,
    is_missing,
    is_number,
    shapes_of,
)

SEARCH = 120
SAMPLE = 200
# Of the first rows some may be no data yet.
UNSURE = 6
LONGEST_UNIT = 20
# The second line of a table of Orange, and of others that write types.
TYPES = frozenset(
    re.findall(
        r"\S+",
        "c d s t continuous discrete string time class meta ignore numeric nominal "
        "text integer int float double char varchar boolean bool date datetime factor",
    )
)

ROW_NAMES = frozenset(("id", "index", "key", "name", "no", "nr", "number", "row"))


@dataclass(frozen=True)
class Head:
    """Positions of the lines that the names are joined from, and of the first row."""

    names: range
    first: int


@dataclass(frozen=True)
class _Column:
    """What the cells of a column are like; `is_like` is None for words."""

    cells: Counter[str]
    is_like: Callable[[str], bool] | None
    full: bool
    few: bool

    def vote(self, cell: str, often: int) -> float:
        """Weigh a cell: above 0, it is no data of this column; below 0, it is."""
        if not cell:
            return 0.5 if self.full else 0.0
        if is_missing(cell) or cell in MISSING_MARKS:
            return 0.0
        if self.cells[cell] > often and cell != "1":
            return -1.0
        if self.is_like is None:
            return 0.3 if self.few else 0.0
        # A quantity without a unit has the unit 1.
        return 1.0 if not self.is_like(cell) else -0.5 if cell == "1" else -1.0


def weigh_head(
    rows: list[list[str]], start: int, width: int, *, said: bool = False
) -> Head | None:
    """Find the names and the first row of data, where the rows below tell them apart.

    The table starts at a position or later; if it is said, the names start there.
    """
    block = _above_data(rows, start, width)
    if not block:
        return None
    at = max(block, key=lambda place: (_named(rows[place]), -place))
    at = start if said else at
    first, stop = at, at + 1
    while first > start and _is_group(rows[first - 1], width):
        first -= 1
    complete = len({*map(str.strip, rows[at])} - {""}) == width
    while stop < block.stop and not (complete and _is_apart(rows[stop])):
        stop += 1
    return Head(range(first, stop), block.stop)


def lacks_first_name(
    rows: list[list[str]], names: range, first: int, width: int
) -> bool:
    """Whether the names are one short because row names have none, as R writes them.

    Row names are all different; a column without a name at the end would explain the
    rows as well where the first name stands for such a column.
    """
    body = [row for row in rows[first : first + SAMPLE] if len(row) == width]
    most = 0.95 * len(rows[first : first + SAMPLE])
    short = len(names) == 1 and len(rows[names.start]) == width - 1
    if not short or width < 3 or len(body) < max(3, most):
        return False
    marks = [row[0].strip() for row in body]
    ends = sum(bool(row[-1].strip()) for row in body)
    distinct = len({*marks} - {""}) == len(marks)
    # Row names are words or count; a measure is none, if all its numbers differ.
    measured = any(is_number(mark) and not mark.isdecimal() for mark in marks)
    whole = distinct and not measured and ends > 0.5 * len(body)
    return whole and not _names_rows(rows[names.start][0])


def _names_rows(name: str) -> bool:
    """Whether a name says of itself that it stands for one cell a row."""
    words = re.split(r"[^a-z]+|(?<=[a-z])(?=id$)", name.strip().lower())
    return not ROW_NAMES.isdisjoint(words)


def _above_data(rows: list[list[str]], start: int, width: int) -> range:
    """Positions from a start on of the rows that are no data."""
    body = [row for row in rows[start : start + SAMPLE] if len(row) == width]
    sure = body[min(UNSURE, len(body) // 2) :]
    if len(sure) < 3:
        return range(0)
    columns = [_column(body, sure, place) for place in range(width)]
    search = rows[start : min(start + SEARCH, len(rows) - 1)]

    @cache
    def differs(at: int) -> bool:
        return at < len(search) and _is_no_data(search[at], columns)

    for at in range(len(search)):
        # One row that might be data does not end a block of lines above.
        if not differs(at) and sum(map(differs, range(at + 1, at + 6))) < 3:
            return range(start, start + at)
    return range(0)


def _column(body: list[list[str]], sure: list[list[str]], place: int) -> _Column:
    cells = Counter(row[place].strip() for row in body)
    late = [row[place].strip() for row in sure]
    present = [cell for cell in late if not is_missing(cell)]
    kinds = shapes_of(present)
    is_like = None
    for kind in (is_number, is_date):
        if sum(n for cell, n in kinds.items() if kind(cell)) > 0.9 * len(present):
            is_like = kind
            break
    few = len(late) >= 20 and len({*late}) <= 0.2 * len(late)
    return _Column(cells, is_like, all(late), few)


def _is_no_data(row: list[str], columns: list[_Column]) -> bool:
    often = 1 if len(row) == len(columns) else 0
    cells = [cell.strip() for cell in row[: len(columns)]]
    votes = [c.vote(cell, often) for c, cell in zip(columns, cells, strict=False)]
    # A cell that no row lacks is missed more than one that is empty.
    votes += [1.0 if column.full else 0.0 for column in columns[len(cells) :]]
    against = sum(vote for vote in votes if vote > 0)
    strong = sum(vote for vote in votes if vote >= 0.5)
    speaks = -sum(vote for vote in votes if vote < 0)
    if strong >= 1:
        return speaks <= against / 2
    # Among words alone, a level that is new in one column or two may be rare.
    return speaks == 0 and sum(vote > 0 for vote in votes) >= 3


def _named(row: list[str]) -> int:
    """Count the cells that may be names; a number is none."""
    cells = map(str.strip, row)
    return sum(not is_missing(cell) and not is_number(cell) for cell in cells)


def _is_group(row: list[str], width: int) -> bool:
    """Whether a line stands above names as the name of several, merged or repeated."""
    cells = [cell.strip() for cell in row if cell.strip()]
    spans = len({*cells}) < width and len(row) == width
    return spans and len(cells) > 1 and not any(map(is_number, cells))


def _is_apart(row: list[str]) -> bool:
    """Whether a line under the names is no part of them: labels or types."""
    cells = [cell.strip().lower() for cell in row if cell.strip()]
    labels = any(len(cell) > LONGEST_UNIT or cell[0] == "{" for cell in cells)
    return labels or TYPES.issuperset(cells)

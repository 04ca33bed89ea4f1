"""Text to rows of cells with their line numbers; stray quotes do not swallow rows."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from regcore.intake.dialect import Dialect
from regcore.intake.limits import LONGEST_CELL
from regcore.intake.refusals import IntakeError

# A row of the wrong width over more lines than these was swallowed by a quote.
MANY_LINES = 20


@dataclass
class Records:
    """Rows that hold a value, the line each starts at, and what was met."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)

    def add(self, row: list[str], line: int) -> None:
        """Keep a row, or count it as blank or as cells without a value."""
        if any(row) and any(cell.strip() for cell in row):
            self.rows.append(row)
            self.lines.append(line)
        elif len(row) > 1:
            self.empty.append(line)
        else:
            self.blank.append(line)


def read_records(lines: list[str], dialect: Dialect, width: int) -> Records:
    """All rows of a text; `width` is the usual number of cells.

    Raises
    ------
    IntakeError
        If a cell is longer than the limit.
    """
    _refuse_long_cells(lines)
    records = Records()
    at = 0
    while at < len(lines):
        at = read_from(lines, at, dialect, width, records)
    return records


def read_from(
    lines: Sequence[str],
    at: int,
    dialect: Dialect,
    width: int,
    records: Records,
    enough: Callable[[int], bool] = lambda _: False,
) -> int:
    """Read until the end or a stray quote; return the line index to go on from.

    `enough` may end it before a row, given the index of the line where that starts.
    """
    fed = _Feed(lines, at)
    reader = dialect.reader(fed)
    while not enough(start := fed.at):
        try:
            row = next(reader)
        except StopIteration:
            return len(lines)
        except csv.Error:
            # A quote that never closes hides more than the csv reader takes.
            _refuse_long_line(lines[start], start + 1)
            row, fed.exhausted = [], True
        if _spoilt(row, lines[start : fed.at], dialect, width) or fed.exhausted:
            swallowed = fed.exhausted or fed.at - start > MANY_LINES
            mended = _mended(lines[start], dialect, width, force=swallowed)
            if mended is not None:
                records.add(mended, start + 1)
                records.stray.append(start + 1)
                if fed.exhausted or fed.at - start > 1:
                    return start + 1
                continue
        records.add(row, start + 1)
    return start


def _spoilt(row: list[str], lines: list[str], dialect: Dialect, width: int) -> bool:
    """Whether the quotes of a row hide separators or line ends that they should not.

    Over several lines a stray quote may swallow rows and still give the right width.
    """
    if dialect.quote != '"' or not any('"' in line for line in lines):
        return False
    if len(lines) == 1 or dialect.escape or dialect.separator == " ":
        return len(row) != width
    separator = re.escape(dialect.separator)
    cell = rf'[ ]*(?:"(?:[^"]|"")*"[ ]*|[^"{separator}]*)'
    text = "".join(lines).rstrip("\r\n")
    return re.fullmatch(rf"{cell}(?:{separator}{cell})*", text) is None


class _Feed:
    """Lines for a csv reader, from `at` on.

    A reader that is given the last line and asks for more has an open quote.
    """

    def __init__(self, lines: Sequence[str], at: int) -> None:
        self.lines = lines
        self.at = at
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        while self.at < len(self.lines):
            self.at += 1
            yield self.lines[self.at - 1]
        self.exhausted = True


def _mended(
    line: str, dialect: Dialect, width: int, *, force: bool
) -> list[str] | None:
    """Cells of one line under other readings of its quotes, if one fits the width."""
    if dialect.separator == " ":
        return line.split() if force else None
    bare = line.rstrip("\r\n")
    separator = re.escape(dialect.separator)
    readings = (
        rf'[ ]*"((?:[^"]|"")*)"[ ]*(?={separator}|$)|([^{separator}]*)',
        rf'[ ]*"(.*?)"[ ]*(?={separator}|$)|([^{separator}]*)',
    )
    for pattern in readings:
        cells = _cells(bare, pattern, dialect.separator)
        if len(cells) == width:
            return cells
    literal = bare.split(dialect.separator)
    return literal if force or len(literal) == width else None


def _cells(line: str, pattern: str, separator: str) -> list[str]:
    cells, at, cell = [], 0, re.compile(pattern)
    while True:
        match = cell.match(line, at)
        quoted, bare = match.group(1), match.group(2)
        cells.append(_unquoted(bare) if quoted is None else quoted.replace('""', '"'))
        if match.end() >= len(line):
            return cells
        at = match.end() + len(separator)
        if at == len(line):
            return [*cells, ""]


def _unquoted(cell: str) -> str:
    """Drop a quote that opens the cell and never closes."""
    return cell[1:] if cell.startswith('"') and cell.count('"') == 1 else cell


def _refuse_long_line(line: str, number: int) -> None:
    if len(line) > LONGEST_CELL:
        raise IntakeError(
            f"Line {number} has a cell of more than {LONGEST_CELL:,} characters, "
            "which is the limit; shorten it or leave that column out."
        )


def _refuse_long_cells(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_CELL and _longest_cell(line) > LONGEST_CELL:
            _refuse_long_line(line, number)


def _longest_cell(line: str) -> int:
    return max(map(len, re.split(r"[,;\t|\s]", line)))

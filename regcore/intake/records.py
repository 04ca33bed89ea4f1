"""Text to rows of cells with their line numbers; stray quotes do not swallow rows."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NoReturn

from regcore.intake.dialect import Dialect
from regcore.intake.limits import LONGEST_CELL
from regcore.intake.refusals import IntakeError
from regcore.intake.watch import CUT, told

# A row of the wrong width over more lines than these was swallowed by a quote.
MANY_LINES = 20
TOLD_EVERY = 1 << 10
BLANK = ("\n", "\r\n")


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

    def merge(self, other: "Records") -> "Records":
        """Return both in the order of lines; where both have a row, the other's."""
        rows = dict(zip(self.lines, self.rows, strict=True))
        rows |= dict(zip(other.lines, other.rows, strict=True))
        lines = sorted(rows)
        return Records(
            [rows[line] for line in lines],
            lines,
            sorted([*self.stray, *other.stray]),
            sorted([*self.blank, *other.blank]),
            sorted([*self.empty, *other.empty]),
        )

    def between(self, first: int, last: int) -> "Records":
        """Return what stands at lines from the first to the last."""
        gaps = (
            [line for line in lines if first <= line <= last]
            for lines in (self.stray, self.blank, self.empty)
        )
        kept = self.only(lambda line, _: first <= line <= last)
        return Records(kept.rows, kept.lines, *gaps)

    def only(self, wanted: Callable[[int, list[str]], bool]) -> "Records":
        """Return the rows that are wanted by line and cells, and nothing else."""
        pairs = zip(self.lines, self.rows, strict=True)
        kept = [(line, row) for line, row in pairs if wanted(line, row)]
        return Records([row for _, row in kept], [line for line, _ in kept])


def read_records(
    lines: Sequence[str],
    dialect: Dialect,
    width: int,
    numbers: Sequence[int] | None = None,
) -> Records:
    """All rows of a text, with the numbers of its lines, if those do not start at 1."""
    numbers = numbers or range(1, len(lines) + 1)
    for line, number in zip(lines, numbers, strict=True):
        if len(line) > LONGEST_CELL and _longest_cell(line) > LONGEST_CELL:
            refuse_long_cell(number)
    records = Records()
    at = 0
    while at < len(lines):
        at = read_from(lines, at, dialect, width, records, numbers)
    return records


def read_from(
    lines: Sequence[str],
    at: int,
    dialect: Dialect,
    width: int,
    records: Records,
    numbers: Sequence[int],
    enough: Callable[[int], bool] = lambda _: False,
) -> int:
    """Read until the end or a stray quote; return the line index to go on from.

    `enough` may end it before a row, given the index of the line where that starts.
    """
    fed = _Feed(lines, at)
    reader = dialect.reader(fed)
    while not enough(start := fed.at):
        if start < len(lines) and lines[start] in BLANK:
            records.blank.append(numbers[start])
            fed.at += 1
            continue
        row = _next_row(reader, fed, numbers)
        if row is None:
            return len(lines)
        if _spoilt(row, lines[start : fed.at], dialect, width) or fed.exhausted:
            swallowed = fed.exhausted or fed.at - start > MANY_LINES
            mended = _mended(lines[start], dialect, width, force=swallowed)
            if mended is not None:
                records.add(mended, numbers[start])
                records.stray.append(numbers[start])
                if fed.exhausted or fed.at - start > 1:
                    return start + 1
                continue
        records.add(row, numbers[start])
    return start


def _next_row(
    reader: Iterator[list[str]], fed: "_Feed", numbers: Sequence[int]
) -> list[str] | None:
    start = fed.at
    try:
        return next(reader, None)
    except csv.Error:
        # A quote that never closes hides more than the csv reader takes.
        if len(fed.lines[start]) > LONGEST_CELL:
            refuse_long_cell(numbers[start])
        fed.exhausted = True
    return []


def _spoilt(row: list[str], lines: Sequence[str], dialect: Dialect, width: int) -> bool:
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
            if self.at % TOLD_EVERY == 0:
                told(CUT * self.at / len(self.lines))
            yield self.lines[self.at - 1]
        self.exhausted = True


def _mended(
    line: str, dialect: Dialect, width: int, *, force: bool
) -> list[str] | None:
    """Cells of one line under other readings of its quotes, if one fits the width."""
    if dialect.separator == " ":
        return line.split() if force else None
    bare = line.rstrip("\r\n")
    for cell in _cell_patterns(dialect.separator):
        cells = _cells(bare, cell, dialect.separator)
        if len(cells) == width:
            return cells
    literal = bare.split(dialect.separator)
    return literal if force or len(literal) == width else None


@cache
def _cell_patterns(separator: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Two readings of a cell: quotes within it are doubled, or they are not."""
    mark = re.escape(separator)
    return (
        re.compile(rf'[ ]*"((?:[^"]|"")*)"[ ]*(?={mark}|$)|([^{mark}]*)'),
        re.compile(rf'[ ]*"(.*?)"[ ]*(?={mark}|$)|([^{mark}]*)'),
    )


def _cells(line: str, cell: re.Pattern[str], separator: str) -> list[str]:
    cells, at = [], 0
    while match := cell.match(line, at):
        quoted, bare = match.groups()
        cells.append(_unquoted(bare) if quoted is None else quoted.replace('""', '"'))
        if match.end() >= len(line):
            break
        at = match.end() + len(separator)
        if at == len(line):
            return [*cells, ""]
    return cells


def _unquoted(cell: str) -> str:
    """Drop a quote that opens the cell and never closes."""
    return cell[1:] if cell.startswith('"') and cell.count('"') == 1 else cell


def refuse_long_cell(line: int) -> NoReturn:
    """Refuse a cell over the limit."""
    raise IntakeError(
        f"Line {line} has a cell of more than {LONGEST_CELL:,} characters, "
        "which is the limit; shorten it or leave that column out."
    )


def _longest_cell(line: str) -> int:
    return max(map(len, re.split(r"[,;\t|\s]", line)))

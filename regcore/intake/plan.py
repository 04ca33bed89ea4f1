"""How a file is cut and laid out: what the user said, and guesses for the rest."""

from dataclasses import dataclass, fields
from numbers import Integral
from typing import cast, get_args, get_origin

import numpy as np

from regcore.intake import layout
from regcore.intake.dialect import (
    SPELLED,
    Dialect,
    directive,
    guess_dialect,
    usual_width,
)
from regcore.intake.head import Head, lacks_first_name, weigh_head
from regcore.intake.layout import Layout
from regcore.intake.records import Records, read_records
from regcore.intake.refusals import IntakeError


@dataclass(frozen=True)
class Reading:
    r"""How a file is read; None is a guess. Rows are given by their line number.

    Parameters
    ----------
    encoding : name of a Python codec
    delimiter : one character; a space stands for any run of white space
    decimal : "." or ",", decides cells such as 1,234 that could be meant either way
    header_row : line where the header starts; 0 means that the file has none
    header_rows : number of rows that the names are spread over
    first_row, last_row : line of the first and the last row of data
    missing : texts that stand for no value in every column, such as "unknown" or "-999"
    values : texts that are values, where they would be taken for no value
    decimals : pairs of a column and its decimal sign, where not that of the file
    unnamed_first : whether the first column has no name, as row names in R
    sheet : name of the sheet of a workbook, or of the file in an archive of several

    Raises
    ------
    IntakeError
        one sentence, if a value is of another kind

    Examples
    --------
    >>> import regcore
    >>> reading = regcore.Reading(decimal=",")
    >>> intake = regcore.read(b"a;b\n1,234;x\n5,678;y\n", reading=reading)
    >>> intake.table["a"].tolist()
    [1.234, 5.678]
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header_row: int | None = None
    header_rows: int | None = None
    first_row: int | None = None
    last_row: int | None = None
    missing: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    decimals: tuple[tuple[str, str], ...] = ()
    unnamed_first: bool | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            if not _is_a(getattr(self, field.name), field.type):
                raise IntakeError(f"A reading has no such «{field.name}».")
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise IntakeError("The separator must be one character.")
        if not {self.decimal, *dict(self.decimals).values()} <= {None, ".", ","}:
            raise IntakeError("The decimal sign must be a point or a comma.")


def _is_a(value: object, kind: object) -> bool:
    """Whether a value is of an annotated kind; whole numbers are not negative."""
    parts = get_args(kind)
    if get_origin(kind) is tuple:
        if not isinstance(value, tuple):
            return False
        kinds = parts[:1] * len(value) if parts[-1] is ... else parts
        return len(kinds) == len(value) and all(map(_is_a, value, kinds))
    if parts:
        return any(_is_a(value, part) for part in parts)
    if kind is int:
        return isinstance(value, Integral) and int(value) >= 0
    return isinstance(value, cast(type, kind))


def cut(lines: list[str], reading: Reading) -> tuple[Records, Dialect, list[str]]:
    """Rows of the text, how they were cut, and what to say about it."""
    notes = []
    asked = reading.delimiter
    skip = directive(lines[0]) if lines else None
    if skip is not None and asked in (None, skip):
        notes.append(f"Line 1 names the separator, {_spelled(skip)}, and was skipped.")
        asked = skip
        lines[0] = "\n"
    dialect = guess_dialect(lines, asked)
    records = read_records(lines, dialect, usual_width(lines, dialect))
    if not records.rows:
        raise IntakeError("The file holds no values; upload a table with rows.")
    several = layout.usual_width(records.rows) > 1
    if asked is None and several and not dialect.certain:
        notes.append(
            f"The separator was taken to be {_spelled(dialect.separator)}, "
            "which is a guess."
        )
    if dialect.escape:
        notes.append("Backslashes were taken as escapes.")
    if dialect.quote != '"':
        notes.append("Single quotes were taken as the quotes around cells.")
    return records, dialect, notes


def plan_layout(records: Records, reading: Reading) -> Layout:
    """Where the header and the data are: as asked for, the rest guessed."""
    rows, lines = records.rows, records.lines
    width = layout.usual_width(rows)
    header, first = _head(records, reading, width)
    unnamed = reading.unnamed_first
    if unnamed is None:
        unnamed = lacks_first_name(rows, header, first, width)
    end = len(rows)
    if reading.last_row is not None:
        end = int(np.searchsorted(lines, reading.last_row, side="right"))
    width = max([width, *(len(rows[at]) for at in header)])
    comments = tuple(
        at
        for at in range(first, end)
        if len(rows[at]) < width and layout.is_comment(rows[at], width)
    )
    names = [cell for at in header[:1] for cell in rows[at]]
    repeated = layout.repeated_headers(rows, names, first, end)
    second = bool(repeated) and reading.last_row is None
    if second:
        # What follows may be another table altogether: the user decides.
        end, repeated = repeated[0], ()
        comments = tuple(at for at in comments if at < end)
    footer = None
    if first < end and reading.last_row is None and not second:
        footer = layout.footer_start(rows, width, _after_blank(records), first)
    return Layout(
        header, first, end, width, comments, repeated, second, footer, unnamed
    )


def _head(records: Records, reading: Reading, width: int) -> tuple[range, int]:
    """Positions of the lines of names and of the first row of data."""
    rows, lines = records.rows, records.lines
    start = _header_start(records, reading, width)
    said = reading.header_row is not None
    told = said and None not in (reading.header_rows, reading.first_row)
    nameless = reading.header_row == 0
    head = None if told or nameless else weigh_head(rows, start, width, said=said)
    if head is None:
        headed = not nameless if said else _is_headed(rows, start, width)
        known = reading.header_rows if told else None
        count = (known or layout.header_rows(rows, start, width)) if headed else 0
        head = Head(range(start, start + count), start + count)
    names, first = head.names, head.first
    if reading.header_rows and names:
        names = range(names.start, min(names.start + reading.header_rows, len(rows)))
        first = max(first, names.stop)
    if reading.first_row is not None:
        first = _position(lines, reading.first_row, 0)
        if not said and first <= names.start:
            # Data that start above the guess have their names in the line above.
            names = range(max(0, first - 1), first)
        first = max(first, names.stop)
    return names, first


def _header_start(records: Records, reading: Reading, width: int) -> int:
    rows, lines = records.rows, records.lines
    if reading.header_row:
        return _position(lines, reading.header_row, 0)
    line = reading.first_row if reading.header_row == 0 else None
    return _position(lines, line, layout.find_start(rows, width))


def _is_headed(rows: list[list[str]], start: int, width: int) -> bool:
    return len(rows) - start < 2 or layout.header_evidence(rows, start, width) >= 0


def _position(lines: list[int], line: int | None, least: int) -> int:
    """Position of the row that starts at a line or after it."""
    if line is None:
        return least
    return min(max(int(np.searchsorted(lines, line)), least), len(lines) - 1)


def _after_blank(records: Records) -> set[int]:
    """Positions of rows that follow a blank line or a row of empty cells."""
    gaps = records.blank + records.empty
    return set(np.unique(np.searchsorted(records.lines, gaps)).tolist())


def _spelled(mark: str) -> str:
    return SPELLED.get(mark, f"«{mark}»")

"""Any CSV file to a table: the order of the steps, the limits and the notes."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore import layout, numbers
from regcore.decoding import decode
from regcore.dialect import (
    SPELLED,
    Dialect,
    directive,
    guess_dialect,
    split_lines,
    usual_width,
)
from regcore.layout import Layout
from regcore.ragged import fit_rows, layout_notes, text_table, unique_names
from regcore.records import Records, read_records
from regcore.refusals import IntakeError, refuse_other_files

__all__ = ["Intake", "IntakeError", "Reading", "read"]

MOST_BYTES = 200_000_000
MOST_COLUMNS = 5_000
MOST_CELLS = 50_000_000


@dataclass(frozen=True)
class Reading:
    """How a file is read; None is a guess. Rows are given by their line number.

    Parameters
    ----------
    encoding : name of a Python codec
    delimiter : one character; a space stands for any run of white space
    decimal : "." or ",", decides cells such as 1,234 that could be meant either way
    header_row : line where the header starts; 0 means that the file has none
    header_rows : number of rows that the names are spread over
    first_row, last_row : line of the first and the last row of data
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header_row: int | None = None
    header_rows: int | None = None
    first_row: int | None = None
    last_row: int | None = None


@dataclass(frozen=True)
class Intake:
    """A table, what was guessed or changed on the way, and the reading used."""

    table: pd.DataFrame
    notes: tuple[str, ...]
    reading: Reading


def read(raw: bytes, filename: str = "", reading: Reading | None = None) -> Intake:
    """Table from the bytes of any CSV file.

    Parameters
    ----------
    raw : the whole file
    filename : not used to decide anything: content does
    reading : what is known; the rest is guessed

    Returns
    -------
    Intake
        Its table has different text names, int64, float64 and text columns.

    Raises
    ------
    IntakeError
        One sentence, if the file is no table or over a limit.
    """
    reading = reading or Reading()
    _refuse_size(raw)
    refuse_other_files(raw)
    decoded = decode(raw, reading.encoding)
    lines = split_lines(decoded.text)
    notes = list(decoded.notes)
    reading = replace(reading, encoding=decoded.encoding)
    skip = directive(lines[0]) if lines else None
    if skip is not None and reading.delimiter in (None, skip):
        reading = replace(reading, delimiter=skip)
        notes.append(f"Line 1 names the separator, {_spelled(skip)}, and was skipped.")
        lines[0] = "\n"
    dialect = guess_dialect(lines, reading.delimiter)
    if reading.delimiter is None and not dialect.certain:
        notes.append(
            f"The separator was taken to be {_spelled(dialect.separator)}, "
            "which is a guess."
        )
    if dialect.escape:
        notes.append("Backslashes were taken as escapes.")
    records = _records(lines, dialect)
    return _tabulate(records, replace(reading, delimiter=dialect.separator), notes)


def _spelled(mark: str) -> str:
    return SPELLED.get(mark, f"«{mark}»")


def _refuse_size(raw: bytes) -> None:
    if not raw.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise IntakeError("The file is empty; upload a table with a header and rows.")
    if len(raw) > MOST_BYTES:
        raise IntakeError(
            f"The file has {len(raw) / 1e6:,.0f} MB and the limit is "
            f"{MOST_BYTES / 1e6:,.0f} MB; leave out rows or columns you do not need."
        )


def _records(lines: list[str], dialect: Dialect) -> Records:
    records = read_records(lines, dialect, usual_width(lines, dialect))
    if not records.rows:
        raise IntakeError("The file holds no values; upload a table with rows.")
    return records


def _tabulate(records: Records, reading: Reading, notes: list[str]) -> Intake:
    plan = _plan(records, reading)
    rows, lines = records.rows, records.lines
    header = layout.join_header([rows[at] for at in plan.header], plan.width)
    _refuse_shape(plan, len(rows))
    notes += layout_notes(records, plan)
    skipped = {*plan.comments, *plan.repeated}
    kept = [at for at in range(plan.first, plan.last) if at not in skipped]
    body = [rows[at] for at in kept]
    if not body:
        raise IntakeError("The file has names but no rows; upload one with data.")
    body_lines = np.array([lines[at] for at in kept])
    notes += fit_rows(body, body_lines, plan.width)
    names, renamed = unique_names(header if plan.header else [""] * plan.width)
    notes += renamed if plan.header else []
    text = text_table(body, names)
    decimal = reading.decimal or numbers.guess_decimal(text, reading.delimiter)
    columns = [numbers.read_column(text[name], decimal) for name in names]
    notes += numbers.describe(columns, lambda at: f"line {body_lines[at]}", names)
    table = pd.DataFrame({n: c.cells for n, c in zip(names, columns, strict=True)})
    used = replace(
        reading,
        decimal=decimal,
        header_row=lines[plan.header.start] if plan.header else 0,
        header_rows=len(plan.header),
        first_row=int(body_lines[0]),
        last_row=int(lines[plan.last - 1]),
    )
    return Intake(table, tuple(notes), used)


def _plan(records: Records, reading: Reading) -> Layout:
    """Where the header and the data are: as asked for, the rest guessed."""
    rows, lines = records.rows, records.lines
    width = layout.usual_width(rows)
    start, headed = _header_start(records, reading, width)
    count = 0
    if headed:
        count = reading.header_rows or layout.header_rows(rows, start, width)
        count = min(count, len(rows) - start)
    first = _position(lines, reading.first_row, start + count)
    end = len(rows)
    if reading.last_row is not None:
        end = int(np.searchsorted(lines, reading.last_row, side="right"))
    header = range(start, start + count)
    width = max([width, *(len(rows[at]) for at in header)])
    comments = tuple(
        at
        for at in range(first, end)
        if len(rows[at]) < width and layout.is_comment(rows[at], width)
    )
    names = [cell for at in header[:1] for cell in rows[at]]
    repeated = layout.repeated_headers(rows, names, first, end)
    footer = None
    if first < end and reading.last_row is None:
        footer = layout.footer_start(rows, width, _after_blank(records), first)
    return Layout(header, first, end, width, comments, repeated, footer)


def _header_start(records: Records, reading: Reading, width: int) -> tuple[int, bool]:
    rows, lines = records.rows, records.lines
    if reading.header_row:
        return _position(lines, reading.header_row, 0), True
    if reading.header_row == 0:
        return _position(
            lines, reading.first_row, layout.find_start(rows, width)
        ), False
    start = layout.find_start(rows, width)
    if len(rows) - start < 2:
        return start, True
    return start, layout.header_evidence(rows, start, width) >= 0


def _position(lines: list[int], line: int | None, least: int) -> int:
    """Position of the row that starts at a line or after it."""
    if line is None:
        return least
    return min(max(int(np.searchsorted(lines, line)), least), len(lines) - 1)


def _after_blank(records: Records) -> set[int]:
    """Positions of rows that follow a blank line or a row of empty cells."""
    gaps = records.blank + records.empty
    return {int(at) for at in np.searchsorted(records.lines, gaps)}


def _refuse_shape(plan: Layout, rows: int) -> None:
    if plan.width > MOST_COLUMNS:
        raise IntakeError(
            f"The table has {plan.width:,} columns and the limit is {MOST_COLUMNS:,}; "
            "leave out columns you do not need."
        )
    if plan.width * rows > MOST_CELLS:
        raise IntakeError(
            f"The table has {plan.width * rows:,} cells and the limit is "
            f"{MOST_CELLS:,}; leave out rows or columns you do not need."
        )

"""Any CSV file to a table: the order of the steps, the limits and the notes."""

import codecs
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.intake import layout, numbers
from regcore.intake.bulk import MOST_IRREGULAR, read_bulk
from regcore.intake.decoding import decode
from regcore.intake.dialect import split_lines
from regcore.intake.limits import refuse_shape, refuse_size, refuse_wide_lines
from regcore.intake.number_notes import describe
from regcore.intake.plan import Reading, cut, plan_layout
from regcore.intake.ragged import fit_rows, layout_notes, text_table, unique_names
from regcore.intake.records import Records
from regcore.intake.refusals import IntakeError, refuse_other_files

__all__ = ["Intake", "IntakeError", "Reading", "read"]

BULK_BYTES = 20_000


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
    filename : what the file is called; how it is read follows from its content alone
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
    refuse_size(raw)
    refuse_other_files(raw)
    refuse_wide_lines(raw, reading.delimiter)
    if len(raw) > BULK_BYTES and reading.encoding in (None, "utf-8", "utf-8-sig"):
        # Decoding 150 MB to find that it is UTF-8 takes as long as reading it.
        marked = raw.startswith(codecs.BOM_UTF8)
        guessed = "utf-8-sig" if marked else "utf-8"
        intake = _large(raw, reading.encoding or guessed, reading, ())
        if intake is not None:
            return intake
    decoded = decode(raw, reading.encoding)
    if len(raw) > BULK_BYTES and decoded.encoding not in ("utf-8", "utf-8-sig"):
        utf8 = decoded.text.encode("utf-8", "replace")
        intake = _large(utf8, decoded.encoding, reading, decoded.notes)
        if intake is not None:
            return intake
    lines = split_lines(decoded.text)
    records, dialect, notes = cut(lines, reading)
    used = replace(reading, encoding=decoded.encoding)
    return _tabulate(records, used, dialect.separator, [*decoded.notes, *notes])


def _large(
    raw: bytes, encoding: str, reading: Reading, notes: tuple[str, ...]
) -> Intake | None:
    """Read a large file in one go, if that gives just what reading by rows does."""
    done = read_bulk(raw, reading)
    if done is None:
        return None
    plan = done.plan
    header = layout.join_header(done.header, plan.width)
    names, renamed = unique_names(header)
    said = [*notes, *done.notes, *(renamed if plan.header else [])]
    said += describe(done.columns, done.where, names)
    pairs = zip(names, done.columns, strict=True)
    table = pd.DataFrame({name: column.cells for name, column in pairs}, copy=False)
    return Intake(table, tuple(said), replace(done.reading, encoding=encoding))


def _tabulate(
    records: Records, reading: Reading, separator: str, notes: list[str]
) -> Intake:
    plan = plan_layout(records, reading)
    rows, lines = records.rows, records.lines
    header = layout.join_header([rows[at] for at in plan.header], plan.width)
    refuse_shape(plan.width, len(rows))
    notes += layout_notes(records, plan)
    skipped = {*plan.comments, *plan.repeated}
    kept = [at for at in range(plan.first, plan.last) if at not in skipped]
    body = [rows[at] for at in kept]
    if not body:
        raise IntakeError("The file has names but no rows; upload one with data.")
    if reading.delimiter is None:
        _refuse_irregular(body, plan.width)
    fitting = layout.blank_names_last(header, body)
    if fitting != header:
        header = fitting
        notes.append(
            "The header has more cells than the rows; its empty ones were moved to the "
            "end, so that the names stand above their cells."
        )
    body_lines = np.array([lines[at] for at in kept])
    notes += fit_rows(body, body_lines, plan.width)
    names, renamed = unique_names(header)
    notes += renamed if plan.header else []
    text = text_table(body, names)
    cells = [text[name] for name in names]
    decimal = reading.decimal or numbers.guess_decimal(cells, separator)
    columns = [numbers.read_column(column, decimal) for column in cells]
    notes += describe(columns, lambda at: f"line {body_lines[at]}", names)
    table = pd.DataFrame({n: c.cells for n, c in zip(names, columns, strict=True)})
    used = replace(
        reading,
        delimiter=separator,
        decimal=decimal,
        header_row=lines[plan.header.start] if plan.header else 0,
        header_rows=len(plan.header),
        first_row=int(body_lines[0]),
        last_row=int(lines[plan.last - 1]),
    )
    return Intake(table, tuple(notes), used)


def _refuse_irregular(rows: list[list[str]], width: int) -> None:
    """Refuse text that no separator cuts into rows of one width."""
    widths = sorted(map(len, rows))
    usual = layout.usual_width(rows)
    other = sum(width != usual for width in widths)
    lone = usual == 1 < width
    if len(rows) > 5 and (lone or other > MOST_IRREGULAR * len(rows)):
        raise IntakeError(
            f"This is no regular table: its rows have {widths[0]} to {widths[-1]} "
            "cells; choose the separator and the header line, or mend the file."
        )
    aligned = sum(map(layout.is_aligned, rows))
    if usual == 1 and aligned > 0.5 * len(rows):
        raise IntakeError(
            "The columns seem to be aligned with spaces, which does not tell where "
            "empty cells are; save the table with commas between the cells."
        )

"""The cells of a table as text, from the bytes of the file: header, rows, what is odd.

The first rows are read one by one: they show how the text is cut and where the table
starts. Arrow cuts the rest in one go. Where that shows another layout than the first
rows did, and where it does not know how the text is cut, all rows are read one by one.
"""

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, replace

import numpy as np

from regcore.intake import layout
from regcore.intake.arrow import SAMPLE, parse
from regcore.intake.assembly import assemble
from regcore.intake.cut import Cut
from regcore.intake.dialect import Dialect, split_lines
from regcore.intake.layout import Layout
from regcore.intake.limits import refuse_shape
from regcore.intake.numbers import weigh_decimal
from regcore.intake.plan import Reading, cut, plan_layout
from regcore.intake.ragged import fit_rows, layout_notes, text_columns
from regcore.intake.records import Records
from regcore.intake.refusals import IntakeError
from regcore.intake.repairs import Repair, head_repairs, other_tables
from regcore.intake.several import Other, goes_on, one_table
from regcore.intake.watch import room_one_by_one

HEAD_BYTES = 1 << 17
HEAD_LINES = 30
HEAD_TRIES = 1_000
# With more rows of another width than this share, the text is no regular table.
MOST_IRREGULAR = 0.4


@dataclass(frozen=True)
class Body:
    """The rows of a table as text, and how they were found.

    Attributes
    ----------
    columns : as they were cut; the rows in any order
    again : columns at some places, anew as text
    lines : the line where each row starts
    header : cells of the header, one a column
    used : the reading, with all that was guessed but the decimal sign
    repairs : guesses on where the names and the rows are
    place : what a row is counted as
    exact : positions of columns whose numbers were no text before, so have a point
    sheets : what the table was chosen from, if there are several in the file
    opening : the first lines, if there are lines
    """

    columns: list[Cut]
    lines: np.ndarray
    header: list[str]
    used: Reading
    notes: list[str]
    repairs: list[Repair]
    place: str = "line"
    exact: frozenset[int] = frozenset()
    sheets: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    again: Callable[[Sequence[int]], list[Cut]] = lambda _: []


def read_body(data: bytes, reading: Reading) -> Body:
    """Cut UTF-8 text into the rows of a table."""
    end = _head_end(data)
    records, dialect, notes = cut(split_lines(data[:end].decode(), "\n"), reading)
    if end < len(data):
        body = _from_bytes(data, records, dialect, reading)
        if body is not None:
            return replace(body, notes=notes + body.notes)
        room_one_by_one(data, dialect.separator)
        records, dialect, notes = cut(split_lines(data.decode(), "\n"), reading)
    body = body_of_rows(records, dialect, reading)
    return replace(body, notes=notes + body.notes)


def _head_end(data: bytes) -> int:
    """Position after the first lines, not within a quoted cell."""
    size = HEAD_BYTES
    while data.count(b"\n", 0, size) < HEAD_LINES and size < len(data):
        size *= 2
    if size >= len(data):
        return len(data)
    end = size
    for _ in range(HEAD_TRIES):
        end = data.rfind(b"\n", 0, end)
        if end < 0 or data.count(b'"', 0, end) % 2 == 0:
            break
    return end + 1 if end >= 0 else len(data)


def body_of_rows(records: Records, dialect: Dialect, reading: Reading) -> Body:
    """Return the body of a table of which all rows are known."""
    records, others = _one_table(records, reading)
    plan = plan_layout(records, reading)
    rows, lines = records.rows, records.lines
    refuse_shape(plan.width, len(rows))
    notes = [other.note for other in others]
    notes += layout_notes(records, plan, lines[plan.last :])
    skipped = {*plan.comments, *plan.repeated}
    kept = [at for at in range(plan.first, plan.last) if at not in skipped]
    body = [rows[at] for at in kept]
    _refuse_no_rows(body)
    if reading.delimiter is None:
        _refuse_irregular(body, plan.width)
    header = _names(rows, plan)
    fitting = layout.blank_names_last(header, body)
    if fitting != header:
        notes.append(
            "The header has more cells than the rows; its empty ones were moved to the "
            "end, so that the names stand above their cells."
        )
    at_lines = np.array([lines[at] for at in kept])
    notes += fit_rows(body, at_lines, plan.width)
    used = _used(reading, dialect, records, plan, at_lines)
    columns = [Cut([column]) for column in text_columns(body, plan.width)]
    repairs = [*other_tables(others, reading), *head_repairs(lines, plan, reading)]
    return Body(columns, at_lines, fitting, used, notes, repairs)


def _from_bytes(
    data: bytes, head: Records, dialect: Dialect, reading: Reading
) -> Body | None:
    """Return the body of a table whose first rows are known, if it goes on so."""
    if _one_table(head, reading)[1]:
        return None
    guess = plan_layout(head, replace(reading, last_row=head.lines[-1]))
    sample = head.rows[guess.first : guess.last]
    if not _is_regular(sample, guess, dialect):
        return None
    first, width = head.lines[guess.first], guess.width
    start = _line_start(data, first - 1)
    refuse_shape(width, _fewest_rows(data, start, head.lines[-1] - first))
    names = head.rows[guess.header.start] if guess.header else []
    names = names if layout.can_repeat(names) else []
    decimal = reading.decimal or _decimal(sample, guess, dialect)
    parsed = parse(data, start, first, dialect, width, names, decimal)
    if parsed is None:
        return None
    gaps = parsed.records.blank + parsed.records.empty
    if reading.last_row is None and not goes_on(data, start, first, gaps, dialect):
        return None
    done = assemble(parsed, names, reading.last_row)
    _refuse_no_rows(done.lines)
    refuse_shape(width, len(done.lines))
    before = head.between(0, first - 1)
    known = replace(before, rows=head.rows, lines=head.lines)
    records = known.merge(done.records)
    # Where the table starts is known; what is below may change all else.
    start_known = replace(
        reading,
        header_row=head.lines[guess.header.start] if guess.header else 0,
        header_rows=len(guess.header),
        first_row=first,
    )
    plan = plan_layout(records, start_known)
    found = plan.width, plan.header, plan.first, plan.second
    same = found == (width, guess.header, guess.first, done.ended)
    if not same or done.other > MOST_IRREGULAR * len(done.lines):
        return None
    header = _names(records.rows, plan)
    notes = layout_notes(records, plan, done.below) + done.notes
    used = _used(reading, dialect, records, plan, done.lines)
    repairs = [*head_repairs(records.lines, plan, reading)]
    body = Body(done.columns, done.lines, header, used, notes, repairs)
    return replace(body, again=done.again)


def _decimal(rows: list[list[str]], plan: Layout, dialect: Dialect) -> str:
    """Guess the decimal sign from the first rows."""
    full = [row for row in rows if len(row) == plan.width]
    some = full[:: max(1, len(full) // SAMPLE)]
    return weigh_decimal(text_columns(some, plan.width), dialect.separator)[0]


def _one_table(records: Records, reading: Reading) -> tuple[Records, list[Other]]:
    anchor = reading.header_row or reading.first_row or reading.last_row
    return one_table(records, anchor, reading.last_row)


def _names(rows: list[list[str]], plan: Layout) -> list[str]:
    header = [rows[at] for at in plan.header]
    if plan.unnamed_first:
        header = [["", *row] for row in header]
    return layout.join_header(header, plan.width)


def _is_regular(rows: list[list[str]], plan: Layout, dialect: Dialect) -> bool:
    """Whether the first rows are such that Arrow would cut them likewise."""
    full = [row for row in rows if len(row) == plan.width]
    aligned = plan.width == 1 and any(map(layout.is_aligned, full))
    known = dialect.separator != " " and not dialect.escape
    usual = layout.usual_width(rows) == plan.width
    return known and usual and not aligned and len(full) > 1


def _line_start(data: bytes, lines: int, at: int = 0) -> int:
    """Position of the first byte after some lines."""
    for _ in range(lines):
        at = data.index(b"\n", at) + 1
    return at


def _fewest_rows(data: bytes, start: int, lines: int) -> int:
    """Estimate from below how many rows follow, from the size of the first lines."""
    size = _line_start(data, lines, start) - start
    return (len(data) - start) * lines // (2 * max(1, size))


def _used(
    reading: Reading,
    dialect: Dialect,
    records: Records,
    plan: Layout,
    lines: np.ndarray,
) -> Reading:
    """Return what was used for what was asked."""
    return replace(
        reading,
        delimiter=dialect.separator,
        header_row=records.lines[plan.header.start] if plan.header else 0,
        header_rows=len(plan.header),
        first_row=int(lines.min()),
        last_row=int(records.lines[plan.last - 1]),
        unnamed_first=plan.unnamed_first or reading.unnamed_first,
    )


def _refuse_no_rows(rows: Sized) -> None:
    if len(rows) == 0:
        raise IntakeError("The file has names but no rows; upload one with data.")


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

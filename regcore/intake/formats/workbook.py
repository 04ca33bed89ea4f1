"""A workbook: one of its sheets, its numbers and dates as they are in the cells."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from regcore.intake.body import Body, body_of_rows
from regcore.intake.dialect import Dialect
from regcore.intake.formats.extent import refuse_extent
from regcore.intake.formats.packed import (
    DAMAGED,
    bounded,
    damage_said,
    one_of,
    refuse_bomb,
    several_note,
)
from regcore.intake.limits import LONGEST_CELL, MOST_BYTES
from regcore.intake.plan import Reading
from regcore.intake.records import TOLD_EVERY, Records, refuse_long_cell
from regcore.intake.refusals import IntakeError
from regcore.intake.watch import CUT, room_for_markup, told
from regcore.words import counted, one_or_many

MOST_MARKUP = 3 * MOST_BYTES
"""Bytes that a workbook unpacks to: each cell stands between some thirty of markup."""
OPENING_ROWS = 100
LARGEST_WHOLE = 10**15
_ERROR = re.compile(rb"<(?:\w+:)?c\s[^>]*\bt=[\"']e[\"']")

Cell: TypeAlias = int | float | str | bool | date | time | timedelta


def read_workbook(raw: bytes, reading: Reading) -> Body:
    """Header and rows of the largest sheet, or of the one that is asked for."""
    parts = _parts(raw)
    try:
        with CalamineWorkbook.from_object(io.BytesIO(_stored(parts))) as book:
            names = _shown(book)
            sheet = _chosen(book, names, reading.sheet)
            records, exact = _records(sheet)
    except PasswordError as error:
        raise IntakeError(
            "The workbook has a password; save it without one, or the sheet as CSV."
        ) from error
    except CalamineError as error:
        raise IntakeError(f"The Excel workbook or OpenDocument is {DAMAGED}") from error
    if not records.rows:
        raise IntakeError("The sheet holds no values; upload a table with rows.")
    asked = replace(reading, encoding=None, delimiter=None)
    body = body_of_rows(records, Dialect(","), asked)
    notes = _error_notes(parts)
    if len(names) > 1 and reading.sheet is None:
        notes = [several_note("workbook", "sheet", names, sheet.name), *notes]
    rows = zip(records.lines, records.rows, strict=True)
    shown = {
        line: " | ".join(row).rstrip(" |") for line, row in rows if line <= OPENING_ROWS
    }
    return replace(
        body,
        used=replace(body.used, delimiter=None, sheet=sheet.name),
        notes=[*notes, *body.notes],
        exact=exact,
        sheets=names if len(names) > 1 else (),
        opening=tuple(shown.get(at, "") for at in range(1, max(shown, default=0) + 1)),
    )


def _parts(raw: bytes) -> dict[str, bytes]:
    """Unpack the files of which a workbook consists, all within a bound."""
    parts: dict[str, bytes] = {}
    left = MOST_MARKUP
    with damage_said("Excel workbook or OpenDocument"):
        archive = zipfile.ZipFile(io.BytesIO(raw))
        for file in archive.infolist():
            if file.file_size > left:
                refuse_bomb(MOST_MARKUP)
            with archive.open(file) as part:
                parts[file.filename] = bounded(part, left)
            left -= len(parts[file.filename])
            room_for_markup(MOST_MARKUP - left)
    return parts


def _stored(parts: dict[str, bytes]) -> bytes:
    """Pack what was looked at, so that nothing else is unpacked of the file."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            refuse_extent(part)
            archive.writestr(name, part)
    return sink.getvalue()


def _shown(book: CalamineWorkbook) -> tuple[str, ...]:
    """Names of the sheets with cells, without those hidden if others are not."""
    sheets = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    shown = [s.name for s in sheets if s.visible == SheetVisibleEnum.Visible]
    names = tuple(shown or [sheet.name for sheet in sheets])
    if not names:
        raise IntakeError("The workbook has no sheet with cells; upload a table.")
    return names


def _chosen(
    book: CalamineWorkbook, names: Sequence[str], asked: str | None
) -> CalamineSheet:
    if asked is not None:
        return book.get_sheet_by_name(one_of(book.sheet_names, asked))
    sheets = map(book.get_sheet_by_name, names)
    return max(sheets, key=lambda sheet: sheet.height * sheet.width)


def _records(sheet: CalamineSheet) -> tuple[Records, frozenset[int]]:
    """Rows of text, and the columns of which most cells are numbers."""
    records = Records()
    numbers = [0] * sheet.width
    filled = [0] * sheet.width
    for line, cells in enumerate(sheet.iter_rows(), 1):
        if line % TOLD_EVERY == 0:
            told(CUT * line / sheet.height)
        row = [*map(_text, cells)]
        records.add(row, line)
        for at, text in enumerate(row):
            filled[at] += text != ""
            numbers[at] += type(cells[at]) in (int, float)
            if len(text) > LONGEST_CELL:
                refuse_long_cell(line)
    last = records.lines[-1] if records.lines else 0
    # Below a table, rows without a value are but formatted.
    records.empty = [line for line in records.empty if line < last]
    records.blank = [line for line in records.blank if line < last]
    most = {at for at, count in enumerate(numbers) if count > 0.5 * (filled[at] - 1)}
    return records, frozenset(at for at in most if numbers[at])


def _text(cell: Cell) -> str:
    """Write a cell so that it is read as what it is."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        whole = cell.time() == time()
        return cell.date().isoformat() if whole else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    whole_number = cell == int(cell) and abs(cell) < LARGEST_WHOLE
    return str(int(cell)) if whole_number else repr(cell)


def _error_notes(parts: dict[str, bytes]) -> list[str]:
    errors = sum(len(_ERROR.findall(part)) for part in parts.values())
    if not errors:
        return []
    hold = one_or_many(errors, "holds", "hold")
    return [
        f"{counted(errors, 'cell')} of the workbook {hold} an error such as #DIV/0!; "
        "where that is in the table, it is a gap."
    ]

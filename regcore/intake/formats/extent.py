"""How far a sheet reaches, from its markup: a reader makes room for every cell."""

import re

from regcore.intake.refusals import IntakeError

MOST_SHEET_CELLS = 20_000_000
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)(\d*)")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_ROWS = re.compile(rb"number-rows-repeated\s*=\s*[\"'](\d+)")
_COLUMNS = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d+)")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell")
_FULL = (b"office:value", b"-value", b"<text:p")


def refuse_extent(part: bytes) -> None:
    """Refuse a part of a workbook in which a few cells lie very far apart."""
    opened = b"<table:table" in part
    rows, columns = _opened_extent(part) if opened else _extent(part)
    if rows * columns > MOST_SHEET_CELLS:
        raise IntakeError(
            f"A sheet reaches over {rows:,} rows and {columns:,} columns and the limit "
            f"is {MOST_SHEET_CELLS:,} cells; delete what lies far from the table, or "
            "save the sheet as CSV."
        )


def _extent(part: bytes) -> tuple[int, int]:
    """Rows and columns of a sheet of Office Open XML; each cell may say where it is."""
    letters, numbers = {b""}, {b"0"}
    for found in _REFERENCE.finditer(part):
        letters.add(found[1])
        numbers.add(found[2] or b"0")
    # Those that do not say it stand one after the other.
    rows = [len(_CELL.findall(row)) for row in _ROW.split(part)[1:]]
    height = max(len(rows), *(int(number[:9]) for number in numbers))
    return height, max(0, *rows, *map(_column, letters))


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters.upper():
        column = 26 * column + letter - 64
    return column


def _opened_extent(part: bytes) -> tuple[int, int]:
    """Rows and columns of the largest OpenDocument sheet, up to its last full ones."""
    extents = [_table_extent(table) for table in part.split(b"<table:table ")[1:]]
    return max(extents, key=lambda extent: extent[0] * extent[1], default=(0, 0))


def _table_extent(table: bytes) -> tuple[int, int]:
    height = width = at = 0
    for row in table.split(b"<table:table-row")[1:]:
        at += _times(_ROWS, row.partition(b">")[0])
        if any(mark in row for mark in _FULL):
            height, width = at, max(width, _row_width(row))
    return height, width


def _row_width(row: bytes) -> int:
    width = at = 0
    for cell in _ODS_CELL.split(row)[1:]:
        at += _times(_COLUMNS, cell.partition(b">")[0])
        if any(mark in cell for mark in _FULL):
            width = at
    return width


def _times(pattern: re.Pattern[bytes], tag: bytes) -> int:
    found = pattern.search(tag)
    return int(found[1][:9]) if found else 1

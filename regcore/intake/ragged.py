"""Rows of unequal length to a table of text, with different names."""

import numpy as np
import pyarrow as pa

from regcore.intake.layout import Layout
from regcore.intake.records import Records
from regcore.words import counted, listed, named

LONGEST_NAME = 1_000


def fit_rows(rows: list[list[str]], lines: np.ndarray, width: int) -> list[str]:
    """Pad short rows and cut long ones, in place; say how many and where."""
    short, long = [], []
    for row, line in zip(rows, lines, strict=True):
        if len(row) < width:
            short.append(line)
            row += [""] * (width - len(row))
        elif len(row) > width:
            long.append(line)
            del row[width:]
    notes = []
    if short:
        notes.append(
            f"{_rows(short)} had fewer than {width} cells; "
            "empty ones were added at the end."
        )
    if long:
        notes.append(
            f"{_rows(long)} had more than {width} cells; those at the end were cut off."
        )
    return notes


def _rows(lines: list[int]) -> str:
    first = ", ".join(str(line) for line in lines[:3])
    if len(lines) == 1:
        return f"1 row (line {first})"
    return f"{len(lines):,} rows (first: line{'s' * (len(lines) > 1)} {first})"


def unique_names(header: list[str]) -> tuple[list[str], list[str]]:
    """Column names, empty ones as col7 and repeated ones numbered, with notes."""
    taken = {name for name in header if name.strip()}
    seen: set[str] = set()
    # From which number on a name may be free: the names above took those before.
    numbers: dict[str, int] = {}
    names, empty, repeated, cut = [], [], [], 0
    for position, name in enumerate(header, 1):
        if len(name) > LONGEST_NAME:
            name, cut = name[:LONGEST_NAME], cut + 1
        if not name.strip():
            name = f"col{position}"
            if name in taken:
                name = _numbered(name, taken, numbers)
            empty.append(name)
        elif name in seen:
            repeated.append(name)
            name = _numbered(name, taken, numbers)
        seen.add(name)
        taken.add(name)
        names.append(name)
    return names, _name_notes(empty, repeated, cut)


def _numbered(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    number = numbers.get(name, 2)
    while f"{name}_{number}" in taken:
        number += 1
    numbers[name] = number + 1
    return f"{name}_{number}"


def _name_notes(empty: list[str], repeated: list[str], cut: int) -> list[str]:
    notes = []
    if empty:
        notes.append(
            f"{counted(len(empty), 'column')} without a name {_was(len(empty))} named "
            f"{listed(empty)}."
        )
    if repeated:
        shown = listed([named(name) for name in dict.fromkeys(repeated)])
        notes.append(f"Repeated column names were numbered: {shown}.")
    if cut:
        names = counted(cut, "column name")
        notes.append(f"{names} {_was(cut)} cut to {LONGEST_NAME:,} characters.")
    return notes


def text_columns(rows: list[list[str]], width: int) -> list[pa.StringArray]:
    """Return rows of one width as columns of text; empty cells are missing."""
    if not rows:
        return [pa.array([], pa.string())] * width
    columns = zip(*rows, strict=True)
    return [
        pa.array([cell or None for cell in column], pa.string()) for column in columns
    ]


def layout_notes(records: Records, plan: Layout, below: list[int]) -> list[str]:
    """Sentences on the header, on what stands above and below, and on gaps.

    `below` are the lines below the data.
    """
    lines = records.lines
    notes = _header_notes(lines, plan)
    if plan.second:
        notes.append(
            f"Line {lines[plan.last]} repeats the header: the table was ended above "
            "it; set the last line of the data to read on."
        )
    elif below:
        notes.append(f"{_lines(below)} below the data {_was(len(below))} skipped.")
    end = range(plan.last if plan.footer is None else plan.footer, plan.last)
    last = [lines[at] for at in end if at not in plan.comments]
    if last:
        them = "it" if len(last) == 1 else "them"
        notes.append(
            f"{_lines(last)} at the end {_looks(len(last))} like a total or a note "
            f"and {_was(len(last))} read as any other; to leave {them} out in any case "
            f"end the data at line {lines[end.start - 1]}."
        )
    for positions, what in (
        (plan.comments, "taken as remarks and skipped"),
        (plan.repeated, "skipped, repeating the header"),
    ):
        if positions:
            text = _lines([lines[at] for at in positions])
            notes.append(f"{text} {_was(len(positions))} {what}.")
    if records.stray:
        notes.append(
            f"{_rows(records.stray)} had a stray quote, "
            "which was taken as an ordinary character."
        )
    return notes + _gap_notes(records, plan)


def _header_notes(lines: list[int], plan: Layout) -> list[str]:
    notes = []
    start = plan.header.start if plan.header else plan.first
    above = lines[:start]
    if above:
        notes.append(f"{_lines(above)} above the table {_was(len(above))} skipped.")
    if not plan.header:
        notes.append(
            "The file has no header line; the columns were named "
            f"col1 to col{plan.width}."
            if plan.width > 1
            else "The file has no header line; the column was named col1."
        )
    elif len(plan.header) > 1:
        notes.append(
            f"The names were joined from {len(plan.header)} header lines, "
            f"{lines[plan.header.start]} to {lines[plan.header.stop - 1]}."
        )
    elif above:
        notes.append(f"The header is line {lines[start]}.")
    if plan.unnamed_first:
        notes.append(
            f"The header has one name fewer than the rows have cells; line "
            f"{lines[start]} was taken to name all columns but the first, which holds "
            "row names."
        )
    between = lines[plan.header.stop : plan.first] if plan.header else []
    if between:
        notes.append(
            f"{_lines(between)} between the names and the first row of data "
            f"{_was(len(between))} taken as labels or types and skipped."
        )
    if plan.width == 1:
        notes.append(
            "The table has one column only; if that is wrong, choose the separator."
        )
    return notes


def _gap_notes(records: Records, plan: Layout) -> list[str]:
    first, last = records.lines[0], records.lines[plan.last - 1]
    notes = []
    blank = [line for line in records.blank if first < line < last]
    if blank:
        text = _lines(blank)
        notes.append(f"{text} {_was(len(blank))} blank and left out.")
    if records.empty:
        text = _lines(records.empty)
        notes.append(f"{text} {_was(len(records.empty))} without a value and left out.")
    return notes


def _lines(lines: list[int]) -> str:
    """«Line 3», «Lines 3 to 5» or «12 lines (first: 3, 9, 11)»."""
    if len(lines) == 1:
        return f"Line {lines[0]}"
    if lines[-1] - lines[0] == len(lines) - 1:
        return f"Lines {lines[0]} to {lines[-1]}"
    first = ", ".join(str(line) for line in lines[:3])
    return f"{len(lines):,} lines (first: {first})"


def _looks(count: int) -> str:
    return "looks" if count == 1 else "look"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"

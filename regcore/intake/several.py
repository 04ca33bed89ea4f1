"""Several tables in one file, apart from each other by a blank line."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from regcore.intake.cells import is_missing, is_number
from regcore.intake.dialect import Dialect, split_lines
from regcore.intake.layout import filled, find_start, header_evidence, usual_width
from regcore.intake.records import Records, read_records
from regcore.words import counted, listed, named

FEWEST_ROWS = 3
MOST_GAPS = 200
LOOK_AHEAD = 30


@dataclass(frozen=True)
class Other:
    """A table that is left out: its lines, that of its names, and what to say."""

    first: int
    last: int
    names: int
    rows: int
    note: str


@dataclass(frozen=True)
class _Part:
    rows: range
    names: int


def one_table(
    records: Records, anchor: int | None = None, until: int | None = None
) -> tuple[Records, list[Other]]:
    """Return the table with the most rows, and what is known of the others.

    An anchor is a line of the table to return, which goes on to `until` in any case.
    """
    parts = _parts(records)
    if len(parts) < 2:
        return records, []
    lines = records.lines
    chosen = max(parts, key=lambda part: len(part.rows))
    if anchor is not None:
        at = int(np.searchsorted(lines, anchor))
        chosen = next((part for part in parts if at < part.rows.stop), parts[-1])
    last = max(lines[chosen.rows.stop - 1], until or 0)
    others = [
        _other(records, part)
        for part in parts
        if part is not chosen
        and not lines[chosen.rows.start] <= lines[part.names] <= last
    ]
    kept = records.between(lines[chosen.rows.start], last)
    return kept, others


def goes_on(
    data: bytes, start: int, line: int, gaps: Sequence[int], dialect: Dialect
) -> bool:
    """Whether no other table starts below one of the lines without a value.

    A line above all of them stands at the position `start`.
    """
    known = {*gaps}
    later = [gap for gap in sorted(known) if gap >= line and gap + 1 not in known]
    if not 0 < len(later) <= MOST_GAPS:
        return True
    ends = np.flatnonzero(np.frombuffer(data, np.uint8)[start:] == ord("\n")) + start
    for gap in later:
        first = gap - line
        text = data[ends[first] + 1 : ends[min(first + LOOK_AHEAD, len(ends) - 1)] + 1]
        below = read_records(split_lines(text.decode(), "\n"), dialect, 0)
        stop = _blocks(below)[0].stop if below.rows else 0
        if _names_of(below.rows[:stop]) is not None:
            return False
    return True


def _blocks(records: Records) -> list[range]:
    """Positions of the rows between two gaps."""
    gaps = np.searchsorted(records.lines, [*records.blank, *records.empty])
    count = len(records.rows)
    cuts = [0, *np.unique(gaps[(gaps > 0) & (gaps < count)]).tolist(), count]
    return [range(a, b) for a, b in pairwise(cuts)]


def _parts(records: Records) -> list[_Part]:
    """Tables that have names of their own, each with what stands below it."""
    blocks = _blocks(records)
    if not 1 < len(blocks) <= MOST_GAPS:
        return []
    rows = records.rows
    parts: list[_Part] = []
    titles: int | None = None
    for block in blocks:
        at = _names_of(rows[block.start : block.stop])
        known = (
            parts and at is not None and rows[block.start + at] == rows[parts[0].names]
        )
        if at is not None and not known:
            start = block.start if titles is None else titles
            if parts:
                parts[-1] = _Part(range(parts[-1].rows.start, start), parts[-1].names)
            parts.append(_Part(range(start, block.stop), block.start + at))
        elif parts:
            parts[-1] = _Part(range(parts[-1].rows.start, block.stop), parts[-1].names)
        title = at is None and all(filled(rows[place]) == 1 for place in block)
        titles = block.start if title else None
    return parts


def _names_of(rows: list[list[str]]) -> int | None:
    """Position of the names in rows that are a table of their own, else None."""
    width = usual_width(rows)
    if width < 2 or len(rows) < FEWEST_ROWS:
        return None
    at = find_start(rows, width)
    names = [cell.strip() for cell in rows[at]]
    words = sum(not is_missing(name) and not is_number(name) for name in names)
    fit = len(names) <= width and words == filled(rows[at]) >= max(2, width - 1)
    if not fit or len(rows) - at < FEWEST_ROWS or len({*names}) < len(names):
        return None
    return at if header_evidence(rows, at, width) >= 1 else None


def _other(records: Records, part: _Part) -> Other:
    lines = records.lines
    first, last = lines[part.rows.start], lines[part.rows.stop - 1]
    rows = part.rows.stop - part.names - 1
    names = listed([named(name) for name in records.rows[part.names][:3]])
    note = (
        f"Lines {first} to {last} hold another table, of {counted(rows, 'row')}, which "
        f"was left out; its names start with {names}."
    )
    return Other(first, last, lines[part.names], rows, note)

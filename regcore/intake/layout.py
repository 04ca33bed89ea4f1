"""Rows to table: which row is the header, where the data starts and ends."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, takewhile
from statistics import median

from regcore.intake.cells import (
    is_date,
    is_missing,
    is_number,
    is_plain_number,
    shapes_of,
)

HEADER_SEARCH = 60
BODY_SAMPLE = 200
MOST_HEADER_ROWS = 6
REMARKS = ("#", "!", "%")
TOTAL = re.compile(
    r"(?:grand |sub)?total\b.*|totals|sum|summe|gesamt|insgesamt|totaal|totale|итого"
    r"|всего|合计|总计|合計|總計|計|합계",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Layout:
    """Positions in the list of rows: header rows, then data from first to last.

    `comments` and `repeated` headers are positions inside the data; `second` says
    that the data was ended where another table starts, `unnamed_first` that the names
    stand above the second column and those after it.
    """

    header: range
    first: int
    last: int
    width: int
    comments: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    second: bool = False
    footer: int | None = None
    unnamed_first: bool = False


def usual_width(rows: list[list[str]]) -> int:
    """Commonest number of cells; the wider wins a tie."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def filled(row: list[str]) -> int:
    """Count the cells that hold something."""
    return sum(map(bool, map(str.strip, row)))


def is_comment(row: list[str], width: int) -> bool:
    """Whether a row is a remark: it starts with # and does not fill the table."""
    return row[0].lstrip().startswith(REMARKS) and (filled(row) < width or width == 1)


def _remarks_above(rows: list[list[str]], width: int) -> int:
    """Count the first rows that start with one mark, but for a last one of names."""
    mark = rows[0][0].lstrip()[:1]
    if width == 1 or not mark or mark not in REMARKS:
        return 0
    marked = takewhile(lambda row: row[0].lstrip().startswith(mark), rows)
    count = sum(1 for _ in marked)
    names = count == len(rows) or not is_comment(rows[count - 1], width)
    return count - names


def is_aligned(row: list[str]) -> bool:
    """Whether the first cell seems to hold several, set apart by spaces."""
    return re.search(r"\S {3,}\S", row[0]) is not None


def find_start(rows: list[list[str]], width: int) -> int:
    """Position of the first row that looks like part of the table."""
    above = _remarks_above(rows, width) if rows else 0
    return above + _find_start(rows[above:], width)


def _find_start(rows: list[list[str]], width: int) -> int:
    # The upper quartile, because sparse lines above may outnumber a small table.
    counts = sorted(filled(row) for row in rows)
    typical = counts[3 * (len(counts) - 1) // 4]
    # Titles and «name: value» lines fill one or two cells, headers more.
    enough = min(max(2, 0.5 * typical), 3, width)
    head = [
        not is_comment(row, width) and filled(row) >= enough and len(row) >= 0.3 * width
        for row in rows[: HEADER_SEARCH + 5]
    ]
    for at in range(min(len(rows), HEADER_SEARCH)):
        after = head[at + 1 : at + 6]
        steady = not after or sum(after) >= 0.5 * len(after)
        if head[at] and (steady or _names_all(rows[at], width)):
            break
    else:
        return next((i for i, row in enumerate(rows) if not is_comment(row, width)), 0)
    return _past_titles(rows, width, _with_sparse_names(rows, width, at))


def _names_all(row: list[str], width: int) -> bool:
    """Whether a row gives every column a name of its own."""
    return (
        width > 1 and len(row) == width == len({*map(str.strip, row)} - {""})
    ) and not any(map(is_number, row))


def _with_sparse_names(rows: list[list[str]], width: int, at: int) -> int:
    """Go back to a row with few names when the row found is data like the rest."""
    if at == 0 or len(rows[at - 1]) != width or is_comment(rows[at - 1], width):
        return at
    if header_evidence(rows, at, width) < 0 < header_evidence(rows, at - 1, width):
        return at - 1
    return at


def _past_titles(rows: list[list[str]], width: int, at: int) -> int:
    """Skip title lines whose number of cells differs while a true header follows."""
    for later in range(at, min(at + 5, len(rows) - 1)):
        if len(rows[later]) == width and not is_comment(rows[later], width):
            if (
                later > at
                and _all_words(rows[later])
                and (header_evidence(rows, later, width) >= 1)
            ):
                return later
            break
    return at


def _all_words(row: list[str]) -> bool:
    return not any(map(is_number, row))


def header_evidence(rows: list[list[str]], at: int, width: int) -> float:
    """How much a row differs from the rows below it, column by column.

    Above 0: names; below 0: data like the rest.
    """
    row = rows[at]
    # A header that is repeated below says nothing against itself.
    below = [r for r in rows[at + 1 : at + 1 + BODY_SAMPLE] if r[: len(row)] != row]
    steps = _running_numbers(row)
    evidence = 0.0
    for column in range(min(width, len(row))):
        cells = [r[column].strip() for r in below if column < len(r)]
        present = [cell for cell in cells if not is_missing(cell)]
        if present:
            evidence += _contrast(row[column].strip(), present, steps)
    return evidence


def _running_numbers(row: list[str]) -> bool:
    """Whether the numbers of a row count up evenly, as years in a header do."""
    numbers = [cell.strip() for cell in row if cell.strip().isdecimal()]
    others = [cell for cell in row if is_number(cell) and not cell.strip().isdecimal()]
    if len(numbers) < 3 or others:
        return False
    steps = {int(b) - int(a) for a, b in pairwise(numbers)}
    return len(steps) == 1 and steps != {0}


def _contrast(name: str, cells: list[str], steps: bool) -> float:
    if not name:
        return 0.0
    if _mostly(is_number, cells):
        if not is_number(name):
            return 0.0 if is_missing(name) else 1.0
        return 0.3 if steps and name.isdecimal() else -1.0
    if _mostly(is_date, cells):
        return -1.0 if is_date(name) else 1.0
    return _text_contrast(name, cells)


def _mostly(is_such: Callable[[str], bool], cells: list[str]) -> bool:
    such = sum(count for kind, count in shapes_of(cells).items() if is_such(kind))
    return such > 0.8 * len(cells)


def _text_contrast(name: str, cells: list[str]) -> float:
    """Weigh a column of words: does the name return there, does it look alike."""
    if is_plain_number(name) and len(cells) > 3:
        return -0.2
    kinds = len(set(cells))
    if len(cells) < 3:
        return 0.0
    if kinds == 1:
        return 0.0 if name in cells else 0.5
    if name in cells:
        return -1.0 if len(cells) >= 5 else 0.0
    if len(cells) >= 5 and kinds <= 0.5 * len(cells):
        return 0.5
    shapes = {_shape(cell) for cell in cells}
    if len(shapes) == 1 and len(cells) >= 3:
        return -0.3 if _shape(name) in shapes else 0.3
    return 0.0


def _shape(cell: str) -> str:
    """Make letters and digits alike: «A11» is then like «B20»."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", cell))


def header_rows(rows: list[list[str]], at: int, width: int) -> int:
    """Count the rows that make up the header that starts at a position."""
    body = rows[at + 1 + MOST_HEADER_ROWS :][:BODY_SAMPLE] or rows[-2:]
    numeric = _numeric_columns(body, width)
    count = 1
    while count < MOST_HEADER_ROWS and at + count < len(rows) - 1:
        row = rows[at + count]
        same = width > 1 and row == rows[at]
        if not same and not _only_words(row, numeric):
            break
        count += 1
    return count


def _numeric_columns(rows: list[list[str]], width: int) -> list[int]:
    columns = []
    for column in range(width):
        cells = [row[column] for row in rows if column < len(row)]
        present = [cell for cell in cells if not is_missing(cell)]
        if len(present) >= 2 and _mostly(is_number, present):
            columns.append(column)
    return columns


def _only_words(row: list[str], numeric: list[int]) -> bool:
    """Whether a row has words, and no number, where the data has numbers."""
    cells = [row[column] for column in numeric if column < len(row)]
    words = sum(not is_missing(cell) and not is_number(cell) for cell in cells)
    return words > 0 and not any(map(is_number, row))


def footer_start(
    rows: list[list[str]], width: int, after_blank: set[int], start: int
) -> int:
    """Position of the first of the last rows that look like totals or notes.

    They are kept, because a last row that looks like a note may be data; the user
    is told, and leaves them out with the last row.
    """
    typical = median(filled(row) for row in rows[start:])
    end = len(rows)
    while end > start + 2 and _is_footer(rows, end - 1, width, typical, after_blank):
        end -= 1
    return end


def _is_footer(
    rows: list[list[str]], at: int, width: int, typical: float, after_blank: set[int]
) -> bool:
    row = rows[at]
    texts = [cell.strip() for cell in row if cell.strip()]
    if any(TOTAL.fullmatch(text) for text in texts):
        return len(texts) < width or TOTAL.fullmatch(row[0].strip()) is not None
    if width < 2 or len(texts) > max(1, typical / 3) or any(map(is_number, texts)):
        return False
    prose = max(map(len, texts)) > 25 or ":" in texts[0] or texts[0].endswith(".")
    return typical > 1.5 and (prose or at in after_blank or len(row) == 1)


def can_repeat(header: list[str]) -> bool:
    """Whether a row equal to the header cannot be meant as data."""
    return sum(map(bool, header)) >= 2 and not any(map(is_number, header))


def repeated_headers(
    rows: list[list[str]], header: list[str], start: int, end: int
) -> tuple[int, ...]:
    """Positions of rows that repeat the header, as in files put together."""
    if not can_repeat(header):
        return ()
    size = len(header)
    return tuple(at for at in range(start, end) if rows[at][:size] == header)


def blank_names_last(header: list[str], rows: list[list[str]]) -> list[str]:
    """Move blank names to the end, where the others are just as many as all rows have.

    An extra separator in the header shifts the names behind it away from their cells.
    """
    names = [name for name in header if name.strip()]
    usual = usual_width(rows)
    shifted = len(names) == usual == max(map(len, rows)) < len(header)
    return names + [""] * (len(header) - len(names)) if shifted else header


def join_header(rows: list[list[str]], width: int) -> list[str]:
    """One name per column from the header rows, blank where there is none."""
    if not rows:
        return [""] * width
    if len(rows) == 1:
        return (rows[0] + [""] * width)[:width]
    padded = [(row + [""] * width)[:width] for row in rows]
    # A merged cell of a spreadsheet leaves the cells to its right empty.
    for column in range(1, width):
        lower = any(row[column].strip() for row in padded[1:])
        if lower and not padded[0][column].strip():
            padded[0][column] = padded[0][column - 1]
    names = []
    for cells in zip(*padded, strict=True):
        parts = dict.fromkeys(cell.strip() for cell in cells if cell.strip())
        names.append(" ".join(parts))
    return names

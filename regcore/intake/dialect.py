"""How a text is cut into cells: the separator, quotes and escapes, by score."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from regcore.intake.cells import is_missing, is_number, shapes_of

SEPARATORS = (",", ";", "\t", "|")
# Seldom used, so only believed when nearly every line agrees.
RARE_SEPARATORS = ("^", "~", "\x1f", "\x01")
SAMPLE_CHARACTERS = 1 << 17
SAMPLE_LINES = 600
# A bare separator inside a cell betrays a wrong cut; one before a space is prose.
_BETRAYED = {
    separator: re.compile(
        "|".join(
            re.escape(other) + r"(?!\s|$)" for other in SEPARATORS if other != separator
        )
    )
    for separator in (*SEPARATORS, *RARE_SEPARATORS)
}
_COMMAS_IN_NUMBER = re.compile(r"[^,;\t|]*\d(?:,\d+)+[^,;\t|]*")
SPELLED = {
    ",": "a comma",
    ";": "a semicolon",
    "\t": "a tab",
    "|": "a vertical bar",
    " ": "white space",
    "^": "a caret",
    "~": "a tilde",
    "\x1f": "the control character 1F",
    "\x01": "the control character 01",
}


@dataclass(frozen=True)
class Dialect:
    """Separator (a space: any run of white space) and how quotes are written."""

    separator: str
    escape: bool = False
    skip_space: bool = False
    quote: str = '"'
    certain: bool = True

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Return a csv reader over lines that keep their ends."""
        if self.separator == " ":
            lines = (line.replace("\t", " ").strip(" ") for line in lines)
        return csv.reader(
            lines,
            delimiter=self.separator,
            quotechar=self.quote,
            escapechar="\\" if self.escape else None,
            skipinitialspace=self.skip_space or self.separator == " ",
        )


def split_lines(text: str, newline: str = "") -> list[str]:
    """Lines with their ends, cut at LF, CR and CRLF only, as csv files are."""
    return list(io.StringIO(text, newline=newline))


def directive(first_line: str) -> str | None:
    """Return the separator that a spreadsheet's «sep=;» line names, or None."""
    match = re.fullmatch(r'"?sep=(.)"?[;,\t]*\s*', first_line, re.IGNORECASE)
    return match.group(1) if match else None


def guess_dialect(lines: list[str], separator: str | None = None) -> Dialect:
    """Return the dialect whose cut is most regular, for a given separator or any."""
    sample = _sample(lines)
    if separator is not None:
        return _with_quoting(sample, separator)
    text = "".join(sample)
    scored = [
        # A quote after a blank opens a cell only where such blanks are skipped.
        (_score(sample, Dialect(mark, skip_space=mark + ' "' in text)), mark)
        for mark in SEPARATORS
    ]
    best, mark = max(scored, key=lambda pair: pair[0])
    if best > 0.5:
        return _with_quoting(sample, mark)
    for rare in RARE_SEPARATORS:
        if _score(sample, Dialect(rare)) > max(0.4, best):
            return Dialect(rare, certain=False)
    if _cut_by_space(sample):
        return Dialect(" ", certain=False)
    if best > 0.1:
        return replace(_with_quoting(sample, mark), certain=best > 0.4)
    return replace(_with_quoting(sample, ","), certain=False)


def _sample(lines: list[str]) -> list[str]:
    kept, size = [], 0
    for line in lines:
        if line.strip():
            kept.append(line)
            size += len(line)
        if size > SAMPLE_CHARACTERS or len(kept) >= SAMPLE_LINES:
            break
    return kept


def usual_width(lines: list[str], dialect: Dialect) -> int:
    """Return the commonest number of cells in the first rows."""
    share, width = regularity(_sample(lines), dialect)
    return width if share > 0.3 else 1


def _with_quoting(sample: list[str], separator: str) -> Dialect:
    plain = Dialect(separator)
    if separator == " ":
        return plain
    text = "".join(sample)
    if re.search(re.escape(separator) + ' "', text) or _mostly_spaced(text, separator):
        plain = replace(plain, skip_space=True)
    if '\\"' in text or "\\" + separator in text:
        escaped = replace(plain, escape=True)
        if regularity(sample, escaped)[0] > regularity(sample, plain)[0]:
            return escaped
    if re.search(re.escape(separator) + "'[^'\n]*" + re.escape(separator), text):
        single = replace(plain, quote="'")
        if regularity(sample, single)[0] > regularity(sample, plain)[0]:
            return single
    return plain


def _mostly_spaced(text: str, separator: str) -> bool:
    spaced = text.count(separator + " ")
    return spaced > 0 and spaced >= 0.9 * text.count(separator)


def sample_rows(sample: list[str], dialect: Dialect) -> list[list[str]]:
    """Rows of a sample, up to where it stops being readable."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(islice(dialect.reader(sample), SAMPLE_LINES))
    return [row for row in rows if any(cell.strip() for cell in row)]


def regularity(sample: list[str], dialect: Dialect) -> tuple[float, int]:
    """Share of rows with the commonest width of two or more, and that width."""
    return _regularity(sample_rows(sample, dialect))


def _regularity(rows: list[list[str]]) -> tuple[float, int]:
    widths = Counter(map(len, rows))
    several = [(count, width) for width, count in widths.items() if width > 1]
    if not several:
        return 0.0, 1
    count, width = max(several)
    return count / widths.total(), width


def _score(sample: list[str], dialect: Dialect) -> float:
    """Regularity, times the share of cells that hold no other separator."""
    rows = sample_rows(sample, dialect)
    share, width = _regularity(rows)
    if not share:
        return 0.0
    cells = [cell for row in rows if len(row) == width for cell in row][:20_000]
    # A comma within one number is a decimal comma or parts thousands.
    betrayed = sum(
        count
        for cell, count in shapes_of(cells).items()
        if _BETRAYED[dialect.separator].search(cell)
        and not _COMMAS_IN_NUMBER.fullmatch(cell)
    )
    clean = 1 - betrayed / len(cells)
    # A row swallowed by an unclosed quote spans lines that are rows of their own.
    used = math.sqrt(min(1.0, len(rows) / max(1, len(sample))))
    return math.pow(share, 1.5) * clean**2 * (1 - 0.5 / width) * used


def _cut_by_space(sample: list[str]) -> bool:
    """Whether runs of white space cut every line alike, into numbers."""
    rows = sample_rows(sample, Dialect(" "))
    share, width = _regularity(rows)
    if share < 0.9:
        return False
    columns = list(zip(*(row for row in rows[1:] if len(row) == width), strict=True))
    numeric = sum(
        sum(is_number(cell) or is_missing(cell) for cell in column) > 0.9 * len(column)
        for column in columns
    )
    constant = any(len(set(column)) == 1 and len(rows) > 3 for column in columns)
    return numeric > 1 or (numeric == 1 and share == 1.0 and not constant)

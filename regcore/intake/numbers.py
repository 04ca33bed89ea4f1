"""Columns of text to numbers: currency, percent, thousands, decimal comma, units."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.intake.cells import MISSING_MARKS, MISSING_WORDS

# A column with fewer numbers than this share is text.
NUMERIC_SHARE = 0.9
# A column with at least this share of whole numbers such as 007 holds codes.
CODE_SHARE = 0.05
LARGEST = 2**63 - 1
# Whole numbers above this lose digits when a missing cell makes the column decimal.
LARGEST_EXACT = 2**53
PROBE = 500
# Cells of a column that may contradict a decimal sign which fits all others.
ODD_SHARE = 0.1
LONGEST_WORD = 12

_ASCII = str.maketrans(
    "０１２３４５６７８９．，－＋％＄￥（）٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹−’\u00a0\u202f\u2009",
    "0123456789.,-+%$¥()01234567890123456789-'   ",
)
_CURRENCY = "[$£€¥₹₽₩₺₫฿]|(?:R|A|C|US|NZ|HK|S)\\$|Rs\\.?|R\\$|kr|zł|Fr\\."
_MONEY_CODE = "USD|EUR|GBP|CNY|RMB|JPY|CHF|INR|RUB|CAD|AUD|KRW|BRL|SEK|NOK|DKK|PLN"
_CELL = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+])?\s?"
    rf"(?P<before>(?:{_CURRENCY}|{_MONEY_CODE})(?=[\s\d.,+-]))?\s?(?P<sign2>[-+])?"
    rf"(?P<digits>\d[\d.,' ]*|[.,]\d+)(?P<power>[eE][+-]?\d+)?"
    rf"(?P<minus>-)?(?P<gap>\s)?(?P<after>[^\s\d.,'()+-][^\s\d()]{{0,9}})?"
    rf"(?P<close>\))?"
)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_CODE = re.compile(r"0\d+")
_PHONE = re.compile(r"\+\d{7,}")
_DIGITS = {
    ".": re.compile(
        r"\d+\.?\d*|\.\d+|\d{1,3}(?:([, '])\d{2,3})(?:\1\d{2,3})*(?<=\1\d{3})(?:\.\d*)?"
    ),
    ",": re.compile(r"\d+,?\d*|,\d+|\d{1,3}(?:([. '])\d{3})(?:\1\d{3})*(?:,\d*)?"),
}


@dataclass(frozen=True)
class Parts:
    """One cell taken apart: sign, digits with their separators, unit."""

    negative: bool
    digits: str
    power: str
    unit: str

    def value(self, decimal: str) -> float | None:
        """Return the number, if its separators fit the decimal sign."""
        if _DIGITS[decimal].fullmatch(self.digits) is None:
            return None
        group = "," if decimal == "." else "."
        bare = re.sub(f"[ '{group}]", "", self.digits).replace(",", ".")
        number = float(bare + self.power)
        return -number if self.negative else number


@dataclass(frozen=True)
class Column:
    """A column after reading: numbers or text, and what was done to it."""

    cells: pd.Series
    decimal: str | None = None
    unit: str = ""
    grouped: str = ""
    odd: int = 0
    odd_row: int = 0
    odd_cell: str = ""
    zeros: int = 0
    why_text: str = ""
    words: int = 0
    word: str = ""
    labels: str = ""


def take_apart(cell: str) -> Parts | None:
    """Return the parts of a cell that is a number in some notation, or None."""
    match = _CELL.fullmatch(cell if cell.isascii() else cell.translate(_ASCII))
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [match[name] for name in ("open", "sign", "sign2", "minus") if match[name]]
    if len(signs) > 1 or not _fair_unit(match):
        return None
    unit = (match["before"] or match["after"] or "").strip()
    return Parts(
        negative=bool(signs) and signs[0] != "+",
        digits=match["digits"].strip(),
        power=match["power"] or "",
        unit=unit,
    )


def _fair_unit(match: re.Match[str]) -> bool:
    """Whether what follows the digits is a unit rather than part of a code."""
    after = match["after"]
    if after is None:
        return True
    if match["before"] or after[0] in "/:_#&@;|=<>":
        return False
    known = re.fullmatch(rf"{_CURRENCY}|{_MONEY_CODE}|[%‰°µ].*", after) is not None
    return known or bool(match["gap"]) or any(char.islower() for char in after)


def read_column(cells: pd.Series, decimal: str) -> Column:
    """Numbers from a column of text, where nearly all its cells are numbers.

    Parameters
    ----------
    cells : text with NaN where there is nothing
    decimal : "." or ",", for cells such as 1,234 that could be meant either way
    """
    if not _worth_trying(cells):
        return _text(cells)
    codes, kinds = pd.factorize(cells.str.strip())
    kinds = [str(kind) for kind in kinds]
    counts = np.bincount(codes[codes >= 0], minlength=len(kinds))
    parts = {
        kind: take_apart(kind)
        for kind in kinds
        if kind not in MISSING_WORDS and kind not in MISSING_MARKS and kind
    }
    present = sum(
        int(count) for kind, count in zip(kinds, counts, strict=True) if kind in parts
    )
    if present == 0:
        return _text(cells)
    weight = dict(zip(kinds, map(int, counts), strict=True))
    sign, numbers = _best_decimal(parts, weight, decimal)
    why = _why_text(parts, numbers, weight, present)
    if why is not None:
        return _text(cells, why)
    return _numeric(cells, codes, kinds, parts, numbers, sign, weight)


def guess_decimal(columns: Sequence[pd.Series], delimiter: str) -> str:
    """Guess the decimal sign from columns of text that show it without doubt."""
    votes: Counter[str] = Counter()
    for cells in columns[:PROBE]:
        probe = _probe(cells, 50)
        parts = [part for part in map(take_apart, probe) if part is not None]
        if len(parts) < 0.5 * len(probe):
            continue
        for sign, other in ((",", "."), (".", ",")):
            # A single cell may just be spoilt.
            against = sum(part.value(other) is None for part in parts)
            votes[sign] += against > ODD_SHARE * len(parts)
    if votes[","] == votes["."]:
        open_commas = delimiter == ";" and not votes["."] and _has_commas(columns)
        return "," if open_commas else "."
    return "," if votes[","] > votes["."] else "."


def _has_commas(columns: Sequence[pd.Series]) -> bool:
    """Whether some number has a comma, and none a point."""
    known = (cells.head(200).dropna() for cells in columns)
    cells = [cell for texts in known for cell in texts if take_apart(cell)]
    return any("," in cell for cell in cells) and not any("." in c for c in cells)


def _worth_trying(cells: pd.Series) -> bool:
    """Whether a probe of the cells has enough numbers to look at them all."""
    words = [
        cell
        for cell in _probe(cells, PROBE)
        if cell not in MISSING_WORDS and cell not in MISSING_MARKS
    ]
    good = sum(take_apart(cell) is not None for cell in words)
    return good >= (NUMERIC_SHARE - 0.1) * len(words)


def _probe(cells: pd.Series, size: int) -> list[str]:
    """Return stripped cells from all over a column, without the missing ones."""
    found = cells.iloc[:: max(1, len(cells) // size)].tolist()
    if len(cells) > len(found) and sum(isinstance(cell, str) for cell in found) < 20:
        present = cells.dropna()
        found = present.iloc[:: max(1, len(present) // size)].tolist()
    stripped = (cell.strip() for cell in found if isinstance(cell, str))
    return [cell for cell in stripped if cell]


def _text(cells: pd.Series, why: str = "") -> Column:
    """Text whose words for «no value» are missing, unless it has no other words."""
    # Only short cells can be such words, and most columns repeat a few.
    short = cells[(cells.str.len() <= LONGEST_WORD).fillna(False)].unique()
    blank = [cell for cell in short if not cell.strip()]
    found = [cell for cell in short if cell.strip() in MISSING_WORDS]
    if not blank and not found:
        return Column(cells, why_text=why)
    words, blanks = cells.isin(found), cells.isin(blank)
    kinds = sorted({cell.strip() for cell in found})
    if len(kinds) > 1 and bool((words | blanks | cells.isna()).all()):
        return Column(cells.mask(blanks), labels=" and ".join(kinds[:3]))
    return Column(
        cells.mask(words | blanks),
        why_text=why,
        words=int(words.sum()),
        word=kinds[0] if kinds else "",
    )


def _best_decimal(
    parts: dict[str, Parts | None], weight: dict[str, int], decimal: str
) -> tuple[str, dict[str, float]]:
    """Pick the sign under which more cells are numbers; a tie goes to `decimal`."""
    best: tuple[int, bool, str, dict[str, float]] | None = None
    for sign in (".", ","):
        numbers = {}
        for kind, part in parts.items():
            value = None if part is None else part.value(sign)
            if value is not None and np.isfinite(value):
                numbers[kind] = value
        score = sum(weight[kind] for kind in numbers)
        if best is None or (score, sign == decimal) > best[:2]:
            best = (score, sign == decimal, sign, numbers)
    return best[2], best[3]


def _why_text(
    parts: dict[str, Parts | None],
    numbers: dict[str, float],
    weight: dict[str, int],
    present: int,
) -> str | None:
    """Why the column stays text; an empty reason for ordinary text."""
    found = sum(weight[kind] for kind in numbers)
    if found < NUMERIC_SHARE * present:
        return ""
    coded = sum(weight[kind] for kind in numbers if _CODE.fullmatch(kind))
    if coded >= CODE_SHARE * found:
        return "codes"
    if all(_PHONE.fullmatch(kind) for kind in numbers):
        return "phones"
    if _too_large(parts, numbers):
        return "digits"
    return _mixed_units(parts, numbers, weight, found)


def _too_large(parts: dict[str, Parts | None], numbers: dict[str, float]) -> bool:
    whole = [kind for kind in numbers if _is_whole(parts[kind])]
    return len(whole) == len(numbers) and any(
        abs(numbers[kind]) > LARGEST_EXACT and abs(int(_bare(parts[kind]))) > LARGEST
        for kind in whole
    )


def _is_whole(part: Parts) -> bool:
    return part.digits.isdecimal() and not part.power


def _bare(part: Parts) -> str:
    return ("-" if part.negative else "") + part.digits


def _mixed_units(
    parts: dict[str, Parts | None],
    numbers: dict[str, float],
    weight: dict[str, int],
    found: int,
) -> str | None:
    units: Counter[str] = Counter()
    for kind, value in numbers.items():
        unit = parts[kind].unit
        # A bare 0 is the same in every unit.
        if unit or value != 0:
            units[unit] += weight[kind]
    named = [unit for unit in units if unit]
    if len(named) > 1:
        return "units"
    money = named and re.fullmatch(f"{_CURRENCY}|{_MONEY_CODE}", named[0])
    if named and not money and units[named[0]] < 0.95 * units.total():
        return "units"
    return None


def _numeric(
    cells: pd.Series,
    codes: np.ndarray,
    kinds: list[str],
    parts: dict[str, Parts | None],
    numbers: dict[str, float],
    sign: str,
    weight: dict[str, int],
) -> Column:
    odd = [kind for kind in parts if kind not in numbers]
    values = _values(codes, kinds, parts, numbers)
    if values is None:
        return _text(cells, "digits")
    rows = np.flatnonzero(np.isin(codes, [kinds.index(kind) for kind in odd]))
    grouped = next(
        (kind for kind in numbers if _has_groups(parts[kind].digits, sign)), ""
    )
    decimals = any(sign in parts[kind].digits for kind in numbers)
    units = [parts[kind].unit for kind in numbers if parts[kind].unit]
    return Column(
        pd.Series(values, index=cells.index, name=cells.name),
        decimal=sign if decimals or grouped else None,
        unit=units[0] if units else "",
        grouped=grouped,
        odd=len(rows),
        odd_row=int(rows[0]) if len(rows) else 0,
        odd_cell=str(cells.iloc[rows[0]]).strip() if len(rows) else "",
        zeros=sum(weight[kind] for kind in numbers if _CODE.fullmatch(kind)),
    )


def _has_groups(digits: str, sign: str) -> bool:
    return any(mark in digits for mark in (",. '".replace(sign, "")))


def _values(
    codes: np.ndarray,
    kinds: list[str],
    parts: dict[str, Parts | None],
    numbers: dict[str, float],
) -> np.ndarray | None:
    """Numbers row by row; whole ones as int64 where no cell is missing."""
    whole = all(_is_whole(parts[kind]) for kind in numbers)
    table = np.array([numbers.get(kind, np.nan) for kind in kinds] + [np.nan])
    complete = bool((codes >= 0).all()) and len(numbers) == len(kinds)
    if whole and complete:
        exact = np.array([int(_bare(parts[kind])) for kind in kinds], dtype=np.int64)
        return exact[codes]
    if whole and np.nanmax(np.abs(table)) > LARGEST_EXACT:
        return None
    return table[codes]

"""Columns of text to numbers, where nearly all cells are numbers in some notation."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from regcore.intake.cells import MISSING_MARKS, MISSING_WORDS, shapes_of
from regcore.intake.column import Column
from regcore.intake.cut import Cut
from regcore.intake.labels import read_labels
from regcore.intake.nearly import CODE_SHARE, HALF, best_decimal, is_phone, look
from regcore.intake.notation import MONEY, Parts, take_apart
from regcore.intake.plain import Plain, plain_column
from regcore.intake.plan import Reading
from regcore.intake.points import Trust, may_be_groups, weigh_sign
from regcore.intake.shapes import Shapes, has_factors, share_of_numbers
from regcore.intake.texts import (
    PROBE,
    Text,
    as_arrow,
    combined,
    probe,
    stripped,
    without_words,
)

# A column with fewer numbers than this share is text.
NUMERIC_SHARE = 0.9
# Cells of a column that may contradict a decimal sign which fits all others, and cells
# that may have a unit where the others have none.
ODD_SHARE = 0.1
# Among more different numbers than these, so few words are for «no value» if each
# comes so often.
MANY_NUMBERS = 20
MOST_STAND_INS = 2
FEWEST_STAND_INS = 3

_NOTHING = MISSING_WORDS | MISSING_MARKS
_FORMULA = re.compile(r'="([^"]*)"')
_MONTH_OF_YEAR = re.compile(r"(?:0[1-9]|1[0-2])\.(?:1[5-9]|2[01])\d\d")
_ZERO_LED = re.compile(r"[+-]?0([.,])\d{3}")
_GUESSED = Reading()


def read_column(
    cells: pd.Series,
    decimal: str,
    order: np.ndarray | None = None,
    reading: Reading = _GUESSED,
    trust: Trust = Trust.GUESSED,
) -> Column:
    """Numbers from a column of text, where nearly all its cells are numbers.

    Parameters
    ----------
    cells : text with NaN where there is nothing
    decimal : "." or ",", for cells such as 1,234 that could be meant either way
    order : the place of each cell in its column, if they do not stand in order
    reading : which texts stand for no value
    trust : how the decimal sign is known
    """
    text = as_arrow(cells)
    sample = probe(text, PROBE)
    formula = next((cell for cell in sample if _FORMULA.fullmatch(cell)), "")
    if formula:
        bare = cells.str.replace(_FORMULA, r"\1", regex=True)
        found = read_column(bare, decimal, order, reading, trust)
        return replace(found, formula=formula)
    if share_of_numbers(sample) < 0.8 * HALF or _are_months(sample):
        return read_labels(cells, reading)
    text = stripped(text)
    if reading.missing:
        text = without_words(text, reading.missing)
    said = without_words(text, _NOTHING)
    sign, example = weigh_sign(said, decimal, trust)
    plain = plain_column(pa.chunked_array([said]), sign)
    if plain is None:
        column = _read_shapes(cells, text, sign, order, reading)
    else:
        column = _of_plain(plain, cells.index)
    if not column.is_number:
        return column
    return replace(
        column,
        gaps=_gaps(as_arrow(cells), said),
        open_sign=sign if example else "",
        example=example,
    )


def _are_months(sample: Sequence[str]) -> bool:
    """Whether cells such as 03.2024 are months: nobody writes decimals so."""
    said = [cell for cell in sample if cell not in _NOTHING]
    led = any(cell.startswith("0") for cell in said)
    return led and all(map(_MONTH_OF_YEAR.fullmatch, said))


def _read_shapes(
    cells: pd.Series,
    text: pa.LargeStringArray,
    sign: str,
    order: np.ndarray | None,
    reading: Reading,
) -> Column:
    """Numbers in any notation, told by the shapes of the cells."""
    shapes = Shapes(text)
    sign, numbers = best_decimal(shapes, sign)
    found = shapes.values(numbers, sign) if numbers else np.full(len(cells), np.nan)
    if found is None:
        return read_labels(cells, reading, "digits")
    why = _why_text(shapes, numbers, found)
    if why == "":
        return replace(read_labels(cells, reading), looks=look(cells))
    if why is not None:
        return read_labels(cells, reading, why)
    return _numeric(cells, shapes, numbers, sign, found, order)


def read_text(
    cut: Cut,
    decimal: str,
    order: np.ndarray,
    reading: Reading = _GUESSED,
    trust: Trust = Trust.GUESSED,
) -> Column:
    """Numbers from a column as it was cut, part by part where all of it is plain.

    See `read_column`.
    """
    plain = cut.plain or plain_column(cut.text, decimal)
    if plain is None or (trust is not Trust.SAID and may_be_groups(cut.text, decimal)):
        whole = combined(cut.text)
        cells = pd.Series(pd.array(whole, dtype="str"))
        return read_column(cells, decimal, order, reading, trust)
    return _of_plain(plain)


def _of_plain(plain: Plain, rows: pd.Index | None = None) -> Column:
    values = pd.Series(plain.values, index=rows, copy=False)
    return Column(values, decimal="," if plain.commas else None)


def _gaps(
    text: pa.LargeStringArray, said: pa.LargeStringArray
) -> tuple[tuple[str, int], ...]:
    """Return the words for «no value» among numbers, with their counts."""
    if text.null_count == said.null_count:
        return ()
    words = stripped(text.filter(pc.and_(said.is_null(), text.is_valid())))
    pairs = pc.value_counts(words).to_pylist()
    return tuple((pair["values"], pair["counts"]) for pair in pairs if pair["values"])


def weigh_decimal(columns: Sequence[Text], delimiter: str) -> tuple[str, Trust]:
    """Guess the decimal sign, and say whether some column shows it."""
    votes: Counter[str] = Counter()
    for cells in columns[:PROBE]:
        sample = probe(cells, 50)
        if _are_months(sample):
            continue
        led = Counter(m[1] for m in map(_ZERO_LED.fullmatch, sample) if m)
        kinds = shapes_of(sample)
        parts = [(take_apart(kind), count) for kind, count in kinds.items()]
        known = [(part, count) for part, count in parts if part is not None]
        numbers = sum(count for _, count in known)
        if numbers < 0.5 * kinds.total():
            continue
        for sign, other in ((",", "."), (".", ",")):
            # A single cell may just be spoilt.
            against = sum(count for part, count in known if not part.fits(other))
            votes[sign] += against + led[sign] > ODD_SHARE * numbers
    if votes[","] == votes["."]:
        open_commas = delimiter == ";" and not votes["."] and _has_commas(columns)
        return "," if open_commas else ".", Trust.GUESSED
    return "," if votes[","] > votes["."] else ".", Trust.SHOWN


def _has_commas(columns: Sequence[Text]) -> bool:
    """Whether some number has a comma, and none a point."""
    known = (cells.slice(0, 200).drop_null().to_pylist() for cells in columns)
    numbers = (texts for texts in known if not _are_months(texts))
    kinds = shapes_of(cell for texts in numbers for cell in texts)
    cells = [kind for kind in kinds if take_apart(kind)]
    return any("," in cell for cell in cells) and not any("." in c for c in cells)


def _why_text(
    shapes: Shapes, numbers: Mapping[int, Parts], values: np.ndarray
) -> str | None:
    """Why the column stays text; an empty reason for ordinary text."""
    found = int(np.count_nonzero(np.isfinite(values)))
    words = min(_stand_ins(shapes, values), found)
    if found == 0 or found < NUMERIC_SHARE * (shapes.present - words):
        return ""
    if len(_bounds(shapes, numbers)) > HALF * found:
        return ""
    if shapes.coded >= CODE_SHARE * found:
        return "codes"
    if all(is_phone(shapes.kinds[at]) for at in numbers):
        return "phones"
    return _mixed_units(shapes, numbers, values)


def _stand_ins(shapes: Shapes, values: np.ndarray) -> int:
    """Count the cells of words that come again and again among many numbers."""
    said = {at for at, kind in enumerate(shapes.kinds) if not {*kind} & {"9"}}
    counts = [int(shapes.counts[at]) for at in said - {*shapes.missing}]
    often = [count for count in counts if count >= FEWEST_STAND_INS]
    few = 0 < len(often) <= MOST_STAND_INS
    many = few and len(np.unique(values[np.isfinite(values)])) > MANY_NUMBERS
    return sum(often) if many else 0


def _bounds(shapes: Shapes, numbers: Mapping[int, Parts]) -> np.ndarray:
    return shapes.rows({at for at, part in numbers.items() if part.bound})


def _mixed_units(
    shapes: Shapes, numbers: Mapping[int, Parts], values: np.ndarray
) -> str | None:
    units: Counter[str] = Counter()
    for at, part in numbers.items():
        units[part.unit] += int(shapes.counts[at])
    named = [unit for unit in units if unit]
    if units.total() - units[""] <= ODD_SHARE * units.total():
        return None
    if len(named) > 1:
        return "units"
    if named and not MONEY.fullmatch(named[0]):
        bare = shapes.rows({at for at, part in numbers.items() if not part.unit})
        # A bare 0 is the same in every unit.
        other = int(np.count_nonzero(values[bare]))
        if units[named[0]] < 0.95 * (units[named[0]] + other):
            return "units"
    return None


def _numeric(
    cells: pd.Series,
    shapes: Shapes,
    numbers: Mapping[int, Parts],
    sign: str,
    values: np.ndarray,
    order: np.ndarray | None,
) -> Column:
    missing = np.isin(shapes.codes, [-1, *shapes.missing])
    if values.dtype != np.int64:
        # Some are too large for a number.
        values = np.where(np.isfinite(values), values, np.nan)
    odd = np.flatnonzero(np.isnan(values) & ~missing)
    if order is not None:
        odd = odd[np.argsort(order[odd])]
    grouped = shapes.rows({at for at, p in numbers.items() if p.has_groups(sign)})
    bounds = _bounds(shapes, numbers)
    notes = shapes.rows({at for at, part in numbers.items() if part.footnote})
    letters = {at for at, part in numbers.items() if part.factor}
    factors = shapes.rows(letters if has_factors(numbers.values()) else set())
    decimals = any(sign in part.digits for part in numbers.values())
    return Column(
        pd.Series(values, index=cells.index, name=cells.name, copy=False),
        decimal=sign if decimals or len(grouped) else None,
        unit=next((part.unit for part in numbers.values() if part.unit), ""),
        grouped=_cell(cells, grouped),
        odd=len(odd),
        odd_row=int(odd[0]) if len(odd) else 0,
        odd_cell=_cell(cells, odd),
        zeros=shapes.coded,
        bounds=len(bounds),
        bound=_cell(cells, bounds),
        footnote=_cell(cells, notes),
        factor=_cell(cells, factors),
    )


def _cell(cells: pd.Series, rows: np.ndarray) -> str:
    """Return the first of some cells, empty if there is none."""
    return str(cells.iloc[rows[0]]).strip() if len(rows) else ""

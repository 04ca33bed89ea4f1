"""Columns of text that are nearly numbers: what can be taken, and what is left."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.intake.notation import Parts
from regcore.intake.points import OTHER
from regcore.intake.shapes import Shapes, has_factors, share_of_numbers
from regcore.intake.texts import PROBE, arrow_text, probe
from regcore.words import listed, named, one_or_many

HALF = 0.5
"""Share of numbers among the cells that say something from which a column looks so."""

FEWEST = 8
"""Fewest cells of which half says anything about a column."""

MOST_DIGITS = 15
"""Digits that a number keeps; ids may have more."""

CODE_SHARE = 0.05
"""Share of codes such as 007 among numbers from which a column holds codes."""

EXAMPLES = 3


@dataclass(frozen=True)
class Look:
    """A column of text of which at least half looks like something else.

    Attributes
    ----------
    what : "numbers" or "dates"
    count, total : how many cells look so, of how many that say anything
    examples : of the other cells, the most frequent; if there are none, of these
    """

    what: str
    count: int
    total: int
    examples: tuple[str, ...]

    def in_words(self, column: object) -> str:
        """Return the sentence that says so, and what to do about it."""
        shown = listed([named(text) for text in self.examples])
        rest = self.total - self.count
        if not rest:
            cells = f"all {self.total:,} cells are, in notations such as {shown}"
        else:
            others = one_or_many(rest, "the other is", "the others are such as")
            cells = f"{self.count:,} of {self.total:,} cells are; {others} {shown}"
        return (
            f"{named(column)} looks like {self.what}: {cells}. It was read as "
            f"text; choose the type «{self.type}» to read it as {self.what}."
        )

    @property
    def type(self) -> str:
        """The type of column that reads it so."""
        return self.what.removesuffix("s")


@dataclass(frozen=True)
class Taken:
    """What can be taken from a column of text as numbers.

    Attributes
    ----------
    values : (n,), NaN where there is no number
    decimal : the sign that was taken for the decimal sign
    scaled : whether letters such as K and M were multiplied out
    certain : whether the cells show the decimal sign, or have none
    other, others : how many cells say something and are no number, with examples
    marked, marks : how many have more than a number, with examples
    """

    values: np.ndarray
    decimal: str
    scaled: bool
    certain: bool
    other: int
    others: tuple[str, ...]
    marked: int
    marks: tuple[str, ...]


def is_phone(kind: str) -> bool:
    """Whether a shape is that of a phone number."""
    return len(kind) > 7 and kind[0] == "+" and not kind[1:].strip("9")


def best_decimal(shapes: Shapes, decimal: str) -> tuple[str, dict[int, Parts]]:
    """Pick the sign under which more cells are numbers; a tie goes to `decimal`."""
    fitting = {
        sign: {at: part for at, part in shapes.parts.items() if part.fits(sign)}
        for sign in (decimal, OTHER[decimal])
    }
    sign = max(fitting, key=lambda sign: _weight(shapes, fitting[sign], sign))
    return sign, fitting[sign]


def _weight(shapes: Shapes, numbers: Mapping[int, Parts], sign: str) -> int:
    return shapes.weight(numbers) - len(shapes.zero_led(numbers, sign))


def look(cells: pd.Series) -> Look | None:
    """Return that a column of text looks like numbers, if at least half of it does.

    What may as well be a level does not count: a bound, such as <=50K beside >50K, and
    a number in another unit than most. Nor do codes with zeros in front, and what is
    likely to be a phone number or an id.
    """
    text = arrow_text(cells)
    if share_of_numbers(probe(text, PROBE)) < 0.8 * HALF:
        return None
    shapes = Shapes(text)
    alike = _alike(shapes)
    count = shapes.weight(alike)
    enough = shapes.present >= FEWEST and count >= HALF * shapes.present
    if not enough or shapes.coded >= CODE_SHARE * count:
        return None
    others = {at for at in range(len(shapes.kinds)) if at not in alike}
    shown = others - shapes.missing or {*alike}
    return Look("numbers", count, shapes.present, _commonest(cells, shapes.rows(shown)))


def _alike(shapes: Shapes) -> dict[int, Parts]:
    """The numbers without a unit or with the commonest that may be nothing else."""
    numbers = {
        at: part
        for at, part in shapes.parts.items()
        if (part.fits(".") or part.fits(","))
        and len(part.digits) <= MOST_DIGITS
        and not (part.bound or is_phone(shapes.kinds[at]))
    }
    units: Counter[str] = Counter()
    for at, part in numbers.items():
        units[part.unit] += int(shapes.counts[at]) * bool(part.unit)
    usual = max(units, key=units.__getitem__, default="")
    return {at: part for at, part in numbers.items() if part.unit in ("", usual)}


def _commonest(cells: pd.Series, rows: np.ndarray) -> tuple[str, ...]:
    """The texts that come most often in some rows, at most three."""
    often = Counter(cells.iloc[rows].str.strip().tolist())
    return tuple(text for text, _ in often.most_common(EXAMPLES))


def take_numbers(
    cells: pd.Series, decimal: str | None = None, scaled: bool | None = None
) -> Taken:
    """Take a number from every cell that holds one; the bound is taken from a bound.

    Parameters
    ----------
    cells : text with NaN where there is nothing
    decimal, scaled : as they were found on another table, or None to find them
    """
    shapes = Shapes(arrow_text(cells))
    sign = decimal or best_decimal(shapes, ".")[0]
    if scaled is None:
        scaled = has_factors(shapes.parts.values())
    values = _values(shapes, sign, scaled)
    other = _values(shapes, OTHER[sign], scaled)
    certain = decimal is not None or _decides(values, other)
    values = np.where(np.isnan(values), other, values)
    blank = {at for at, kind in enumerate(shapes.kinds) if not kind}
    others = np.flatnonzero(
        np.isnan(values) & ~np.isin(shapes.codes, [-1, *sorted(blank)])
    )
    adorned = shapes.rows({at for at, part in shapes.parts.items() if part.adorned})
    marks = adorned[~np.isnan(values[adorned])]
    return Taken(
        values=values,
        decimal=sign,
        scaled=scaled,
        certain=certain,
        other=len(others),
        others=_commonest(cells, others),
        marked=len(marks),
        marks=_commonest(cells, marks),
    )


def _values(shapes: Shapes, sign: str, scaled: bool) -> np.ndarray:
    """The numbers under a decimal sign; what is too large for one is none."""
    numbers = {at: part for at, part in shapes.parts.items() if part.fits(sign)}
    values = shapes.values(numbers, sign, exact=False, scaled=scaled)
    if values is None:
        return np.full(len(shapes.codes), np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _decides(values: np.ndarray, other: np.ndarray) -> bool:
    """Whether the cells show which sign is the decimal one, or mean the same."""
    same_count = np.isnan(values).sum() == np.isnan(other).sum()
    both = ~np.isnan(values) & ~np.isnan(other)
    return not (same_count and (values[both] != other[both]).any())

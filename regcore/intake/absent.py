"""What stands for no value: a word beside other words, a number far from the others."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from statistics import median

import numpy as np
import pandas as pd

from regcore.intake.cells import MISSING_MARKS, MISSING_WORDS, is_plain_number
from regcore.intake.column import Column
from regcore.intake.plain import LARGEST_EXACT
from regcore.intake.plan import Reading

MEANT = frozenset(("None", "none", "NONE", "NA", "N/A", "n/a", "n.a.", "N.A."))
"""Of the words for «no value» those that people give as an answer, too."""

MOST_LEVELS = 20
"""Most other words beside which one for «no value» is a level like them."""

LARGE = 0.2
"""Share of the cells from which such a word is a level, however many others there are.
"""

MOSTLY = 0.5
"""The same where the file's numbers have the word for «no value»."""

FEWEST_OTHERS = 8
"""Cells that must say something else."""

FAR = 10.0
"""A stand-in stands so many times as far from the others as they do from each other,
where these are few different ones."""

FEW = 5
"""Different numbers that are few."""

LONG = 99.5
"""Numbers above this are of a form that hardly comes by chance."""

OFTEN = 3
"""Cells with −1 that are more than a slip."""

_FORMS = re.compile(
    r"-?9{2,}(\.(9+|25|0))?|-9|-?8{2,}|9*9[78]|-1|-32768|32767|-?2147483648|2147483647"
    r"|-?1e\+[23]\d|9\.96\d+e\+36"
)
"""Numbers that programs and questionnaires write where there is none: nines (NOAA,
NASA, LAS), eights and 97 and 98 beside them (refused, does not know), −1, the ends of
the integers, and powers of ten that no measurement reaches."""


def levels_of(
    counts: Mapping[str, int], in_numbers: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the words for «no value» that a column has as levels beside its others.

    One is a level if it is a large share of the cells, or comes as often as the others
    do: half as often as their median, or as often as the rarest of codes of its length.

    Parameters
    ----------
    counts : how often each text comes
    in_numbers : words that stand for no value among the numbers of the same file
    """
    others = [
        text
        for text in counts
        if text and text not in MISSING_WORDS and text not in MISSING_MARKS
    ]
    rows = sum(counts.values())
    told = sum(counts[text] for text in others)
    if not 0 < len(others) <= MOST_LEVELS or told < max(FEWEST_OTHERS, 2 * len(others)):
        return ()
    usual = 0.5 * median(counts[text] for text in others)
    rarest = min(counts[text] for text in others)
    found = []
    for word in sorted(MEANT & counts.keys()):
        codes = all(len(text) == len(word) and text.isupper() for text in others)
        least = min(usual, rarest) if codes else usual
        least = MOSTLY * rows if word in in_numbers else min(least, LARGE * rows)
        if counts[word] >= max(2, least):
            found.append(word)
    return tuple(found)


def without_stand_ins(column: Column, reading: Reading) -> Column:
    """Return a column without the numbers that stand for no value."""
    if not column.is_number:
        return column
    values = column.cells.to_numpy()
    asked = [float(text) for text in reading.missing if is_plain_number(text)]
    found = [n for n in stand_ins(values) if written(n) not in reading.values]
    found = [*dict.fromkeys([*asked, *found])]
    gone = np.isin(values, found) if found else np.zeros(len(values), bool)
    if not gone.any() or np.abs(values[~gone]).max(initial=0) > LARGEST_EXACT:
        return column
    counts = [(written(n), int(np.count_nonzero(values == n))) for n in found]
    return replace(
        column,
        cells=pd.Series(np.where(gone, np.nan, values), index=column.cells.index),
        stand_ins=tuple((text, count) for text, count in counts if count),
    )


def stand_ins(values: np.ndarray) -> tuple[float, ...]:
    """Return the numbers of a column that stand for no value, such as −999.

    They are of a known form and lie farther from all others than these do from each
    other; where they come once only, farther by far.
    """
    if len(values) < FEWEST_OTHERS:
        return ()
    # Of nearly all columns the ends tell that there is nothing to look for.
    ends = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    if np.isnan(ends[0]) or not any(map(_has_form, ends)):
        return ()
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    kinds, counts = np.unique(known, return_counts=True)
    below = _beyond(kinds, counts, -1)
    rest = len(below)
    return (*below, *_beyond(kinds[rest:], counts[rest:], 1))


def _beyond(kinds: np.ndarray, counts: np.ndarray, side: int) -> tuple[float, ...]:
    """Those at the upper end, or at the lower one for a side of −1."""
    kinds, counts = kinds[::side], counts[::side]
    size = len(kinds)
    while size and _has_form(float(kinds[size - 1])):
        size -= 1
    if size < 2 or counts[:size].sum() < FEWEST_OTHERS:
        return ()
    for first in range(size, len(kinds)):
        others = kinds[:first].astype(float)
        gap = abs(float(kinds[first]) - others[-1])
        clear = gap > FAR * np.ptp(others) and abs(kinds[first]) >= LONG
        often = clear or counts[first:].max() > 1
        if often and _is_far(float(kinds[first]), gap, others):
            return tuple(
                float(kind)
                for kind, count in zip(kinds[first:], counts[first:], strict=True)
                if kind != -1 or count >= OFTEN
            )
    return ()


def _is_far(number: float, gap: float, others: np.ndarray) -> bool:
    """Whether a gap parts a number from all others.

    −1 is near to what is counted: it is enough that the numbers next to it lie much
    closer together.
    """
    spread = float(np.ptp(others))
    if number == -1:
        steps = np.abs(np.diff(others))[-(len(others) // 4 + 1) :]
        return len(others) >= FEW and gap > FAR * float(np.median(steps))
    return gap > spread * (FAR if len(others) < FEW else 1.0)


def _has_form(number: float) -> bool:
    return _FORMS.fullmatch(written(number)) is not None


def written(number: float) -> str:
    """Write a number as files do: -999, not -999.0."""
    return f"{number:.0f}" if number == int(number) < 1e16 else repr(number)

"""What stands for no value: a word beside other words, a number far from the others."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import pandas as pd

from regcore.intake.cells import is_plain_number, says_something
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

MOST_KINDS = 8
"""Different stand-ins that are looked for at one end."""

LONG = 99.5
"""Numbers above this are of a form that hardly comes by chance."""

OFTEN = 3
"""Cells with a number such as −1 that are more than a slip."""

_FORMS = re.compile(
    r"-?9{2,}(\.(9+|25|0))?|-9|-?(7{2,}|8{2,}|9+[78])|-32768|32767|-?2147483648"
    r"|2147483647|-?1e\+[23]\d|9\.96\d+e\+36"
)
"""Numbers that programs and questionnaires write where there is none: nines (NOAA,
NASA, LAS), sevens, eights and 97 and 98 beside them (refused, does not know), the ends
of the integers, and powers of ten that no measurement reaches."""


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
    others = [*filter(says_something, counts)]
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


def without_stand_ins(
    column: Column, reading: Reading, told: Collection[str] = ()
) -> Column:
    """Return a column without the numbers that stand for no value.

    Those of other columns of the file, if `told`, else those that it shows itself.
    """
    if not column.is_number:
        return column
    values = column.cells.to_numpy()
    asked = [float(text) for text in reading.missing if is_plain_number(text)]
    found = _at_ends(values, {*map(float, told)}) if told else stand_ins(values)
    found = tuple(n for n in found if written(n) not in reading.values)
    found = tuple(dict.fromkeys([*asked, *found]))
    gone = np.isin(values, found) if found else np.zeros(len(values), bool)
    if not gone.any() or np.abs(values[~gone]).max(initial=0) > LARGEST_EXACT:
        return column
    counts = [(written(n), int(np.count_nonzero(values == n))) for n in found]
    return replace(
        column,
        cells=pd.Series(np.where(gone, np.nan, values), index=column.cells.index),
        stand_ins=(*column.stand_ins, *((text, n) for text, n in counts if n)),
    )


def settle_stand_ins(columns: Sequence[Column], reading: Reading) -> list[Column]:
    """Take what stands for no value in one column for that in all where it may be."""
    told = {text for column in columns for text, _ in column.stand_ins}
    if not told:
        return [*columns]
    return [without_stand_ins(column, reading, told) for column in columns]


def stand_ins(values: np.ndarray) -> tuple[float, ...]:
    """Return the numbers of a column that stand for no value, such as −999.

    They are of a known form, or negative where no other is, and lie farther from all
    others than these do from each other; where they come once only, farther by far.
    Of a known form and negative where no other is, they need not lie so far.
    """
    ends = _ends(values)
    # Of nearly all columns the ends tell that there is nothing to look for.
    if not any(map(_may_be, ends)):
        return ()
    kinds, counts = _kinds(values)
    with np.errstate(over="ignore"):
        below = _beyond(kinds, counts, -1)
        rest = len(below)
        return (*below, *_beyond(kinds[rest:], counts[rest:], 1))


def _at_ends(values: np.ndarray, told: Collection[float]) -> tuple[float, ...]:
    """Those of some numbers that come often at an end, well apart from what is next."""
    found = tuple(end for end in _ends(values) if end in told and abs(end) >= LONG)
    if not found:
        return ()
    kinds, counts = _kinds(values)
    return tuple(
        end
        for end, side in ((kinds[0], 1), (kinds[-1], -1))
        if float(end) in found
        and len(kinds) > FEW
        and counts[::side][0] >= OFTEN
        and _is_apart(abs(float(kinds[::side][1] - end)), kinds[::-side][:-1])
    )


def _ends(values: np.ndarray) -> tuple[float, ...]:
    """Return the least and the largest number, none of too few."""
    if len(values) < FEWEST_OTHERS:
        return ()
    ends = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    return () if np.isnan(ends[0]) else ends


def _kinds(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different numbers in order, and how often each comes."""
    if values.dtype == np.int64:
        low, high = int(values.min()), int(values.max())
        if high - low < len(values):
            counts = np.bincount(values - low)
            found = np.flatnonzero(counts)
            return found + low, counts[found]
    pairs = pd.Series(values).value_counts(sort=False).sort_index()
    return pairs.index.to_numpy(), pairs.to_numpy()


def _beyond(kinds: np.ndarray, counts: np.ndarray, side: int) -> tuple[float, ...]:
    """Those at the upper end, or at the lower one for a side of −1."""
    kinds, counts = kinds[::side], counts[::side]
    size, least = len(kinds), max(0, len(kinds) - MOST_KINDS)
    while size > least and _may_be(float(kinds[size - 1])):
        size -= 1
    if size < 2 or counts[:size].sum() < FEWEST_OTHERS:
        return ()
    for first in range(size, len(kinds)):
        number, others = float(kinds[first]), kinds[:first].astype(float)
        if _is_far(number, int(counts[first:].max()), others):
            return tuple(
                float(kind)
                for kind, count in zip(kinds[first:], counts[first:], strict=True)
                if kind != -1 or count >= OFTEN
            )
    return ()


def _is_far(number: float, often: int, others: np.ndarray) -> bool:
    """Whether a number that comes so often lies apart from all others.

    −1 is near to what is counted: it is enough that the numbers next to it lie much
    closer together.
    """
    spread, gap = float(np.ptp(others)), abs(number - float(others[-1]))
    if number == -1:
        return often > 1 and len(others) >= FEW and _is_apart(gap, others)
    far = gap > spread * (FAR if len(others) < FEW else 1.0)
    if number < 0 <= others.min() and often >= OFTEN:
        return far or _has_form(number)
    clear = gap > FAR * spread and abs(number) >= LONG
    return _has_form(number) and (clear or (far and often > 1))


def _is_apart(gap: float, others: np.ndarray) -> bool:
    """Whether a gap is much wider than those between the next numbers, the last."""
    steps = np.abs(np.diff(others.astype(float)))[-(len(others) // 4 + 1) :]
    return gap > FAR * float(np.median(steps))


def _may_be(number: float) -> bool:
    """Whether a number at an end may stand for no value."""
    return (number < 0 and number % 1 == 0) or _has_form(number)


def _has_form(number: float) -> bool:
    return _FORMS.fullmatch(written(number)) is not None


def written(number: float) -> str:
    """Write a number as files do: -999, not -999.0."""
    whole = number % 1 == 0 and abs(number) < 1e16
    return f"{number:.0f}" if whole else repr(number)

"""Points and commas that may part thousands: 1.440 beside 810, 24.700 in every cell."""

import re
from enum import Enum, IntEnum

import pyarrow as pa
import pyarrow.compute as pc

from regcore.intake.texts import Text, probe

OTHER = {".": ",", ",": "."}
"""The decimal sign where the other one parts thousands."""

SAMPLE = 50
"""Cells that are looked at before all are."""

MANY = 20
"""Numbers with a mark of which one in ten would have fewer decimals than three."""


class Trust(IntEnum):
    """How the decimal sign of a file is known."""

    GUESSED = 0
    SHOWN = 1
    SAID = 2


class Groups(Enum):
    """What the cells of a column say of a mark that could be decimal sign or not."""

    NONE = "it is no question"
    OPEN = "every number with the mark has three digits behind it"
    SHOWN = "others have none, which no way to write decimals would give"


def may_be_groups(text: Text, mark: str) -> bool:
    """Whether the first cells leave open whether a mark parts thousands."""
    cells = probe(text, SAMPLE)
    pattern = re.compile(_pattern(mark))
    return any(mark in cell for cell in cells) and all(map(pattern.fullmatch, cells))


def groups_of_three(text: pa.LargeStringArray, mark: str) -> Groups:
    """Weigh whether a mark parts thousands.

    Who writes three decimals writes them in every number; who leaves zeros out at the
    end leaves some of three out. Neither writes 1.440 beside 810.
    Cells have no white space around them; words for «no value» are missing.
    """
    if not may_be_groups(text, mark):
        return Groups.NONE
    if not pc.all(pc.match_substring_regex(text, f"^(?:{_pattern(mark)})$")).as_py():
        return Groups.NONE
    marked = pc.match_substring(text, mark)
    bare = pc.and_(pc.invert(marked), pc.not_equal(text, "0"))
    ended = pc.and_(marked, pc.match_substring_regex(text, r"0[^\d.,]*$"))
    if not _count(bare):
        return Groups.OPEN
    shown = _count(ended) or _count(marked) >= MANY
    return Groups.SHOWN if shown else Groups.OPEN


def weigh_sign(
    text: pa.LargeStringArray, decimal: str, trust: Trust
) -> tuple[str, str]:
    """Return the decimal sign of a column, and a cell that the other reads as well.

    What shows that the mark parts thousands counts more than the guess for the file,
    and not more than what other columns show. The cell is empty where all is clear.
    """
    if trust is Trust.SAID:
        return decimal, ""
    how = groups_of_three(text, decimal)
    if how is Groups.NONE:
        mark = OTHER[decimal]
        opened = groups_of_three(text, mark) is Groups.OPEN
        return decimal, _first_with(text, mark) if opened else ""
    example = _first_with(text, decimal)
    if how is Groups.SHOWN:
        return (decimal if trust else OTHER[decimal]), example
    return decimal, "" if trust else example


def _first_with(text: pa.LargeStringArray, mark: str) -> str:
    cell: str = text.filter(pc.match_substring(text, mark))[0].as_py()
    return cell


def _pattern(mark: str) -> str:
    """Numbers that are one group of digits, or two with the mark between them.

    Signs, brackets, currencies and units may stand around them.
    """
    return rf"[^\d.,]*(?:[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})?|0)[^\d.,]*"


def _count(mask: pa.BooleanArray) -> int:
    return pc.sum(mask).as_py() or 0

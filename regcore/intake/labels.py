"""Columns of words: which of them stand for no value, and which are levels."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from regcore.intake.absent import MOST_LEVELS, levels_of
from regcore.intake.cells import MISSING_WORDS
from regcore.intake.column import Column
from regcore.intake.plan import Reading
from regcore.intake.texts import PROBE, Bytes, arrow_text, as_arrow, probe, stripped

LONGEST_WORD = 12


def read_labels(cells: pd.Series, reading: Reading, why: str = "") -> Column:
    """Return text whose words for «no value» are missing.

    They are not where the column has no other words, nor where it has them as levels.
    `why` is why the column stayed text, where that needs a word.
    """
    text = as_arrow(cells)
    known = (MISSING_WORDS | {*reading.missing}) - {*reading.values}
    if not _may_have(text, known):
        return Column(cells, why_text=why)
    text = stripped(text)
    blanks = pc.equal(pc.binary_length(text), 0).fill_null(False)
    words = _is_in(text, known)
    found, gaps = pc.sum(words).as_py() or 0, pc.sum(blanks).as_py() or 0
    if not found and not gaps:
        return Column(cells, why_text=why)
    column = Column(cells.mask(_mask(blanks)), why_text=why)
    if not found:
        return column
    counts = _counts(text, text.filter(words))
    absent = {word: counts[word] for word in sorted(known & counts.keys())}
    if len(absent) > 1 and found + gaps + text.null_count == len(text):
        return replace(column, why_text="", labels=" and ".join([*absent][:3]))
    levels = {
        word: absent.pop(word)
        for word in levels_of(counts)
        if word in absent and word not in reading.missing
    }
    return _without(replace(column, levels=tuple(levels.items())), absent)


def _may_have(text: pa.LargeStringArray, words: Collection[str]) -> bool:
    """Whether the sizes and the first bytes of cells leave room for blanks or words."""
    held = Bytes.of(text.drop_null())
    longest = max([LONGEST_WORD, *(len(word.encode()) for word in words)])
    if bool((held.sizes > longest).all()):
        return False
    starts = np.zeros(256, bool)
    # Letters beyond ASCII may be white space too.
    starts[: ord(" ") + 1] = starts[ord("~") + 1 :] = True
    starts[[word.encode()[0] for word in words if word]] = True
    return bool(starts[held.first].any())


def settle_levels(columns: Sequence[Column]) -> list[Column]:
    """Take a level for «no value» after all where the file's numbers do.

    Unless most of its column is that.
    """
    told = {word for column in columns for word, _ in column.gaps}
    settled = []
    for column in columns:
        doubted = {word: count for word, count in column.levels if word in told}
        if doubted:
            text = arrow_text(column.cells)
            kept = levels_of(_counts(text, text), in_numbers=told)
            out = {word: n for word, n in doubted.items() if word not in kept}
            left = tuple(pair for pair in column.levels if pair[0] not in out)
            column = _without(replace(column, levels=left), out)
        settled.append(column)
    return settled


def _without(column: Column, absent: dict[str, int]) -> Column:
    """Return the column without some words, counted."""
    if not absent:
        return column
    gone = _mask(_is_in(arrow_text(column.cells), absent))
    return replace(
        column,
        cells=column.cells.mask(gone),
        words=column.words + sum(absent.values()),
        word=column.word or next(iter(absent)),
        absent=(*column.absent, *absent.items()),
    )


def _counts(text: pa.LargeStringArray, some: pa.LargeStringArray) -> dict[str, int]:
    """How often each text comes; of `some` only where there are too many for levels."""
    few = len({*probe(text, PROBE)}) <= 2 * MOST_LEVELS
    pairs = pc.value_counts(text if few else some).to_pylist()
    return {p["values"]: p["counts"] for p in pairs if p["values"] is not None}


def _is_in(text: pa.LargeStringArray, words: Collection[str]) -> pa.BooleanArray:
    return pc.is_in(text, value_set=pa.array(sorted(words), pa.large_string()))


def _mask(found: pa.BooleanArray) -> np.ndarray:
    mask: np.ndarray = found.fill_null(False).to_numpy(zero_copy_only=False)
    return mask

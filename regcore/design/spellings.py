"""Levels and classes that differ in case or outer spaces only: one, in spellings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regcore.words import listed, named

Spellings = tuple[tuple[str, str], ...]


def bare(text: str) -> str:
    """Return a text in lower case, with single spaces within and none around."""
    return " ".join(text.split()).casefold()


def most_frequent(levels: Sequence[str], counts: np.ndarray) -> dict[str, str]:
    """Return the spelling that comes most often, by what all spellings share.

    Of two that come as often the one without outer spaces, and else the first.
    """
    chosen: dict[str, str] = {}
    pairs = zip(levels, counts.tolist(), strict=True)
    ranks = [(-count, text != text.strip()) for text, count in pairs]
    for at in sorted(range(len(levels)), key=ranks.__getitem__):
        chosen.setdefault(bare(levels[at]), levels[at])
    return chosen


def merge_levels(
    column: pd.Series, levels: tuple[str, ...], counts: np.ndarray
) -> tuple[tuple[str, ...], np.ndarray, Spellings]:
    """Take the spellings of a level together.

    Parameters
    ----------
    column : its categories may hold more spellings than its cells
    levels, counts : (levels,), what its cells hold, and how often

    Returns
    -------
    levels and counts without the other spellings, and pairs of a spelling and its level
    """
    chosen = most_frequent(levels, counts)
    texts: Sequence[str] = levels
    if isinstance(column.dtype, pd.CategoricalDtype):
        texts = [*levels, *map(str, column.cat.categories)]
    pairs = {text: chosen.get(bare(text), text) for text in texts}
    others = tuple(sorted((t, level) for t, level in pairs.items() if t != level))
    if len(chosen) == len(levels):
        return levels, counts, others
    kept = tuple(sorted(chosen.values()))
    place = {level: at for at, level in enumerate(kept)}
    at = [place[pairs[level]] for level in levels]
    return kept, np.bincount(at, counts, len(kept)).astype(int), others


def in_words(spellings: Spellings) -> str:
    """Say which spellings were taken for which levels, as a clause."""
    shown = listed([f"{named(text)} as {named(level)}" for text, level in spellings])
    return (
        f"levels that differ in case or outer spaces only were taken together: {shown}"
    )

"""Columns of text that look like numbers or dates, though too few cells are."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regcore.design.dates import PROBE, best_order
from regcore.design.datetexts import match_date
from regcore.design.datetimes import read_texts
from regcore.intake.cells import says_something
from regcore.intake.nearly import FEWEST, HALF, Look, look


def find_look(column: pd.Series, texts: Sequence[str]) -> Look | None:
    """Return what at least half of the cells that say anything look like, if they do.

    Parameters
    ----------
    column : text that was taken neither for numbers nor for dates
    texts : the different texts of the column
    """
    return look(column) or _look_of_dates(column, texts)


def _look_of_dates(column: pd.Series, texts: Sequence[str]) -> Look | None:
    probe = texts[:: max(1, len(texts) // PROBE)]
    found = sum(match_date(text) is not None for text in probe)
    if found < 0.8 * HALF * len(probe):
        return None
    counts = column[column.map(_says, na_action="ignore").eq(True)].value_counts()
    kinds = counts.index.tolist()
    dates = ~np.isnat(read_texts(kinds, best_order(kinds)))
    count, total = int(counts[dates].sum()), int(counts.sum())
    if total < FEWEST or count < HALF * total:
        return None
    others = counts[~dates] if count < total else counts
    return Look("dates", count, total, tuple(others.index[:3]))


def _says(text: str) -> bool:
    return says_something(text.strip())

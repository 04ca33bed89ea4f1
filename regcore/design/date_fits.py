"""Columns of dates fitted on the training rows, with a note on what was done."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from regcore.design.columns import EVERY_ROW_EMPTY, name_of
from regcore.design.dateparts import date_part
from regcore.design.dates import PARTS, DateColumn, date_in_words, read_dates
from regcore.design.datetexts import DateOrder
from regcore.design.figures import Figures
from regcore.design.months import in_english
from regcore.settings import Dates
from regcore.words import counted, listed, named, one_or_many

EXAMPLES = 3
"""Cells that a note names."""


def fit_dates(
    column: pd.Series, order: DateOrder, how: Dates
) -> tuple[DateColumn | None, str]:
    """Fit dates on the training rows; the note says what was filled or why not."""
    times = read_dates(column, order)
    gaps = np.isnat(times)
    if gaps.all():
        return None, EVERY_ROW_EMPTY
    known = times[~gaps]
    figures = {
        part: Figures.of(date_part(known, part, known.min()), int(gaps.sum()))
        for part in wanted_parts(order, how)
    }
    wrong = column[gaps & column.notna().to_numpy()].value_counts()
    # Codes are counted too where none is left.
    return dates_of(name_of(column), order, known.min(), figures, wrong[wrong > 0])


def wanted_parts(order: DateOrder, how: Dates) -> tuple[str, ...]:
    """What is measured of each date, if it varies."""
    if order.clock:
        return ("hours",)
    return ("days",) if how == Dates.DAYS else PARTS


def dates_of(
    name: str,
    order: DateOrder,
    origin: np.datetime64,
    figures: Mapping[str, Figures],
    wrong: pd.Series,
) -> tuple[DateColumn | None, str]:
    """Fit dates by the figures of their parts over the training rows, with the note.

    Parameters
    ----------
    wrong : how often each text comes that is no date
    """
    kept = {part: found for part, found in figures.items() if found.varies}
    if not kept:
        same = "the same time" if order.clock else date_in_words(origin)
        return None, f"left out: {same} in every training row"
    gaps = max(found.gaps for found in kept.values())
    encoding = DateColumn(
        name,
        order,
        origin,
        tuple(kept),
        tuple(found.median for found in kept.values()),
        marked=gaps > 0,
    )
    return encoding, "; ".join(_notes(encoding, gaps, wrong))


def _notes(encoding: DateColumn, gaps: int, wrong: pd.Series) -> list[str]:
    if encoding.parts == ("days",):
        notes = [f"taken as days since {date_in_words(encoding.origin)}, the earliest"]
    elif encoding.order.clock:
        notes = ["taken as hours since midnight"]
    else:
        notes = [f"taken apart into {', '.join(encoding.parts)}"]
    if not encoding.order.certain:
        notes.append(f"read with {encoding.order.spelled}, which no cell decides")
    if encoding.order.language:
        notes.append(f"months read as {in_english(encoding.order.language)}")
    last = encoding.order.last
    if last is not None:
        notes.append(f"two digits of a year read as {last - 99} to {last}, as a guess")
    if len(wrong):
        count = int(wrong.sum())
        cells = f"{counted(count, 'cell')} that{one_or_many(count, ' is', ' are')}"
        what = "time of day" if encoding.order.clock else "date"
        often = [named(text) for text in wrong.index[:EXAMPLES]]
        notes.append(f"{cells} no {what} taken as missing, such as {listed(often)}")
    if gaps:
        notes.append(
            f"{counted(gaps, 'gap')} in the training rows filled with their median, "
            f"{encoding.fill}, and marked"
        )
    return notes

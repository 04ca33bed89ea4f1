"""Many texts to dates, most of them at once where they are written alike."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regcore.design.datetexts import (
    SPAN,
    DateOrder,
    fixed_format,
    read_date,
)


def read_texts(texts: Sequence[object], order: DateOrder) -> np.ndarray:
    """Return different texts as (n,) datetime64[s], NaT where there is no date."""
    fast = fixed_format(str(texts[0]), order) if len(texts) else None
    times = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[s]")
    if fast is not None:
        parsed = pd.to_datetime(
            pd.Series(list(texts), dtype="str"), format=fast, errors="coerce", utc=True
        )
        times = parsed.dt.tz_convert(None).to_numpy(dtype="datetime64[s]", copy=True)
        if "%y" in fast and order.last is not None:
            times = _moved(times, order.last)
        times[(times < SPAN[0]) | (times >= SPAN[1])] = np.datetime64("NaT")
    for at in np.flatnonzero(np.isnat(times)).tolist():
        times[at] = read_date(texts[at], order)
    return times


def _moved(times: np.ndarray, last: int) -> np.ndarray:
    """Move dates by whole centuries, to the hundred years that end in `last`."""
    months = times.astype("datetime64[M]")
    years = times.astype("datetime64[Y]").astype(int) + 1970
    by = (last - (last - years) % 100) - years
    rest = times - months.astype("datetime64[s]")
    moved = months + 12 * by
    dates: np.ndarray = moved.astype("datetime64[s]") + rest
    # A 29th of February is none in three of four centuries.
    dates[dates.astype("datetime64[M]") != moved] = np.datetime64("NaT")
    return dates

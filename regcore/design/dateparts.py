"""Dates and times of day as numbers."""

import numpy as np

from regcore.model.losses import Array


def date_part(times: np.ndarray, part: str, origin: np.datetime64) -> Array:
    """Return one part of each date as a number; a gap gives any number."""
    if part == "days":
        seconds: Array = (times - origin) / np.timedelta64(1, "s")
        return seconds / 86_400.0
    days = times.astype("datetime64[D]")
    if part == "hours":
        seconds = (times - days) / np.timedelta64(1, "s")
        return seconds / 3_600.0
    months = times.astype("datetime64[M]")
    if part == "year":
        whole = times.astype("datetime64[Y]").astype(int) + 1970
    elif part == "month":
        whole = months.astype(int) % 12 + 1
    elif part == "day":
        whole = (days - months.astype("datetime64[D]")).astype(int) + 1
    elif part == "weekday":
        # 1970-01-01 was a Thursday.
        whole = (days.astype(int) + 3) % 7 + 1
    else:
        whole = (times - days).astype("timedelta64[h]").astype(int)
    return whole.astype(float)

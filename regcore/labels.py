"""Labels: cut to a length, moved apart."""

import numpy as np

from regcore.model.losses import Array
from regcore.words import figures as figures

LONGEST = 18
"""Characters of a label beside a line; the full name is in the tooltip."""


def shortened(name: str, longest: int = LONGEST) -> str:
    """Cut in the middle, so that the levels of one category can still be told apart."""
    if len(name) <= longest:
        return name
    tail = (longest - 1) // 2
    return f"{name[: longest - 1 - tail]}…{name[-tail:]}"


def spread(places: Array, least: float, low: float, high: float) -> Array:
    """Move places apart until neighbours are `least` apart, each as little as possible.

    Least squares under the order: with the gaps taken off, that is the nearest rising
    sequence, found by pooling neighbours that are out of order.

    Parameters
    ----------
    places : (m,), in any order; the result keeps it
    low, high : where they must stay; if there is no room, they are spaced evenly

    References
    ----------
    Ayer et al. (1955), pool adjacent violators.
    """
    m = len(places)
    if m < 2:
        return np.clip(places, low, high)
    least = min(least, (high - low) / (m - 1))
    order = np.argsort(places, kind="stable")
    gaps = least * np.arange(m)
    pools: list[list[float]] = []
    for value in np.asarray(places, dtype=float)[order] - gaps:
        pools.append([value, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, count = pools.pop()
            mean, before = pools.pop()
            total = count + before
            pools.append([(mean * before + value * count) / total, total])
    rising = np.concatenate([np.full(int(count), mean) for mean, count in pools])
    moved = np.empty(m)
    moved[order] = np.clip(rising, low, high - gaps[-1]) + gaps
    return moved

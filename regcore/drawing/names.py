"""Names of features in charts: cut, told apart, and moved apart beside lines."""

from collections.abc import Iterable
from itertools import groupby, zip_longest

import altair as alt
import numpy as np
import pandas as pd

from regcore.drawing import Domain
from regcore.model.losses import Array

LABEL_PIXELS = 130

LONGEST = 20
"""Characters of a name in a chart; the full name is in the tooltip."""

IN_A_THIRD, IN_A_HALF, ALONG, ON_PAPER = 14, 16, 26, 60
"""The same where there is less room, or more: at the end of a line in one of three
panels or of two; along an axis; on paper, where there is no tooltip."""

LINE = 14
"""Pixels that a name beside a line needs from the next."""


def feature_axis(limit: int = LABEL_PIXELS) -> alt.Axis:
    """Every label is drawn, in so many pixels; 0 for any."""
    return alt.Axis(
        labelLimit=limit,
        labelOverlap=False,
        labelBound=False,
        labelFlush=False,
        ticks=False,
        domain=False,
    )


def with_rows(frame: pd.DataFrame, among: Iterable[str] = ()) -> pd.DataFrame:
    """Add for `feature_rows` the short name of each "feature", "row", and its "place".

    The place is that of its first row.

    Parameters
    ----------
    among : names that are not drawn, from which those drawn are told apart
    """
    row = frame["feature"].map(short_names([*frame["feature"], *among]))
    return frame.assign(row=row, place=pd.factorize(row)[0])


def feature_rows() -> alt.Y:
    """One line a feature, in the order of the data `with_rows`, every label drawn.

    The order goes with the data: by itself it stays as it was when they move on.
    """
    return alt.Y(
        "row:N",
        sort=alt.EncodingSortField(field="place", op="min"),
        title=None,
        # Whatever the marks, so that rows of charts side by side are level.
        scale=alt.Scale(paddingInner=0, paddingOuter=0),
        axis=feature_axis(),
    )


def shortened(name: str, longest: int = LONGEST) -> str:
    """Cut in the middle, so that the levels of one category can still be told apart."""
    if len(name) <= longest:
        return name
    tail = (longest - 1) // 2
    return f"{name[: longest - 1 - tail]}…{name[-tail:]}"


def short_names(names: Iterable[str], longest: int = LONGEST) -> dict[str, str]:
    """Names cut in the middle, and different where the names are.

    Those of which the same would be left show where they begin to differ instead; if
    that does not do, they are not cut. Names that are not drawn can be among them: a
    level of one column does not read like that of another, drawn or not.
    """
    cut = {name: shortened(name, longest) for name in names}
    for alike in _alike(cut):
        letters = enumerate(zip_longest(*alike))
        differ = next(place for place, of in letters if len(set(of)) > 1)
        cut |= {name: _cut_at(name, differ, longest) for name in alike}
    for alike in _alike(cut):
        cut |= {name: name for name in alike}
    return cut


def _cut_at(name: str, place: int, longest: int) -> str:
    """The beginning of a name, and what stands at a later place."""
    head = longest // 3
    left = longest - head - 1
    rest = name[place:]
    return f"{name[:head]}…{rest if len(rest) <= left else f'{rest[: left - 1]}…'}"


def _alike(cut: dict[str, str]) -> list[list[str]]:
    """Names that are cut to the same."""
    runs = groupby(sorted(cut, key=cut.__getitem__), key=cut.__getitem__)
    groups = [list(names) for _, names in runs]
    return [names for names in groups if len(names) > 1]


def in_full(texts: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Names that were cut in texts, as they stand there, and in full."""
    long = [name for name in names if len(name) > LONGEST]
    whole: dict[str, str] = {}
    for text in texts:
        cuts = {cut: name for name in long if (cut := _cut_in(text, name))}
        if cuts:
            # Two names can begin alike: that of which most is there.
            longest = max(cuts, key=len)
            whole[longest] = cuts[longest]
    return whole


def _cut_in(text: str, name: str) -> str:
    """How a name is cut in a text; empty if it is not."""
    before, _, after = text.partition("…")
    heads = (before[at:] for at in range(len(before)))
    head = next((part for part in heads if name.startswith(part)), "")
    ends = (after[:to] for to in range(len(after), 0, -1))
    tail = next((part for part in ends if part in name[len(head) :]), "")
    if not head or not tail:
        return ""
    more = "…" if after[len(tail) :].startswith("…") else ""
    return f"{head}…{tail}{more}"


def moved_apart(places: Array, domain: Domain, pixels: int) -> Array:
    """Places of names beside lines, on an axis that is so many pixels long."""
    low, high = domain
    least = LINE * (high - low) / pixels
    return spread(np.clip(places, low, high), least, low, high)


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

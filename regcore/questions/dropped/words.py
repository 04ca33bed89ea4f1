"""What was dropped and what belongs together, in words."""

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.questions.dropped.answer import CLOSE, FULL, Dropped
from regcore.questions.dropped.groups import Group, Share
from regcore.trained import CALLED
from regcore.words import correlation, counted, figures, listed, named, share, signed

MANY = (
    " Some features are made of each other, so L1 has many optima here; others drop "
    "other features."
)
"""Tibshirani (2013), section 2.2."""


def in_words(found: Dropped, output: str = "") -> str:
    """Say how many were dropped, who was nearest, and the closest stand-in.

    Parameters
    ----------
    output : the class, where there are three or more
    """
    of_class = f" for {named(output)}" if output else ""
    total = len(found.table) + found.kept
    many, threshold = "" if found.unique else MANY, figures(found.threshold, 3)
    if not len(found.table):
        return (
            f"At this λ the optimum of L1 drops nothing{of_class}: each of the "
            f"{total} features has a weight, at which its correlation with the "
            f"residual is exactly λ/n = {threshold}.{many}"
        )
    first = found.table.iloc[0]
    text = (
        f"At the optimum L1 drops {len(found.table)} of "
        f"{counted(total, 'feature')}{of_class}. Nearest to coming in is "
        f"{named(first.feature)}: its correlation with the residual "
        f"{figures(first.slope, 3)} is {share(first.share)} of the threshold "
        f"λ/n = {threshold}"
    )
    if not found.kept:
        return f"{text}; nothing is kept that could stand in for it."
    text += _relative(first, found.kept)
    squares = found.table["correlation"].to_numpy() ** 2
    likeness = np.fmax(found.table["shared"].to_numpy(), squares)
    twin = found.table.iloc[int(likeness.argmax())]
    if twin.feature == first.feature or likeness.max() < CLOSE**2:
        return text + many
    who, does, how = _stand_in(twin, found.kept)
    clearest = f"{who} {does} {named(twin.feature)} ({how})"
    return f"{text} The clearest case: {clearest}.{many}"


def _relative(row: pd.Series, kept: int) -> str:
    """End the sentence with what of the kept features is closest to this one."""
    if np.fmax(row.correlation**2, row.shared) >= CLOSE**2:
        who, does, how = _stand_in(row, kept)
        return f", and {who} {does} it ({how})."
    text = f"; no kept feature is close to it ({named(row.stand_in)}: {_r(row)})"
    if kept == 1:
        return f"{text}."
    if np.isnan(row.shared):
        return f"{text}, and there are too few rows to judge all together."
    return f"{text}, nor are all together (R² = {correlation(row.shared)})."


def _stand_in(row: pd.Series, kept: int) -> tuple[str, str, str]:
    """Who stands in for a dropped feature, how far, and the figure that says so."""
    alone = named(row.stand_in)
    if len(row.made_of) > 1:
        return (
            listed([named(name) for name in row.made_of]),
            "together determine",
            "R² = 1",
        )
    if row.made_of:
        return alone, "determines", _r(row)
    if row.correlation**2 >= FULL:
        return alone, "stands in for", _r(row)
    if kept == 1 or np.isnan(row.shared):
        return alone, "stands in partly for", _r(row)
    together = f"R² = {correlation(row.shared)}"
    if row.shared >= FULL:
        return "all kept features together", "stand in for", together
    how = f"{together}; {alone}: {_r(row)}"
    return "all kept features together", "stand in partly for", how


def _r(row: pd.Series) -> str:
    return f"r = {correlation(row.correlation, '+')}"


def group_in_words(group: Group) -> str:
    """Say what no penalty, L2 and L1 do with one group."""
    near = f"|r| = {correlation(group.lowest)}"
    if group.highest - group.lowest >= 0.005:
        near += f" to {correlation(group.highest)}"
    if group.mirrored:
        other = listed([named(feature) for feature in group.mirrored])
        near += f"; {other} the other way round"
    members = listed([named(feature) for feature in group.features])
    return f"{members} ({near}): {'; '.join(_does(group, i) for i in (0, 2, 1))}."


def _does(group: Group, i: int) -> str:
    """What one penalty does, with the numbers."""
    share, name = group.shares[i], PENALTIES[i]
    who = CALLED[name]
    if share in (Share.NO_OPTIMUM, Share.UNKNOWN):
        return f"without a penalty {share}" if name == "none" else f"for {who} {share}"
    weights = group.weights[name]
    text = f"{who} {share}"
    if share is Share.ONE:
        chosen = weights[weights != 0]
        return f"{text}, {named(chosen.index[0])}{_flipped(group, name)}"
    if share is Share.SOME:
        text = f"{who} picks {int((weights != 0).sum())} of {len(weights)}"
    if share in (Share.APART, Share.ALL, Share.SOME):
        kept = weights[weights != 0]
        low, high = (signed(weight) for weight in (kept.min(), kept.max()))
        text += f" ({low} to {high})"
    return text + _flipped(group, name)


def _flipped(group: Group, name: str) -> str:
    flipped = group.flips.index[group.flips[name]]
    if not len(flipped):
        return ""
    return f", with the sign of {listed([named(f) for f in flipped])} flipped"

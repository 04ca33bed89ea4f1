"""Why L1 set a weight to zero, and which kept feature stands in for it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.compare import Comparison
from regcore.model.blocks import BLOCK
from regcore.model.losses import Array
from regcore.model.readable import Readable
from regcore.words import counted, named, share

CLOSE = 0.5
"""Correlation from which a kept feature is said to stand in for a dropped one."""


@dataclass(frozen=True)
class Dropped:
    """The features that L1's exact optimum sets to zero, for one output.

    Attributes
    ----------
    table : one row a dropped feature, the one nearest to coming in first, with
        `pull`, |x·r|/n with the residual r of L1's own predictions; `share`, the pull
        over the threshold, at most 1; `stand_in`, the kept feature that is most
        correlated with it, empty if nothing is kept; `correlation`, with that one
    threshold : λ/n
    kept : number of features with a weight
    """

    table: pd.DataFrame
    threshold: float
    kept: int


def dropped(result: Comparison, output: str = "") -> Dropped:
    """Explain every weight that L1's exact optimum sets to zero.

    A weight is 0 exactly if the slope that the loss would offer it, |∂C0/∂w| = |x·r|/n,
    does not exceed λ/n, which is what the penalty would take.

    Parameters
    ----------
    output : the class, where there are three or more

    References
    ----------
    Tibshirani (2013), The lasso problem and uniqueness, eqs. 3 and 4.
    """
    problem, best = result.problem, result.optima[1]
    k = problem.design.classes.index(output) if output else 0
    G = problem.oracle.loss_and_gradient(best.W[np.newaxis], best.b[np.newaxis])[1]
    pull, threshold = np.abs(G[0, :, k]), float(result.penalties[1].l1)
    out = np.flatnonzero(best.W[:, k] == 0)
    kept = np.flatnonzero(best.W[:, k] != 0)
    names = np.array(problem.design.features, dtype=object)
    stand_in, correlation = np.full(len(out), "", dtype=object), np.full(len(out), 0.0)
    if len(kept) and len(out):
        R = correlations(problem.design.training, out, kept)
        nearest = np.abs(R).argmax(axis=1)
        stand_in = names[kept[nearest]]
        correlation = R[np.arange(len(out)), nearest]
    share = np.minimum(pull[out] / threshold, 1.0) if threshold > 0 else pull[out]
    table = pd.DataFrame(
        {
            "feature": names[out],
            "pull": pull[out],
            "share": share,
            "stand_in": stand_in,
            "correlation": correlation,
        }
    ).sort_values("share", ascending=False, kind="stable", ignore_index=True)
    return Dropped(table, threshold, len(kept))


def correlations(X: Readable, rows: np.ndarray, columns: np.ndarray) -> Array:
    """Correlations of some columns of X (n, p) with others; 0 for a constant one."""
    n, p = X.shape
    mean, square = np.zeros(p), np.zeros(p)
    cross = np.zeros((len(rows), len(columns)))
    for first in range(0, n, BLOCK):
        block = X[first : first + BLOCK]
        mean += block.sum(axis=0) / n
        square += (block * block).sum(axis=0) / n
        cross += block[:, rows].T @ block[:, columns] / n
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
    # What a constant column varies by is the rounding of its squares.
    rounding = 1e-7 * np.sqrt(square)
    deviation = np.where(deviation > rounding, deviation, np.inf)
    cross -= np.outer(mean[rows], mean[columns])
    return cross / np.outer(deviation[rows], deviation[columns])


def in_words(found: Dropped) -> str:
    """Say how many were dropped, who was nearest, and the closest stand-in."""
    total = len(found.table) + found.kept
    if not len(found.table):
        return (
            f"At this λ L1 drops nothing: each of the {total} features has a weight, "
            f"at which it pulls exactly as hard as λ/n = {found.threshold:.3g}."
        )
    first = found.table.iloc[0]
    text = (
        f"L1 drops {len(found.table)} of {counted(total, 'feature')}. Nearest to "
        f"coming in is {named(first.feature)}: its pull {first.pull:.3g} is "
        f"{share(first.share)} of the threshold λ/n = {found.threshold:.3g}"
    )
    if not found.kept:
        return f"{text}; nothing is kept that could stand in for it."
    text += _relative(first)
    twin = found.table.loc[found.table["correlation"].abs().idxmax()]
    if twin.feature == first.feature or not abs(twin.correlation) >= CLOSE:
        return text
    return (
        f"{text} The clearest stand-in is {named(twin.stand_in)} for "
        f"{named(twin.feature)} ({_r(twin)}): what one could add, the other has."
    )


def _relative(row: pd.Series) -> str:
    """End the sentence with the kept feature that is closest to this one."""
    if abs(row.correlation) >= CLOSE:
        return f", and {named(row.stand_in)} stands in for it ({_r(row)})."
    return f"; no kept feature is close to it ({named(row.stand_in)}: {_r(row)})."


def _r(row: pd.Series) -> str:
    return f"r = {row.correlation:+.2f}".replace("-", "−")

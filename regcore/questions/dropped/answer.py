"""Why L1 set a weight to zero, and which kept feature stands in for it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.model.losses import Array
from regcore.solve.uniqueness import correlations

CLOSE = 0.5
"""Correlation from which a kept feature is said to stand in for a dropped one, if only
in part; its square is the share that the kept ones must have together."""

FULL = 0.9
"""Share of a dropped feature's variance from which a stand-in is no longer partial."""

EXACT = 1e-9
"""Share of the variance that may be left of a feature that others make up exactly."""

SEEN = 1e-8
"""Share of the largest eigenvalue below which kept features are made of each other."""


@dataclass(frozen=True)
class Dropped:
    """The features that L1's exact optimum sets to zero, for one output.

    Attributes
    ----------
    table : one row a dropped feature, the one nearest to coming in first, with
        `slope`, |x·r|/n with the residual r of L1's own predictions; `share`, the slope
        over the threshold, at most 1; `stand_in`, the kept feature that is most
        correlated with it, empty if nothing is kept; `correlation`, with that one;
        `shared`, the adjusted R² of the feature on all kept ones together, NaN where
        too many are kept for the rows to tell it from chance; `made_of`, the kept
        features that make it up exactly, if any do
    threshold : λ/n
    kept : number of features with a weight
    unique : whether L1 has this optimum alone; else weight can be moved at no cost, and
        others drop other features
    """

    table: pd.DataFrame
    threshold: float
    kept: int
    unique: bool = True


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
    problem, best = result.problem, result["L1"].optimum
    k = problem.design.classes.index(output) if output else 0
    G = problem.oracle.loss_and_gradient(best.W[np.newaxis], best.b[np.newaxis])[1]
    slope, threshold = np.abs(G[0, :, k]), result.settings.lam / problem.n
    out = np.flatnonzero(best.W[:, k] == 0)
    kept = np.flatnonzero(best.W[:, k] != 0)
    names = np.array(problem.design.features, dtype=object)
    stand_in, correlation = np.full(len(out), "", dtype=object), np.full(len(out), 0.0)
    shared, made_of = np.full(len(out), np.nan), [()] * len(out)
    R = correlations(problem.like_rows, np.r_[out, kept], kept)
    R, R_kept = R[: len(out)], R[len(out) :]
    if R.size:
        nearest = np.abs(R).argmax(axis=1)
        stand_in = names[kept[nearest]]
        correlation = R[np.arange(len(out)), nearest]
        shared, parts = _on_all(R, R_kept, problem.n)
        made_of = [tuple(names[kept[part]]) for part in parts]
    share = np.minimum(slope[out] / threshold, 1.0) if threshold > 0 else slope[out]
    table = pd.DataFrame(
        {
            "feature": names[out],
            "slope": slope[out],
            "share": share,
            "stand_in": stand_in,
            "correlation": correlation,
            "shared": shared,
            "made_of": made_of,
        }
    ).sort_values("share", ascending=False, kind="stable", ignore_index=True)
    return Dropped(table, threshold, len(kept), not result.l1_has_many_optima)


def _on_all(R: Array, R_kept: Array, n: int) -> tuple[Array, np.ndarray]:
    """Regress each dropped feature on all m kept ones.

    R² is adjusted, 1 − (1 − R²)·(n − 1)/(n − 1 − m), for m features that have nothing
    to do with another share m/(n − 1) of it by chance. The adjusted one of those has
    the variance 2m/((n − 1 − m)(n + 1)).

    Parameters
    ----------
    R, R_kept : (d, m) and (m, m), correlations with and among the kept ones

    Returns
    -------
    adjusted R², (d,), NaN where chance alone could reach CLOSE²; and which kept
    features make a dropped one up exactly, (d, m)
    """
    values, vectors = np.linalg.eigh(R_kept)
    seen = values > SEEN * values[-1]
    slopes = (R @ vectors[:, seen] / values[seen]) @ vectors[:, seen].T
    rest = np.maximum(1.0 - (slopes * R).sum(axis=1), 0.0)
    m = int(seen.sum())
    free = n - 1 - m
    if free < 1:
        return np.full(len(R), np.nan), np.zeros(R.shape, dtype=bool)
    exact = rest < EXACT
    shared = np.maximum(1.0 - rest * (n - 1) / free, 0.0)
    if 2.0 * np.sqrt(2.0 * m / (free * (n + 1.0))) > CLOSE**2:
        shared[~exact] = np.nan
    return shared, exact[:, np.newaxis] & (np.abs(slopes) > np.sqrt(EXACT))

"""Groups of correlated features, and what each penalty does with a group."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison
from regcore.model.losses import Array
from regcore.solve.optimum import Status
from regcore.solve.uniqueness import correlations

BOUND = 0.8
"""Correlation from which two features belong together, unless the user moves it."""

MOST_FEATURES = 1000
"""Features with the largest weights that are looked at: their correlations are held at
once."""

CANCELS = 0.2
"""Share of a group's weights that must cancel for them to count as pulling apart."""


class Share(StrEnum):
    """What a penalty does with a group, as the end of a sentence."""

    NOTHING = "keeps none of it"
    ONE = "picks one"
    SOME = "picks some"
    APART = "sets the members against each other"
    ALL = "shares the weight"
    NO_OPTIMUM = "there is no optimum"
    UNKNOWN = "the optimum is not known"


@dataclass(frozen=True)
class Group:
    """Features that are linked by correlations of at least the bound.

    Attributes
    ----------
    features : the members, those with the largest weights first
    mirrored : the members that run the other way than the first
    lowest, highest : smallest and largest |r| between two members
    weights : index feature, columns the penalties; exact weights per SD
    flips : same shape; whether a weight has the other sign than without a penalty
    shares : what each penalty does, in the order of `PENALTIES`
    """

    features: tuple[str, ...]
    mirrored: tuple[str, ...]
    lowest: float
    highest: float
    weights: pd.DataFrame
    flips: pd.DataFrame
    shares: tuple[Share, ...]


def groups(
    result: Comparison, bound: float = BOUND, output: str = ""
) -> tuple[Group, ...]:
    """Groups of features with |r| ≥ bound, the ones with the largest weights first.

    A group is what can be reached from one member by steps of at least the bound, so
    that its two ends may be less correlated than that.

    Parameters
    ----------
    bound : in (0, 1]
    output : the class, where there are three or more
    """
    design = result.problem.design
    k = design.classes.index(output) if output else 0
    W = np.array([model.optimum.W[:, k] for model in result.models])
    size = np.nan_to_num(np.abs(W)).max(axis=0)
    columns = np.sort(np.argsort(-size, kind="stable")[:MOST_FEATURES])
    R = correlations(result.problem.like_rows, columns, columns)
    lack = [
        Share.UNKNOWN if model.optimum.status is Status.STOPPED else Share.NO_OPTIMUM
        for model in result.models
    ]
    found = [
        _group(design.features, columns[members], R[np.ix_(members, members)], W, lack)
        for members in _linked(np.abs(R) >= bound)
    ]
    found.sort(key=lambda group: -np.nan_to_num(group.weights.abs().to_numpy()).max())
    return tuple(found)


def _linked(near: np.ndarray) -> list[np.ndarray]:
    """Connected parts with two members or more of a symmetric relation (p, p)."""
    left, parts = set(range(len(near))), []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            part.add(member := edge.pop())
            new = left.intersection(np.flatnonzero(near[member]).tolist())
            left -= new
            edge.extend(new)
        if len(part) > 1:
            parts.append(np.array(sorted(part)))
    return parts


def _group(
    names: tuple[str, ...], columns: np.ndarray, R: Array, W: Array, lack: list[Share]
) -> Group:
    """Describe the members with these columns, correlations R and weights W (3, p).

    Parameters
    ----------
    lack : what is said of each penalty where it has no weights
    """
    W = W[:, columns]
    order = np.argsort(-np.nan_to_num(np.abs(W)).max(axis=0), kind="stable")
    columns, W, R = columns[order], W[:, order], R[np.ix_(order, order)]
    pairs = np.abs(R[np.triu_indices(len(R), 1)])
    features = tuple(names[j] for j in columns)
    index = pd.Index(features, name="feature")
    flips = (W * W[0] < 0).T
    # Members that mirror each other are turned to point the same way.
    turned = W * np.where(R[0] < 0, -1.0, 1.0)
    return Group(
        features,
        tuple(name for name, r in zip(features, R[0], strict=True) if r < 0),
        float(pairs.min()),
        float(pairs.max()),
        pd.DataFrame(W.T, index=index, columns=pd.Index(PENALTIES, name="penalty")),
        pd.DataFrame(flips, index=index, columns=pd.Index(PENALTIES, name="penalty")),
        tuple(
            _share(w) if np.isfinite(w).all() else less
            for w, less in zip(turned, lack, strict=True)
        ),
    )


def _share(w: Array) -> Share:
    """What one penalty does with a group whose members point the same way."""
    nonzero = int(np.count_nonzero(w))
    if nonzero <= 1:
        return Share.ONE if nonzero else Share.NOTHING
    if 1.0 - abs(w.sum()) / np.abs(w).sum() > CANCELS:
        return Share.APART
    return Share.SOME if nonzero < len(w) else Share.ALL

"""Axes that the panels of the paths share, and where on them something lies."""

from dataclasses import dataclass

import numpy as np

from regcore.design.matrix import Design
from regcore.drawing import Domain
from regcore.model.losses import Array, Integers
from regcore.questions.path import answer as path_view
from regcore.regularization_path import RegularizationPath

MOST_LINES = 40
"""Features drawn; those with the largest weights."""

WIDE = 10.0
"""Shares of λ_max are drawn up to here, and beyond only where L2 predicts well."""


@dataclass(frozen=True)
class PathAxes:
    """Axes that the charts of all penalties share, and the features that are drawn.

    Attributes
    ----------
    shares : λ/λ_max from and to
    features : the largest weights first
    """

    shares: Domain
    weights: Domain
    losses: Domain
    most: int
    features: tuple[str, ...]

    @property
    def counts(self) -> Domain:
        """Of the number of non-zeros."""
        return 0.0, 1.08 * self.most


def path_axes(paths: RegularizationPath, design: Design, output: int = 0) -> PathAxes:
    """Find axes that hold the curves of all."""
    low = float(min(curve.lams[-1] for curve in paths.curves.values())) / paths.lam_max
    high = WIDE if paths.l2.lam_1se < 0.5 * WIDE * paths.lam_max else np.inf
    high = min(high, float(paths.l2.lams[0]) / paths.lam_max)
    W = np.concatenate([curve.W for curve in paths.curves.values()])[:, :, output]
    largest = np.abs(W).max(axis=0)
    order = np.argsort(-largest, kind="stable")[:MOST_LINES]
    frame = path_view.validation(paths)
    frame = frame[frame["share"] <= high * 1.001]
    return PathAxes(
        shares=(low, high),
        weights=_with_margin(min(float(W.min()), 0.0), max(float(W.max()), 0.0)),
        losses=_with_margin(float(frame["low"].min()), float(frame["high"].max())),
        most=int(paths.l1.W[0].size),
        features=tuple(design.features[j] for j in order),
    )


def place(shares: Array, axes: PathAxes) -> Array:
    """Where λ/λ_max lies across a plot, 0 to 1, on a log axis."""
    low, high = np.log10(axes.shares)
    at: Array = (np.log10(shares) - low) / (high - low)
    return at


def across(weights: Array, domain: Domain) -> Array:
    """Where weights lie across a plot, 0 to 1."""
    low, high = domain
    at: Array = (weights - low) / (high - low)
    return at


def down(values: Array | Integers, domain: Domain, place: Domain) -> Array:
    """Pixels from the top of values on an axis that lies between two heights."""
    (low, high), (top, bottom) = domain, place
    inside = np.clip((np.asarray(values) - low) / (high - low), 0.0, 1.0)
    pixels: Array = bottom - (bottom - top) * inside
    return pixels


def _with_margin(low: float, high: float) -> Domain:
    margin = 0.05 * (high - low) or 0.1
    return low - margin, high + margin

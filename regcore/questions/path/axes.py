"""Which part of the picture of the paths lies where, and the axes of its panels."""

from dataclasses import dataclass

import numpy as np

from regcore.drawing import Domain
from regcore.model.losses import Array, Integers
from regcore.regularization_path import RegularizationPath

ROW = 18
"""Pixels a bar."""

LINE = 16
"""Pixels a line of text."""

PANEL = 430
"""Pixels of a panel, where no page gives it its width."""

WEIGHTS, LOSSES, COUNTS = 190, 96, 64
"""Heights of the plots."""

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


@dataclass(frozen=True)
class Layout:
    """Which part lies where, in pixels from the top."""

    panels: int
    rows: int

    @property
    def width(self) -> int:
        """Of the whole, where no page gives it."""
        return PANEL * self.panels

    @property
    def weights(self) -> tuple[float, float]:
        """Top and bottom of the weights' paths."""
        top = LINE * (max(2, self.panels) + 1) + 24.0
        return top, top + WEIGHTS

    @property
    def losses(self) -> tuple[float, float]:
        """Top and bottom of the held-out loss."""
        top = self.weights[1] + 28
        return top, top + LOSSES

    @property
    def counts(self) -> tuple[float, float]:
        """Top and bottom of the number of non-zeros."""
        top = self.losses[1] + 28
        return top, top + COUNTS

    @property
    def bars(self) -> tuple[float, float]:
        """Top and bottom of the bars."""
        top = self.counts[1] + 66
        return top, top + ROW * self.rows

    @property
    def bar_rows(self) -> Array:
        """The middle of every bar."""
        return self.bars[0] + ROW * (np.arange(self.rows) + 0.5)

    @property
    def height(self) -> float:
        """Of the whole."""
        return self.bars[1] + 22


def path_axes(paths: RegularizationPath, output: int = 0) -> PathAxes:
    """Find axes that hold the curves of all."""
    curves = paths.curves.values()
    low = float(min(curve.lams[-1] for curve in curves)) / paths.lam_max
    high = WIDE if paths.l2.lam_1se < 0.5 * WIDE * paths.lam_max else np.inf
    high = min(high, float(paths.l2.lams[0]) / paths.lam_max)
    W = np.concatenate([curve.W for curve in curves])[:, :, output]
    largest = np.abs(W).max(axis=0)
    order = np.argsort(-largest, kind="stable")[:MOST_LINES]
    ends = [
        (curve.mean + side * curve.standard_error)[inside]
        for curve in curves
        if (inside := curve.lams / paths.lam_max <= high * 1.001).any()
        for side in (-1, 1)
    ]
    return PathAxes(
        shares=(low, high),
        weights=_with_margin(min(float(W.min()), 0.0), max(float(W.max()), 0.0)),
        losses=_with_margin(
            float(min(map(np.min, ends))), float(max(map(np.max, ends)))
        ),
        most=int(paths.l1.W[0].size),
        features=tuple(paths.design.features[j] for j in order),
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

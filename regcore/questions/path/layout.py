"""Which part of the picture of the paths lies where."""

from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array

ROW = 18
"""Pixels a bar."""

LINE = 16
"""Pixels a line of text."""

PANEL = 430
"""Pixels of a panel, where no page gives it its width."""

WEIGHTS, LOSSES, COUNTS = 190, 96, 64
"""Heights of the plots."""


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
        rows: Array = self.bars[0] + ROW * (np.arange(self.rows) + 0.5)
        return rows

    @property
    def height(self) -> float:
        """Of the whole."""
        return self.bars[1] + 22

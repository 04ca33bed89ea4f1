"""What is asked of the numbers of a column before it is fitted."""

from typing import NamedTuple

import numpy as np

from regcore.model.losses import Array

SMALLEST = 1e-100
"""Smallest range of a column's values that is scaled; squares of less are 0."""

LAST_DIGITS = 4 * float(np.finfo(float).eps)
"""Range of a column, as a share of its values, that is rounding and nothing else."""


class Figures(NamedTuple):
    """Of some rows the known numbers' range and median, and how many are gaps."""

    gaps: int
    low: float
    high: float
    median: float

    @classmethod
    def of(cls, known: Array, gaps: int = 0) -> "Figures":
        """Take them from the known numbers, of which there is at least one."""
        low, high = float(known.min()), float(known.max())
        return cls(gaps, low, high, float(np.median(known)))

    @property
    def varies(self) -> bool:
        """Whether the numbers differ by more than their last digits."""
        return differ(self.low, self.high)


def differ(low: float, high: float) -> bool:
    """Whether two numbers differ by more than their last digits, so that they scale."""
    return high - low > max(SMALLEST, LAST_DIGITS * max(abs(low), abs(high)))

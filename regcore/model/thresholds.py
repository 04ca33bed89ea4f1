"""Two kinds of rows told apart by a number: counted at every threshold."""

from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array


@dataclass(frozen=True)
class Thresholds:
    """Rows at or above each threshold; rows with the same number pass it together.

    Attributes
    ----------
    at : (t,) thresholds, falling; the first is ∞, which no row passes
    hits : (t,) rows of the class that pass
    alarms : (t,) other rows that pass
    """

    at: Array
    hits: np.ndarray
    alarms: np.ndarray

    @property
    def of_the_class(self) -> int:
        """Number of rows of the class."""
        return int(self.hits[-1])

    @property
    def others(self) -> int:
        """Number of the other rows."""
        return int(self.alarms[-1])

    @property
    def recall(self) -> Array:
        """Share of the rows of the class that pass, (t,)."""
        return self.hits / self.of_the_class

    @property
    def false_alarms(self) -> Array:
        """Share of the other rows that pass, (t,)."""
        return self.alarms / self.others

    @property
    def precision(self) -> Array:
        """Share of the class among the rows that pass, (t,); 1 where none does."""
        passed = self.hits + self.alarms
        return np.where(passed > 0, self.hits / np.maximum(passed, 1), 1.0)

    @property
    def turned(self) -> "Thresholds":
        """The same for the other rows, told by the number with its sign turned."""
        return Thresholds(
            at=np.append(np.inf, -self.at[:0:-1]),
            hits=(self.others - self.alarms)[::-1],
            alarms=(self.of_the_class - self.hits)[::-1],
        )

    @property
    def roc_auc(self) -> float:
        """Area under recall over false alarms, by the trapezoid rule.

        The chance that a row of the class has a larger number than another row, half
        of the ties counted. Hanley & McNeil (1982).
        """
        twice = (np.diff(self.alarms) * (self.hits[1:] + self.hits[:-1])).sum()
        return float(twice / 2 / self.of_the_class / self.others)

    @property
    def ties(self) -> float:
        """How far that area can be from the one with the ties in any order: half."""
        both = (np.diff(self.hits) * np.diff(self.alarms)).sum()
        return float(both / 2 / self.of_the_class / self.others)

    @property
    def average_precision(self) -> float:
        """Mean precision Σ (Rₜ − Rₜ₋₁)·Pₜ over the recall R that each step adds."""
        return float((np.diff(self.recall) * self.precision[1:]).sum())


def thresholds(numbers: Array, of_the_class: np.ndarray) -> Thresholds:
    """Count at every number (n,) how many rows pass, of the class (n,) or not."""
    order = np.argsort(-numbers)
    falling = numbers[order]
    last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    hits = np.cumsum(of_the_class[order])[last]
    return Thresholds(
        at=np.append(np.inf, falling[last]),
        hits=np.append(0, hits),
        alarms=np.append(0, last + 1 - hits),
    )

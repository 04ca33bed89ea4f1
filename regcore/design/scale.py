"""To mean 0 and standard deviation 1, and back."""

from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array


@dataclass(frozen=True)
class Scale:
    """An affine map to mean 0 and standard deviation 1, and back.

    Attributes
    ----------
    mean, deviation : (p,) of the training rows; the deviation is the population's (1/n)
    """

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, V: Array, *, divide: bool = True) -> "Scale":
        """Fit on V (n, p); without `divide` the map only centres."""
        mean, deviation = V.mean(axis=0), np.ones(V.shape[1])
        if divide:
            # Column by column: V.std would hold a second copy of the whole matrix.
            deviation = np.array([V[:, j].std() for j in range(V.shape[1])])
        return cls(mean, deviation)

    @classmethod
    def none(cls, p: int) -> "Scale":
        """Leave p columns as they are."""
        return cls(np.zeros(p), np.ones(p))

    def apply(self, V: Array) -> Array:
        """Overwrite V (n, p) with (V − mean) / deviation, and return it."""
        V -= self.mean
        V /= self.deviation
        return V

    def part(self, columns: slice | np.ndarray) -> "Scale":
        """The map of these columns alone."""
        return Scale(self.mean[columns], self.deviation[columns])

    @staticmethod
    def side_by_side(parts: "list[Scale]") -> "Scale":
        """The map of all columns from those of some."""
        return Scale(
            np.concatenate([part.mean for part in parts]),
            np.concatenate([part.deviation for part in parts]),
        )

"""What a matrix must offer to be gone through in blocks of rows."""

from typing import Protocol

import numpy as np

from regcore.model.losses import Array


class Readable(Protocol):
    """A matrix (n, p) whose rows are in memory, or made when they are asked for."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | np.ndarray) -> Array: ...

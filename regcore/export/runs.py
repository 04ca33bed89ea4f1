"""Training rows as lengths of runs, which every language can unfold."""

from collections.abc import Sequence

import numpy as np


def run_lengths(rows: np.ndarray) -> list[int]:
    """Return how many rows train, then how many do not, and so on, from row 0.

    Parameters
    ----------
    rows : row numbers from 0, in any order; where there are none there is no run
    """
    if not len(rows):
        return []
    trains = np.zeros(int(rows.max()) + 1, dtype=bool)
    trains[rows] = True
    changes = np.flatnonzero(np.diff(trains)) + 1
    lengths = np.diff([0, *changes.tolist(), len(trains)]).tolist()
    return lengths if trains[0] else [0, *lengths]


def rows_of(lengths: Sequence[int]) -> np.ndarray:
    """Return the row numbers that such lengths stand for."""
    trains = np.arange(len(lengths)) % 2 == 0
    return np.flatnonzero(np.repeat(trains, lengths))

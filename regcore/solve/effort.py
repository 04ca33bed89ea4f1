"""How long work takes: paths by their sizes, and what is under way by a clock."""

import time
from collections.abc import Callable

MODEL, PASS = 2.2e-8, 3.3e-7
"""Seconds of both paths a fold, per cube of the weights and per weight and row.

Measured on one thread that multiplies at some 50 GFLOP/s, for 65 to 645 weights and 300
to 5,000 rows, where they tell the time to a quarter.
"""

FORMULA = 4e-9
"""Seconds a fold per cube of the features where squared error is solved by formula, for
100 to 700 features."""

START = 0.7
"""Seconds of any paths by Newton steps."""


def path_seconds(n: int, p: int, k: int, folds: int, *, quadratic: bool) -> float:
    """Estimate the seconds of L1 and L2 along λ with cross-validation.

    Parameters
    ----------
    n, p, k : rows, features and outputs
    quadratic : whether the loss is squared error
    """
    m, weights = folds + 1, k * (p + 1)
    if quadratic:
        return FORMULA * m * float(weights) ** 3
    return START + m * weights * (MODEL * float(weights) ** 2 + PASS * n)


class Work:
    """A clock of work: what its listener takes meanwhile, or waits, is none of it.

    Parameters
    ----------
    tell : told the share that is done
    """

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell, self._start = tell, time.perf_counter()

    def __call__(self, share: float) -> None:
        """Tell the share that is done, while the clock stands still."""
        told = time.perf_counter()
        self._tell(share)
        self._start += time.perf_counter() - told

    @property
    def seconds(self) -> float:
        """Seconds of work so far."""
        return time.perf_counter() - self._start

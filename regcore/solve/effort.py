"""How long work takes: paths by their sizes, and what is under way by a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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

EPOCHS = 1.5e9
"""Multiplications of descent a second, as `descent.epoch_work` counts them: from 5e8,
for three classes row by row, to 3e9, for squared error on sums."""

EXACT = 4.5e-10
"""Seconds of the exact answers of three models, per square of the unknowns and row or
unknown: for 1 to 20 outputs of 50 to 1,050 features, 1,500 to 20,000 rows."""

SUMMED = 6e-10
"""The same for squared error, per cube of the features."""

BYTES = 45
"""Bytes that the second derivatives of classes and what is made of them take at once,
per square of the unknowns."""


CELL, SUM = 4e-8, 3e-10
"""Seconds to prepare a cell of a table, and a product of two in a row, for 50 to 1,000
columns and 10,000 to 100,000 rows."""


@dataclass(frozen=True)
class Effort:
    """What a training takes.

    Attributes
    ----------
    descent : seconds of the three descents, at most
    exact : seconds of the exact answers
    memory : bytes at once
    """

    descent: float
    exact: float
    memory: float = 0.0

    @property
    def seconds(self) -> float:
        """Seconds in all."""
        return self.descent + self.exact


def training_effort(n: int, p: int, k: int, work: float, *, quadratic: bool) -> Effort:
    """Estimate what three descents and their exact answers take.

    Parameters
    ----------
    n, p, k : rows, features and outputs
    work : multiplications of the descents
    quadratic : whether the loss is squared error
    """
    # With more features than rows the answers lie in the space of the rows.
    unknowns = k * (min(n, p) + 1.0)
    if quadratic:
        return Effort(work / EPOCHS, SUMMED * unknowns**3, 8.0 * unknowns**2)
    exact = EXACT * unknowns**2 * (n + unknowns)
    return Effort(work / EPOCHS, exact, BYTES * unknowns**2)


def preparing_seconds(rows: int, columns: int) -> float:
    """Estimate how long a design matrix and its sums take."""
    return rows * columns * (CELL + SUM * columns)


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

    def paced(self, start: float, end: float, expected: float) -> Callable[[], None]:
        """Return a heartbeat that tells a share from start to end, by the clock.

        For work whose steps nobody can count before: after the seconds that were
        expected it is six tenths of the way, and it never arrives.
        """
        begun = self.seconds

        def tick() -> None:
            part = -np.expm1((begun - self.seconds) / max(expected, 1e-9))
            self(start + (end - start) * float(part))

        return tick

"""The problem that the three models share: rows, loss, start, curvature."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from regcore.design.matrix import Design, build_design
from regcore.design.roles import Guess
from regcore.design.target import LOSSES
from regcore.losses import Array, Loss
from regcore.optimum import Optimum, solve
from regcore.oracle import Moments, Oracle, Rows, Tick, no_tick
from regcore.path import lam_max
from regcore.penalties import Penalty
from regcore.settings import Settings, Task

MOST_SUMS = 1000
"""Features up to which squared error is always answered from sums."""


@dataclass(frozen=True)
class Problem:
    """What is minimised, before a penalty is chosen.

    Attributes
    ----------
    rows : the training rows, for mini-batches and for any loss
    oracle : what full-batch descent asks; moments where the loss allows
    validation : the same for the rows held out, if there are any
    """

    design: Design
    loss: Loss
    rows: Rows
    oracle: Oracle
    validation: Oracle | None

    @property
    def n(self) -> int:
        """Number of training rows."""
        return self.rows.n

    @cached_property
    def start(self) -> tuple[Array, Array]:
        """Weights 0, (p, k), and the best constant bias, (1, k)."""
        p, k = self.design.X.shape[1], self.design.Y.shape[1]
        return np.zeros((p, k)), self.loss.link(
            self.design.Y.mean(axis=0, keepdims=True)
        )

    @cached_property
    def curvature(self) -> float:
        """Largest curvature L of the loss; 2/(L + λ/n) bounds the learning rate."""
        return self.oracle.curvature()

    @cached_property
    def lam_max(self) -> float:
        """Smallest λ at which L1 leaves no weight."""
        return lam_max(self.oracle)

    @cached_property
    def _solved(self) -> list[Optimum]:
        return []

    def optimum_without_penalty(self, tick: Tick = no_tick) -> Optimum:
        """The exact answer of "none"; no λ changes it, so it is solved for once."""
        if not self._solved:
            self._solved.append(solve(self.oracle, Penalty(), self.start, tick=tick))
        return self._solved[0]


def pose(
    table: pd.DataFrame,
    settings: Settings,
    tick: Tick = no_tick,
    guesses: Mapping[str, Guess] | None = None,
) -> Problem:
    """Build the design matrix and what answers for it.

    Parameters
    ----------
    tick : called every few milliseconds; what it raises ends the work
    guesses : what `guess_types` returned for this table, to save its time

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    design = build_design(table, settings, tick, guesses)
    loss = LOSSES[design.task]
    tick()
    rows = Rows(design.X, design.Y, loss)
    held_out = Rows(design.X_validation, design.Y_validation, loss)
    oracle: Oracle = rows
    validation: Oracle = held_out
    # Sums are p² numbers: with many more features than rows, the rows are less.
    if design.task is Task.REGRESSION and design.X.shape[1] <= max(MOST_SUMS, rows.n):
        oracle = Moments.of(design.X, design.Y, tick)
        validation = Moments.of(design.X_validation, design.Y_validation, tick)
    return Problem(design, loss, rows, oracle, validation if held_out.n else None)

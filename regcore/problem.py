"""The problem that the three models share: rows, loss, start, curvature."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from regcore.design.build import build_design
from regcore.design.matrix import Design
from regcore.design.sheet import Sheet
from regcore.heap import give_back
from regcore.model.losses import Array, Loss
from regcore.model.oracle import Moments, Oracle, Rows, Tick, no_tick
from regcore.model.penalties import Penalty
from regcore.settings import Preparation, Settings
from regcore.solve.optimum import Optimum, solve
from regcore.solve.path import lam_max

MOST_SUMS = 1000
"""Features up to which squared error is always answered from sums."""


@dataclass(frozen=True)
class Problem:
    """What is minimised, before a penalty is chosen.

    Attributes
    ----------
    sums, held_out_sums : of the training rows and those held out, where the loss can
        be told from sums
    """

    design: Design
    loss: Loss
    sums: Moments | None
    held_out_sums: Moments | None

    @property
    def n(self) -> int:
        """Number of training rows."""
        return len(self.design.rows)

    @cached_property
    def rows(self) -> Rows:
        """The training rows, for mini-batches and for any loss."""
        return Rows(self.design.X, self.design.Y, self.loss)

    def batches(self, settings: Settings) -> Rows | None:
        """The rows that mini-batches are drawn from; without any, none are made."""
        return None if settings.batch_size is None else self.rows

    @cached_property
    def _held_out(self) -> Rows:
        return Rows(self.design.X_validation, self.design.Y_validation, self.loss)

    @property
    def oracle(self) -> Oracle:
        """What full-batch descent asks; moments where the loss allows."""
        return self.rows if self.sums is None else self.sums

    @property
    def validation(self) -> Oracle | None:
        """The same for the rows held out, if there are any."""
        if not len(self.design.validation_rows):
            return None
        held_out = self.held_out_sums
        return self._held_out if held_out is None else held_out

    @cached_property
    def start(self) -> tuple[Array, Array]:
        """Weights 0, (p, k), and the best constant bias, (1, k)."""
        p, k = self.design.training.shape[1], self.design.Y.shape[1]
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
    settings: Preparation,
    tick: Tick = no_tick,
    sheet: Sheet | None = None,
) -> Problem:
    """Build the design matrix and what answers for it.

    Parameters
    ----------
    tick : called every few milliseconds; what it raises ends the work
    sheet : what is known of this table, if that was looked at before

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    # What reading left unused, and then what preparing did, before more is asked for.
    give_back()
    design = build_design(table, settings, tick, sheet)
    give_back()
    loss = design.task.loss
    tick()
    # Sums are p² numbers: with many more features than rows, the rows are less.
    n, p = design.training.shape
    if not loss.quadratic or p > max(MOST_SUMS, n):
        return Problem(design, loss, None, None)
    return Problem(
        design,
        loss,
        Moments.of(design.training, design.Y, tick).sharpened(
            design.training, design.Y, tick
        ),
        Moments.of(design.validation, design.Y_validation, tick),
    )

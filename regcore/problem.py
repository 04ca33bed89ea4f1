"""The problem that the three models share: rows, loss, start, curvature."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from regcore.design.build import build_design
from regcore.design.matrix import Design
from regcore.design.refit import refit
from regcore.design.sheet import Sheet
from regcore.heap import give_back
from regcore.model.losses import Array, Loss
from regcore.model.oracle import Moments, Oracle, Rows, Tick, no_tick
from regcore.model.parts import Parts, score_parts
from regcore.model.penalties import Penalty
from regcore.model.readable import Readable
from regcore.model.scores import Scores, score
from regcore.model.triangle import root_of
from regcore.settings import Preparation, Settings
from regcore.solve.cut import Cut, cut
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
    parts : such sums by bucket, where they are all there is of the rows: those of the
        design are then a sample, for what must see rows
    """

    design: Design
    loss: Loss
    sums: Moments | None
    held_out_sums: Moments | None
    parts: Parts | None = None

    @classmethod
    def of_parts(cls, design: Design, parts: Parts) -> "Problem":
        """Pose a regression on rows of which there are only sums.

        Parameters
        ----------
        design : see `Design.of`
        parts : in its units
        """
        loss = design.task.loss
        assert loss.quadratic
        return cls(design, loss, parts.trained, parts.kept_back, parts)

    @property
    def n(self) -> int:
        """Number of training rows."""
        return len(self.design.rows) if self.sums is None else self.sums.n

    @property
    def n_held_out(self) -> int:
        """Number of rows held out."""
        if self.parts is None:
            return len(self.design.validation_rows)
        return 0 if self.parts.kept_back is None else self.parts.kept_back.n

    @property
    def shape(self) -> tuple[int, int]:
        """Training rows and features."""
        return self.n, len(self.design.features)

    @cached_property
    def mean(self) -> Array:
        """Mean of Y over the training rows, (1, k)."""
        if self.parts is not None:
            return self.parts.trained.y_mean
        mean: Array = self.design.Y.mean(axis=0, keepdims=True)
        return mean

    @property
    def outputs(self) -> int:
        """Number of outputs k."""
        return len(self.design.y_scale.mean)

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
        if not self.n_held_out:
            return None
        held_out = self.held_out_sums
        return self._held_out if held_out is None else held_out

    @cached_property
    def start(self) -> tuple[Array, Array]:
        """Weights 0, (p, k), and the best constant bias, (1, k)."""
        _, p = self.shape
        return np.zeros((p, self.outputs)), self.loss.link(self.mean)

    @cached_property
    def curvature(self) -> float:
        """Largest curvature L of the loss; 2/(L + λ/n) bounds the learning rate."""
        return self.oracle.curvature()

    @cached_property
    def lam_max(self) -> float:
        """Smallest λ at which L1 leaves no weight."""
        return lam_max(self.oracle)

    def cut(self, fold: np.ndarray, *, divide: bool, tick: Tick = no_tick) -> Cut:
        """Cut the training rows into folds, each model fitted to its own rows.

        Parameters
        ----------
        fold : of every training row or, where there are only sums, of every bucket
        divide : whether features are divided by their deviation
        """
        design, again = self.design, refit(self.design)
        if self.parts is None:
            return cut(
                design.training, design.Y, fold, refit=again, divide=divide, tick=tick
            )
        tick()
        change = self.parts.changes(fold, len(again.fills))
        return Cut.of_parts(self.parts.folds(fold), change, refit=again, divide=divide)

    @cached_property
    def like_rows(self) -> Readable:
        """The training rows, or 2p with their mean and covariance."""
        if self.parts is None:
            return self.design.training
        sums = self.parts.trained
        C = root_of(sums.XX - sums.x_mean.T * sums.x_mean) * np.sqrt(sums.p)
        rows: Array = np.concatenate([sums.x_mean + C, sums.x_mean - C])
        return rows

    def score_training(self, W: Array, b: Array) -> Scores:
        """Score m models, W (m, p, k) and b (m, 1, k), on the training rows."""
        if self.parts is not None:
            return score_parts(self.parts.training.values(), W, b)
        return score(self.loss, self.design.training, self.design.Y, W, b)

    def score_held_out(self, W: Array, b: Array) -> Scores:
        """Score them on the rows held out."""
        design = self.design
        if self.parts is not None:
            return score_parts(self.parts.held_out.values(), W, b)
        return score(self.loss, design.validation, design.Y_validation, W, b)

    def score_locked(self, W: Array, b: Array) -> Scores:
        """Score them on the rows locked away."""
        design = self.design
        if self.parts is not None:
            return score_parts(self.parts.locked.values(), W, b)
        return score(self.loss, design.test, design.Y_test, W, b)

    @cached_property
    def _solved(self) -> list[Optimum]:
        return []

    def optimum_without_penalty(self, tick: Tick = no_tick) -> Optimum:
        """The exact answer of "none"; no λ changes it, so it is solved for once."""
        if not self._solved:
            self._solved.append(solve(self.oracle, Penalty(), self.start, tick=tick))
        return self._solved[0]


class Source(Protocol):
    """A table elsewhere, larger than the memory, that can be asked for sums."""

    def pose(self, settings: Preparation, tick: Tick = no_tick) -> Problem:
        """Do as the function `pose` does for a table in memory."""
        ...


def pose(
    table: pd.DataFrame | Source,
    settings: Preparation,
    tick: Tick = no_tick,
    sheet: Sheet | None = None,
) -> Problem:
    """Build the design matrix and what answers for it; a source poses itself.

    Parameters
    ----------
    tick : called every few milliseconds; what it raises ends the work
    sheet : what is known of this table, if that was looked at before

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    if not isinstance(table, pd.DataFrame):
        return table.pose(settings, tick)
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

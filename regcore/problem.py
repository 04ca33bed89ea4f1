"""The problem that the three models share: rows, loss, start, curvature."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from regcore.design.build import build_design
from regcore.design.matrix import Design
from regcore.design.refit import refit
from regcore.design.sheet import Sheet
from regcore.heap import give_back
from regcore.model.corrected import Corrected
from regcore.model.counts import measure_pieces
from regcore.model.losses import Array, Loss
from regcore.model.metrics import Measured, measure, measure_sums
from regcore.model.oracle import Moments, Oracle, Rows, Tick, no_tick
from regcore.model.parts import Parts, score_parts
from regcore.model.penalties import Penalty
from regcore.model.readable import Readable
from regcore.model.scores import Scores, score, score_pieces
from regcore.model.triangle import root_of
from regcore.settings import Preparation, Settings
from regcore.solve.cut import Cut, cut
from regcore.solve.optimum import Optimum, solve
from regcore.solve.passes import Passes, Stream, solve_all, surrogate
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
    parts : such sums by bucket, where the rows of the design are a sample of all
    passes : over all rows, where the loss cannot be told from sums
    made : what was made of it that no λ changes, under a name
    """

    design: Design
    loss: Loss
    sums: Moments | None
    held_out_sums: Moments | None
    parts: Parts | None = None
    passes: Passes | None = None
    made: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False)
    _solved: list[Optimum] = field(default_factory=list, init=False, compare=False)

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

    @classmethod
    def of_passes(cls, design: Design, parts: Parts, stream: Stream) -> "Problem":
        """Pose a problem of classes on rows that are only streamed.

        Parameters
        ----------
        design : see `Design.of`; its training rows are a uniform sample of all
        parts : in its units
        """
        loss = design.task.loss
        sample = Rows(design.X, design.Y, loss)
        passes = Passes(stream, loss, parts.trained, sample)
        return cls(design, loss, None, None, parts, passes)

    @property
    def n(self) -> int:
        """Number of training rows."""
        return len(self.design.rows) if self.parts is None else self.parts.trained.n

    @property
    def sampled(self) -> bool:
        """Whether the rows of the design are a sample."""
        return self.parts is not None

    @property
    def n_held_out(self) -> int:
        """Number of rows held out."""
        if self.parts is None:
            return len(self.design.validation_rows)
        return 0 if self.parts.kept_back is None else self.parts.kept_back.n

    @property
    def n_locked(self) -> int:
        """Number of rows locked away."""
        return len(self.design.test_rows) if self.parts is None else self.parts.n_locked

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
        if self.passes is not None:
            return self._surrogates[0]
        return self.rows if self.sums is None else self.sums

    @cached_property
    def _surrogates(self) -> tuple[Corrected, Corrected]:
        assert self.passes is not None
        return surrogate(self.passes, self.start)

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
        design, again, parts = self.design, refit(self.design), self.parts
        if parts is None:
            X, Y, given = design.training, design.Y, design.given
            return cut(X, Y, fold, refit=again, divide=divide, tick=tick, given=given)
        tick()
        change, which = parts.changes(fold, len(again.fills)), parts.dealt(fold)
        own = parts.folds(fold, tick)
        found = Cut.of_parts(own, change, refit=again, divide=divide)
        return replace(found, given=parts.given, which=which)

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
        if self.passes is not None:
            return score_pieces(self.loss, self.passes.stream("training"), W, b)
        if self.parts is not None:
            return score_parts(self.parts.training.values(), W, b)
        return score(self.loss, self.design.training, self.design.Y, W, b)

    def score_held_out(self, W: Array, b: Array) -> Scores:
        """Score them on the rows held out."""
        design = self.design
        if self.passes is not None:
            return score_pieces(self.loss, self.passes.stream("held out"), W, b)
        if self.parts is not None:
            return score_parts(self.parts.held_out.values(), W, b)
        return score(self.loss, design.validation, design.Y_validation, W, b)

    def score_locked(self, W: Array, b: Array) -> Scores:
        """Score them on the rows locked away."""
        design = self.design
        if self.passes is not None:
            return score_pieces(self.loss, self.passes.stream("locked away"), W, b)
        if self.parts is not None:
            return score_parts(self.parts.locked.values(), W, b)
        return score(self.loss, design.test, design.Y_test, W, b)

    def measure_held_out(self, W: Array, b: Array) -> tuple[Measured, ...]:
        """Every metric that applies to m models, on the rows held out."""
        return self._measured("held out", W, b)

    def measure_locked(self, W: Array, b: Array) -> tuple[Measured, ...]:
        """The same on the rows locked away."""
        return self._measured("locked away", W, b)

    def _measured(
        self, which: Literal["held out", "locked away"], W: Array, b: Array
    ) -> tuple[Measured, ...]:
        design, locked = self.design, which == "locked away"
        metrics, guess = design.task.metrics, self.mean[0]
        unit = float(design.y_scale.deviation[0])
        if self.passes is not None:
            rows = self.passes.stream(which)
            return measure_pieces(metrics, self.loss, rows, W, b, guess)
        if self.parts is not None:
            parts = self.parts.locked if locked else self.parts.held_out
            return measure_sums(metrics, parts.values(), W, b, guess, unit)
        X = design.test if locked else design.validation
        Y = design.Y_test if locked else design.Y_validation
        return measure(metrics, self.loss, X, Y, W, b, guess=guess, unit=unit)

    def optimum_without_penalty(self, tick: Tick = no_tick) -> Optimum:
        """The exact answer of "none"; no λ changes it, so it is solved for once."""
        if not self._solved:
            if self.passes is None:
                best = solve(self.oracle, Penalty(), self.start, tick=tick)
            else:
                (best,) = self._by_passes([Penalty()], tick)
            self._solved.append(best)
        return self._solved[0]

    def optima(
        self,
        penalties: Sequence[Penalty],
        starts: Sequence[tuple[Array, Array]],
        tick: Tick = no_tick,
    ) -> tuple[Optimum, ...]:
        """Return the exact answers of "none", which comes first, and of the others."""
        if self.passes is None:
            some = zip(penalties[1:], starts[1:], strict=True)
            none = self.optimum_without_penalty(tick)
            return none, *(solve(self.oracle, *pair, tick=tick) for pair in some)
        # All that is asked for shares the passes.
        found = self._by_passes(penalties[len(self._solved) :], tick)
        self._solved[:] = [*self._solved, *found][:1]
        return *self._solved, *found[len(found) - len(penalties) + 1 :]

    def _by_passes(
        self, penalties: Sequence[Penalty], tick: Tick
    ) -> tuple[Optimum, ...]:
        assert self.passes is not None
        near, start = self._surrogates[1], self.start
        return solve_all(self.passes, near, penalties, start, tick=tick)


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
    X, Y = design.training, design.Y
    sums = Moments.of(X, Y, tick).sharpened(X, Y, tick)
    # To scale the table has rounded what columns that hardly differ need.
    sums = replace(sums, given=sums.given and design.given)
    held_out = Moments.of(design.validation, design.Y_validation, tick)
    return Problem(design, loss, sums, held_out)

"""What is drawn from again and again: rows, or buckets of which there are sums."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from regcore.comparison import Comparison
from regcore.design.encoded import EncodedRows
from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Loss
from regcore.model.moments import Moments
from regcore.model.parts import score_parts, sizes, total
from regcore.model.scores import Scores, score
from regcore.questions.trust.resample import Part, draw, draw_groups, part, part_of_sums
from regcore.regularization_path import strata
from regcore.settings import DesignError
from regcore.solve.optimum import Optimum, solve
from regcore.trained import Model

MOST_KEPT = 6_000
"""Sums of a part that is kept: 130 such parts, with what is made of them, take some
30 MB."""

Draws = list[tuple[np.ndarray, np.ndarray]]
"""Pairs of what is kept and what is left out."""


@dataclass(frozen=True)
class Rowwise:
    """Rows; with groups, whole groups are drawn."""

    X: EncodedRows
    Y: Array
    loss: Loss
    codes: np.ndarray
    groups: np.ndarray | None
    divide: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and features."""
        return self.X.shape

    def draw(self, share: float, seed: int, count: int) -> Draws:
        """Draw at most `count` different pairs, `share` of the rows left out.

        They are balanced by class.
        """
        return draw(self.codes, share, seed, count, self.groups)

    def rows(self, chosen: np.ndarray) -> int:
        """How many rows these are."""
        return len(chosen)

    def part(self, chosen: np.ndarray, tick: Tick = no_tick) -> Part:
        """Pose the problem of these alone."""
        X, Y = self.X[chosen], self.Y[chosen]
        return part(X, Y, self.loss, divide=self.divide, tick=tick)

    def score(self, chosen: np.ndarray, W: Array, b: Array) -> Scores:
        """Score m models on these, in units of the design."""
        return score(self.loss, self.X[chosen], self.Y[chosen], W, b)


@dataclass(frozen=True)
class Summed:
    """Buckets of rows, of which there are only sums."""

    parts: Mapping[int, Moments]
    divide: bool

    @property
    def shape(self) -> tuple[int, int]:
        """See `Rowwise.shape`."""
        return int(sizes(self.parts).sum()), next(iter(self.parts.values())).p

    def draw(self, share: float, seed: int, count: int) -> Draws:
        """See `Rowwise.draw`: whole buckets."""
        return draw_groups(sizes(self.parts), share, seed, count)

    def rows(self, chosen: np.ndarray) -> int:
        """See `Rowwise.rows`."""
        return int(sizes(self.parts)[chosen].sum())

    def part(self, chosen: np.ndarray, tick: Tick = no_tick) -> Part:
        """See `Rowwise.part`."""
        tick()
        return part_of_sums(total(self._of(chosen)), divide=self.divide)

    def score(self, chosen: np.ndarray, W: Array, b: Array) -> Scores:
        """See `Rowwise.score`."""
        return score_parts(self._of(chosen), W, b)

    def _of(self, chosen: np.ndarray) -> list[Moments]:
        return [self.parts[b] for b in chosen.tolist() if b in self.parts]


Pool = Rowwise | Summed
"""What can be drawn, put together and scored on; what is chosen are its numbers."""


def solved(
    result: Comparison,
    pool: Pool,
    chosen: np.ndarray,
    name: tuple[Hashable, ...],
    tick: Tick,
) -> tuple[Part, list[Optimum]]:
    """Pose the problem of what was drawn alone, and solve the three models exactly.

    What no λ changes of it, its sums and the optimum without a penalty, is kept.

    Parameters
    ----------
    name : of the draw, unlike that of any other with these settings
    """
    key = (*name, result.settings.preparation())
    known: Part | None
    without: Optimum | None
    known, without = result.problem.made.get(key, (None, None))
    part = known or pool.part(chosen, tick)

    def exact(model: Model) -> Optimum:
        whole = model.optimum
        # Where the whole has no optimum its parts have none that could be trusted.
        if not whole.exists:
            return whole
        start = part.start if model.name == "none" else (whole.W, whole.b)
        penalty = replace(model.penalty, textbook=False)
        return solve(part.oracle, penalty, start, tick=tick)

    none, *penalised = result.models
    if without is None:
        without = exact(none)
    numbers = 1 + len(result.problem.design.features) + result.problem.outputs
    small = result.problem.loss.quadratic and numbers**2 <= MOST_KEPT
    result.problem.made[key] = part.lasting if small else None, without
    return part, [without, *(exact(model) for model in penalised)]


def training(result: Comparison) -> Pool:
    """Return the training rows."""
    problem, design = result.problem, result.problem.design
    divide = result.settings.standardise
    _refuse_streamed(result)
    if problem.parts is not None:
        return Summed(problem.parts.training, divide)
    codes = strata(design, design.Y)
    return Rowwise(
        design.training, design.Y, problem.loss, codes, design.groups, divide
    )


def not_locked(result: Comparison) -> Pool:
    """Return the training rows and those held out."""
    problem, design = result.problem, result.problem.design
    divide = result.settings.standardise
    _refuse_streamed(result)
    if problem.parts is not None:
        both = problem.parts.training, problem.parts.held_out
        buckets = sorted({*both[0], *both[1]})
        whole = {b: total(part[b] for part in both if b in part) for b in buckets}
        return Summed(whole, divide)
    Y = np.concatenate([design.Y, design.Y_validation])
    groups = None
    if design.groups is not None:
        groups = np.concatenate([design.groups, design.validation_groups])
    X, codes = design.training.and_then(design.validation), strata(design, Y)
    return Rowwise(X, Y, problem.loss, codes, groups, divide)


def _refuse_streamed(result: Comparison) -> None:
    if result.problem.passes is not None:
        raise DesignError(
            "Of classes whose rows are only streamed no parts are drawn; go by the "
            "losses on the rows held out."
        )

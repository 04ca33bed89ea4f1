"""Folds in lockstep: each model sees all rows but its fold's, the last sees all.

Who answers for all of them together is a `Folds`: `FoldMoments` for squared error,
`FoldRows` for any loss.
"""

from typing import NamedTuple, Protocol

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Integers

ALWAYS = -1
"""The fold of rows that are never held out."""


class Fill(NamedTuple):
    """A column whose gaps were filled with one value, and the one that marks them.

    Attributes
    ----------
    sign : −1 where the mark is low, and not high, in a gap
    """

    column: int
    mark: int
    sign: float = 1.0


class Refit(NamedTuple):
    """What the training rows of every model decide, beside the scale.

    Attributes
    ----------
    fills : the columns that were filled
    levels : the columns of each category that has one for all of its levels
    """

    fills: tuple[Fill, ...] = ()
    levels: tuple[Integers, ...] = ()


SCALE_ALONE = Refit()


def draw_folds(strata: Array, folds: int, seed: int) -> Array:
    """Fold (n,) of every row, 0 … folds − 1, each stratum spread evenly over the folds.

    A class with a single row is never held out: without it nothing could be learnt of
    it. Regression has one stratum.
    """
    rng = np.random.default_rng(seed)
    fold = np.full(len(strata), ALWAYS)
    dealt = 0
    for stratum in np.unique(strata):
        rows = rng.permutation(np.flatnonzero(strata == stratum))
        if len(rows) > 1:
            fold[rows] = (dealt + np.arange(len(rows))) % folds
            dealt += len(rows)
    return fold


def deal_groups(groups: Array, strata: Array, folds: int, seed: int) -> Array:
    """Fold (n,) of every row, rows of one group together, at most as many as groups.

    The folds are as even as that allows: the largest group first, each goes to the fold
    with the fewest rows. A class that would be in one fold only is never held out, and
    neither are the groups that it is in.
    """
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    fold = deal_sizes(sizes, folds, seed)[codes]
    for stratum in np.unique(strata):
        inside = strata == stratum
        if len(np.unique(fold[inside])) == 1:
            fold[np.isin(codes, codes[inside])] = ALWAYS
    # Without the numbers of folds that have become empty.
    held = fold != ALWAYS
    fold[held] = np.unique(fold[held], return_inverse=True)[1]
    return fold


def deal_sizes(sizes: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Fold of each of some groups with so many rows, as in `deal_groups`."""
    drawn = np.random.default_rng(seed).permutation(len(sizes))
    taken, of = np.zeros(min(folds, len(sizes))), np.empty(len(sizes), dtype=int)
    for group in drawn[np.argsort(-sizes[drawn], kind="stable")]:
        of[group] = np.argmin(taken)
        taken[of[group]] += sizes[group]
    return of


class Answer(NamedTuple):
    """What m models come to.

    Attributes
    ----------
    loss : (m,), over each model's training rows
    G : (m, p + 1, k), gradient of the loss by weights and bias
    held_out : (m,), mean loss over the fold held out; NaN for the model of all rows
    """

    loss: Array
    G: Array
    held_out: Array


class Folds(Protocol):
    """Answers for m = folds + 1 models, weights and bias V (m, p + 1, k)."""

    start: Array
    """(m, p + 1, k): weights 0, the best constant bias of each model's rows."""

    constant: bool
    """Whether the Hessian is the same everywhere."""

    def answer(self, V: Array, tick: Tick = no_tick) -> Answer:
        """Losses and gradients of all models."""
        ...

    def hessian(self, V: Array, tick: Tick = no_tick, *, shared: bool = True) -> Array:
        """Second derivatives of each model's loss, (m, k(p + 1), k(p + 1)).

        Shared: all at the weights of the last model, which is one pass for all of them
        and close where there are many rows.
        """
        ...

    def without_penalty(self, f: int, tick: Tick = no_tick) -> float:
        """Mean held-out loss of model f without a penalty; NaN without an optimum."""
        ...

    def sharpened(
        self, V: Array, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> tuple[Array, Answer] | None:
        """Minimisers (L, m, p + 1, k) with the digits that sums lose, if there are."""
        ...

    def paths(
        self, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> tuple[Array, Answer] | None:
        """All minimisers (L, m, p + 1, k) and what they come to, if by a formula."""
        ...

"""Folds in lockstep: each model sees all rows but its fold's, the last sees all.

Every model standardises, and fills gaps, on its own training rows. Both are linear maps
of the columns, so that the rows are never copied for it: with [x 1] as it stands, model
f sees [x 1]·A_f, and its weights and bias V_f (p + 1, k) are A_f·V_f on the rows.

Who answers for all of them together is a `Folds`: `FoldMoments` for squared error,
`FoldRows` for any loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Integers
from regcore.model.moments import Moments
from regcore.model.readable import Readable

ALWAYS = -1
"""The fold of rows that are never held out."""

SAME = 1e-9
"""Σ(x − c)² of a column that is c in all rows, but for rounding."""

PROBES = 9
"""Rows whose median is a typical value of every column."""


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
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    drawn = np.random.default_rng(seed).permutation(len(names))
    taken, of = np.zeros(min(folds, len(names))), np.empty(len(names), dtype=int)
    for group in drawn[np.argsort(-sizes[drawn], kind="stable")]:
        of[group] = np.argmin(taken)
        taken[of[group]] += sizes[group]
    fold = of[codes]
    for stratum in np.unique(strata):
        inside = strata == stratum
        if len(np.unique(fold[inside])) == 1:
            fold[np.isin(codes, codes[inside])] = ALWAYS
    # Without the numbers of folds that have become empty.
    held = fold != ALWAYS
    fold[held] = np.unique(fold[held], return_inverse=True)[1]
    return fold


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

    def paths(
        self, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> tuple[Array, Answer] | None:
        """All minimisers (L, m, p + 1, k) and what they come to, if by a formula."""
        ...


@dataclass(frozen=True)
class Cut:
    """Rows by fold, and what each model's training rows are standardised by.

    Attributes
    ----------
    rows, target : (n, p) and (n, k), as they were given
    order : (n,), brings the rows of a fold together
    edges : (folds + 2,), fold f is then rows edges[f] to edges[f + 1]; those that are
        always trained on come last
    parts : sums over each of these parts, about the same typical row
    training : sums over each model's training rows
    maps : (folds + 1, p + 1, p + 1), the A_f
    """

    rows: Readable
    target: Array
    order: Integers
    edges: Integers
    parts: tuple[Moments, ...]
    training: tuple[Moments, ...]
    maps: Array

    @property
    def m(self) -> int:
        """Number of models."""
        return len(self.maps)

    @cached_property
    def X(self) -> Array:
        """All rows in that order, (n, p)."""
        return self.rows[self.order]

    @cached_property
    def Y(self) -> Array:
        """All targets in that order, (n, k)."""
        target: Array = self.target[self.order]
        return target

    @cached_property
    def sizes(self) -> Array:
        """Training rows of each model, (m,)."""
        sizes = np.diff(self.edges)
        training: Array = sizes.sum() - np.r_[sizes[:-1], 0]
        return training

    @cached_property
    def own_sizes(self) -> Array:
        """Rows held out from each model, (m,); NaN instead of 0 for the last."""
        own: Array = np.r_[np.diff(self.edges)[:-1].astype(float), np.nan]
        return own


def cut(
    X: Readable,
    Y: Array,
    fold: Array,
    *,
    refit: Refit = SCALE_ALONE,
    divide: bool = True,
    tick: Tick = no_tick,
) -> Cut:
    """Sort the rows by fold and fit each model's standardisation and filling.

    Parameters
    ----------
    X : (n, p), columns near 0, gaps filled with any one value a column
    fold : (n,) codes from `draw_folds`
    divide : by the deviation; else columns are centred only
    """
    folds = int(fold.max()) + 1
    fold = np.where(fold == ALWAYS, folds, fold)
    order = np.argsort(fold, kind="stable")
    edges = np.r_[0, np.cumsum(np.bincount(fold, minlength=folds + 1))]
    about = np.zeros(X.shape[1] + Y.shape[1])
    # Not the mean: far from one huge number that is held out the others all cancel.
    probes = X[np.linspace(0, len(fold) - 1, PROBES).astype(int)]
    about[: X.shape[1]] = np.sort(probes, axis=0)[PROBES // 2]
    parts, filled = [], []
    pairs = np.array([fill[:2] for fill in refit.fills], dtype=int).ravel()
    signs = np.array([fill.sign for fill in refit.fills])
    for a, b in pairwise(edges):
        block = X[order[a:b]]
        parts.append(Moments.of(block, Y[order[a:b]], tick, about))
        filled.append(block[:, pairs])
    training, gaps = _without_each(parts), np.concatenate(filled)
    gaps[:, 1::2] *= signs
    maps = []
    for f in range(folds + 1):
        held = slice(*edges[f : f + 2]) if f < folds else slice(0, 0)
        change = signs * _refill(gaps, held)
        own = parts[f] if f < folds else None
        maps.append(_map(training[f], own, refit, change, divide=divide))
    return Cut(X, Y, order, edges, tuple(parts), training, np.array(maps))


def _without_each(parts: Sequence[Moments]) -> tuple[Moments, ...]:
    """Sums without each part but the last, and over all.

    They are added up and not taken from the whole: of a column that varies in one fold
    only, the difference would leave nothing but rounding.
    """
    others = 1.0 - np.eye(len(parts))
    others[-1, -1] = 1.0
    sums = np.tensordot(others, [part.S for part in parts], axes=1)
    return tuple(Moments(S, parts[0].p, parts[0].shift) for S in sums)


def _refill(filled: Array, held: slice) -> Array:
    """What to add to a filled column, per unit of its mark, for the median in training.

    In pairs, columns and their marks. The fold held out, with its gaps, is filled by
    the same value.
    """
    training = np.ones(len(filled), dtype=bool)
    training[held] = False
    change = np.zeros(filled.shape[1] // 2)
    for i in range(len(change)):
        column, mark = filled[:, 2 * i], filled[:, 2 * i + 1]
        low, high = mark.min(), mark.max()
        gap = mark > 0.5 * (low + high)
        known = column[training & ~gap]
        if gap.any() and len(known):
            change[i] = (np.median(known) - column[gap][0]) / (high - low)
    return change


def _map(
    training: Moments,
    own: Moments | None,
    refit: Refit,
    change: Array,
    *,
    divide: bool,
) -> Array:
    """A (p + 1, p + 1) with [x 1]·A the refilled, standardised row and 1."""
    p = training.p
    refill = np.eye(p + 1)
    if len(refit.fills):
        columns, marks = np.array([fill[:2] for fill in refit.fills]).T
        training = training.add_multiples(columns, marks, change)
        refill[marks, columns] = change
    mean, deviation = training.scale(divide=divide)
    # Of a column that does not vary in training nothing can be learnt: it is 0.
    units = training.varies[:p] / deviation[:p]
    scale = np.diag(np.r_[units, 1.0])
    scale[p, :p] = -mean[:p] * units
    whole: Array = refill @ scale
    if own is not None:
        whole[:, :p] += _averages(training, own, refit.levels, mean, units)
    return whole


def _averages(
    training: Moments,
    own: Moments,
    levels: Sequence[Integers],
    mean: Array,
    units: Array,
) -> Array:
    """What makes a level that no training row has the average of its category.

    Its column is the same, c, in all training rows. Of the rows held out those that
    have the level differ in it, and in all other columns of the category are those that
    have none of its levels. How far they are from the average is taken off, as a
    multiple of x − c: (p + 1, p).
    """
    p = training.p
    more = np.zeros((p + 1, p))
    still = ~training.varies[:p]
    if not any(still[columns].any() for columns in levels):
        return more
    S = own.shifted(mean).S[1:, 1:]
    for columns in levels:
        for j in columns[still[columns]]:
            if S[j, j] > SAME:
                more[j, columns] = -units[columns] * S[j, columns] / S[j, j]
    more[p] = -mean[:p] @ more[:p]
    return more

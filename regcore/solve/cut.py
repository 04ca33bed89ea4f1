"""Rows by fold, as sums, and what each model of the folds standardises them by.

Every model standardises, and fills gaps, on its own training rows. Both are linear maps
of the columns, so that the rows are never copied for it: with [x 1] as it stands, model
f sees [x 1]·A_f, and its weights and bias V_f (p + 1, k) are A_f·V_f on the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.given import Given
from regcore.model.losses import Array, Integers
from regcore.model.moments import Moments
from regcore.model.readable import Readable
from regcore.model.sums import CANCELLED, variance
from regcore.model.triangle import stacked
from regcore.solve.folds import ALWAYS, SCALE_ALONE, Refit

SAME = 1e-9
"""Σ(x − c)² of a column that is c in all rows, but for rounding."""

PROBES = 9
"""Rows whose median is a typical value of every column."""


@dataclass(frozen=True)
class Sorted:
    """Rows by fold.

    Attributes
    ----------
    given, target : (n, p) and (n, k), as they were given
    order : (n,), brings the rows of a fold together
    """

    given: Readable
    target: Array
    order: Integers

    @cached_property
    def X(self) -> Array:
        """All rows in that order, (n, p)."""
        return self.given[self.order]

    @cached_property
    def Y(self) -> Array:
        """All targets in that order, (n, k)."""
        target: Array = self.target[self.order]
        return target


@dataclass(frozen=True)
class Cut:
    """Sums by fold, and what each model's training rows are standardised by.

    Attributes
    ----------
    edges : (folds + 2,), fold f is then rows edges[f] to edges[f + 1]; those that are
        always trained on come last
    parts : sums over each of these parts, about the same typical row
    training : sums over each model's training rows
    maps : (folds + 1, p + 1, p + 1), the A_f
    held : the rows themselves, where they are in memory
    given, which : the rows as they were given, where they can be had, and which of them
        are in each fold
    """

    edges: Integers
    parts: tuple[Moments, ...]
    training: tuple[Moments, ...]
    maps: Array
    held: Sorted | None = None
    given: Given | None = None
    which: Sequence[Integers] = ()

    @classmethod
    def of_parts(
        cls,
        parts: Sequence[Moments],
        change: Array,
        *,
        refit: Refit = SCALE_ALONE,
        divide: bool = True,
        held: Sorted | None = None,
    ) -> "Cut":
        """Fit each model's standardisation and filling, from sums alone.

        Parameters
        ----------
        parts : sums over each fold and over the rows that are always trained on, all
            about the same row
        change : (folds + 1, fills), what to add to each filled column per unit of its
            mark, high in a gap
        """
        training = _without_each(parts)
        signs = np.array([fill.sign for fill in refit.fills])
        own = (*parts[:-1], None)
        maps = [
            _map(rows, held_out, refit, signs * more, divide=divide)
            for rows, held_out, more in zip(training, own, change, strict=True)
        ]
        edges = np.cumsum([0, *(part.n for part in parts)])
        return cls(edges, tuple(parts), training, np.array(maps), held)

    @property
    def m(self) -> int:
        """Number of models."""
        return len(self.maps)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.edges[-1])

    @property
    def X(self) -> Array:
        """See `Sorted.X`."""
        return self._rows.X

    @property
    def Y(self) -> Array:
        """See `Sorted.Y`."""
        return self._rows.Y

    @property
    def _rows(self) -> Sorted:
        assert self.held is not None
        return self.held

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
    given: Given | None = None,
) -> Cut:
    """Sort the rows by fold and fit each model's standardisation and filling.

    Parameters
    ----------
    X : (n, p), columns near 0, gaps filled with any one value a column
    fold : (n,) codes from `draw_folds`
    divide : by the deviation; else columns are centred only
    given : the same rows before they were scaled
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
    gaps = np.concatenate(filled)
    gaps[:, 1::2] *= signs
    left_out = [*(slice(*ends) for ends in pairwise(edges[:-1])), slice(0, 0)]
    change = np.array([_refill(gaps, held) for held in left_out])
    rows = Sorted(X, Y, order)
    found = Cut.of_parts(parts, change, refit=refit, divide=divide, held=rows)
    which = np.split(order, edges[1:-1])
    return replace(found, given=given or Given.of(X, Y), which=which)


def _without_each(parts: Sequence[Moments]) -> tuple[Moments, ...]:
    """Sums without each part but the last, and over all.

    They are added up and not taken from the whole: of a column that varies in one fold
    only, the difference would leave nothing but rounding.
    """
    others = 1.0 - np.eye(len(parts))
    others[-1, -1] = 1.0
    sums = np.tensordot(others, [part.S for part in parts], axes=1)
    p, shift = parts[0].p, parts[0].shift
    roots = [part.root for part in parts if part.root is not None]
    if len(roots) < len(parts):
        return tuple(Moments(S, p, shift) for S in sums)
    return tuple(
        Moments(
            S, p, shift, stacked([R for R, on in zip(roots, own, strict=True) if on])
        )
        for S, own in zip(sums, others, strict=True)
    )


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
    cancelled = np.zeros(p)
    if len(refit.fills):
        columns, marks = np.array([fill[:2] for fill in refit.fills]).T
        squares = np.diagonal(training.S)[1:]
        cancelled[columns] = squares[columns] + change**2 * squares[marks]
        training = training.add_multiples(columns, marks, change)
        refill[marks, columns] = change
    mean, deviation = training.scale(divide=divide)
    # Of a column that does not vary in training nothing can be learnt: it is 0. Where a
    # new fill value makes it constant, the rounding of what cancels is left.
    left = variance(training.S, training.n)[:p]
    varying = training.varies[:p] & (left * training.n > CANCELLED * cancelled)
    units = varying / deviation[:p]
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

"""Solutions along all λ, and the λ that cross-validation chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array, Integers, Loss
from regcore.model.oracle import Oracle
from regcore.model.readable import Readable
from regcore.solve.cut import Cut, cut
from regcore.solve.descent import Progress, no_progress
from regcore.solve.fold_moments import FoldMoments
from regcore.solve.fold_newton import Way
from regcore.solve.fold_rows import FoldRows
from regcore.solve.folds import SCALE_ALONE, Folds, Refit

POINTS = 100
"""Values of λ along a path."""

SPAN = 1e-3
"""The smallest λ of a path as a share of λ_max."""

ABOVE = 100.0
"""Where the path of L2 starts, in λ_max: no λ empties it, this one nearly does."""

FLOOR = 1e-7
"""The smallest share of λ_max that is looked at where the loss goes on falling."""

STEPS = 10
"""Values of λ a decade below `SPAN`."""

FIRST = 0.6
"""Share of the work that is done when all are at `SPAN`."""

GAIN = 1e-3
"""A loss that can fall by less than this share of it is followed no further."""

PERFECT = 1e-8
"""Share of the constant's loss below which a loss is followed no further."""

ROUNDING = 1e-6
"""Losses that differ by less than this share are the same."""

NOTHING = (1e-8, 1e-9)
"""For classes L2 with a λ of so many λ_max stands for no penalty, which it takes far
longer to solve for in each fold, where it does not matter which of the two it is."""

SETTLED = 1e-3
"""Most that these two may differ in a fold's loss, as a share of it."""


@dataclass(frozen=True)
class Curve:
    """One penalty along λ.

    Attributes
    ----------
    lams : (L,), falling; λ as for all n rows: a model with n_f rows gets the same
        strength a row, λ/n
    W, b : (L, p, k) and (L, 1, k), trained on all rows
    train_loss : (L,), mean loss of that model on its rows
    fold_loss : (folds, L), mean loss on each fold of the model without it
    """

    lams: Array
    W: Array
    b: Array
    train_loss: Array
    fold_loss: Array

    @property
    def mean(self) -> Array:
        """Mean over the folds of the held-out loss, (L,)."""
        mean: Array = self.fold_loss.mean(axis=0)
        return mean

    @property
    def standard_error(self) -> Array:
        """Of that mean, (L,)."""
        error: Array = self.fold_loss.std(axis=0, ddof=1) / np.sqrt(len(self.fold_loss))
        return error

    @property
    def nonzero(self) -> Integers:
        """Weights that are not exactly 0, (L,)."""
        nonzero: Integers = np.count_nonzero(self.W, axis=(1, 2))
        return nonzero

    @property
    def lam_min(self) -> float:
        """The λ with the smallest mean held-out loss; of equals the largest."""
        return float(self.lams[np.argmin(self.mean)])

    def falls_on(self, none: Array) -> bool:
        """Whether a λ below the path may have a smaller mean held-out loss.

        It does where the smallest is at the end, or where no penalty, to which every λ
        comes in the end, has a smaller one.

        Parameters
        ----------
        none : (folds,), loss without a penalty on the same folds
        """
        return self.ends_at_best or self.none_is_better(none)

    @property
    def ends_at_best(self) -> bool:
        """Whether the smallest loss is at the smallest λ looked at."""
        return int(np.argmin(self.mean)) == len(self.lams) - 1

    def none_is_better(self, none: Array) -> bool:
        """Whether no penalty has a smaller loss than every λ looked at."""
        smallest = float(self.mean.min())
        fits = smallest <= PERFECT * float(self.mean[0])
        return bool(not fits and none.mean() < (1.0 - ROUNDING) * smallest)

    @property
    def lam_1se(self) -> float:
        """The largest λ whose mean is within one standard error of the smallest.

        References
        ----------
        Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning,
        section 7.10.
        """
        best = int(np.argmin(self.mean))
        close = self.mean <= self.mean[best] + self.standard_error[best]
        return float(self.lams[np.flatnonzero(close)[0]])


def lam_max(oracle: Oracle, l1_ratio: float = 1.0) -> float:
    """Smallest λ at which every weight is exactly 0: n·max|∂C0/∂W| at W = 0.

    For the elastic net, (λ/n)·(l1_ratio·Σ|w| + ½(1 − l1_ratio)·Σw²), over its l1_ratio.

    References
    ----------
    Friedman, Hastie & Tibshirani (2010), section 2.5.
    """
    # λ/n and the gradient are rounded apart; the last digits go to the zeros.
    return oracle.n * float(np.abs(oracle.covariance).max()) * (1 + 1e-12) / l1_ratio


def lam_grid(largest: float, points: int = POINTS, span: float = SPAN) -> Array:
    """`points` values from the largest λ down to span times it, even on a log axis."""
    return largest * np.geomspace(1.0, span, points)


def cross_validate(
    X: Readable,
    Y: Array,
    loss: Loss,
    fold: Array,
    grids: Sequence[tuple[float, Array]],
    *,
    refit: Refit = SCALE_ALONE,
    divide: bool = True,
    tolerance: float = 1e-11,
    progress: Progress = no_progress,
) -> tuple[Curve, ...]:
    """One curve for every (l1_ratio, lams), all on the same folds.

    Standardisation and filling are fitted anew on the training rows of every fold; the
    target keeps the scale of all rows, so that the folds' losses can be compared.

    Parameters
    ----------
    X, Y : (n, p) and (n, k); columns near 0, gaps filled
    fold : (n,) as from `draw_folds`
    grids : l1_ratio in [0, 1], and λ falling
    tolerance : a model has arrived when a Newton step lowers its objective by at most
        this share; what is left to fall is then far less
    progress : told the share done every few milliseconds; what it raises ends the work
    """
    tick = partial(progress, 0.0)
    rows = cut(X, Y, fold, refit=refit, divide=divide, tick=tick)
    return curves_of(rows, loss, grids, tolerance=tolerance, progress=progress)


def curves_of(
    rows: Cut,
    loss: Loss,
    grids: Sequence[tuple[float, Array]],
    *,
    tolerance: float = 1e-11,
    progress: Progress = no_progress,
) -> tuple[Curve, ...]:
    """Do as `cross_validate`, for rows that are cut into folds."""
    tick = partial(progress, 0.0)
    folds = _folds(rows, loss)
    return tuple(
        _curve(
            Way(folds, rows.n, l1_ratio, tolerance, tick),
            lams,
            _between(progress, done / len(grids), (done + 1) / len(grids)),
        )
        for done, (l1_ratio, lams) in enumerate(grids)
    )


class Down(NamedTuple):
    """Curves as far down as they must go, and what lies at their end.

    Attributes
    ----------
    curves : one for every grid
    none : (folds,), mean loss on each fold without a penalty; NaN where the model of
        the others has no optimum, or none to be told from one that has not
    """

    curves: tuple[Curve, ...]
    none: Array


def curves_down(
    rows: Cut,
    loss: Loss,
    grids: Sequence[tuple[float, Array]],
    lam_max: float,
    *,
    unpenalised: bool = True,
    further: bool = True,
    tolerance: float = 1e-11,
    progress: Progress = no_progress,
) -> Down:
    """Do as `curves_of`, and go on below the grids as long as that may pay.

    All go on by decades, down to `FLOOR` times λ_max, while a loss still falls at the
    end, or no penalty, to which every λ comes in the end, has a smaller one.

    Parameters
    ----------
    grids : as there, each down to `SPAN` times its largest λ, for L2 that of L1
    lam_max : the smallest λ at which L1 leaves no weight
    unpenalised : whether the model of all rows has an optimum without a penalty
    further : whether to go below the grids at all
    """
    tick = partial(progress, 0.0)
    folds = _folds(rows, loss)
    none = np.full(rows.m - 1, np.nan)
    if unpenalised:
        none = _without_penalty(folds, rows.n, lam_max, tolerance, tick)
    ways = [Way(folds, rows.n, l1_ratio, tolerance, tick) for l1_ratio, _ in grids]
    m, decades = len(grids), round(np.log10(SPAN / FLOOR))
    first, rest = _between(progress, 0.0, FIRST), _between(progress, FIRST, 1.0)
    curves = [
        _curve(ways[i], lams, _between(first, i / m, (i + 1) / m))
        for i, (_, lams) in enumerate(grids)
    ]
    for decade in range(decades if further else 0):
        if not any(_may_pay(curve, none) for curve in curves):
            break
        for i, curve in enumerate(curves):
            lams = curve.lams[-1] * np.geomspace(1, 0.1, STEPS + 1)[1:]
            done = decade + np.array([i, i + 1]) / m
            part = _curve(ways[i], lams, _between(rest, *(done / decades)))
            curves[i] = _joined(curve, part)
    progress(1.0)
    return Down(tuple(curves), none)


def _curve(way: Way, lams: Array, progress: Progress) -> Curve:
    V, answer = way.down(lams, progress)
    # A copy, because the other models' weights are not kept.
    V = V[:, -1].copy()
    return Curve(
        lams=lams,
        W=V[:, :-1],
        b=V[:, -1:],
        train_loss=answer.loss[:, -1],
        fold_loss=answer.held_out[:, :-1].T,
    )


def _folds(rows: Cut, loss: Loss) -> Folds:
    return FoldMoments(rows) if loss.quadratic else FoldRows(rows, loss)


def _between(progress: Progress, start: float, stop: float) -> Progress:
    """Tell the share of one part of the work as that of the whole."""
    return lambda share: progress(start + (stop - start) * share)


def _may_pay(curve: Curve, none: Array) -> bool:
    """Whether a smaller λ may have a loss that is worth going there."""
    mean = curve.mean
    if mean.min() <= PERFECT * mean[0]:
        return False
    enough = (1.0 - GAIN) * float(mean.min())
    decade = curve.lams < 9.99 * curve.lams[-1]
    falls = mean[-1] == mean.min() and mean[-1] < (1.0 - GAIN) * mean[decade].max()
    return bool(falls or none.mean() < enough)


def _joined(curve: Curve, further: Curve) -> Curve:
    return Curve(
        lams=np.concatenate([curve.lams, further.lams]),
        W=np.concatenate([curve.W, further.W]),
        b=np.concatenate([curve.b, further.b]),
        train_loss=np.concatenate([curve.train_loss, further.train_loss]),
        fold_loss=np.concatenate([curve.fold_loss, further.fold_loss], axis=1),
    )


def _without_penalty(
    folds: Folds, n: int, lam_max: float, tolerance: float, tick: Tick
) -> Array:
    """Mean held-out loss of every fold."""
    each = np.arange(len(folds.start) - 1)
    none = np.full(len(each), np.nan)
    unsettled = np.ones(len(each), dtype=bool)
    if not folds.constant:
        lams = lam_max * np.array([1.0, 1e-2, 1e-4, *NOTHING])
        way = Way(folds, n, 0.0, tolerance, tick)
        first, none = way.down(lams, lambda share: tick())[1].held_out[-2:, :-1]
        unsettled = ~(np.abs(none - first) <= SETTLED * none)
    # Where a fold is separated, or nearly, or columns hardly differ, it does matter.
    for f in each[unsettled]:
        none[f] = folds.without_penalty(f, tick)
    return none

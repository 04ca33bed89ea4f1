"""L1 and L2 along λ on one problem, cross-validated on its training rows."""

from dataclasses import replace
from functools import partial

import numpy as np

from regcore.model.losses import Array
from regcore.problem import Problem
from regcore.regularization_path import (
    RegularizationPath,
    folds_of,
    path_of,
    seconds_of,
)
from regcore.settings import DesignError, Settings
from regcore.solve.descent import Progress, no_progress
from regcore.solve.path import SPAN, Curve, curves_of, lam_grid

FOLDS = 10

FEWEST = 2
"""Rows a fold needs at least; a spread cannot be measured on fewer."""

EVEN = 0.5
"""Share of L1 in the elastic net."""

FEW_FOLDS, FEW_POINTS = 5, 16
"""For a first look: five values of λ a decade."""


def trace(
    problem: Problem, settings: Settings, progress: Progress = no_progress
) -> RegularizationPath:
    """Solve L1 and L2 along λ, on all training rows and without each of ten folds.

    The rows held out take no part, so that they still judge what is chosen here.

    Parameters
    ----------
    progress : told the share done every few milliseconds; what it raises ends the work

    Raises
    ------
    DesignError
        one sentence, if there is no path to follow
    """
    folds = _folds(problem, FOLDS)
    return path_of(
        problem, settings, folds, l1_ratio=None, points=None, progress=progress
    )


def quick_lam(
    problem: Problem, settings: Settings, progress: Progress = no_progress
) -> float:
    """L1's largest λ within one standard error of its best, in a few folds and steps.

    Raises
    ------
    DesignError
        one sentence, if there is no path to follow
    """
    top = problem.lam_max
    fold = folds_of(problem, _folds(problem, FEW_FOLDS), settings.seed)
    if top <= 0:
        raise DesignError("No feature goes along with the target in the training rows.")
    (curve,) = curves_of(
        problem.cut(fold, divide=settings.standardise, tick=partial(progress, 0.0)),
        problem.loss,
        [(1.0, lam_grid(top, FEW_POINTS, SPAN))],
        progress=progress,
    )
    return curve.lam_1se


def with_elastic_net(
    paths: RegularizationPath,
    problem: Problem,
    settings: Settings,
    progress: Progress = no_progress,
) -> RegularizationPath:
    """The same with the elastic net at λ where the others stand, on the same folds.

    It begins at the first of them at which it leaves no weight.
    """
    largest = problem.lam_max / EVEN
    above = np.flatnonzero(paths.l2.lams >= largest * (1 - 1e-9))
    start = above[-1] if len(above) else 0
    divide, tick = settings.standardise, partial(progress, 0.0)
    (curve,) = curves_of(
        problem.cut(paths.fold, divide=divide, tick=tick),
        problem.loss,
        [(EVEN, paths.l2.lams[start:])],
        progress=progress,
    )
    return replace(
        paths,
        curves=paths.curves | {"elastic net": curve},
        l1_ratios=(*paths.l1_ratios, EVEN),
    )


def _folds(problem: Problem, most: int) -> int:
    if problem.n < 2 * FEWEST:
        raise DesignError(
            f"There are {problem.n} training rows, too few to hold some of them out in "
            "turn; hold out fewer for validation."
        )
    return min(most, problem.n // FEWEST)


def expected(problem: Problem) -> float:
    """Estimate the seconds that `trace` takes."""
    return seconds_of(problem, min(FOLDS, problem.n // FEWEST))


def loss_at(curve: Curve, lam: float) -> float:
    """Mean over the folds of `fold_loss_at`."""
    return float(fold_loss_at(curve, lam).mean())


def fold_loss_at(curve: Curve, lam: float) -> Array:
    """Held-out loss of every fold at any λ, between the path's points on a log axis.

    NaN outside the path.
    """
    if not curve.lams[-1] * (1 - 1e-9) <= lam <= curve.lams[0] * (1 + 1e-9):
        return np.full(len(curve.fold_loss), np.nan)
    rising = np.log(curve.lams[::-1])
    return np.array(
        [np.interp(np.log(lam), rising, losses[::-1]) for losses in curve.fold_loss]
    )

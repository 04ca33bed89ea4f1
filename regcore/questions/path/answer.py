"""L1 and L2 along λ on one problem, cross-validated on its training rows."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from regcore.compare import Comparison
from regcore.design.matrix import Design
from regcore.model.losses import Array
from regcore.problem import Problem
from regcore.regularization_path import fills, training_folds
from regcore.settings import DesignError, Settings
from regcore.solve.descent import Progress, no_progress
from regcore.solve.path import ABOVE, SPAN, Curve, cross_validate_down

FOLDS = 10

FEWEST = 2
"""Rows a fold needs at least; a spread cannot be measured on fewer."""

STEPS_A_DECADE = 20
"""Values of λ a decade: those at which λ can be set on the page."""

MARKS = ("now", "smallest", "one standard error")
"""Values of λ worth marking, in the order they are named."""


@dataclass(frozen=True)
class Paths:
    """What L1 and L2 come to at every λ, on the same folds of the same rows.

    Attributes
    ----------
    lam_max : the smallest λ at which L1 leaves no weight
    n : rows, all of them training rows of the problem
    l1, l2 : from strong to weak, as far as a smaller λ may predict better; L1 starts at
        λ_max, L2 at `ABOVE` times it
    none : (folds,), mean loss on each fold without a penalty; NaN where the model of
        the others has no optimum, or none to be told from one that has not
    """

    lam_max: float
    n: int
    l1: Curve
    l2: Curve
    none: Array

    def curve(self, penalty: str) -> Curve:
        """Return the curve of "L1" or "L2"."""
        return {"L1": self.l1, "L2": self.l2}[penalty]

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(self.none)


def trace(
    problem: Problem, settings: Settings, progress: Progress = no_progress
) -> Paths:
    """Solve L1 and L2 along λ, on all training rows and without each of ten folds.

    The rows held out take no part, so that they still judge what is chosen here. λ of
    the settings plays none either. Split by groups, no group is in two folds.

    Parameters
    ----------
    progress : told the share done every few milliseconds; what it raises ends the work

    Raises
    ------
    DesignError
        one sentence, if there is no path to follow
    """
    design, lam_max = problem.design, problem.lam_max
    if lam_max <= 0:
        raise DesignError(
            "No feature goes along with the target in the training rows, so that there "
            "is no path to follow."
        )
    if problem.n < 2 * FEWEST:
        raise DesignError(
            f"There are {problem.n} training rows, too few to hold some of them out in "
            "turn; hold out fewer for validation."
        )
    fold = training_folds(design, min(FOLDS, problem.n // FEWEST), settings.seed)
    unpenalised = problem.optimum_without_penalty(partial(progress, 0.0)).exists
    (l1, l2), none = cross_validate_down(
        design.training,
        design.Y,
        problem.loss,
        fold,
        [(1.0, lam_max * _falling(1.0)), (0.0, lam_max * _falling(ABOVE))],
        lam_max,
        unpenalised=unpenalised,
        fills=tuple(fills(design)),
        divide=settings.standardise,
        progress=progress,
    )
    return Paths(lam_max, problem.n, l1, l2, none)


def coefficients(paths: Paths, design: Design, output: int = 0) -> pd.DataFrame:
    """Solutions in long form: penalty, share (λ/λ_max), lam, feature, weight.

    Weights are per standard deviation, of one output; features in the design's order.
    """
    parts = []
    for penalty in ("L1", "L2"):
        curve = paths.curve(penalty)
        L, p = len(curve.lams), len(design.features)
        parts.append(
            pd.DataFrame(
                {
                    "penalty": penalty,
                    "share": np.tile(curve.lams / paths.lam_max, p),
                    "lam": np.tile(curve.lams, p),
                    "feature": np.repeat(np.array(design.features, dtype=object), L),
                    "weight": curve.W[:, :, output].T.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def validation(paths: Paths) -> pd.DataFrame:
    """Held-out loss in long form: penalty, share, lam, loss, low, high, nonzero.

    `low` and `high` are one standard error below and above the mean over the folds.
    """
    parts = []
    for penalty in ("L1", "L2"):
        curve = paths.curve(penalty)
        parts.append(
            pd.DataFrame(
                {
                    "penalty": penalty,
                    "share": curve.lams / paths.lam_max,
                    "lam": curve.lams,
                    "loss": curve.mean,
                    "low": curve.mean - curve.standard_error,
                    "high": curve.mean + curve.standard_error,
                    "nonzero": curve.nonzero,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def marked(paths: Paths, result: Comparison) -> pd.DataFrame:
    """The λ worth marking: penalty, mark, share, lam; "now" is the comparison's."""
    rows = []
    for penalty, now in zip(("L1", "L2"), lams(result), strict=True):
        curve = paths.curve(penalty)
        for mark, lam in zip(MARKS, (now, curve.lam_min, curve.lam_1se), strict=True):
            rows.append((penalty, mark, lam / paths.lam_max, lam))
    return pd.DataFrame(rows, columns=["penalty", "mark", "share", "lam"])


def lams(result: Comparison) -> tuple[float, float]:
    """λ of L1 and of L2 in a comparison."""
    return result.settings.lam, result.settings.l2_lam


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


def _falling(largest: float) -> Array:
    """Shares of λ_max from the largest down to `SPAN`, evenly on a log axis."""
    decades = np.log10(largest / SPAN)
    return np.geomspace(largest, SPAN, round(STEPS_A_DECADE * decades) + 1)

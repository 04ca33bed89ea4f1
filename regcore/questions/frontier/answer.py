"""Sparsity against loss: how many weights a percent of loss buys."""

import numpy as np
import pandas as pd

from regcore.comparison import PERFECT_FIT, Comparison
from regcore.model.losses import Array
from regcore.problem import Problem
from regcore.questions.judgement import Judgement, over_folds
from regcore.questions.path.answer import fold_loss_at
from regcore.regularization_path import RegularizationPath


def frontier(paths: RegularizationPath) -> pd.DataFrame:
    """The smallest cross-validated loss at every number of weights on the L1 path.

    Columns nonzero, lam, share (λ/λ_max), loss, error (standard error) and above, the
    loss above the smallest of none, L1 and L2 as a share of it.
    """
    curve = paths.l1
    frame = pd.DataFrame(
        {
            "nonzero": curve.nonzero,
            "lam": curve.lams,
            "share": curve.lams / paths.lam_max,
            "loss": curve.mean,
            "error": curve.standard_error,
        }
    )
    best = frame.loc[frame.groupby("nonzero")["loss"].idxmin()].reset_index(drop=True)
    return best.assign(above=best["loss"] / smallest(paths) - 1.0)


def landmarks(paths: RegularizationPath, result: Comparison) -> pd.DataFrame:
    """No penalty, L2 at its best and L1 now: mark, penalty, and as in `frontier`.

    No penalty is left out where it has no optimum, L1 where its λ is off the path.
    """
    weights = paths.l1.W[0].size
    best = int(np.argmin(paths.l2.mean))
    now = result.settings.lam
    kept = int(np.count_nonzero(result["L1"].optimum.W))
    at_best = paths.l2.fold_loss[:, best]
    rows = [
        ("no penalty", "none", weights, 0.0, paths.none),
        ("L2 at its best", "L2", weights, paths.l2.lam_min, at_best),
        ("L1 now", "L1", kept, now, fold_loss_at(paths.l1, now)),
    ]
    frame = pd.DataFrame(
        [
            (*own, loss.mean(), loss.std(ddof=1) / np.sqrt(len(loss)))
            for *own, loss in rows
        ],
        columns=["mark", "penalty", "nonzero", "lam", "loss", "error"],
    ).dropna()
    return frame.assign(
        share=frame["lam"] / paths.lam_max, above=frame["loss"] / smallest(paths) - 1.0
    )


def none_by_best(paths: RegularizationPath, problem: Problem) -> Judgement:
    """Judge no penalty by L1 at its best λ, over the folds."""
    loss = paths.l1.fold_loss
    at_best = loss[:, np.argmin(paths.l1.mean)]
    return over_folds(problem, paths.none, at_best, optimism(loss))


def optimism(fold_loss: Array) -> float:
    """How much smaller the smallest mean is than with λ of a fold chosen by the others.

    The fold that a loss is of then has no part in the choice.

    Parameters
    ----------
    fold_loss : (folds, λ)
    """
    others = fold_loss.sum(axis=0) - fold_loss
    own = np.take_along_axis(fold_loss, others.argmin(axis=1)[:, np.newaxis], axis=1)
    return max(float(own.mean() - fold_loss.mean(axis=0).min()), 0.0)


def smallest(paths: RegularizationPath) -> float:
    """Smallest cross-validated loss of none, L1 and L2.

    At least a millionth of that with next to no weights: no share of rounding is told.
    """
    losses = [paths.none.mean(), paths.l1.mean.min(), paths.l2.mean.min()]
    return max(float(np.nanmin(losses)), PERFECT_FIT * float(paths.l2.mean[0]))


def fewest(frame: pd.DataFrame, price: float) -> int:
    """Fewest weights whose loss is at most this share above L1's smallest.

    Parameters
    ----------
    frame : of `frontier`
    """
    affordable = frame["loss"] <= frame["loss"].min() * (1.0 + price)
    return int(frame.loc[affordable, "nonzero"].min())

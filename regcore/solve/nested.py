"""λ chosen anew in every fold, so that what judges it took no part in the choice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array, Loss
from regcore.model.readable import Readable
from regcore.solve.descent import Progress, no_progress
from regcore.solve.folds import SCALE_ALONE, Refit
from regcore.solve.path import Curve, cross_validate


@dataclass(frozen=True)
class Nested:
    """What one penalty comes to with λ chosen anew in every fold.

    Attributes
    ----------
    lams : (folds,), chosen by cross-validation on the rows that are not of the fold
    fold_loss : (folds,), mean loss on the fold of the model with that λ without it
    at_best : (folds,), the same with the λ that all folds together choose

    References
    ----------
    Stone (1974), Journal of the Royal Statistical Society B 36; Varma & Simon (2006),
    BMC Bioinformatics 7:91.
    """

    lams: Array
    fold_loss: Array
    at_best: Array

    @property
    def optimism(self) -> float:
        """How much smaller the loss is that λ was chosen by."""
        return float((self.fold_loss - self.at_best).mean())

    @property
    def standard_error(self) -> float:
        """Of the optimism."""
        apart = self.fold_loss - self.at_best
        return float(apart.std(ddof=1) / np.sqrt(len(apart)))


def choose_anew(
    X: Readable,
    Y: Array,
    loss: Loss,
    fold: Array,
    curves: Sequence[tuple[float, Curve]],
    deal: Callable[[np.ndarray], np.ndarray],
    *,
    refit: Refit = SCALE_ALONE,
    divide: bool = True,
    progress: Progress = no_progress,
) -> tuple[Nested, ...]:
    """Cross-validate without each fold, and judge on it the λ that this chooses.

    λ/n, the strength a row, is that of the curves whatever the rows; standardisation
    and filling are fitted anew on the training rows of every inner fold.

    Parameters
    ----------
    X, Y, loss, fold, refit, divide : as for `cross_validate`, which gave the curves
    curves : l1_ratio and curve
    deal : row numbers → the inner fold of each of these rows
    progress : told the share done every few milliseconds; what it raises ends the work
    """
    folds = int(fold.max()) + 1
    chosen = np.empty((len(curves), folds), dtype=int)
    for f in range(folds):
        rows = np.flatnonzero(fold != f)
        share = len(rows) / len(fold)
        inner = cross_validate(
            X[rows],
            Y[rows],
            loss,
            deal(rows),
            [(l1_ratio, share * curve.lams) for l1_ratio, curve in curves],
            refit=refit,
            divide=divide,
            progress=_of_fold(progress, f, folds),
        )
        chosen[:, f] = [int(np.argmin(curve.mean)) for curve in inner]
    each = np.arange(folds)
    return tuple(
        Nested(
            curve.lams[best],
            curve.fold_loss[each, best],
            curve.fold_loss[:, int(np.argmin(curve.mean))],
        )
        for (_, curve), best in zip(curves, chosen, strict=True)
    )


def _of_fold(progress: Progress, f: int, folds: int) -> Progress:
    """Tell the share of one fold as that of the whole."""
    return lambda share: progress((f + share) / folds)

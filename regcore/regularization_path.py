"""Table → the paths of L1, L2 and the elastic net, cross-validated, as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from regcore.design.matrix import Design
from regcore.model.losses import Array
from regcore.problem import Problem, Source, pose
from regcore.settings import DesignError, Settings, Task
from regcore.shown import Drawn
from regcore.solve.descent import Progress, no_progress
from regcore.solve.effort import Work, path_seconds
from regcore.solve.folds import deal_groups, deal_sizes, draw_folds
from regcore.solve.path import ABOVE, POINTS, SPAN, Curve, curves_down, lam_grid
from regcore.solve.threads import one_thread_inside
from regcore.words import duration

MOST_SECONDS = 3600.0
"""A path that would take longer is refused; its second derivatives, too, would be more
than two gigabytes."""


A_DECADE = 20
"""Values of λ a decade: those at which λ can be set on the page."""


@dataclass(frozen=True, repr=False)
class RegularizationPath(Drawn):
    """Solutions along λ and what cross-validation says of them.

    Attributes
    ----------
    design : where the features come from; rows held out there take no part
    curves : from strong to weak, one a penalty: "L1", "L2" and, where it was asked for,
        "elastic net"; each starts where it leaves no weight, L2 at `ABOVE` times λ_max
    lam_max : smallest λ at which L1 leaves no weight
    none : (folds,), mean loss on each fold without a penalty; NaN where the model of
        the others has no optimum, or none to be told from one that has not
    fold : (n,), which fold each training row is in, or each bucket of them
    l1_ratios : of the curves
    seconds : how long it took
    rows : training rows, where the design does not hold them all

    Examples
    --------
    >>> import regcore, pandas as pd
    >>> table = pd.DataFrame({"size": range(1, 13), "price": range(5, 41, 3)})
    >>> path = regcore.regularization_path(table, regcore.Settings("price"), folds=3)
    >>> path.l1.nonzero[[0, -1]].tolist()
    [0, 1]
    """

    design: Design
    curves: dict[str, Curve]
    lam_max: float
    none: Array
    fold: Array
    l1_ratios: tuple[float, ...]
    seconds: float
    rows: int | None = None

    @property
    def l1(self) -> Curve:
        """The curve of L1."""
        return self.curves["L1"]

    @property
    def l2(self) -> Curve:
        """The curve of L2."""
        return self.curves["L2"]

    @property
    def n(self) -> int:
        """Training rows, all of which take part."""
        return len(self.design.rows) if self.rows is None else self.rows

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(self.none)

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """Penalty, λ, feature (and class), value per standard deviation."""
        return pd.concat(
            [self._weights(name, curve) for name, curve in self.curves.items()],
            ignore_index=True,
        )

    @cached_property
    def validation(self) -> pd.DataFrame:
        """Penalty, λ, mean held-out loss, its standard error, weights not 0."""
        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "penalty": name,
                        "lam": curve.lams,
                        "mean": curve.mean,
                        "standard_error": curve.standard_error,
                        "nonzero": curve.nonzero,
                    }
                )
                for name, curve in self.curves.items()
            ],
            ignore_index=True,
        )

    @cached_property
    def best(self) -> pd.DataFrame:
        """λ with the smallest held-out loss, and the largest within one standard error.

        One row a penalty. `falls_on` says whether a λ below those of the path may have
        a smaller loss still; see `Curve.falls_on`.
        """
        return pd.DataFrame(
            {
                "lam_min": [curve.lam_min for curve in self.curves.values()],
                "lam_1se": [curve.lam_1se for curve in self.curves.values()],
                "falls_on": [c.falls_on(self.none) for c in self.curves.values()],
            },
            index=pd.Index(list(self.curves), name="penalty"),
        )

    def _weights(self, name: str, curve: Curve) -> pd.DataFrame:
        points, p, k = curve.W.shape
        columns = {
            "penalty": name,
            "lam": np.repeat(curve.lams, p * k),
            "feature": np.tile(np.repeat(_texts(self.design.features), k), points),
        }
        if self.design.task is Task.MULTICLASS:
            columns["class"] = np.tile(_texts(self.design.classes), points * p)
        return pd.DataFrame({**columns, "value": curve.W.ravel()})


@one_thread_inside()
def regularization_path(
    table: pd.DataFrame | Source,
    settings: Settings,
    folds: int = 10,
    *,
    l1_ratio: float | None = 0.5,
    points: int | None = POINTS,
    span: float | None = None,
    progress: Progress = no_progress,
) -> RegularizationPath:
    """Solve along λ for L1, L2 and the elastic net, and cross-validate all three.

    λ of the settings plays no part. The folds are those of the settings' seed, the same
    for every penalty, balanced by class; split by groups, no group is in two of them.

    Parameters
    ----------
    folds : ≥ 2; as many as there are rows leave one out; at most as many as groups
    l1_ratio : share of L1 in the elastic net, in (0, 1); None for L1 and L2 alone
    points : values of λ; None for those of the page, `A_DECADE` a decade
    span : the smallest as a share of the largest; without it 1e-3, and more values
        follow as long as a smaller λ may predict better, down to 1e-7
    progress : told the share done every few milliseconds; what it raises ends the work

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on or has too few rows

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"size": range(1, 13), "price": range(5, 41, 3)})
    >>> path = regularization_path(table, Settings("price"), folds=3, l1_ratio=None)
    >>> path.best.index.tolist()
    ['L1', 'L2']
    """
    problem = pose(table, settings, partial(progress, 0.0))
    return path_of(
        problem,
        settings,
        folds,
        l1_ratio=l1_ratio,
        points=points,
        span=span,
        progress=progress,
    )


def path_of(
    problem: Problem,
    settings: Settings,
    folds: int = 10,
    *,
    l1_ratio: float | None = None,
    points: int | None = None,
    span: float | None = None,
    progress: Progress = no_progress,
) -> RegularizationPath:
    """Do as `regularization_path`, for a problem that is posed."""
    work = Work(progress)
    design, top = problem.design, problem.lam_max
    if not 2 <= folds <= problem.n:
        raise DesignError(
            f"The number of folds must lie between 2 and {problem.n:,}, the number of "
            "training rows."
        )
    if top <= 0:
        raise DesignError(
            "No feature goes along with the target in the training rows, so that there "
            "is no path to follow."
        )
    _refuse_long(seconds_of(problem, folds), problem)
    least = SPAN if span is None else span
    ends = {"L1": (1.0, top, least), "L2": (0.0, ABOVE * top, least / ABOVE)}
    if l1_ratio is not None:
        ends["elastic net"] = l1_ratio, top / l1_ratio, least
    fold = folds_of(problem, folds, settings.seed)
    tick = partial(work, 0.0)
    curves, none = curves_down(
        problem.cut(fold, divide=settings.standardise, tick=tick),
        problem.loss,
        [
            (ratio, lam_grid(largest, points or _points(share), share))
            for ratio, largest, share in ends.values()
        ],
        top,
        unpenalised=problem.optimum_without_penalty(tick).exists,
        further=span is None,
        progress=work,
    )
    return RegularizationPath(
        design,
        dict(zip(ends, curves, strict=True)),
        top,
        none,
        fold,
        tuple(ratio for ratio, _, _ in ends.values()),
        work.seconds,
        problem.n,
    )


def seconds_of(problem: Problem, folds: int) -> float:
    """Estimate how long the paths of L1 and L2 take; see `path_seconds`."""
    (n, p), k = problem.shape, problem.outputs
    return path_seconds(n, p, k, folds, quadratic=problem.loss.quadratic)


def _refuse_long(seconds: float, problem: Problem) -> None:
    if seconds > MOST_SECONDS:
        weights = problem.shape[1] * problem.outputs
        raise DesignError(
            f"To follow {weights:,} weights along λ with cross-validation would take "
            f"about {duration(seconds)}, more than the hour that is waited for; choose "
            "fewer features."
        )


def _points(span: float) -> int:
    points: int = round(A_DECADE * -np.log10(span)) + 1
    return points


def _texts(names: Sequence[str]) -> np.ndarray:
    """As objects: NumPy's own texts lose the NULs that a name ends in."""
    return np.array(names, dtype=object)


def strata(design: Design, Y: np.ndarray) -> np.ndarray:
    """Codes (n,) of the classes, or one code for all rows of a regression."""
    if not design.classes:
        return np.zeros(len(Y))
    return Y[:, 0] if Y.shape[1] == 1 else Y.argmax(axis=1)


def training_folds(
    design: Design, folds: int, seed: int, rows: np.ndarray | None = None
) -> np.ndarray:
    """Fold of every training row, balanced by class, or by groups if these stay apart.

    Parameters
    ----------
    rows : places of the training rows that are dealt out, where it is not all of them

    Raises
    ------
    DesignError
        if there are too few groups to hold some of them out in turn
    """
    rows = np.arange(len(design.Y)) if rows is None else rows
    codes = strata(design, design.Y[rows])
    if design.groups is None:
        return draw_folds(codes, folds, seed)
    return _in_turn(deal_groups(design.groups[rows], codes, folds, seed))


def folds_of(problem: Problem, folds: int, seed: int) -> np.ndarray:
    """Fold of every training row, or of every bucket where there are only sums.

    Raises as `training_folds` does, and where no class has rows to hold out.
    """
    parts = problem.parts
    if problem.passes is not None:
        raise DesignError(
            "Of classes whose rows are only streamed there are no folds; choose λ by "
            "the loss on the rows held out."
        )
    if parts is None:
        fold = training_folds(problem.design, folds, seed)
        if fold.max() < 1:
            raise DesignError(
                "No class has two training rows, so that none can be held out in turn; "
                "hold out fewer, or choose another target."
            )
        return fold
    return _in_turn(deal_sizes(parts.sizes[parts.buckets], folds, seed))


def _in_turn(fold: np.ndarray) -> np.ndarray:
    if fold.max() < 1:
        raise DesignError(
            "There are too few groups to hold some of them out in turn; choose another "
            "group column, or split at random."
        )
    return fold

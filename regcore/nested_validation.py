"""Table → what the λ is worth that cross-validation chooses, as a table."""

from functools import partial

import numpy as np
import pandas as pd

from regcore.design.refit import refit
from regcore.problem import Problem, pose
from regcore.regularization_path import (
    RegularizationPath,
    path_of,
    training_folds,
)
from regcore.settings import DesignError, Settings
from regcore.solve.descent import Progress, no_progress
from regcore.solve.nested import Nested, choose_anew
from regcore.solve.path import POINTS
from regcore.solve.threads import one_thread_inside


@one_thread_inside()
def nested_validation(
    table: pd.DataFrame,
    settings: Settings,
    folds: int = 10,
    *,
    l1_ratio: float | None = 0.5,
    points: int | None = POINTS,
    span: float | None = None,
    progress: Progress = no_progress,
) -> pd.DataFrame:
    """Say by how much the loss is optimistic that λ was chosen by.

    One row a penalty: `lam_min`, `loss` the smallest mean held-out loss, by which it
    was chosen, `nested_loss` the mean with λ chosen anew without each fold, `optimism`
    the latter less the former, with its `standard_error` over the folds.

    Parameters
    ----------
    folds, l1_ratio, points, span, progress : as for `regularization_path`

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on or has too few rows

    Examples
    --------
    >>> import pandas as pd
    >>> size = [50, 61, 75, 90, 110, 45, 82, 67, 98, 120]
    >>> price = [151, 180, 228, 269, 335, 130, 251, 199, 290, 365]
    >>> table = pd.DataFrame({"size": size, "price": price})
    >>> nested = nested_validation(table, Settings("price"), folds=3, l1_ratio=None)
    >>> nested.index.tolist()
    ['L1', 'L2']
    """
    problem = pose(table, settings, partial(progress, 0.0))
    path = path_of(
        problem,
        settings,
        folds,
        l1_ratio=l1_ratio,
        points=points,
        span=span,
        progress=lambda share: progress(share / (folds + 1)),
    )
    found = nested_of(
        path,
        problem,
        settings,
        lambda share: progress((1 + folds * share) / (folds + 1)),
    )
    return pd.DataFrame(
        {
            "lam_min": [curve.lam_min for curve in path.curves.values()],
            "loss": [float(one.at_best.mean()) for one in found.values()],
            "nested_loss": [float(one.fold_loss.mean()) for one in found.values()],
            "optimism": [one.optimism for one in found.values()],
            "standard_error": [one.standard_error for one in found.values()],
        },
        index=pd.Index(list(found), name="penalty"),
    )


def nested_of(
    path: RegularizationPath,
    problem: Problem,
    settings: Settings,
    progress: Progress = no_progress,
) -> dict[str, Nested]:
    """Choose λ anew in every fold of a path, for each of its penalties.

    Raises
    ------
    DesignError
        one sentence, if there are too few rows or groups without a fold
    """
    design = path.design
    if problem.parts is not None:
        raise DesignError(
            "λ is chosen anew in every fold only where all rows are in memory; go by "
            "the loss on the rows held out, which took no part in the choice."
        )

    def deal(rows: np.ndarray) -> np.ndarray:
        fold = training_folds(design, path.folds, settings.seed, rows)
        if fold.max() < 1:
            raise DesignError(
                "There are too few training rows to choose λ anew in every fold; hold "
                "out fewer."
            )
        return fold

    found = choose_anew(
        design.training,
        design.Y,
        problem.loss,
        path.fold,
        list(zip(path.l1_ratios, path.curves.values(), strict=True)),
        deal,
        refit=refit(design),
        divide=settings.standardise,
        progress=progress,
    )
    return dict(zip(path.curves, found, strict=True))

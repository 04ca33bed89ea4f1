"""Paths of 100 λ with 10 folds; peers get the same λ and folds.

What is judged is the worst model on all rows along the path.
"""

import warnings
from collections.abc import Iterator
from functools import partial

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LassoCV, LogisticRegressionCV, Ridge
from sklearn.model_selection import GridSearchCV

from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS, Array
from regcore.model.penalties import Penalty
from regcore.solve.folds import draw_folds
from regcore.solve.path import cross_validate, lam_grid
from tests.benchmarks import glmnet
from tests.benchmarks.contest import Contest, Entry
from tests.benchmarks.problems import Data, drawn, real, surveyed

FOLDS = 10


TOLERANCES = (1e-7, 1e-9, 1e-11)
"""Of cv.glmnet; the first is its own default."""

FALLS = (1e-4, 1e-5, 1e-6, 1e-7)
"""Our own."""

Models = tuple[Array, Array]


def contests(*, quick: bool) -> Iterator[Contest]:
    """Numbers and classes, small and middle."""
    squared = [] if quick else [real("diabetes")]
    for data in (*squared, drawn(HALF_SQUARED_ERROR, 10_000, 50)):
        yield _contest(data, "L1", {"LassoCV": _lasso, "LassoCV, Gram": _lasso_gram})
        # A grid search is linear in its λ: a tenth of them tells its time.
        yield _contest(data, "L2", {"GridSearchCV(Ridge)": _ridge}, share=0.1)
    classes = [real("breast cancer")]
    if not quick:
        classes += [drawn(LOG_LOSS, 10_000, 50), real("wine")]
        classes += [drawn(CROSS_ENTROPY, 10_000, 50), surveyed(1_040)]
    for data in classes:
        yield _contest(data, "L2", {"LogisticRegressionCV, lbfgs": _ridged}, share=0.1)
        # The other solvers for L1 and three classes are far slower.
        solver = _liblinear if data.loss is LOG_LOSS else _saga
        peers = (
            {} if quick else {f"LogisticRegressionCV, {solver.__name__[1:]}": solver}
        )
        yield _contest(data, "L1", peers, share=0.04)


def _contest(data: Data, name: str, peers: dict, share: float = 1.0) -> Contest:
    strata = np.zeros(data.n) if data.loss is HALF_SQUARED_ERROR else data.y
    fold = draw_folds(strata, FOLDS, 0)
    lams, l1_ratio = lam_grid(data.lam_max), float(name == "L1")
    splits = [
        (np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(FOLDS)
    ]
    few = lams if share == 1.0 else lams[:: round(1 / share)]
    entries = {
        who: Entry((partial(peer, data, splits, few),), share=len(few) / len(lams))
        for who, peer in peers.items()
    }
    if glmnet.installed():
        ask = partial(glmnet.cross_validate, data, fold, l1_ratio, lams)
        runs = tuple(partial(ask, tolerance) for tolerance in TOLERANCES)
        entries["cv.glmnet"] = Entry(runs, told=True)
    return Contest(
        task=f"path, {name}, 100 λ, 10 folds, {data.loss.name}, {data.name}",
        ours=Entry(
            tuple(partial(walk, data, fold, l1_ratio, lams, fall) for fall in FALLS)
        ),
        peers=entries,
        judge=partial(_suboptimality, data, l1_ratio, lams),
        unit="path",
        absent=() if glmnet.installed() else ("cv.glmnet",),
    )


def _suboptimality(
    data: Data, l1_ratio: float, lams: Array, given: Models | None
) -> float:
    """Of the worst λ, against a path of ours to all digits; NaN where not told."""
    if given is None:
        return np.nan
    fold = draw_folds(data.y, 2, 0)
    grids = [(l1_ratio, lams)]
    (best,) = cross_validate(data.X, data.Y, data.loss, fold, grids)
    strength = lams[:, np.newaxis, np.newaxis] / data.n
    penalty = Penalty(l1=l1_ratio * strength, l2=(1.0 - l1_ratio) * strength)

    def objectives(W: Array, b: Array) -> Array:
        return data.rows.loss(W, b) + penalty.value(W)

    least = objectives(best.W, best.b)
    return float(((objectives(*given) - least) / least).max())


def walk(data: Data, fold: Array, l1_ratio: float, lams: Array, fall: float) -> Models:
    grids = [(l1_ratio, lams)]
    (curve,) = cross_validate(data.X, data.Y, data.loss, fold, grids, tolerance=fall)
    return curve.W, curve.b


def _fit(model, data: Data) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(data.X, data.y)


def _lasso(data: Data, splits, lams: Array) -> None:
    _fit(LassoCV(alphas=lams / data.n, cv=splits), data)


def _lasso_gram(data: Data, splits, lams: Array) -> None:
    _fit(LassoCV(alphas=lams / data.n, cv=splits, precompute=True), data)


def _ridge(data: Data, splits, lams: Array) -> None:
    search = GridSearchCV(
        Ridge(), {"alpha": lams}, cv=splits, scoring="neg_mean_squared_error"
    )
    _fit(search, data)


def _logistic(
    data: Data, splits, lams: Array, solver: str, l1_ratio: float, tol: float
) -> None:
    model = LogisticRegressionCV(
        Cs=1.0 / lams,
        cv=splits,
        scoring="neg_log_loss",
        solver=solver,
        l1_ratios=(l1_ratio,),
        tol=tol,
        max_iter=1_000,
        use_legacy_attributes=False,
    )
    _fit(model, data)


def _ridged(data: Data, splits, lams: Array) -> None:
    _logistic(data, splits, lams, "lbfgs", 0.0, 1e-5)


def _liblinear(data: Data, splits, lams: Array) -> None:
    _logistic(data, splits, lams, "liblinear", 1.0, 1e-5)


def _saga(data: Data, splits, lams: Array) -> None:
    _logistic(data, splits, lams, "saga", 1.0, 1e-4)

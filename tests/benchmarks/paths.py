"""Paths of 100 λ with 10 folds; peers get the same λ and folds."""

import warnings
from collections.abc import Iterator
from functools import partial

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LassoCV, LogisticRegressionCV, Ridge
from sklearn.model_selection import GridSearchCV

from regcore.folds import draw_folds
from regcore.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS, Array
from regcore.path import cross_validate, lam_grid
from tests.benchmarks.contest import Contest, Entry
from tests.benchmarks.problems import Data, drawn, real

FOLDS = 10


def contests(*, quick: bool) -> Iterator[Contest]:
    """Numbers and classes, small and middle."""
    for data in (real("diabetes"), drawn(HALF_SQUARED_ERROR, 10_000, 50)):
        yield _contest(data, "L1", {"LassoCV": _lasso, "LassoCV, Gram": _lasso_gram})
        # A grid search is linear in its λ: a tenth of them tells its time.
        yield _contest(data, "L2", {"GridSearchCV(Ridge)": _ridge}, share=0.1)
    classes = [real("breast cancer")]
    if not quick:
        classes.append(drawn(LOG_LOSS, 10_000, 50))
    for data in classes:
        yield _contest(
            data, "L2", {"LogisticRegressionCV, lbfgs": _logistic}, share=0.1
        )
        peers = {} if quick else {"LogisticRegressionCV, liblinear": _liblinear}
        yield _contest(data, "L1", peers, share=0.1)
    if not quick:
        yield _contest(
            real("wine"), "L2", {"LogisticRegressionCV, lbfgs": _logistic}, share=0.1
        )
        yield _contest(drawn(CROSS_ENTROPY, 2_000, 20), "L1", {})


def _contest(data: Data, name: str, peers: dict, share: float = 1.0) -> Contest:
    strata = np.zeros(data.n) if data.loss is HALF_SQUARED_ERROR else data.y
    fold = draw_folds(strata, FOLDS, 0)
    lams = lam_grid(data.lam_max)
    splits = [
        (np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(FOLDS)
    ]
    few = lams if share == 1.0 else lams[:: round(1 / share)]
    return Contest(
        task=f"path, {name}, 100 λ, 10 folds, {data.loss.name}, {data.name}",
        ours=Entry((partial(_ours, data, fold, float(name == "L1"), lams),)),
        peers={
            who: Entry((partial(peer, data, splits, few),), share=len(few) / len(lams))
            for who, peer in peers.items()
        },
        unit="path",
    )


def _ours(data: Data, fold: Array, l1_ratio: float, lams: Array):
    return cross_validate(data.X, data.Y, data.loss, fold, [(l1_ratio, lams)])


def _fit(model, data: Data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", FutureWarning)
        return model.fit(data.X, data.y)


def _lasso(data: Data, splits, lams: Array):
    return _fit(LassoCV(alphas=lams / data.n, cv=splits), data)


def _lasso_gram(data: Data, splits, lams: Array):
    return _fit(LassoCV(alphas=lams / data.n, cv=splits, precompute=True), data)


def _ridge(data: Data, splits, lams: Array):
    search = GridSearchCV(
        Ridge(), {"alpha": lams}, cv=splits, scoring="neg_mean_squared_error"
    )
    return _fit(search, data)


def _logistic_cv(data: Data, splits, lams: Array, **options):
    model = LogisticRegressionCV(
        Cs=1.0 / lams,
        cv=splits,
        scoring="neg_log_loss",
        max_iter=1_000,
        use_legacy_attributes=False,
        **options,
    )
    return _fit(model, data)


def _logistic(data: Data, splits, lams: Array):
    return _logistic_cv(data, splits, lams, l1_ratios=(0.0,), tol=1e-5)


def _liblinear(data: Data, splits, lams: Array):
    return _logistic_cv(
        data, splits, lams, l1_ratios=(1.0,), solver="liblinear", tol=1e-5
    )

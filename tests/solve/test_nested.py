"""λ chosen anew in every fold, against a grid search by scikit-learn in every fold."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from regcore import DesignError, Settings, nested_validation
from regcore.nested_validation import nested_of
from regcore.problem import pose
from regcore.regularization_path import path_of, training_folds
from regcore.solve.folds import ALWAYS, deal_groups, draw_folds

FOLDS, POINTS = 4, 10


class RidgeARow(RegressorMixin, BaseEstimator):
    """Ridge whose strength is a row's, so that it goes with the number of rows."""

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fit(self, X, y):
        self.ridge_ = Ridge(alpha=self.alpha * len(X)).fit(X, y)
        return self

    def predict(self, X):
        return self.ridge_.predict(X)


def numbers(n=90, seed=0):
    """Noise that hides a weak signal, and gaps: the choice of λ is uncertain."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 8))
    table = pd.DataFrame(X, columns=list("abcdefgh"))
    table["y"] = 0.4 * X[:, 0] - 0.3 * X[:, 1] + rng.standard_normal(n)
    table.loc[rng.choice(n, 12, replace=False), "h"] = np.nan
    return table


def searched(table, model, settings, lams, folds=FOLDS):
    """Mean loss over the folds, half the squared error, of a search in every fold."""
    design = pose(table, settings).design
    rows, y = design.rows, design.Y[:, 0]
    X = table[list("abcdefgh")].to_numpy()[rows]
    fold = draw_folds(np.zeros(len(y)), folds, settings.seed)
    losses, chosen = [], []
    for f in range(folds):
        train, out = fold != f, fold == f
        inner = draw_folds(np.zeros(train.sum()), folds, settings.seed)
        splits = [
            (np.flatnonzero(inner != g), np.flatnonzero(inner == g))
            for g in range(folds)
        ]
        pipeline = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True),
            StandardScaler(),
            model,
        )
        name = f"{type(model).__name__.lower()}__alpha"
        search = GridSearchCV(
            pipeline,
            {name: lams / len(y)},
            cv=splits,
            scoring="neg_mean_squared_error",
        ).fit(X[train], y[train])
        losses.append(0.5 * np.mean((y[out] - search.predict(X[out])) ** 2))
        chosen.append(search.best_params_[name] * len(y))
    return np.array(losses), np.array(chosen)


@pytest.mark.parametrize(
    ("penalty", "model"),
    [("L1", Lasso(tol=1e-12, max_iter=100_000)), ("L2", RidgeARow())],
)
def test_numbers_come_out_as_a_search_in_every_fold(penalty, model):
    table, settings = numbers(), Settings("y", seed=1)
    problem = pose(table, settings)
    path = path_of(problem, settings, FOLDS, points=POINTS, span=1e-3)
    ours = nested_of(path, problem, settings)[penalty]
    losses, chosen = searched(table, model, settings, path.curves[penalty].lams)
    np.testing.assert_allclose(ours.lams, chosen, rtol=1e-12)
    np.testing.assert_allclose(ours.fold_loss, losses, rtol=1e-6)
    assert len(set(ours.lams)) > 1
    assert ours.at_best.mean() == pytest.approx(path.curves[penalty].mean.min(), 1e-12)


@pytest.mark.parametrize("penalty", ["L1", "L2"])
def test_classes_come_out_as_a_search_in_every_fold(penalty):
    table = numbers(n=80, seed=3).drop(columns="h")
    table["y"] = np.where(table["y"] > 0.2, "yes", "no")
    settings = Settings("y", validation_share=0)
    problem = pose(table, settings)
    path = path_of(problem, settings, 4, points=5, span=1e-2)
    ours = nested_of(path, problem, settings)[penalty]
    X, y = table[list("abcdefg")].to_numpy(), problem.design.Y[:, 0]
    fold = draw_folds(y, 4, 0)
    lams = path.curves[penalty].lams

    def loss(train, out, lam):
        strength = lam / len(y) * train.sum()
        model = LogisticRegression(
            C=1 / strength,
            l1_ratio=float(penalty == "L1"),
            solver="saga" if penalty == "L1" else "newton-cholesky",
            tol=1e-9,
            max_iter=200_000,
        )
        scaler = StandardScaler().fit(X[train])
        model.fit(scaler.transform(X[train]), y[train])
        chance = model.predict_proba(scaler.transform(X[out]))
        return -np.log(chance[np.arange(out.sum()), y[out].astype(int)]).mean()

    for f in range(4):
        inside = np.flatnonzero(fold != f)
        inner = np.full(len(y), -9)
        inner[inside] = draw_folds(y[inside], 4, 0)
        means = [
            np.mean(
                [loss((inner >= 0) & (inner != g), inner == g, lam) for g in range(4)]
            )
            for lam in lams
        ]
        best = lams[int(np.argmin(means))]
        assert ours.lams[f] == best
        assert ours.fold_loss[f] == pytest.approx(
            loss(fold != f, fold == f, best), 1e-6
        )


def test_the_table_says_by_how_much_the_choice_flatters_each_penalty():
    table, settings = numbers(), Settings("y")
    found = nested_validation(table, settings, FOLDS, points=POINTS)
    assert list(found.index) == ["L1", "L2", "elastic net"]
    difference = found["nested_loss"] - found["loss"]
    np.testing.assert_allclose(found["optimism"], difference, atol=1e-12)
    problem = pose(table, settings)
    path = path_of(problem, settings, FOLDS, points=POINTS, l1_ratio=0.5)
    np.testing.assert_array_equal(found["lam_min"], path.best["lam_min"])
    nested = nested_of(path, problem, settings)["elastic net"]
    apart = nested.fold_loss - nested.at_best
    assert found.loc["elastic net", "standard_error"] == pytest.approx(
        apart.std(ddof=1) / np.sqrt(FOLDS)
    )


def test_on_average_over_tables_the_loss_chosen_by_is_too_good():
    """With new rows to judge by, the true loss is nearer to the nested one."""
    found = []
    for seed in range(8):
        table = numbers(n=60, seed=seed).drop(columns="h")
        settings = Settings("y", validation_share=0, seed=seed)
        found.append(nested_validation(table, settings, FOLDS, points=POINTS))
    optimism = np.array([table["optimism"] for table in found]).mean(axis=0)
    assert (optimism > 0).all()


def test_groups_stay_together_within_the_folds_too():
    table = numbers(n=120).assign(customer=np.repeat(np.arange(12), 10))
    settings = Settings("y", split="groups", group="customer", validation_share=0)
    problem = pose(table, settings)
    path = path_of(problem, settings, FOLDS, points=POINTS)
    rows = np.flatnonzero(path.fold != 0)
    inner = training_folds(problem.design, FOLDS, 0, rows)
    groups = problem.design.groups[rows]
    expected = deal_groups(groups, np.zeros(len(rows)), FOLDS, 0)
    np.testing.assert_array_equal(inner, expected)
    assert all(len(set(inner[groups == group])) == 1 for group in set(groups))
    assert np.isfinite(nested_of(path, problem, settings)["L1"].fold_loss).all()


def test_rows_that_are_never_held_out_are_in_no_fold():
    table = numbers(n=80, seed=3).drop(columns="h")
    table["y"] = ["yes"] * 78 + ["twice"] * 2
    settings = Settings("y", validation_share=0.5)
    problem = pose(table, settings)
    path = path_of(problem, settings, FOLDS, points=POINTS)
    assert (path.fold == ALWAYS).sum() == 1
    assert np.isfinite(nested_of(path, problem, settings)["L2"].fold_loss).all()


def test_progress_rises_and_ends_the_work():
    told = []
    nested_validation(numbers(), Settings("y"), FOLDS, points=6, progress=told.append)
    assert told == sorted(told)
    assert 0.9 < told[-1] <= 1.0

    def stop(share):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nested_validation(numbers(), Settings("y"), FOLDS, points=6, progress=stop)


def test_too_few_rows_are_refused_in_a_sentence():
    table = numbers().iloc[:8].drop(columns="h")
    settings = Settings("y", validation_share=0.75)
    with pytest.raises(DesignError) as refusal:
        nested_validation(table, settings, 2, points=6)
    assert str(refusal.value) == (
        "There are too few training rows to choose λ anew in every fold; hold out "
        "fewer."
    )

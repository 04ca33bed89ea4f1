"""What there are only sums of comes to the same as the rows in memory."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from regcore import (
    DesignError,
    Settings,
    compare,
    nested_validation,
    regularization_path,
)
from regcore.design import Design, build_design
from regcore.design.buckets import BUCKETS
from regcore.design.keys import row_places
from regcore.design.refit import refit
from regcore.design.scale import Scale
from regcore.model.metrics import MAE, ONLY_SUMS, R_SQUARED, measure_sums
from regcore.model.moments import Moments
from regcore.model.parts import Parts, score_parts
from regcore.model.triangle import triangle
from regcore.problem import Problem, pose
from regcore.questions.dropped.groups import groups
from regcore.questions.trust.half_samples import half_samples
from regcore.questions.trust.repeated_splits import repeated_splits
from regcore.solve.cut import cut
from regcore.solve.uniqueness import correlations

N = 900
SETTINGS = Settings("y", split="hash", key="id", test_share=0.1, lam=5.0, seed=3)


def table(n=N, seed=0):
    """Numbers, gaps, a category and a column far from 0 that hardly varies."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 4))
    frame = pd.DataFrame(x, columns=list("abcd"))
    frame["far"] = 1e7 + x[:, 0] + rng.standard_normal(n)
    frame["kind"] = rng.choice(["oak", "elm", "ash"], n)
    frame["y"] = (
        x @ [2.0, -1.0, 0.0, 0.5] + (frame["kind"] == "oak") + rng.normal(size=n)
    )
    frame.loc[rng.choice(n, 90, replace=False), "b"] = np.nan
    frame["id"] = [f"row {i}" for i in range(n)]
    return frame


@dataclass
class Summed:
    """A source that knows a table by its sums alone; the sums are in raw units."""

    table: pd.DataFrame
    roots: bool = False

    def pose(self, settings, tick=None):
        whole = build_design(self.table, settings)
        bucket = row_places(self.table, np.arange(len(self.table)), settings) % BUCKETS
        recipe = whole.recipe
        width = len(recipe.names)
        raw = replace(recipe, kept=np.ones(width, bool), scale=Scale.none(width))
        X, Y = raw.rows(self.table).matrix(), self.table[["y"]].to_numpy()
        about = np.r_[X[:9], X[:9]].mean(axis=0), Y[:9].mean(axis=0)
        mean = np.r_[whole.scale.mean, whole.y_scale.mean]
        deviation = np.r_[whole.scale.deviation, whole.y_scale.deviation]

        shift = np.concatenate(about)

        def raw_sums(own):
            sums = Moments.of(X[own], Y[own], shift=shift)
            root = triangle(X[own], Y[own], shift) if self.roots else None
            return replace(sums, root=root)

        def parts(rows):
            return {
                int(b): raw_sums(own)
                .standardised_by(mean, deviation)
                .restrict(np.flatnonzero(whole.kept))
                for b in np.unique(bucket[rows])
                if len(own := rows[bucket[rows] == b])
            }

        def refill(sets):
            cells, own = self.table["b"].to_numpy()[whole.rows], bucket[whole.rows]
            at = whole.names.index("b")
            assert whole.names[at + 1] == "b is missing"
            unit = whole.scale.deviation[at] / whole.scale.deviation[at + 1]
            middle = [np.nanmedian(cells[~np.isin(own, [*out])]) for out in sets]
            return (np.array(middle)[:, None] - np.nanmedian(cells)) / unit

        design = Design.of(whole, self.table[:0], np.zeros(0, bool))
        rows = whole.rows, whole.validation_rows, whole.test_rows
        training, held_out, locked = map(parts, rows)
        return Problem.of_parts(design, Parts(training, held_out, refill, locked))


@pytest.fixture(scope="module")
def rows():
    return compare(table(), SETTINGS)


@pytest.fixture(scope="module")
def sums():
    return compare(Summed(table()), SETTINGS)


def close(one, other, most=1e-10):
    np.testing.assert_allclose(one, other, rtol=most, atol=most)


def test_sums_of_buckets_train_the_same_models_as_their_rows(rows, sums):
    assert sums.problem.n == rows.problem.n
    assert sums.problem.n_held_out == rows.problem.n_held_out > 0
    close(sums.W, rows.W)
    close(sums.b, rows.b)
    for one, other in zip(sums.runs, rows.runs, strict=True):
        close(one.train_loss, other.train_loss)
        close(one.validation_loss, other.validation_loss)
    for one, other in zip(sums.optima, rows.optima, strict=True):
        close(one.W, other.W, 1e-9)
        assert one.status is other.status
        assert one.gap < 1e-8


def test_losses_and_scores_of_sums_are_those_of_the_rows(rows, sums):
    for name in ("train_scores", "validation_scores", "test_scores"):
        one, other = getattr(sums, name), getattr(rows, name)
        close(one.loss, other.loss)
        close(one.score, other.score)
        close(one.difference, other.difference)
        # The one is of buckets, the other of rows: both estimate the same.
        assert one.standard_error[0] == other.standard_error[0] == 0
        close(one.standard_error[1:], other.standard_error[1:], 0.3)


@pytest.mark.parametrize("roots", [True, False])
@pytest.mark.parametrize("standardise", [True, False])
def test_paths_and_folds_of_sums_are_those_of_the_rows(standardise, roots):
    settings = replace(SETTINGS, standardise=standardise)
    one, other = (
        regularization_path(t, settings, folds=5, points=12, span=1e-2)
        for t in (Summed(table(), roots), table())
    )
    assert one.n == other.n
    for name, curve in other.curves.items():
        close(one.curves[name].lams, curve.lams)
        close(one.curves[name].W, curve.W, 1e-9)
        close(one.curves[name].fold_loss, curve.fold_loss)
    # The levels of the category add up to 1: no penalty has many optima, and sums alone
    # cannot tell that from columns which nearly do.
    if roots:
        close(one.none, other.none, 1e-9)
    else:
        assert np.isnan(one.none).all()


def test_a_cut_of_parts_is_the_cut_of_their_rows():
    design = build_design(table(), replace(SETTINGS, split="random"))
    fold = np.random.default_rng(0).integers(0, 4, len(design.Y))
    again = refit(design)
    assert len(again.fills) == 1
    of_rows = cut(design.training, design.Y, fold, refit=again)
    cells = table()["b"].to_numpy()[design.rows]
    at, unit = again.fills[0].column, design.x_scale.deviation
    middle = [np.nanmedian(cells[fold != f]) for f in range(5)]
    change = (np.array(middle) - np.nanmedian(cells)) / unit[at]
    change *= unit[again.fills[0].mark]
    parts = [Moments.of(design.X[fold == f], design.Y[fold == f]) for f in range(5)]
    about = [part.shifted(parts[0].shift) for part in parts]
    of_parts = type(of_rows).of_parts(about, change[:, None], refit=again)
    close(of_parts.maps, of_rows.maps, 1e-13)
    close(of_parts.sizes, of_rows.sizes)
    assert of_parts.n == of_rows.n
    assert np.abs(change[:4]).min() > 0


def test_the_error_of_a_difference_is_that_over_many_draws_of_the_rows():
    rng = np.random.default_rng(5)
    W, b = np.array([[[1.0]], [[0.7]]]), np.zeros((2, 1, 1))
    found, said = [], []
    for _ in range(80):
        X = rng.standard_normal((400, 1))
        Y = X + rng.standard_normal((400, 1))
        bucket = rng.integers(0, 25, 400)
        parts = [Moments.of(X[bucket == k], Y[bucket == k]) for k in range(25)]
        scores = score_parts(parts, W, b)
        found.append(scores.difference[1])
        said.append(scores.standard_error[1])
    assert np.mean(said) == pytest.approx(np.std(found), rel=0.2)


def test_a_model_that_has_diverged_has_no_score_of_sums_and_the_others_have():
    parts = [Moments.of(np.ones((3, 1)) * k, np.ones((3, 1)) * k) for k in range(9)]
    W, b = np.array([[[1.0]], [[np.nan]]]), np.zeros((2, 1, 1))
    (found,) = measure_sums([R_SQUARED], parts, W, b, np.zeros(1), 1.0)
    assert found.reason == ""
    np.testing.assert_array_equal(found.values, [1.0, np.nan])


def test_few_buckets_tell_no_error_and_none_tells_nothing():
    parts = [Moments.of(np.ones((3, 1)) * k, np.ones((3, 1)) * k) for k in range(9)]
    W, b = np.ones((2, 1, 1)), np.zeros((2, 1, 1))
    assert np.isnan(score_parts(parts, W, b).standard_error).all()
    assert np.isnan(score_parts([], W, b).loss).all()
    same = [Moments.of(np.ones((3, 1)) * k, np.ones((3, 1))) for k in range(9)]
    assert np.isnan(score_parts(same, W, b).score).all()


def test_a_sum_in_other_units_is_that_of_the_rows_in_these_units():
    rng = np.random.default_rng(1)
    X, Y = 1e9 + rng.standard_normal((200, 2)), rng.standard_normal((200, 1))
    mean, deviation = np.r_[X.mean(axis=0), 0.5], np.array([1.0, 3.0, 2.0])
    one = Moments.of(X, Y).standardised_by(mean, deviation)
    other = Moments.of((X - mean[:2]) / deviation[:2], (Y - 0.5) / 2.0)
    close(one.scale()[1], other.scale()[1], 1e-12)
    close(one.covariance, other.covariance, 1e-12)


def test_with_the_roots_of_their_parts_sums_tell_columns_apart_that_hardly_differ():
    rng = np.random.default_rng(2)
    frame = table()
    frame["near"] = frame["a"] + 1e-7 * rng.standard_normal(N)
    frame["y"] += 1e6 * (frame["near"] - frame["a"])
    one, other = (compare(t, SETTINGS) for t in (Summed(frame, roots=True), frame))
    assert one["none"].optimum.status is other["none"].optimum.status
    close(one["none"].optimum_loss, other["none"].optimum_loss, 1e-7)
    close(one.validation_scores.loss, other.validation_scores.loss, 1e-7)
    paths = [
        regularization_path(t, SETTINGS, folds=4, points=5, span=0.1, l1_ratio=None)
        for t in (Summed(frame, roots=True), frame)
    ]
    close(paths[0].none, paths[1].none, 1e-6)


def test_without_rows_held_out_sums_are_not_validated():
    problem = pose(Summed(table()), replace(SETTINGS, validation_share=0.0))
    assert problem.validation is None
    assert problem.n_held_out == 0


def test_half_samples_of_sums_are_those_of_the_rows(rows, sums):
    one, other = (half_samples(result, 12) for result in (sums, rows))
    np.testing.assert_array_equal(one.sizes, other.sizes)
    close(one.weights, other.weights, 1e-8)
    close(one.reference, other.reference, 1e-9)


def test_repeated_splits_of_sums_are_those_of_the_rows(rows, sums):
    one, other = (repeated_splits(result, 12) for result in (sums, rows))
    assert one.held_out == other.held_out
    close(one.loss, other.loss, 1e-9)
    close(one.score, other.score, 1e-9)


def test_metrics_of_sums_are_those_of_the_rows_or_say_why_not(rows, sums):
    every = (*sums.measured, *sums.test_measured), (*rows.measured, *rows.test_measured)
    for one, other in zip(*every, strict=True):
        assert one.metric is other.metric
        if one.metric is MAE:
            assert np.isnan(one.values).all()
            assert one.reason == ONLY_SUMS
        else:
            assert not one.reason
            close(one.values, other.values)
            close(one.guess, other.guess)


def test_columns_go_together_as_in_the_rows(rows, sums):
    every = np.arange(rows.problem.shape[1])
    one, other = (correlations(r.problem.like_rows, every, every) for r in (sums, rows))
    close(one, other)
    assert [g.features for g in groups(sums, 0.5)] == [
        g.features for g in groups(rows, 0.5)
    ]


@pytest.mark.parametrize("lam", [5.0, 1e-3])
def test_many_optima_of_l1_are_noticed_from_sums(lam):
    twice = table().assign(twin=lambda frame: 2 * frame["a"] + frame["c"])
    settings = replace(SETTINGS, lam=lam)
    one, other = (compare(t, settings) for t in (Summed(twice), twice))
    assert one.l1_has_many_optima == other.l1_has_many_optima


def test_what_needs_rows_is_refused_in_a_sentence():
    with pytest.raises(DesignError, match=r"only where all rows are in memory; .*\.$"):
        nested_validation(Summed(table()), SETTINGS, folds=3, points=5, span=0.1)


def test_too_few_buckets_cannot_be_folds():
    few = table().assign(id=lambda frame: frame.index % 2)
    # Under this seed one of the two keys trains, and the other is held out.
    settings = replace(SETTINGS, test_share=0.0, seed=4)
    assert len(pose(Summed(few), settings).parts.buckets) == 1
    with pytest.raises(DesignError, match="too few groups"):
        regularization_path(Summed(few), settings, folds=3)

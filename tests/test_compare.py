import itertools
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sklearn import metrics

from regcore import DesignError, Settings, compare
from regcore.compare import train as train_problem
from regcore.problem import pose
from tests.tables import PENALTIES, TASKS, table, train, train_to_the_end

every_task = pytest.mark.parametrize("task", TASKS)


def apart_table(task, n=60):
    """Classes that one number puts strictly apart, with room between them."""
    names = {"binary": ["no", "yes"], "multiclass": ["a", "b", "c"]}[task]
    codes = np.arange(n) % len(names)
    rng = np.random.default_rng(0)
    corners = np.array([[4.0, 0.0], [-4.0, 0.0], [0.0, 6.0]])[codes]
    X = corners + rng.uniform(-1.0, 1.0, (n, 2))
    return pd.DataFrame({"x0": X[:, 0], "x1": X[:, 1], "y": np.array(names)[codes]})


# Summary and history


@every_task
def test_the_summary_is_the_end_of_the_history(task):
    ours = train(table(task), epochs=40)
    last = ours.history.groupby("penalty", sort=False).last()
    assert list(last.index) == list(ours.summary.index) == list(PENALTIES)
    np.testing.assert_array_equal(last["nonzero"], ours.summary["nonzero"])
    for loss in ("train_loss", "validation_loss"):
        np.testing.assert_allclose(last[loss], ours.summary[loss], rtol=1e-12)


@every_task
def test_the_history_starts_at_the_constant_model(task):
    ours = train(table(task), epochs=5, validation_share=0)
    first = ours.history[ours.history["epoch"] == 0]
    share = ours.problem.design.Y.mean(axis=0)
    if task == "regression":
        baseline = 0.5
    elif task == "binary":
        baseline = -(share * np.log(share) + (1 - share) * np.log(1 - share))[0]
    else:
        baseline = -(share * np.log(share)).sum()
    np.testing.assert_allclose(first["objective"], baseline, rtol=1e-12)
    np.testing.assert_allclose(first["train_loss"], baseline, rtol=1e-12)
    assert first["nonzero"].tolist() == [0, 0, 0]


@every_task
def test_every_epoch_is_in_the_history(task):
    ours = train(table(task), epochs=23, tolerance=0.0)
    for name in PENALTIES:
        epochs = ours.history.loc[ours.history["penalty"] == name, "epoch"]
        assert epochs.tolist() == list(range(24))


def scikit_learns(task, predicted, truth):
    """Score and loss of predictions in the units of the table."""
    if task == "regression":
        return metrics.r2_score(truth, predicted), None
    if task == "binary":
        classes = np.where(predicted > 0.5, "yes", "no")
        loss = metrics.log_loss(truth, predicted, labels=["no", "yes"])
        return metrics.accuracy_score(truth, classes), loss
    classes = predicted.columns[predicted.to_numpy().argmax(axis=1)]
    loss = metrics.log_loss(truth, predicted, labels=list(predicted.columns))
    return metrics.accuracy_score(truth, classes), loss


@every_task
def test_scores_are_scikit_learns_of_the_predictions(task):
    data = table(task)
    ours = train(data, lam=3.0)
    held_out = data.iloc[ours.problem.design.validation_rows]
    for name in PENALTIES:
        score, loss = scikit_learns(task, ours.predict(held_out)[name], held_out["y"])
        summary = ours.summary.loc[name]
        assert summary["score"] == pytest.approx(score, rel=1e-10)
        if loss is not None:
            assert summary["validation_loss"] == pytest.approx(loss, rel=1e-10)


@every_task
def test_without_rows_held_out_the_validation_columns_are_not_numbers(task):
    ours = train(table(task), validation_share=0, epochs=5)
    assert ours.summary[["validation_loss", "score"]].isna().all(axis=None)
    assert ours.history["validation_loss"].isna().all()
    assert ours.summary["train_loss"].notna().all()


def test_a_validation_target_that_is_constant_has_no_r_squared():
    data = table()
    held_out = train(data, epochs=1).problem.design.validation_rows
    data.loc[held_out, "y"] = 0.1
    summary = train(data, epochs=5).summary
    assert summary["score"].isna().all()
    assert np.isfinite(summary["validation_loss"]).all()


@every_task
def test_the_counts_are_of_weights_that_are_exactly_zero(task):
    ours = train(table(task), lam=8.0)
    np.testing.assert_array_equal(
        ours.summary["nonzero"], (ours.coefficients != 0.0).sum()
    )
    assert (ours.summary["coefficients"] == len(ours.coefficients)).all()
    assert ours.summary.loc["L1", "nonzero"] < len(ours.coefficients)
    assert ours.summary.loc["L2", "nonzero"] == len(ours.coefficients)


# Coefficients and predictions


@every_task
@pytest.mark.parametrize("standardise", [True, False])
def test_predictions_are_the_original_columns_times_the_original_weights(
    task, standardise
):
    data = table(task)
    ours = train(data, standardise=standardise)
    X = data[list(ours.problem.design.features)].to_numpy()
    weights, intercepts = ours.coefficients_original_units, ours.intercepts
    predicted = ours.predict(data)
    assert predicted.index.equals(data.index)
    for name in PENALTIES:
        W = weights[name].to_numpy().reshape(X.shape[1], -1)
        Z = X @ W + intercepts[name].to_numpy()
        if task == "regression":
            expected = Z[:, 0]
        elif task == "binary":
            expected = 1.0 / (1.0 + np.exp(-Z[:, 0]))
        else:
            expected = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(predicted[name], expected, rtol=1e-9)


@every_task
def test_a_zero_stays_a_zero_in_original_units(task):
    ours = train(table(task), lam=8.0)
    np.testing.assert_array_equal(
        ours.coefficients == 0.0, ours.coefficients_original_units == 0.0
    )


def test_outputs_carry_the_names_of_the_classes():
    assert train(table("regression")).intercepts.index.tolist() == ["y"]
    assert train(table("binary")).intercepts.index.tolist() == ["yes"]
    ours = train(table("multiclass"))
    classes = ["ash", "birch", "cedar"]
    assert ours.intercepts.index.tolist() == classes
    pairs = [*itertools.product(["x0", "x1", "x2", "x3"], classes)]
    assert ours.coefficients.index.tolist() == pairs
    columns = [*itertools.product(PENALTIES, classes)]
    assert ours.predict(table("multiclass")).columns.tolist() == columns


@every_task
def test_probabilities_add_up_to_one(task):
    predicted = train(table(task)).predict(table(task, seed=1))
    if task == "multiclass":
        sums = predicted.T.groupby(level=0).sum()
        np.testing.assert_allclose(sums, 1.0, rtol=1e-12)
    if task != "regression":
        assert predicted.min(axis=None) >= 0.0
        assert predicted.max(axis=None) <= 1.0


@every_task
def test_a_table_with_gaps_and_unseen_levels_is_predicted(task):
    data = table(task).assign(level=["p", "q", "r"] * 20, gap=[1.0, None, 3.0] * 20)
    ours = train(data)
    odd = data.drop(columns="y").assign(level="never seen")
    odd.loc[:29, ["x0", "gap"]] = np.nan
    odd.loc[10:40, "level"] = None
    with pytest.warns(UserWarning, match="«level»: 60 of the 60 rows have levels"):
        predicted = ours.predict(odd)
    assert len(predicted) == 60
    assert np.isfinite(predicted.to_numpy()).all()


@every_task
def test_an_empty_table_has_no_predictions(task):
    ours = train(table(task))
    predicted = ours.predict(table(task).iloc[:0])
    assert len(predicted) == 0
    assert predicted.columns.equals(ours.predict(table(task)).columns)


# The strength of the penalty


@every_task
@pytest.mark.parametrize("standardise", [True, False])
def test_from_lam_max_on_l1_has_no_weight_and_just_below_it_has_one(task, standardise):
    data, settings = table(task), {"standardise": standardise, "epochs": 20_000}
    lam_max = pose(data, Settings("y", standardise=standardise)).lam_max
    for share in (1.0, 1.001, 1e6):
        l1 = train(data, lam=share * lam_max, lam_l2=1.0, **settings)["L1"].run
        assert l1.nonzero.tolist() == [0] * len(l1.nonzero)
    below = train(data, lam=0.99 * lam_max, lam_l2=1.0, **settings)
    assert below.summary.loc["L1", "nonzero"] >= 1
    assert (below.optimum["L1"] != 0.0).sum() >= 1


@every_task
def test_without_strength_the_three_are_one(task):
    ours = train(table(task), lam=0.0)
    np.testing.assert_allclose(ours.W[1], ours.W[0], rtol=1e-10)
    np.testing.assert_allclose(ours.W[2], ours.W[0], rtol=1e-10)


@every_task
def test_l2_can_have_a_strength_of_its_own(task):
    both = train(table(task), lam=3.0, lam_l2=30.0, learning_rate=0.01)
    np.testing.assert_allclose(
        both.W[1], train(table(task), lam=3.0, learning_rate=0.01).W[1], rtol=1e-12
    )
    np.testing.assert_allclose(
        both.W[2], train(table(task), lam=30.0, learning_rate=0.01).W[2], rtol=1e-12
    )


@every_task
def test_a_huge_strength_leaves_nothing_and_overflows_nowhere(task):
    ours = train(table(task), lam=1e300)
    assert ours.summary.loc["L1", "nonzero"] == 0
    assert np.abs(ours.W[2]).max() < 1e-200
    assert np.isfinite(ours.summary["train_loss"]).all()


@every_task
def test_the_optimum_does_not_depend_on_the_step(task):
    data = table(task)
    clipped = train(data, lam=6.0, epochs=30)
    textbook = train(data, lam=6.0, epochs=30, l1_step="textbook")
    assert not np.array_equal(clipped.W[1], textbook.W[1])
    np.testing.assert_allclose(textbook.optimum, clipped.optimum, atol=1e-8)
    np.testing.assert_array_equal(textbook.optimum == 0.0, clipped.optimum == 0.0)


# Outcomes


def test_an_outcome_is_told_in_a_sentence():
    sentences = [*train(table(), epochs=1).outcomes.values()]
    assert sentences == ["Stopped after 1 epoch, before settling."] * 3
    ours = train(table(), lam=1e6, lam_l2=1.0)
    assert ours.outcomes["L1"] == "Converged after 0 epochs."


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("factor", [2.5, 40.0])
def test_a_run_that_diverged_names_a_rate_that_works(batch_size, factor):
    data = table().assign(x4=lambda t: t["x0"] + 0.1 * t["x1"])
    settings = {"epochs": 300, "batch_size": batch_size, "tolerance": 0.0}
    limit = train(data, **settings).rate_limit
    ours = train(data, learning_rate=factor * limit, **settings)
    assert set(ours.summary["outcome"]) == {"diverged"}
    assert np.isfinite(ours.coefficients.to_numpy()).all()
    assert np.isfinite(ours.summary["train_loss"]).all()
    for sentence in ours.outcomes.values():
        assert f"the learning rate {factor * limit:.3g} is too high" in sentence
        named = float(re.search(r"; (\S+) would have been safe", sentence)[1])
        again = train(data, learning_rate=named, **settings)
        assert "diverged" not in set(again.summary["outcome"])
        assert (again.history.groupby("penalty")["objective"].last() < 0.5).all()


def test_a_textbook_run_that_no_rate_would_save_is_not_told_of_one():
    ours = train(table(), lam=1e6, l1_step="textbook")
    assert "too much at this λ; the clipped step" in ours.outcomes["L1"]
    clipped = train(table(), lam=1e6)
    assert clipped.summary.loc["L1", "outcome"] == "converged"


@every_task
@pytest.mark.parametrize("batch_size", [None, 8])
def test_the_rate_chosen_is_half_the_limit_and_safe(task, batch_size):
    ours = train(table(task), batch_size=batch_size, epochs=200)
    assert ours.rate == pytest.approx(ours.rate_limit / 2.0)
    assert "diverged" not in set(ours.summary["outcome"])
    last = ours.history.groupby("penalty")["objective"].last()
    assert (last < ours.history["objective"].iloc[0]).all()


def test_a_rate_that_is_given_is_used_as_it_is():
    assert train(table(), learning_rate=0.0123).rate == 0.0123


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_classes_that_are_apart_are_recognised(task):
    ours = train(apart_table(task), epochs=300)
    assert ours.separable
    assert ours.optimum["none"].isna().all()
    assert np.isnan(ours.summary.loc["none", "gap"])
    assert ours.summary.loc["none", "optimum"].startswith("No optimum: ")
    assert (ours.summary["optimum"].iloc[1:] == "The optimum.").all()
    assert ours.optimum[["L1", "L2"]].notna().all(axis=None)


@every_task
def test_data_that_overlaps_is_not_called_separable(task):
    ours = train(table(task))
    assert not ours.separable
    assert ours.optimum.notna().all(axis=None)


@every_task
def test_a_run_to_the_end_is_at_the_exact_optimum(task):
    ours = train_to_the_end(table(task), lam=4.0)
    np.testing.assert_allclose(ours.coefficients, ours.optimum, atol=1e-7)
    assert (ours.summary["gap"] < 1e-8).all()


@every_task
@pytest.mark.parametrize("rate", [1e2, 1e3, 1e6])
@pytest.mark.parametrize("lam", [1e-3, 1.0])
def test_a_rate_far_too_high_does_not_move_the_optimum(task, rate, lam):
    wild = train(table(task), lam=lam, learning_rate=rate, epochs=3)
    tame = train(table(task), lam=lam, epochs=3)
    np.testing.assert_allclose(wild.optimum, tame.optimum, atol=1e-6)


# Repeatability


@every_task
@pytest.mark.parametrize("batch_size", [None, 9])
def test_the_same_settings_give_the_same_numbers(task, batch_size):
    first, again = (
        train(table(task), epochs=30, batch_size=batch_size, seed=5) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.history, again.history)
    pd.testing.assert_frame_equal(first.coefficients, again.coefficients)


@every_task
def test_a_problem_can_be_trained_again_without_being_posed_again(task):
    data, settings = table(task), Settings("y", lam=2.0, epochs=30)
    problem = pose(data, settings)
    train_problem(problem, Settings("y", lam=9.0, epochs=30))
    again = train_problem(problem, settings)
    pd.testing.assert_frame_equal(again.history, compare(data, settings).history)


def test_the_index_of_the_table_does_not_matter():
    data = table()
    other = data.set_axis(np.arange(60) % 7, axis=0)
    pd.testing.assert_frame_equal(train(other).history, train(data).history)


def test_progress_is_told_and_what_it_raises_ends_the_training():
    shares = []
    compare(table(), Settings("y"), shares.append)
    assert shares
    assert 0.0 <= min(shares) <= max(shares) <= 1.0

    def cancel(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(table(), Settings("y"), cancel)


# Corners


CORNERS = [
    (table(n=8), {}),
    (table(n=8), {"validation_share": 0}),
    (table(n=12, p=30), {}),
    (table("multiclass", n=24, p=30, seed=3), {}),
    (table(p=1), {}),
    (table("binary", p=1), {}),
    (table(), {"epochs": 1}),
    (table(), {"batch_size": 10_000}),
    (table("multiclass"), {"batch_size": 1, "epochs": 5}),
    (table("binary"), {"batch_size": 7, "epochs": 5}),
    (table().assign(x0=1e9 + np.arange(60) % 7), {}),
    (table().assign(x0=lambda t: t["x0"] * 1e90), {}),
    (table().assign(x0=lambda t: t["x0"] * 1e90), {"standardise": False}),
    (table().assign(x0=lambda t: t["x0"] * 1e-90), {}),
    (table().assign(x0=lambda t: t["x0"] * 1e-300), {}),
    (table().assign(y=lambda t: t["y"] * 1e90), {}),
    (table().assign(y=lambda t: t["y"] * 1e-90), {}),
    (table().assign(x0=lambda t: t["x1"], x2=lambda t: -t["x1"]), {}),
    (table().assign(y=lambda t: t["x0"]), {"lam": 0.0}),
    (table().assign(y=["a", "b", "b"] * 20, x0=["a", "b", "b"] * 20), {}),
    (table().assign(x0=[True, False, None] * 20), {"missing": "drop"}),
    (table().assign(x0=pd.array([1, None, 3] * 20, "Int64")), {}),
    (table().assign(x0=pd.date_range("2020", periods=3).repeat(20)), {}),
]


@pytest.mark.parametrize(("data", "settings"), CORNERS)
def test_a_corner_ends_with_finite_numbers(data, settings):
    assert_finite(train(data, **settings), data)


UNSEEN = (
    r"(?s)«.*»: [1-9]\d* of the \d+ rows? (has a level|have levels) that no training "
    r"row has, taken as the average of the column\."
)


def predicted_with_its_warnings(ours, table):
    """Predictions for rows that may have levels which no training row has."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        predicted = ours.predict(table)
    sentences = tuple(str(warning.message) for warning in told)
    assert all(warning.category is UserWarning for warning in told)
    assert sentences == ours.problem.design.unseen_levels(table)
    assert all(re.fullmatch(UNSEEN, sentence) for sentence in sentences)
    return predicted


def assert_finite(ours, data):
    design = ours.problem.design
    history = ours.history[["objective", "train_loss"]]
    assert np.isfinite(history.to_numpy()).all()
    assert np.isfinite(ours.summary["train_loss"]).all()
    if ours.problem.validation is not None:
        assert np.isfinite(ours.history["validation_loss"]).all()
        assert np.isfinite(ours.summary["validation_loss"]).all()
    for frame in (
        ours.coefficients,
        ours.coefficients_original_units,
        ours.intercepts,
        ours.predict(data.iloc[design.rows]),
        predicted_with_its_warnings(ours, data.iloc[design.validation_rows]),
    ):
        assert np.isfinite(frame.to_numpy()).all()
    assert ours.coefficients.index.is_unique
    if ours.settings.lam > 0.0:
        assert np.isfinite(ours.optimum[["L1", "L2"]].to_numpy()).all()
    assert set(ours.summary["outcome"]) <= {"converged", "epoch limit", "diverged"}


# Any table

ROWS = 24
VALUES = [
    st.floats(allow_nan=True, allow_infinity=False, width=64),
    st.floats(-10, 10),
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.integers(-5, 5),
    st.integers(-(2**62), 2**62),
    st.sampled_from([0.0, 1.0, float("nan")]),
    st.booleans(),
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from(["(missing)", "(other)", "", " ", None]),
    st.text(max_size=3),
    st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from("ab")),
    st.datetimes().map(pd.Timestamp),
    st.sampled_from([[1], [2], None]),
]
CASTS = ("category", "Int64", "boolean", "string", "float32", object, None)
NAMES = st.one_of(
    st.text(max_size=4),
    st.integers(-1, 3),
    st.sampled_from(["a", "a is missing", "a is missing (2)", "a = b", "y", "[x].:"]),
)


@st.composite
def columns(draw):
    values = draw(st.lists(draw(st.sampled_from(VALUES)), min_size=1, max_size=ROWS))
    column = pd.Series((values * ROWS)[:ROWS])
    try:
        return column.astype(draw(st.sampled_from(CASTS)) or column.dtype)
    except (TypeError, ValueError, OverflowError, RuntimeWarning):
        return column


@st.composite
def tables(draw):
    parts = draw(st.lists(columns(), min_size=1, max_size=5))
    names = draw(st.lists(NAMES, min_size=len(parts), max_size=len(parts)))
    data = pd.concat(parts, axis=1).set_axis(pd.Index(names, dtype=object), axis=1)
    return data.iloc[: draw(st.integers(ROWS - 18, ROWS))]


@st.composite
def choices(draw):
    return {
        "task": draw(st.sampled_from(["auto", "auto", "auto", *TASKS])),
        "lam": draw(st.sampled_from([0.0, 1e-3, 1.0, 1e3])),
        "l1_step": draw(st.sampled_from(["clipped", "textbook"])),
        "learning_rate": draw(st.sampled_from([None, None, 0.1, 1e3])),
        "epochs": draw(st.integers(1, 30)),
        "batch_size": draw(st.sampled_from([None, None, 1, 5, 100])),
        "validation_share": draw(st.sampled_from([0.0, 0.25, 0.5, 0.9])),
        "seed": draw(st.integers(0, 5)),
        "standardise": draw(st.booleans()),
        "missing": draw(st.sampled_from(["fill", "drop"])),
    }


@given(data=tables(), chosen=choices())
@profile(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_table_is_trained_or_refused_in_a_sentence(data, chosen):
    settings = Settings(target=data.columns[-1], **chosen)
    try:
        ours = compare(data, settings)
    except DesignError:
        with pytest.raises(DesignError, match=r"(?s)^[A-Z«].*\.$"):
            pose(data, settings)
    else:
        assert_finite(ours, data)


def test_a_perfect_fit_is_at_its_optimum():
    rng = np.random.default_rng(5)
    table = pd.DataFrame(rng.standard_normal((12, 20))).add_prefix("x")
    table["y"] = rng.standard_normal(12)
    settings = Settings("y", lam=0.1, validation_share=0.0, epochs=20_000)
    result = compare(table, settings)
    assert result.train_scores.loss[0] < 1e-9
    assert result.gaps["none"] < 1e-3


@pytest.mark.parametrize("task", TASKS)
def test_the_summary_has_every_metric_of_its_task_on_the_rows_held_out(task):
    result = train(table(task))
    summary, design = result.summary, result.problem.design
    held_out = result.predict(table(task).iloc[design.validation_rows])
    true = table(task)["y"].iloc[design.validation_rows]
    if task == "regression":
        for name, predicted in held_out.items():
            error = metrics.root_mean_squared_error(true, predicted)
            assert summary.loc[name, "rmse"] == pytest.approx(error, rel=1e-9)
            error = metrics.mean_absolute_error(true, predicted)
            assert summary.loc[name, "mae"] == pytest.approx(error, rel=1e-9)
        assert "accuracy" not in summary
        return
    assert "rmse" not in summary
    np.testing.assert_array_equal(summary["accuracy"], summary["score"])
    np.testing.assert_allclose(summary["log_loss"], summary["validation_loss"])
    for name in PENALTIES:
        area = metrics.roc_auc_score(true, held_out[name], multi_class="ovr")
        assert summary.loc[name, "auc"] == pytest.approx(area, rel=1e-12)
        assert summary.loc[name, "balanced_accuracy"] < 1

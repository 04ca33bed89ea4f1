"""Which two scores are shown, why, and how they are written."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from regcore.comparison import PENALTIES, Comparison
from regcore.model.metrics import (
    ACCURACY,
    AVERAGE_PRECISION,
    BALANCED_ACCURACY,
    LOG_LOSS,
    MAE,
    R_SQUARED,
    RMSE,
    ROC_AUC,
    Measured,
)
from regcore.questions.cards.scores import (
    metrics_here,
    scores_shown,
    telling,
)
from regcore.solve.runs import Outcome
from tests.sampled import CANCER, DIABETES, WINE, compare_sample
from tests.tables import table, train


def classes(shares, n=400, seed=0, **settings):
    """Models of classes with these shares, that a number tells apart in part."""
    rng = np.random.default_rng(seed)
    names = np.array(["a", "b", "c"])[: len(shares)]
    codes = rng.choice(len(shares), n, p=shares)
    X = rng.standard_normal((n, 3)) + codes[:, np.newaxis] * [1.0, 0.5, 0.0]
    frame = pd.DataFrame(X, columns=list("uvw")).assign(y=names[codes])
    return train(frame, lam=3.0, **settings)


def with_values(result: Comparison, **values) -> Comparison:
    """Return the same comparison with other values of some metrics."""
    changed = replace(result)
    changed.__dict__["measured"] = tuple(
        replace(one, values=np.array(values.get(one.metric.key, one.values)))
        for one in result.measured
    )
    return changed


def why_of(result):
    return telling(result).why


def test_even_classes_are_told_apart_by_accuracy_and_the_area():
    chosen = telling(compare_sample(CANCER))
    assert chosen.metrics == (ACCURACY, ROC_AUC)
    assert chosen.why == (
        "Accuracy is the share of the rows classed rightly; ROC-AUC tells how well the "
        "probabilities put the rows in order, 0.5 being chance."
    )


@pytest.mark.parametrize(
    ("shares", "common"), [((0.94, 0.06), "a"), ((0.06, 0.94), "b")]
)
def test_where_one_class_is_common_accuracy_is_not_asked(shares, common):
    result = classes(shares)
    chosen = telling(result)
    assert chosen.metrics == (ROC_AUC, AVERAGE_PRECISION)
    share = (
        result.problem.design.Y.mean()
        if common == "b"
        else 1 - (result.problem.design.Y.mean())
    )
    assert chosen.why == (
        f"Always guessing «{common}» is right for {100 * share:.1f} % of the training "
        "rows, so that accuracy can hardly tell the models apart; ROC-AUC and average "
        "precision judge the probabilities."
    )


def test_of_three_classes_with_a_common_one_log_loss_is_asked():
    chosen = telling(classes((0.9, 0.06, 0.04)))
    assert chosen.metrics == (ROC_AUC, LOG_LOSS)
    assert "ROC-AUC and log loss judge" in chosen.why


@pytest.mark.parametrize(("share", "first"), [(0.7, ACCURACY), (0.9, ROC_AUC)])
def test_four_rows_in_five_are_the_bound(share, first):
    assert telling(classes((share, 1 - share), n=2000)).metrics[0] is first


def test_numbers_have_the_share_explained_and_the_size_of_an_error():
    chosen = telling(compare_sample(DIABETES))
    assert chosen.metrics == (R_SQUARED, RMSE)
    assert chosen.why == (
        "R² is the share of the squared distances from the mean that is explained, "
        "RMSE the size of an error in units of «progression»."
    )


def far_rows(count, by):
    """A table whose last rows, held out, have so many far away."""
    frame = table(n=400)
    frame.loc[frame.index[-count:], "y"] += by
    return train(frame, split="order")


def test_where_one_row_in_a_hundred_decides_every_row_is_weighed_alike():
    result = far_rows(1, by=200.0)
    squares = result.problem.design.Y_validation[:, 0] ** 2
    share = f"{100 * squares.max() / squares.sum():.0f} %"
    chosen = telling(result)
    assert chosen.metrics == (R_SQUARED, MAE)
    assert chosen.why == (
        f"The 1 row of 100 farthest from the mean makes {share} of the squared "
        "distances and so nearly alone decides R² and RMSE; the mean "
        "absolute error weighs every row alike."
    )


def test_of_two_rows_in_two_hundred_both_decide():
    frame = table(n=800)
    frame.loc[frame.index[-2:], "y"] += 200.0
    why = why_of(train(frame, split="order"))
    assert why.startswith("The 2 rows of 200 farthest from the mean make ")
    assert "alone decide R²" in why


def test_where_three_rows_in_a_hundred_are_far_none_decides_alone():
    assert telling(far_rows(3, by=20.0)).metrics == (R_SQUARED, RMSE)


def test_a_score_that_is_alike_for_all_gives_its_place():
    result = compare_sample(WINE)
    chosen = telling(result)
    assert chosen.metrics == (ACCURACY, LOG_LOSS)
    assert chosen.why == "The three have the same ROC-AUC here."
    ours = telling(with_values(compare_sample(CANCER), accuracy=[0.9, 0.9, 0.9]))
    assert ours.metrics == (ROC_AUC, LOG_LOSS)
    assert ours.why == "The three have the same accuracy here."


def test_two_that_are_passed_over_are_said_together():
    rare = classes((0.9, 0.1))
    values = {"auc": [1.0] * 3, "average_precision": [1.0] * 3}
    ours = telling(with_values(rare, accuracy=[0.9, 0.91, 0.92], **values))
    assert ours.metrics == (LOG_LOSS, ACCURACY)
    assert ours.why == "The three have the same ROC-AUC and average precision here."
    frame = pd.DataFrame({"x": np.arange(100.0), "y": ["no"] * 94 + ["yes"] * 6})
    frame = frame.iloc[np.r_[90:100, :90]]
    ours = telling(train(frame, split="order", task="binary"))
    assert ours.metrics == (LOG_LOSS, ACCURACY)
    assert ours.why == (
        "There is no ROC-AUC and average precision here, for all rows held out are of "
        "one class."
    )


def test_a_score_that_is_not_defined_goes_before_one_that_is_alike():
    frame = table(n=100)
    frame.loc[frame.index[-20:], "y"] = 5.0
    result = train(frame, split="order", validation_share=0.2)
    assert telling(with_values(result, rmse=[2.0] * 3)).metrics == (RMSE, MAE)


def test_where_all_scores_are_alike_the_first_two_stay():
    chosen = telling(train(table(), lam=0.0))
    assert chosen.metrics == (R_SQUARED, RMSE)
    assert chosen.why.startswith("R² is the share")


def test_scores_that_are_not_known_are_not_alike():
    result = compare_sample(DIABETES, learning_rate=0.7)
    assert {run.outcome for run in result.runs} == {Outcome.DIVERGED}
    assert telling(result).metrics == (R_SQUARED, RMSE)


def test_one_class_alone_held_out_is_said():
    frame = table("binary", n=100).sort_values("y")
    result = train(frame, split="order", validation_share=0.2)
    chosen = telling(result)
    assert chosen.metrics == (ACCURACY, LOG_LOSS)
    reason = "all rows held out are of one class"
    assert chosen.why == f"There is no ROC-AUC here, for {reason}."
    (area,) = scores_shown(result, [ROC_AUC])
    assert area.values == ("–", "–", "–")
    assert area.against == (reason, reason, reason)


def test_equal_numbers_held_out_are_said():
    frame = table(n=100)
    frame.loc[frame.index[-20:], "y"] = 5.0
    result = train(frame, split="order", validation_share=0.2)
    chosen = telling(result)
    assert chosen.metrics == (RMSE, MAE)
    assert chosen.why == (
        "There is no R² here, for the target is the same in every row held out."
    )


def test_nothing_held_out_is_said_of_each_score():
    result = compare_sample(DIABETES, validation_share=0.0)
    chosen = telling(result)
    assert chosen.metrics == (R_SQUARED, RMSE)
    for score in scores_shown(result, metrics_here(result)):
        assert score.values == ("–", "–", "–")
        assert set(score.against) == {"no rows are held out"}


def test_numbers_are_held_against_the_mean_in_their_own_units():
    result = with_values(
        compare_sample(DIABETES), r_squared=[0.4, 0.45, 0.4], rmse=[53.8, 53.63, 60.0]
    )
    explained, size = scores_shown(result, [R_SQUARED, RMSE])
    guess = {one.metric: one.guess for one in result.measured}
    mean = "guessing the mean: "
    assert explained.name == "R²"
    assert explained.values == ("0.400", "0.450", "0.400")
    assert explained.against == (
        f"{mean}{guess[R_SQUARED]:.3f}".replace("-", "−"),
        "+0.050 against no penalty",
        "as with no penalty",
    )
    assert size.values == ("53.80", "53.63", "60.00")
    assert size.against == (
        f"{mean}{guess[RMSE]:.2f}",
        "−0.17 against no penalty",
        "+6.20 against no penalty",
    )


@pytest.mark.parametrize(
    ("rmse", "values", "changes"),
    [
        ((43521.4, 43520.6, 9.0), ("43,521", "43,521", "9"), ("as", "−43,512")),
        ((0.5, 0.25, 0.5), ("0.5000", "0.2500", "0.5000"), ("−0.2500", "as")),
        ((2e-9, 1e-9, 2e-9), ("2e−09", "1e−09", "2e−09"), ("−1e−09", "as")),
        ((0.0, 0.0, 0.0), ("0.000", "0.000", "0.000"), ("as", "as")),
    ],
)
def test_an_error_has_four_figures_or_its_whole_units(rmse, values, changes):
    (size,) = scores_shown(with_values(compare_sample(DIABETES), rmse=rmse), [RMSE])
    assert size.values == values
    for text, change in zip(size.against[1:], changes, strict=True):
        assert text.split(" ")[0] == change


def test_differences_are_those_of_the_values_as_they_are_written():
    result = with_values(compare_sample(CANCER), accuracy=[0.8114, 0.7976, 0.81149])
    (accuracy,) = scores_shown(result, [ACCURACY])
    assert accuracy.values == ("81.1 %", "79.8 %", "81.1 %")
    assert accuracy.against == (
        "always guessing «benign»: 62.7 %",
        "−1.3 points against no penalty",
        "as with no penalty",
    )


def test_every_score_names_its_guess():
    result = classes((0.2, 0.8))
    scores = scores_shown(result, metrics_here(result))
    assert [score.name for score in scores] == [
        "accuracy",
        "ROC-AUC",
        "average precision for «a»",
        "balanced accuracy",
        "log loss",
    ]
    assert [score.against[0].split(":")[0] for score in scores] == [
        "always guessing «b»",
        "guessing the shares",
        "guessing the shares",
        "always guessing «b»",
        "guessing the shares",
    ]


def test_a_run_that_diverged_has_no_score():
    result = compare_sample(DIABETES)
    runs = list(result.runs)
    runs[1] = replace(runs[1], outcome=Outcome.DIVERGED)
    (explained,) = scores_shown(replace(result, runs=tuple(runs)), [R_SQUARED])
    assert explained.values[1] == "–"
    assert explained.against[1] == "nothing to compare"
    assert "against no penalty" in explained.against[2]


def test_measured_are_the_three_models():
    for one in compare_sample(CANCER).measured:
        assert isinstance(one, Measured)
        assert len(one.values) == len(PENALTIES)
    assert BALANCED_ACCURACY in metrics_here(compare_sample(WINE))

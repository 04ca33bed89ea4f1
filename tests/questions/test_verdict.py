"""The sentences hold the numbers of the comparison, computed here another way."""

import math
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import Ridge, lars_path

from regcore import Settings, compare
from regcore.questions.cards.distance import distance, optima_drawn
from regcore.questions.cards.headline import headline
from regcore.questions.cards.words import (
    first_zero,
    in_words,
    rate_notice,
    strength_notice,
)
from regcore.solve.optimum import Status
from regcore.solve.runs import Outcome
from regcore.words import figures
from tests.sampled import CANCER, DIABETES, WINE, compare_sample, table_of
from tests.tables import PENALTIES, mixed, table


def numbers(sentence: str) -> list[float]:
    """Every number of a sentence, in order; L1 and L2 are names, not numbers."""
    plain = re.sub(r"\bL[12]\b", "", sentence).replace("−", "-")
    found = re.findall(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", plain)
    return [float(number) for number in found]


def half_squared_errors(result, i: int, *, held_out: bool) -> list[float]:
    """Loss of every row of a regression, by the prediction written out."""
    design = result.problem.design
    X = design.X_validation if held_out else design.X
    y = (design.Y_validation if held_out else design.Y)[:, 0]
    w, b = result.W[i][:, 0], result.b[i].item()
    losses = []
    for row, target in zip(X.tolist(), y.tolist(), strict=True):
        z = b + sum(w_j * x_j for w_j, x_j in zip(w.tolist(), row, strict=True))
        losses.append((z - target) ** 2 / 2)
    return losses


def paired(result, i: int, *, held_out: bool) -> tuple[float, float]:
    """Mean difference of loss to no penalty, and its standard error."""
    ours = half_squared_errors(result, i, held_out=held_out)
    none = half_squared_errors(result, 0, held_out=held_out)
    difference = [a - b for a, b in zip(ours, none, strict=True)]
    n, mean = len(difference), sum(difference) / len(difference)
    variance = sum((d - mean) ** 2 for d in difference) / (n - 1)
    return mean, math.sqrt(variance / n)


@pytest.fixture(scope="module")
def diabetes():
    return compare_sample(DIABETES)


def test_the_step_is_the_constant_and_the_percentage_of_one_update(diabetes):
    *_, step = in_words(diabetes)
    n = len(diabetes.problem.design.rows)
    share = diabetes.rate * diabetes.settings.lam / n
    assert numbers(step) == [float(f"{share:.3g}"), float(f"{100 * share:.3g}")]
    assert step.startswith("Each step takes the constant ηλ/n = ")


def rmse(result, i: int, *, held_out: bool) -> float:
    """Root mean squared error in units of the target."""
    y = table_of(DIABETES)[DIABETES.target].iloc[result.problem.design.rows]
    half = half_squared_errors(result, i, held_out=held_out)
    return float(np.std(y)) * math.sqrt(2 * sum(half) / len(half))


def test_the_errors_are_those_of_the_predictions_row_by_row(diabetes):
    none, l1, l2 = (rmse(diabetes, i, held_out=True) for i in range(3))
    first, second, unit, meaning, training, _ = in_words(diabetes)
    for words, name, error in ((first, "L1", l1), (second, "L2", l2)):
        assert words.startswith(f"{name} predicts neither clearly better nor worse ")
        value, base, change, margin = numbers(words)
        assert [value, base] == pytest.approx([error, none], abs=0.1)
        assert change == pytest.approx(value - base)
        i = ("none", "L1", "L2").index(name)
        mean, deviation = paired(diabetes, i, held_out=True)
        ratio = stats.t.ppf(0.975, 109) * deviation / abs(mean)
        assert margin == pytest.approx(ratio * abs(error - none), abs=0.06)
    assert unit == "RMSE is in units of «progression»."
    assert meaning == (
        "± is half of a 95 % interval, paired over the 110 held-out rows: it speaks of "
        "these three fitted models; trained on other rows they may come out otherwise."
    )
    fitted = [figures(rmse(diabetes, i, held_out=False)) for i in range(3)]
    assert training == (
        f"On the training rows RMSE is {fitted[0]} without a penalty, {fitted[1]} with "
        f"L1 and {fitted[2]} with L2."
    )


@pytest.mark.parametrize("share", [0.01, 0.03, 0.3, 0.7, 1.0])
def test_better_and_worse_mean_that_the_interval_leaves_out_no_difference(share):
    result = compare_sample(DIABETES, share)
    for i, words in ((1, in_words(result)[0]), (2, in_words(result)[1])):
        mean, error = paired(result, i, held_out=True)
        clear = abs(mean) > stats.t.ppf(0.975, 109) * error
        side = "better" if mean < 0 else "worse"
        said = side if clear else "neither clearly better nor worse"
        assert words.startswith(f"L{i} predicts {said} than no penalty: RMSE ")


def test_worse_and_no_clear_difference_are_both_said_somewhere():
    words = " ".join(in_words(compare_sample(DIABETES, share))[0] for share in (0.1, 1))
    assert "L1 predicts worse than no penalty" in words
    assert "neither clearly better nor worse than no penalty" in words


def test_of_classes_the_log_loss_decides_and_the_accuracy_is_shown():
    result = compare_sample(CANCER)
    first, second, decides, meaning, *_ = in_words(result)
    losses = result.validation_scores.loss
    for words, i in ((first, 1), (second, 2)):
        assert words.startswith(f"L{i} predicts ")
        assert ": log loss " in words
        assert numbers(words)[:2] == pytest.approx([losses[i], losses[0]], abs=1e-3)
    right = [f"{100 * share:.1f}" for share in result.validation_scores.score]
    assert re.findall(r"\d+\.\d", decides) == right
    assert decides.startswith("The log loss decides; accuracy is ")
    assert "142 held-out rows" in meaning


def test_no_weight_left_is_said_with_a_strength_that_leaves_one():
    result = compare_sample(DIABETES, 1.0)
    assert "L1 keeps none of the 10 features" in headline(result)
    (lam,) = numbers(strength_notice(result))
    assert lam == float(f"{result.problem.lam_max:.4g}")
    kept = compare_sample(DIABETES, 0.99 * lam / result.problem.lam_max)
    assert np.count_nonzero(kept.W[1]) >= 1


def test_nothing_is_said_of_the_strength_where_a_weight_is_left(diabetes):
    assert strength_notice(diabetes) == ""


def test_without_rows_held_out_nothing_is_said_of_predictions():
    result = compare_sample(DIABETES, validation_share=0.0)
    training, step = in_words(result)
    assert training.startswith("On the training rows RMSE is ")
    assert step.startswith("Each step ")
    assert "nan" not in training


def test_on_a_few_rows_a_difference_is_not_judged():
    result = compare(mixed(0).head(20), Settings("y", validation_share=0.05))
    words = in_words(result)
    assert len(result.problem.design.validation_rows) == 1
    for i in (1, 2):
        assert words[i - 1].startswith(f"L{i} against no penalty: RMSE ")
        assert words[i - 1].endswith("; too few rows to judge).")
    assert len(words) == 4
    assert "nan" not in " ".join(words)
    assert "±" not in " ".join(words)


def test_of_models_that_are_the_same_no_figures_are_set_against_each_other():
    result = compare_sample(DIABETES, 0.0)
    error = figures(rmse(result, 0, held_out=True))
    assert in_words(result)[0] == f"L1 and no penalty have the same RMSE of {error}."


def test_batches_that_end_at_zero_say_nothing_of_a_strength_that_keeps_one():
    result = compare_sample(DIABETES, 0.97, epochs=3)
    assert np.any(result.optima[1].W)
    emptied = replace(result.runs[1], W=np.zeros_like(result.runs[1].W))
    runs = (result.runs[0], emptied, result.runs[2])
    assert strength_notice(replace(result, runs=runs)) == ""


def test_no_first_zero_and_no_uncertain_zero_is_told_of_an_even_number_of_classes():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.standard_normal((200, 3)), columns=list("abc"))
    noisy = data.to_numpy() @ rng.standard_normal((3, 4)) + rng.gumbel(size=(200, 4))
    data["y"] = np.array(list("efgh"))[noisy.argmax(axis=1)]
    result = compare(data, Settings("y", lam=0.01, epochs=2000))
    W, Y = result.optima[1].W, result.problem.design.Y
    # Halfway to the middle weights the loss and Σ|w| are the same: many optima.
    middle = np.sort(W, axis=1)[:, 1:3]
    other = W - middle[:, :1]
    assert np.abs(other).sum() == pytest.approx(np.abs(W).sum(), rel=1e-9)
    assert np.count_nonzero(other) < np.count_nonzero(W)
    assert Y.shape[1] == 4
    assert strength_notice(result) == ""
    zero = result.runs[1].W * (np.arange(4) != 1)
    assert "zero" not in distance(at(result, 1, {"W": zero}), "L1")


def test_a_divergence_is_named_with_a_learning_rate_that_is_safe():
    result = compare_sample(DIABETES, learning_rate=5.0)
    (sentence,) = in_words(result)
    assert sentence.startswith("Training diverged for no penalty, L1 and L2,")
    (safe,) = numbers(sentence)
    calm = compare_sample(DIABETES, learning_rate=safe)
    assert not any("iverged" in sentence for sentence in in_words(calm))


def test_only_the_models_that_diverged_are_named():
    # Between 2/(L + λ/n) and 2/L only the decay of L2 is too much.
    result = compare_sample(DIABETES, 1.0)
    rate = 1.05 * result.rate_limit
    assert rate < 2 / result.problem.curvature
    (sentence,) = in_words(compare_sample(DIABETES, 1.0, learning_rate=rate))
    assert "diverged for L2, so" in sentence


def test_a_rate_above_the_limit_is_said_and_one_below_is_not(diabetes):
    limit = diabetes.rate_limit
    for factor, said in ((0.99, False), (1.01, True)):
        result = compare_sample(DIABETES, learning_rate=factor * limit, epochs=5)
        assert bool(rate_notice(result, result.settings)) is said
    assert numbers(rate_notice(result, result.settings))[-1] == float(f"{limit:.3g}")


@pytest.mark.parametrize("sample", [CANCER, WINE], ids=lambda s: s.title)
def test_every_feature_that_has_a_weight_of_any_class_is_counted(sample):
    result = compare_sample(sample, epochs=50)
    left = sum(any(weights) for weights in result.W[1].tolist())
    total = len(result.problem.design.features)
    assert headline(result).startswith(f"L1 keeps {left} of {total} features ")


@pytest.mark.parametrize("sample", [CANCER, WINE], ids=lambda s: s.title)
def test_the_baseline_is_the_commonest_class_of_the_training_rows(sample):
    result = compare_sample(sample, epochs=5)
    design, y = result.problem.design, table_of(sample)[sample.target]
    commonest = Counter(y.iloc[design.rows]).most_common(1)[0][0]
    right = (y.iloc[design.validation_rows] == commonest).mean()
    assert in_words(result)[4] == (
        f"Always guessing «{commonest}» is right for {100 * right:.1f} % of the rows "
        "held out."
    )


def test_a_regression_has_no_class_to_guess(diabetes):
    assert "guessing" not in " ".join(in_words(diabetes))


def test_no_weight_removed_is_said_with_a_strength_that_removes_one():
    result = compare_sample(DIABETES, 1e-4, epochs=20_000)
    assert np.all(result.W[1])
    lam, first = numbers(strength_notice(result))
    assert lam == float(f"{result.settings.lam:.4g}")
    lam_max, long = result.problem.lam_max, 50_000
    for factor, zeros in ((0.97, False), (1.01, True)):
        near = compare_sample(DIABETES, factor * first / lam_max, epochs=long)
        assert bool((near.W[1] == 0).any()) is zeros


@pytest.mark.parametrize("seed", range(10))
def test_the_first_zero_is_found_where_a_weight_comes_back_at_a_larger_strength(seed):
    settings = Settings("y", lam=1e-4, validation_share=0.0, epochs=1)
    result = compare(mixed(seed), settings)
    design = result.problem.design
    alphas, _, path = lars_path(design.X, design.Y[:, 0], method="lasso")
    with_zero = np.isclose(path, 0.0, atol=1e-12).any(axis=0)
    truth = 60 * alphas[with_zero].min()
    assert first_zero(result) == pytest.approx(truth, rel=0.01)


def test_the_search_for_the_first_zero_tells_how_far_it_has_come():
    settings = Settings("y", lam=1e-4, validation_share=0.0, epochs=1)
    told = []
    found = first_zero(compare(mixed(0), settings), told.append)
    steps = list(dict.fromkeys(told))
    # A range is halved: each step leaves half of what was left.
    assert steps == pytest.approx([1 - 0.5**i for i in range(len(steps))])
    assert len(steps) > 5
    # From no penalty on it is the same zero.
    none = compare(mixed(0), replace(settings, lam=0.0))
    assert first_zero(none) == pytest.approx(found, rel=0.02)


@pytest.mark.parametrize("epochs", [1, 8, 30])
def test_the_distance_said_is_the_one_to_the_exact_solution_rounded_up(epochs):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((80, 3)) @ np.array([[1, 0, 0], [0.9, 0.4, 0], [0, 0, 1]])
    y = X @ [2.0, -1.0, 1.0] + 0.05 * rng.standard_normal(80)
    data = pd.DataFrame(X, columns=list("abc")).assign(y=y)
    settings = Settings("y", lam=0.01, validation_share=0.0, epochs=epochs)
    result = compare(data, settings)
    design = result.problem.design
    ridge = Ridge(alpha=0.01, tol=1e-12).fit(design.X, design.Y[:, 0])

    def objective(w):
        # The targets have mean 0, so the best bias is 0.
        rest = design.X @ w - design.Y[:, 0]
        return 0.5 * (rest @ rest + 0.01 * w @ w) / len(design.rows)

    ratio = objective(result.W[2][:, 0]) / objective(ridge.coef_)
    words = distance(result, "L2")
    assert words.startswith("Loss and penalty together ")
    said, away = numbers(words.replace(",", ""))
    assert ("times" in words) is bool(ratio > 2)
    true = ratio if ratio > 2 else 100 * (ratio - 1)
    assert 0.5 * said < true <= said
    w = result.W[2][:, 0]
    far = 100 * np.linalg.norm(w - ridge.coef_) / np.linalg.norm(ridge.coef_)
    near = f"within {away:g} %." if far <= 1 else f"still {away:g} % away."
    assert words.endswith(f"; weights {near}")
    assert 0.5 * away < far <= away


def test_of_a_perfect_fit_the_distance_is_a_share_of_the_first_loss():
    rng = np.random.default_rng(5)
    data = pd.DataFrame(rng.standard_normal((12, 20))).add_prefix("x")
    data["y"] = rng.standard_normal(12)
    result = compare(data, Settings("y", validation_share=0.0, epochs=3))
    loss = result.runs[0].train_loss
    words = distance(result, "none")
    assert words.endswith(ONE_OF_MANY)
    design = result.problem.design
    least = np.linalg.lstsq(design.X, design.Y[:, 0], rcond=None)[0]
    assert result.optima[0].W[:, 0] == pytest.approx(least, abs=1e-7)
    words = words.removesuffix(ONE_OF_MANY)
    assert words.startswith("Training loss at most ")
    assert "% of the first loss; the best possible has none left; weights" in words
    assert 0.5 * numbers(words)[0] < 100 * loss[-1] / loss[0] <= numbers(words)[0]
    far = np.linalg.norm(result.W[0][:, 0] - least) / np.linalg.norm(least)
    assert 0.9 * numbers(words)[1] < 100 * far <= numbers(words)[1]


def dummies(**settings):
    """A category of three levels, each with a column, and a number."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"g": rng.choice(list("uvw"), 120), "x": rng.normal(size=120)})
    data["y"] = data["x"] + (data["g"] == "u") + rng.normal(size=120)
    return compare(data, Settings("y", **settings))


ONE_OF_MANY = " It is one of many optima, the one with the smallest weights."


def test_weights_that_are_one_of_many_optima_are_said_to_be_the_smallest():
    result = dummies(lam=3.0, epochs=5000)
    design, best = result.problem.design, result.optima[0]
    # Three levels add up to 1: a weight can be moved from one to the other two.
    free = np.r_[design.x_scale.deviation[:3], 0.0]
    assert list(design.features) == ["g = u", "g = v", "g = w", "x"]
    assert design.X @ free == pytest.approx(np.zeros(len(design.X)), abs=1e-12)
    least = np.linalg.lstsq(design.X, design.Y[:, 0], rcond=None)[0]
    assert best.W[:, 0] == pytest.approx(least, abs=1e-9)
    assert distance(result, "none") == (
        f"Loss and weights within 0.001 % of the optimum.{ONE_OF_MANY}"
    )
    assert [ONE_OF_MANY in distance(result, PENALTIES[i]) for i in (1, 2)] == [
        False,
        False,
    ]


@pytest.mark.parametrize(("features", "many"), [(8, False), (9, True)])
def test_as_many_features_as_rows_leave_many_optima_without_a_penalty(features, many):
    settings = Settings("y", validation_share=0.0, epochs=5)
    result = compare(table(n=9, p=features), settings)
    assert (ONE_OF_MANY in distance(result, "none")) is many


def test_at_no_strength_all_three_are_one_of_many():
    result = dummies(lam=0.0, epochs=5)
    for i in range(3):
        assert distance(result, PENALTIES[i]).count(ONE_OF_MANY) == 1
        assert distance(result, PENALTIES[i]).startswith("Training loss within ")


def test_nothing_is_said_of_many_where_the_run_diverged():
    assert distance(dummies(learning_rate=50.0), "none") == ""


def test_a_run_that_diverged_is_at_no_distance_worth_saying():
    result = compare_sample(DIABETES, learning_rate=5.0)
    assert [distance(result, PENALTIES[i]) for i in range(3)] == ["", "", ""]


def test_a_zero_that_may_not_last_is_said():
    result = compare_sample(DIABETES, epochs=3)
    wrong = np.count_nonzero((result.W[1] == 0) != (result.optima[1].W == 0))
    assert wrong > 1
    assert distance(result, "L1").endswith(f"; {wrong} zeros are not yet certain.")


def test_separable_classes_have_no_optimum_without_a_penalty():
    result = compare_sample(WINE, epochs=50)
    assert distance(result, "none").startswith(
        "No optimum: the classes can be separated"
    )
    for i in (1, 2):
        assert "No optimum" not in distance(result, PENALTIES[i])


def at(result, i, run=None, optimum=None, gap=None):
    """The same comparison with one model elsewhere; `gap` above its optimum."""
    runs, optima = list(result.runs), list(result.optima)
    runs[i] = replace(runs[i], **(run or {}))
    optima[i] = replace(optima[i], **(optimum or {}))
    moved = replace(result, runs=tuple(runs), optima=tuple(optima))
    if gap is not None:
        gaps = dict.fromkeys(PENALTIES, 0.0)
        gaps[PENALTIES[i]] = gap
        moved.__dict__["gaps"] = gaps
    return moved


@pytest.fixture(scope="module")
def settled():
    """Four weights that are all kept, of runs that have converged."""
    return compare(table(n=200), Settings("y", lam=0.5, epochs=20_000))


MOVING = {"outcome": Outcome.TIME_LIMIT}


@pytest.mark.parametrize(
    ("i", "outcome", "gap", "factor", "said"),
    [
        (
            0,
            Outcome.TIME_LIMIT,
            0.00051,
            0.75,
            "Training loss within 0.06 % of the best possible; weights still 25 % "
            "away.",
        ),
        (
            0,
            Outcome.TIME_LIMIT,
            1.0,
            0.7531,
            "Training loss within 100 % of the best possible; weights still 25 % away.",
        ),
        (
            0,
            Outcome.TIME_LIMIT,
            1.01,
            0.992,
            "Training loss up to 3 times the best possible; weights within 0.8 %.",
        ),
        (
            2,
            Outcome.EPOCH_LIMIT,
            0.002,
            0.9999,
            "Loss and penalty together within 0.2 % of the best possible; weights "
            "within 0.01 %.",
        ),
        (
            1,
            Outcome.CONVERGED,
            1e-9,
            1.0,
            "Loss and weights within 0.001 % of the optimum.",
        ),
        (
            1,
            Outcome.CONVERGED,
            1e-9,
            0.8,
            "Loss and penalty together within 0.001 % of the best possible; weights "
            "still 20 % away.",
        ),
        (
            1,
            Outcome.TIME_LIMIT,
            3.5,
            4.4,
            "Loss and penalty together up to 5 times the best possible; weights still "
            "340 % away.",
        ),
    ],
)
def test_both_distances_are_said_in_a_whole_sentence(
    settled, i, outcome, gap, factor, said
):
    W = factor * settled.optima[i].W
    assert (
        distance(at(settled, i, {"outcome": outcome, "W": W}, gap=gap), PENALTIES[i])
        == said
    )


def test_weights_beside_none_at_all_are_at_no_share_of_them(settled):
    nothing = np.zeros_like(settled.optima[1].W)
    result = at(settled, 1, MOVING, {"W": nothing}, gap=0.01)
    assert distance(result, "L1") == (
        "Loss and penalty together within 1 % of the best possible; the best weights "
        "are all 0; 4 zeros are not yet certain."
    )
    there = at(result, 1, {"W": nothing}, gap=0.0)
    assert distance(there, "L1").endswith(
        "of the best possible; weights within 0.001 %."
    )


def test_one_zero_that_may_not_last_is_said_in_the_singular(settled):
    W = settled.optima[1].W.copy()
    W[0] = 0.0
    result = at(settled, 1, {**MOVING, "W": W}, gap=0.01)
    assert distance(result, "L1").endswith("% away; 1 of its zeros is not yet certain.")


def test_an_optimum_that_is_not_certain_is_not_called_exact(settled):
    stopped = {"status": Status.STOPPED}
    result = at(settled, 2, MOVING, stopped, gap=0.01)
    assert distance(result, "L2") == (
        "Loss and penalty together within 1 % of the best possible; how far the "
        "weights are is not certain."
    )
    unknown = at(settled, 0, MOVING, {**stopped, "bound": 0.0})
    assert distance(unknown, "none") == "How far the best possible is, is not certain."
    assert optima_drawn(settled) == "Grey line and ticks: the exact optimum."
    assert optima_drawn(result) == (
        "Grey line and ticks: the optimum, which is not certain for L2."
    )
    assert optima_drawn(at(result, 0, optimum=stopped)).endswith(
        "for no penalty and L2."
    )


def test_of_many_that_are_as_good_a_penalised_run_may_go_to_another(settled):
    result = at(settled, 1, MOVING, {"status": Status.NOT_UNIQUE}, gap=0.01)
    assert distance(result, "L1") == (
        "Loss and penalty together within 1 % of the best possible. It is one of many "
        "optima; others may keep other weights."
    )


def test_no_grey_mark_is_named_where_none_is_drawn(settled):
    gone = {"W": np.full((4, 1), np.nan), "b": np.full((1, 1), np.nan)}
    result = settled
    for i in range(3):
        result = at(result, i, optimum=gone)
    assert optima_drawn(result) == ""
    assert optima_drawn(at(settled, 0, optimum=gone)) != ""

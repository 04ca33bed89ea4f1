"""The sentences hold the numbers of the comparison, computed here another way."""

import math
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge, lars_path

from regcore import Settings, compare
from regcore.questions.cards.words import (
    distance,
    first_zero,
    in_words,
    rate_notice,
    strength_notice,
)
from tests.sampled import CANCER, DIABETES, WINE, compare_sample, table_of
from tests.tables import PENALTIES, mixed


def numbers(sentence: str) -> list[float]:
    """Every number of a sentence, in order; L1 and L2 are names, not numbers."""
    plain = re.sub(r"\bL[12]\b", "", sentence).replace("−", "-")
    found = re.findall(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", plain)
    return [float(number) for number in found]


def rounded(*values: float) -> list[float]:
    """Two digits, as the sentences have them."""
    return [float(f"{value:.2g}") for value in values]


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
    step, *_ = in_words(diabetes)
    n = len(diabetes.problem.design.rows)
    share = diabetes.rate * diabetes.settings.lam / n
    assert numbers(step) == [float(f"{share:.3g}"), float(f"{100 * share:.3g}")]


def test_the_weights_left_and_the_shorter_vector_are_those_of_the_models(diabetes):
    _, effect, *_ = in_words(diabetes)
    none, _, l2 = (math.hypot(*W.ravel()) for W in diabetes.W)
    left = sum(weight != 0.0 for weight in diabetes.W[1].ravel().tolist())
    assert effect.startswith(f"L1 leaves {left} of 10 weights; L2 leaves all 10")
    assert numbers(effect)[-1:] == rounded(100 * (1 - l2 / none))
    assert "shorter" in effect


def test_a_vector_twice_as_long_is_told_without_powers_of_ten(diabetes):
    twice = replace(diabetes["L2"].run, W=2.0 * diabetes["none"].run.W)
    result = replace(diabetes, runs=(*diabetes.runs[:2], twice))
    assert in_words(result)[1].endswith(
        "their vector 100 % longer than without a penalty."
    )


def test_the_losses_are_those_of_the_predictions_row_by_row(diabetes):
    _, _, loss, *_ = in_words(diabetes)
    train = [paired(diabetes, i, held_out=False)[0] for i in (1, 2)]
    held_out = [paired(diabetes, i, held_out=True) for i in (1, 2)]
    margins = [(mean, 2 * error) for mean, error in held_out]
    assert numbers(loss) == rounded(*train, *margins[0], *margins[1])


@pytest.mark.parametrize("share", [0.01, 0.03, 0.3, 0.7, 1.0])
def test_more_than_chance_means_beyond_two_paired_standard_errors(share):
    result = compare_sample(DIABETES, share)
    said = re.findall(r"more than chance|no clear difference", in_words(result)[2])
    expected = []
    for i in (1, 2):
        mean, error = paired(result, i, held_out=True)
        clear = abs(mean) > 2 * error
        expected.append("more than chance" if clear else "no clear difference")
    assert said == expected


def test_both_judgements_are_given_somewhere():
    words = " ".join(in_words(compare_sample(DIABETES, share))[2] for share in (0.1, 1))
    assert "more than chance" in words
    assert "no clear difference" in words


def test_no_weight_left_is_said_with_a_strength_that_leaves_one():
    result = compare_sample(DIABETES, 1.0)
    assert "L1 leaves no weight at all" in in_words(result)[1]
    lam, below = numbers(strength_notice(result))
    assert lam == float(f"{result.problem.lam_max:.4g}")
    kept = compare_sample(DIABETES, 0.99 * below / result.problem.lam_max)
    assert np.count_nonzero(kept.W[1]) >= 1


def test_nothing_is_said_of_the_strength_where_a_weight_is_left(diabetes):
    assert strength_notice(diabetes) == ""


def test_without_rows_held_out_validation_loss_is_unknown():
    loss = in_words(compare_sample(DIABETES, validation_share=0.0))[2]
    assert loss.endswith("no rows are held out, so validation loss is unknown.")
    assert "nan" not in loss


def test_on_a_few_rows_a_difference_is_not_judged():
    result = compare(mixed(0).head(20), Settings("y", validation_share=0.05))
    loss = in_words(result)[2]
    assert len(result.problem.design.validation_rows) == 1
    assert loss.count("(too few rows to judge)") == 2
    assert "nan" not in loss
    assert "±" not in loss


def test_batches_that_end_at_zero_say_nothing_of_a_strength_that_keeps_one():
    result = compare_sample(DIABETES, 0.97, epochs=3)
    assert np.any(result["L1"].optimum.W)
    emptied = replace(result["L1"].run, W=np.zeros_like(result["L1"].run.W))
    runs = (result["none"].run, emptied, result["L2"].run)
    assert strength_notice(replace(result, runs=runs)) == ""


def test_no_first_zero_and_no_uncertain_zero_is_told_of_an_even_number_of_classes():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.standard_normal((200, 3)), columns=list("abc"))
    noisy = data.to_numpy() @ rng.standard_normal((3, 4)) + rng.gumbel(size=(200, 4))
    data["y"] = np.array(list("efgh"))[noisy.argmax(axis=1)]
    result = compare(data, Settings("y", lam=0.01, epochs=2000))
    W, Y = result["L1"].optimum.W, result.problem.design.Y
    # Halfway to the middle weights the loss and Σ|w| are the same: many optima.
    middle = np.sort(W, axis=1)[:, 1:3]
    other = W - middle[:, :1]
    assert np.abs(other).sum() == pytest.approx(np.abs(W).sum(), rel=1e-9)
    assert np.count_nonzero(other) < np.count_nonzero(W)
    assert Y.shape[1] == 4
    assert strength_notice(result) == ""
    assert "zero" not in distance(result, "L1")


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
def test_every_weight_of_every_class_is_counted(sample):
    result = compare_sample(sample, epochs=50)
    left, total = np.count_nonzero(result.W[1]), result.W[1].size
    assert f"L1 leaves {left} of {total} weights" in in_words(result)[1]


@pytest.mark.parametrize("sample", [CANCER, WINE], ids=lambda s: s.title)
def test_the_baseline_is_the_commonest_class_of_the_training_rows(sample):
    result = compare_sample(sample, epochs=5)
    design, y = result.problem.design, table_of(sample)[sample.target]
    commonest = Counter(y.iloc[design.rows]).most_common(1)[0][0]
    right = (y.iloc[design.validation_rows] == commonest).mean()
    assert in_words(result)[3] == (
        f"Always guessing «{commonest}» would be right for {right:.1%} of the rows "
        "held out."
    )


def test_a_regression_has_no_class_to_guess(diabetes):
    assert len(in_words(diabetes)) == 3


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
    (said,) = numbers(words.replace(",", ""))
    assert ("times" in words) is bool(ratio > 2)
    true = ratio if ratio > 2 else 100 * (ratio - 1)
    assert 0.5 * said < true <= said


def test_of_a_perfect_fit_the_distance_is_a_share_of_the_first_loss():
    rng = np.random.default_rng(5)
    data = pd.DataFrame(rng.standard_normal((12, 20))).add_prefix("x")
    data["y"] = rng.standard_normal(12)
    result = compare(data, Settings("y", validation_share=0.0, epochs=3))
    loss = result["none"].run.train_loss
    words = distance(result, "none")
    assert words.endswith(ONE_OF_MANY)
    design = result.problem.design
    least = np.linalg.lstsq(design.X, design.Y[:, 0], rcond=None)[0]
    assert result["none"].optimum.W[:, 0] == pytest.approx(least, abs=1e-7)
    words = words.removesuffix(ONE_OF_MANY)
    assert words.endswith("% of the first loss; the optimum has none left.")
    assert 0.5 * numbers(words)[0] < 100 * loss[-1] / loss[0] <= numbers(words)[0]


def dummies(**settings):
    """A category of three levels, each with a column, and a number."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"g": rng.choice(list("uvw"), 120), "x": rng.normal(size=120)})
    data["y"] = data["x"] + (data["g"] == "u") + rng.normal(size=120)
    return compare(data, Settings("y", **settings))


ONE_OF_MANY = " It is one of many optima, the one with the smallest weights."


def test_weights_that_are_one_of_many_optima_are_said_to_be_the_smallest():
    result = dummies(lam=3.0, epochs=5000)
    design, best = result.problem.design, result["none"].optimum
    # Three levels add up to 1: a weight can be moved from one to the other two.
    free = np.r_[design.x_scale.deviation[:3], 0.0]
    assert list(design.features) == ["g = u", "g = v", "g = w", "x"]
    assert design.X @ free == pytest.approx(np.zeros(len(design.X)), abs=1e-12)
    least = np.linalg.lstsq(design.X, design.Y[:, 0], rcond=None)[0]
    assert best.W[:, 0] == pytest.approx(least, abs=1e-9)
    assert distance(result, "none") == f"Within 0.001 % of the optimum.{ONE_OF_MANY}"
    assert [ONE_OF_MANY in distance(result, i) for i in ("L1", "L2")] == [False, False]


def test_at_no_strength_all_three_are_one_of_many():
    result = dummies(lam=0.0, epochs=5)
    for name in PENALTIES:
        assert distance(result, name).count(ONE_OF_MANY) == 1
        assert distance(result, name).startswith("Within ")


def test_nothing_is_said_of_many_where_the_run_diverged():
    assert distance(dummies(learning_rate=50.0), "none") == ""


def test_a_run_that_diverged_is_at_no_distance_worth_saying():
    result = compare_sample(DIABETES, learning_rate=5.0)
    assert [distance(result, name) for name in PENALTIES] == ["", "", ""]


def test_a_zero_that_may_not_last_is_said():
    result = compare_sample(DIABETES, epochs=3)
    wrong = np.count_nonzero((result.W[1] == 0) != (result["L1"].optimum.W == 0))
    assert wrong > 1
    assert f"{wrong} zeros are not yet certain" in distance(result, "L1")


def test_separable_classes_have_no_optimum_without_a_penalty():
    result = compare_sample(WINE, epochs=50)
    assert distance(result, "none").startswith(
        "No optimum: the classes can be separated"
    )
    for name in ("L1", "L2"):
        assert "No optimum" not in distance(result, name)

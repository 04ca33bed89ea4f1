"""Better, worse or no clear difference, against SciPy and by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from regcore.questions.cards.headline import judged
from regcore.questions.judgement import Answer, Judgement, judge, over_folds, student
from tests.sampled import CANCER, DIABETES, compare_sample


@pytest.mark.parametrize("df", [*range(1, 61), 100, 500, 1000, 100_000])
def test_the_quantile_is_that_of_student(df):
    # Of the expansion the first term left out is of the order of 1/df⁵.
    left_out = 1e-4 if df < 5 else 0.9 / df**5 + 4e-15
    assert student(df) == pytest.approx(stats.t.ppf(0.975, df), abs=left_out)


NO = np.nan


def half_squared(result, i):
    design = result.problem.design
    z = design.X_validation @ result.W[i] + result.b[i]
    return ((z - design.Y_validation) ** 2 / 2)[:, 0]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("name", ["L1", "L2"])
def test_numbers_are_judged_by_a_paired_test_and_shown_as_errors_of_the_target(
    share, name
):
    result = compare_sample(DIABETES, share)
    ours, none = (half_squared(result, i) for i in (("L1", "L2").index(name) + 1, 0))
    found = judged(result, name)
    test = stats.ttest_rel(ours, none)
    better = Answer.BETTER if test.statistic < 0 else Answer.WORSE
    assert found.answer is (better if test.pvalue < 0.05 else Answer.UNCLEAR)
    y = result.problem.design.y_scale.deviation[0]
    rmse = [y * np.sqrt(2 * losses.mean()) for losses in (ours, none)]
    assert [found.value, found.base] == pytest.approx(rmse, rel=1e-12)
    assert found.difference == pytest.approx(rmse[0] - rmse[1], abs=1e-10)
    low, high = test.confidence_interval(0.95)
    ratio = (high - low) / 2 / abs(ours.mean() - none.mean())
    assert found.margin / abs(found.difference) == pytest.approx(ratio, rel=1e-3)


def test_classes_are_judged_by_their_log_loss():
    result = compare_sample(CANCER, 0.1)
    found = judged(result, "L1")
    assert found.measure == "log loss"
    losses = result.validation_scores.loss
    assert [found.value, found.base] == pytest.approx([losses[1], losses[0]], rel=1e-12)
    assert found.difference == pytest.approx(losses[1] - losses[0], abs=1e-12)


def test_both_sides_and_neither_come_up():
    answers = {
        judged(compare_sample(DIABETES, share, epochs=20_000), "L1").answer
        for share in (0.1, 0.3, 1.0)
    }
    assert answers == {Answer.UNCLEAR, Answer.WORSE}


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        ((57.21, 54.93, 2.28, 1.13), "57.2 instead of 54.9 (+2.3 ± 1.1)"),
        ((54.93, 57.21, -2.28, 1.13), "54.9 instead of 57.2 (−2.3 ± 1.1)"),
        ((56_789, 55_012, 1777, 3456), "56,800 instead of 55,000 (+1,800 ± 3,500)"),
        # 0.0121 and 0.0118 are both 0.012, and decide that it is worse.
        ((0.5121, 0.5, 0.0121, 0.0118), "0.5121 instead of 0.5000 (+0.0121 ± 0.0118)"),
        ((0.50002, 0.5, 2e-5, 0.0043), "0.5000 instead of 0.5000 (0.0000 ± 0.0043)"),
        ((57.2, 54.9, 2.3, NO), "57.2 instead of 54.9 (+2.3; too few rows to judge)"),
        ((3.0, 2.0, 1.0, 0.0), "3.0 instead of 2.0 (+1.0 ± 0.0)"),
        ((5.0, 3.0, 2.0, 2.0), "5.0 instead of 3.0 (+2.0 ± 2.0)"),
    ],
)  # fmt: skip
def test_the_figures_are_written_with_the_digits_that_decide(judgement, said):
    assert Judgement("RMSE", *judgement).in_figures == f"RMSE {said}"


def test_a_difference_that_is_none_is_said_without_a_margin():
    for change in (0.0, 1e-9):
        found = Judgement("RMSE", 5.0 + change, 5.0, change, change / 1000)
        assert found.in_figures == "the same RMSE of 5"
        assert found.answer is Answer.UNCLEAR


def test_figures_add_up_and_decide_as_the_numbers_do():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        base = 10 ** rng.uniform(-3, 6)
        margin = base * 10 ** rng.uniform(-4, 0)
        change = margin * rng.choice([rng.normal(0, 2), 1 + rng.normal(0, 0.01)])
        found = Judgement("RMSE", base + change, base, change, margin)
        if abs(change) <= 1e-6 * max(base, base + change):
            continue
        text = found.in_figures.replace("−", "-").replace(",", "")
        value, other, difference, shown = map(
            float, re.findall(r"-?[\d.]+", text.replace("+", ""))
        )
        assert value - other == pytest.approx(difference, abs=1e-9 * base)
        assert shown > 0
        clear = found.answer in (Answer.BETTER, Answer.WORSE)
        assert (abs(difference) > shown) is clear


def test_too_few_rows_are_not_judged():
    found = Judgement("RMSE", 1.0, 2.0, -1.0, np.nan)
    assert found.answer is Answer.UNKNOWN
    assert replace(found, margin=0.5).answer is Answer.BETTER
    assert replace(found, margin=1.5).answer is Answer.UNCLEAR


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        ((57.21, 54.93, 2.28, 1.13), "L1 predicts worse than no penalty: RMSE 57.2 "
         "instead of 54.9 (+2.3 ± 1.1)"),
        ((54.93, 57.21, -2.28, 1.13), "L1 predicts better than no penalty: RMSE 54.9 "
         "instead of 57.2 (−2.3 ± 1.1)"),
        ((57.21, 54.93, 2.28, 2.28), "L1 predicts neither clearly better nor worse than"
         " no penalty: RMSE 57.2 instead of 54.9 (+2.3 ± 2.3)"),
        ((57.21, 54.93, 2.28, NO), "L1 against no penalty: RMSE 57.2 instead of 54.9 "
         "(+2.3; too few rows to judge)"),
        ((5.0, 5.0, 0.0, 0.0), "L1 and no penalty have the same RMSE of 5"),
        ((5.0, 5.0, 0.0, NO), "L1 and no penalty have the same RMSE of 5"),
    ],
)  # fmt: skip
def test_each_answer_has_its_clause(judgement, said):
    assert Judgement("RMSE", *judgement).clause("L1", "no penalty") == said


def test_one_row_has_no_margin_and_two_have_that_of_one_degree_of_freedom():
    problem = compare_sample(CANCER, epochs=1).problem
    for count, error, margin in ((1, 0.1, NO), (2, 0.1, 1.27062), (2, NO, NO)):
        found = judge(problem, 0.6, 0.5, 0.1, error, count)
        assert found.margin == pytest.approx(margin, nan_ok=True)
        assert (found.measure, found.value, found.base) == ("log loss", 0.6, 0.5)


def test_folds_are_judged_by_a_paired_test_of_their_losses():
    rng = np.random.default_rng(0)
    base = 1.0 + rng.random(7)
    losses = base + 0.1 + 0.05 * rng.standard_normal(7)
    found = over_folds(compare_sample(CANCER, epochs=1).problem, losses, base)
    low, high = stats.ttest_rel(losses, base).confidence_interval(0.95)
    interval = found.difference - found.margin, found.difference + found.margin
    assert interval == pytest.approx((low, high), rel=1e-3)
    assert [found.value, found.base] == pytest.approx([losses.mean(), base.mean()])
    # Of numbers it is told in units of the target.
    numbers = compare_sample(DIABETES, epochs=1).problem
    y = numbers.design.y_scale.deviation[0]
    squares = over_folds(numbers, losses, base)
    assert squares.measure == "RMSE"
    assert squares.value == pytest.approx(y * np.sqrt(2 * losses.mean()))
    assert squares.base == pytest.approx(y * np.sqrt(2 * base.mean()))
    assert squares.difference == pytest.approx(squares.value - squares.base)
    assert squares.margin / squares.difference == pytest.approx(
        found.margin / found.difference
    )
    flattered = over_folds(numbers, losses, base, optimism=0.03)
    assert flattered.difference == squares.difference
    unit = squares.difference / (losses - base).mean()
    assert flattered.margin == pytest.approx(squares.margin + 0.03 * unit)
    nothing = over_folds(numbers, np.zeros(5), np.zeros(5))
    assert nothing.in_figures == "the same RMSE of 0"

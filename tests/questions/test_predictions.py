"""How good the predictions are: numbers of scikit-learn, charts, every sentence."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve
from streamlit.testing.v1 import AppTest

from regcore.comparison import PENALTIES
from regcore.questions.predictions import QUESTION, chart, words
from regcore.questions.predictions.answer import (
    MOST_DOTS,
    Chances,
    Groups,
    Numbers,
    chances_held_out,
    cheapest_threshold,
    drawn_rows,
    errors_at,
    groups,
    numbers_held_out,
    thinned,
)
from regcore.questions.question import answer
from regcore.solve.runs import Outcome
from tests.questions.test_questions import Plain
from tests.sampled import CANCER, DIABETES, WINE, compare_sample, table_of
from tests.sections import draw_section, texts
from tests.tables import table, train


def without(result, *names):
    """Return the same comparison, as if these runs had diverged."""
    runs = tuple(
        replace(run, outcome=Outcome.DIVERGED) if name in names else run
        for name, run in zip(PENALTIES, result.runs, strict=True)
    )
    return replace(result, runs=runs)


def two_classes(n=200, seed=0, name="yes", others="no", models=PENALTIES, digits=9):
    """Probabilities of three models that know something; with few digits, tied."""
    rng = np.random.default_rng(seed)
    true = rng.random(n) < 0.3
    z = rng.standard_normal((len(models), n)) + 1.5 * true - 1.0
    return Chances(
        tuple(models), name, others, (1 / (1 + np.exp(-z))).round(digits), true
    )


def some_numbers(n=60, seed=0, models=PENALTIES, off=0.0):
    rng = np.random.default_rng(seed)
    actual = 10.0 * rng.standard_normal(n)
    noise = 3.0 * rng.standard_normal((len(models), n)) + off
    return Numbers(tuple(models), actual + noise, actual)


# Numbers


def test_numbers_are_those_that_the_comparison_predicts_for_the_rows_held_out():
    result = compare_sample(DIABETES)
    found, rows = numbers_held_out(result), result.problem.design.validation_rows
    frame = table_of(DIABETES).iloc[rows]
    np.testing.assert_allclose(found.actual, frame["progression"], rtol=1e-12)
    expected = result.predict(frame)
    np.testing.assert_allclose(found.predicted.T, expected, rtol=1e-10)
    assert found.models == PENALTIES
    np.testing.assert_allclose(found.residuals[1], found.actual - found.predicted[1])


@pytest.mark.parametrize(("sample", "output"), [(CANCER, 0), (WINE, 0), (WINE, 2)])
def test_chances_are_those_that_the_comparison_predicts(sample, output):
    result = compare_sample(sample)
    found, design = chances_held_out(result, output), result.problem.design
    frame = table_of(sample).iloc[design.validation_rows]
    expected = result.predict(frame)
    if sample is WINE:
        name = design.classes[output]
        expected = expected.xs(name, axis=1, level="class")
        assert (found.name, found.others) == (name, "")
    else:
        assert (found.name, found.others) == ("malignant", "benign")
    np.testing.assert_allclose(found.probability.T, expected, rtol=1e-10)
    np.testing.assert_array_equal(
        found.true, frame[design.target].astype(str) == found.name
    )


def test_a_diverged_run_has_no_predictions():
    assert numbers_held_out(without(compare_sample(DIABETES), "L1")).models == (
        "none",
        "L2",
    )
    found = chances_held_out(without(compare_sample(CANCER), "none"))
    assert found.models == ("L1", "L2")
    assert found.probability.shape == (2, len(found.true))


@pytest.mark.parametrize("digits", [9, 1], ids=["all different", "many ties"])
@pytest.mark.parametrize("seed", range(4))
def test_groups_are_the_quantile_bins_of_scikit_learn(digits, seed):
    chances = two_classes(seed=seed, digits=digits)
    for probability in chances.probability:
        found = groups(probability, chances.true)
        share, mean = calibration_curve(
            chances.true, probability, n_bins=10, strategy="quantile"
        )
        np.testing.assert_allclose(found.actual, share, rtol=1e-12)
        np.testing.assert_allclose(found.predicted, mean, rtol=1e-12)
        assert found.rows.sum() == len(chances.true)


@pytest.mark.parametrize(("n", "count"), [(19, 0), (20, 2), (55, 5), (500, 10)])
def test_a_group_has_ten_rows_and_there_are_ten_at_most(n, count):
    numbers = np.random.default_rng(0).standard_normal(n)
    found = groups(numbers, numbers)
    assert (len(found.rows) if found else 0) == count


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("digits", [9, 1], ids=["all different", "many ties"])
def test_errors_are_the_confusion_matrix_of_scikit_learn(threshold, digits):
    chances = two_classes(digits=digits)
    errors = errors_at(chances, threshold)
    for i, probability in enumerate(chances.probability):
        left, alarms, missed, found = metrics.confusion_matrix(
            chances.true, probability > threshold, labels=[False, True]
        ).ravel()
        assert errors.found[i] == found
        assert errors.missed[i] == missed
        assert errors.alarms[i] == alarms
        assert errors.left[i] == left
    np.testing.assert_allclose(
        errors.cost(5.0, 2.0), 5 * errors.missed + 2 * errors.alarms
    )


def test_at_one_half_the_errors_are_those_of_the_accuracy_on_the_cards():
    result = compare_sample(CANCER)
    errors = errors_at(chances_held_out(result), 0.5)
    right = (errors.found + errors.left) / len(result.problem.design.validation_rows)
    np.testing.assert_array_equal(right, result.summary["accuracy"])


def test_the_cheapest_threshold_costs_least_where_probabilities_are_right():
    rng = np.random.default_rng(0)
    probability = rng.random(200_000)
    true = rng.random(200_000) < probability
    chances = Chances(("none",), "a", "b", probability[np.newaxis], true)
    at = cheapest_threshold(4.0, 1.0)
    assert at == pytest.approx(0.2)
    cost = {t: errors_at(chances, t).cost(4.0, 1.0)[0] for t in (0.1, at, 0.3)}
    assert min(cost, key=cost.get) == at


def test_the_rows_that_are_drawn_are_all_or_the_same_sample_each_time():
    np.testing.assert_array_equal(drawn_rows(MOST_DOTS), np.arange(MOST_DOTS))
    drawn = drawn_rows(10_000)
    assert len(np.unique(drawn)) == MOST_DOTS
    np.testing.assert_array_equal(drawn, drawn_rows(10_000))
    assert drawn.mean() == pytest.approx(5_000, abs=500)


@pytest.mark.parametrize("seed", range(3))
def test_a_thinned_curve_fills_the_same_pixels(seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.random(20_000)).round(4)
    y = np.cumsum(rng.standard_normal(20_000))
    kept = thinned(x, y, columns=100)
    assert len(kept) <= 400
    assert (kept[0], kept[-1]) == (0, len(x) - 1)
    column = np.minimum((x * 100).astype(int), 99)
    for i in range(100):
        all_, few = np.flatnonzero(column == i), kept[column[kept] == i]
        assert (few[0], few[-1]) == (all_[0], all_[-1])
        assert y[few].min() == y[all_].min()
        assert y[few].max() == y[all_].max()


def test_a_short_curve_is_kept_whole():
    np.testing.assert_array_equal(thinned(np.ones(400), np.ones(400), 100), range(400))


# Charts


def specification(found):
    """The chart against the schema, with its rows."""
    spec = found.to_dict()
    return spec, {name: pd.DataFrame(rows) for name, rows in spec["datasets"].items()}


def legends(spec):
    return [
        channel["legend"].get("values", list(PENALTIES))
        for layer in spec["layer"]
        for name, channel in layer["encoding"].items()
        if name in ("color", "shape", "strokeDash") and channel.get("legend")
    ]


def line_of(rows, name, columns):
    """Rows of one model in the data that have these columns."""
    (frame,) = [f for f in rows.values() if set(columns) <= set(f.columns)]
    return frame[frame["penalty"] == name]


EVERY_CHART = {
    "roc": lambda models: chart.roc(two_classes(models=models)),
    "precision": lambda models: chart.precision_recall(two_classes(models=models)),
    "calibration": lambda models: chart.calibration(two_classes(models=models)),
    "actual": lambda models: chart.predicted_and_actual(some_numbers(models=models)),
    "residuals": lambda models: chart.residuals(some_numbers(models=models)),
}


@pytest.mark.parametrize("models", [PENALTIES, ("none", "L2"), ("L1",)], ids=str)
@pytest.mark.parametrize("name", EVERY_CHART)
def test_a_legend_names_the_models_that_are_drawn_and_no_other(name, models):
    spec, rows = specification(EVERY_CHART[name](models))
    assert legends(spec)
    assert all(named == list(models) for named in legends(spec))
    drawn = {
        penalty
        for frame in rows.values()
        if "penalty" in frame
        for penalty in frame["penalty"]
    }
    assert drawn == set(models)


@pytest.mark.parametrize("name", EVERY_CHART)
def test_every_number_of_a_chart_is_finite(name):
    _, rows = specification(EVERY_CHART[name](PENALTIES))
    for frame in rows.values():
        assert np.isfinite(frame.select_dtypes("number")).all(axis=None)


@pytest.mark.parametrize("digits", [9, 1], ids=["all different", "many ties"])
def test_the_roc_curve_is_scikit_learns(digits):
    chances = two_classes(digits=digits)
    _, rows = specification(chart.roc(chances))
    for i, name in enumerate(PENALTIES):
        alarms, recall, at = metrics.roc_curve(
            chances.true, chances.probability[i], drop_intermediate=False
        )
        line = line_of(rows, name, ["step", "x", "y"])
        np.testing.assert_allclose(line["x"], alarms, rtol=1e-12)
        np.testing.assert_allclose(line["y"], recall, rtol=1e-12)
        np.testing.assert_allclose(line["at"].iloc[1:], at[1:], rtol=1e-12)


def test_the_precision_recall_curve_is_scikit_learns_from_its_first_row_on():
    chances = two_classes()
    spec, rows = specification(chart.precision_recall(chances))
    for i, name in enumerate(PENALTIES):
        precision, recall, _ = metrics.precision_recall_curve(
            chances.true, chances.probability[i]
        )
        line = line_of(rows, name, ["step", "x", "y"])
        np.testing.assert_allclose(line["x"], recall[::-1], rtol=1e-12)
        np.testing.assert_allclose(line["y"].iloc[1:], precision[-2::-1], rtol=1e-12)
        assert line["y"].iloc[0] == line["y"].iloc[1]
    share = [frame["y"] for frame in rows.values() if list(frame) == ["y"]]
    assert [list(level) for level in share] == [[chances.true.mean()]]
    assert "step-before" in str(spec)


def test_curves_of_many_rows_are_thinned():
    chances = two_classes(n=30_000)
    _, rows = specification(chart.roc(chances))
    line = line_of(rows, "L1", ["step", "x", "y"])
    assert len(line) <= 1_200
    area = metrics.roc_auc_score(chances.true, chances.probability[1])
    assert np.trapezoid(line["y"], line["x"]) == pytest.approx(area, abs=1e-3)


def test_dots_are_rows_with_their_prediction_and_lines_go_through_means_of_groups():
    numbers = some_numbers(n=1_000)
    _, rows = specification(chart.residuals(numbers))
    drawn = drawn_rows(1_000)
    dots = line_of(rows, "L2", ["actual"])
    np.testing.assert_allclose(dots["predicted"], numbers.predicted[2][drawn])
    np.testing.assert_allclose(dots["actual"], numbers.actual[drawn])
    np.testing.assert_allclose(dots["residual"], numbers.residuals[2][drawn])
    line = line_of(rows, "L2", ["rows"])
    assert line["rows"].sum() == 1_000
    weighted = (line["rows"] * line["residual"]).sum() / 1_000
    assert weighted == pytest.approx(numbers.residuals[2].mean())


def test_few_rows_have_dots_and_no_line():
    spec, _ = specification(chart.residuals(some_numbers(n=19)))
    assert len(spec["layer"]) == 2
    assert chart.calibration(two_classes(n=19)) is None


def test_no_name_from_the_file_is_in_a_chart():
    nasty = "a.b[0]"
    chances = two_classes(name=nasty, others=nasty)
    for draw in (chart.roc, chart.precision_recall, chart.calibration):
        assert nasty not in str(draw(chances).to_dict())


# Words


def test_numbers_are_judged_in_units_of_the_target():
    result = compare_sample(DIABETES)
    summary = result.summary
    first, second, *_ = words.of_numbers(result, numbers_held_out(result))
    guess = {one.metric.key: one.guess for one in result.measured}
    none, l1, l2 = summary["rmse"]
    assert first == (
        f"On the 110 rows held out RMSE is {none:.2f} with no penalty, {l1:.2f} with "
        f"L1 and {l2:.2f} with L2, in units of «progression» (guessing the mean: "
        f"{guess['rmse']:.2f})."
    )
    none, l1, l2 = summary["mae"]
    assert second == (
        f"The mean absolute error is {none:.2f} with no penalty, {l1:.2f} with L1 and "
        f"{l2:.2f} with L2 (guessing the mean: "
        f"{guess['mae']:.2f})."
    )


def test_a_model_that_diverged_is_left_out_of_the_words():
    result = without(compare_sample(DIABETES), "none")
    first, *_, last = words.of_numbers(result, numbers_held_out(result))
    assert "no penalty" not in first + last
    assert first.endswith("with L2, in units of «progression».")


def leaning(numbers):
    """The sentence on the side to which the predictions lean."""
    return words.of_numbers(compare_sample(DIABETES), numbers)[-2]


def test_predictions_that_lean_to_a_side_are_named_with_an_interval():
    none = "On average none predicts clearly too high or too low."
    assert leaning(some_numbers(n=200)) == none
    off = some_numbers(n=200)
    off.predicted[1] -= 2.0
    error = off.predicted[1] - off.actual
    margin = 1.97196 * error.std(ddof=1) / np.sqrt(200)  # Student's, 199
    assert leaning(off) == (
        f"On average predictions are off to one side: −{-error.mean():.2g} ± "
        f"{margin:.2g} with L1 (predicted less actual, ± the half-width of a 95 % "
        "interval)."
    )


def test_the_interval_of_a_lean_takes_its_deviation_from_few_rows():
    actual = np.zeros(10)
    predicted = 3.0 + np.resize([1.0, -1.0], 10)
    # Student's quantile with 9 degrees of freedom times √(10/9)/√10.
    assert leaning(Numbers(("L1",), predicted[np.newaxis], actual)) == (
        f"On average predictions are off to one side: +3 ± {2.26216 / 3:.2g} with L1 "
        "(predicted less actual, ± the half-width of a 95 % interval)."
    )


def test_the_spread_of_the_predictions_stands_beside_that_of_the_target():
    numbers = some_numbers(n=200, models=("L1", "L2"))
    l1, l2 = numbers.predicted.std(axis=1)
    assert words.of_numbers(compare_sample(DIABETES), numbers)[-1] == (
        f"The standard deviation of the predictions is {l1:.3g} with L1 and {l2:.3g} "
        f"with L2; that of the actual values is {numbers.actual.std():.3g}."
    )


def test_few_rows_are_said_and_not_judged():
    said = words.of_numbers(compare_sample(DIABETES), some_numbers(n=9))
    assert said[0] == "Only 9 rows are held out, too few to judge by."
    assert len(said) == 3
    assert words.few_rows(1) == ("Only 1 row is held out, too few to judge by.",)
    assert words.few_rows(10) == ()
    assert words.of_ranking(two_classes(n=9))[0].startswith("Only 9 rows")


def test_a_sample_is_said():
    assert words.sampled(MOST_DOTS) == ()
    assert words.sampled(12_345) == (
        "The dots are a sample of 300 of the 12,345 rows held out, drawn at random "
        "with seed 0; lines and figures are of all.",
    )


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (PENALTIES, ()),
        (("none", "L2"), ("L1 diverged and is not drawn.",)),
        (("L1",), ("No penalty and L2 diverged and are not drawn.",)),
    ],
)
def test_models_that_are_missing_are_named(models, said):
    assert words.missing_models(models) == said


def test_the_order_of_the_probabilities_is_judged_as_scikit_learn_does():
    chances = two_classes()
    total = int(chances.true.sum())
    areas = [metrics.roc_auc_score(chances.true, p) for p in chances.probability]
    means = [
        metrics.average_precision_score(chances.true, p) for p in chances.probability
    ]
    each = "{:.3f} with no penalty, {:.3f} with L1 and {:.3f} with L2"
    assert words.of_ranking(chances) == (
        f"Of the 200 rows held out {total} are «yes».",
        "ROC-AUC, the chance that one of them is given a higher probability of «yes» "
        f"than another row, is {each.format(*areas)}; guessing has 0.5.",
        f"Average precision is {each.format(*means)}; guessing has {total / 200:.3f}, "
        "their share.",
    )


def test_one_row_of_the_class_is_one():
    one = replace(two_classes(n=20), true=np.arange(20) == 3)
    assert words.of_ranking(one)[0] == "Of the 20 rows held out 1 is «yes»."


def test_calibration_names_the_group_that_is_farthest_off():
    chances = two_classes(models=("L1", "L2"))
    chances.probability[0] = np.where(np.arange(200) < 20, 0.9, 0.1)
    chances = replace(chances, true=np.arange(200) % 10 == 0)
    chances.probability[1] = 0.1
    assert words.of_calibration(chances) == (
        "The mean probability of «yes» is 18.0 % with L1 and 10.0 % with L2; 10.0 % of "
        "the rows are.",
        "Of all groups of like probability the farthest off is one with L1: 20 rows "
        "with 90.0 % on average, of which 10.0 % are «yes».",
    )
    _, few = words.of_calibration(two_classes(n=19))
    assert few == "For groups of like probability there are too few rows."


def test_groups_of_the_farthest_are_of_the_model_that_is_named():
    flat = Groups(np.array([0.5]), np.array([0.5]), np.array([10]))
    off = Groups(np.array([0.2, 0.5]), np.array([0.2, 0.7]), np.array([9, 1]))
    said = words._farthest([("none", flat), ("L2", off)], "«a»")
    assert "one with L2: 1 row with 50.0 % on average, of which 70.0 %" in said


def test_errors_are_counted_for_each_model():
    true = np.array([True, True, True, False, False])
    probability = np.array([[0.9, 0.4, 0.6, 0.1, 0.2], [0.4, 0.4, 0.6, 0.8, 0.7]])
    chances = Chances(("none", "L1"), "yes", "no", probability, true)
    errors = errors_at(chances, 0.5)
    assert words.of_errors(chances, errors) == (
        "A row is classed as «yes» where its probability is above 0.5.",
        "Of 3 «yes» and 2 other rows this leaves 1 missed and 0 false alarms with no "
        "penalty and 2 missed and 2 false alarms with L1.",
    )
    assert words.of_errors(chances, errors_at(chances, 0.56789))[0] == (
        "A row is classed as «yes» where its probability is above 0.568."
    )
    assert words.of_costs(chances, errors, 5, 2) == (
        "At these costs they come to 5 with no penalty and 14 with L1; to class no row "
        "as «yes» would cost 15, every row 4."
    )
    assert words.of_costs(chances, errors, 123_456, 234_567) == (
        "At these costs they come to 123,456 with no penalty and 716,046 with L1; to "
        "class no row as «yes» would cost 370,368, every row 469,134."
    )
    shown = words.confusion(chances, errors, (5, 2))
    assert list(shown.columns) == list(PENALTIES)
    assert shown["none"].to_dict() == {
        "True positives": "2",
        "False negatives, missed": "1",
        "False positives, false alarms": "0",
        "True negatives": "2",
        "Recall": "66.7 %",
        "Precision": "100.0 %",
        "Accuracy": "80.0 %",
        "Cost": "5",
    }
    assert shown.loc["Precision", "L1"] == "33.3 %"
    assert set(shown["L2"]) == {"–"}
    large = words.confusion(chances, errors, (123_456, 2))
    assert large.loc["Cost", "none"] == "123,456"
    assert "Cost" not in words.confusion(chances, errors).index
    nobody = words.confusion(chances, errors_at(chances, 1.0))
    assert nobody.loc["Precision", "none"] == "–"


@pytest.mark.parametrize(
    ("others", "true", "n", "said"),
    [
        ("no", False, 12, "All 12 rows held out are «no», so no curve can tell the cl"),
        ("no", True, 12, "All 12 rows held out are «yes», so no curve can tell the c"),
        ("no", True, 1, "The only row held out is «yes», so no curve can tell the cl"),
        ("", True, 12, "All 12 rows held out are «yes», so no curve can tell the cla"),
        ("", False, 12, "None of the 12 rows held out is «yes», so no curve can tell"),
        ("", False, 1, "None of the 1 row held out is «yes», so no curve can tell th"),
    ],
)
def test_one_class_alone_is_said_in_place_of_the_curves(others, true, n, said):
    chances = replace(two_classes(n=n, others=others), true=np.full(n, true))
    assert chances.one_kind
    assert words.of_one_kind(chances).startswith(said)
    assert words.of_one_kind(chances).endswith("hold out other rows, or more.")


# The question


def parts_of(result, **choices):
    class Reader(Plain):
        def choose(self, choice):
            return choices.get(choice.name, super().choose(choice))

        def number(self, number):
            return choices.get(number.name, super().number(number))

    return list(answer(QUESTION, Reader(result, on=False)))


def figures_of(parts):
    return [p.figure for part in parts for p in part.panels if p.figure]


def test_nothing_held_out_and_nothing_left_have_a_reason_each():
    (part,) = parts_of(compare_sample(CANCER, validation_share=0.0))
    assert part.reason == words.NOTHING_HELD_OUT
    (part,) = parts_of(without(compare_sample(CANCER), *PENALTIES))
    assert part.reason == words.NONE_SOUND


def test_one_class_held_out_leaves_the_confusion_table():
    frame = table("binary", n=100).sort_values("y")
    parts = parts_of(train(frame, split="order", validation_share=0.2))
    assert parts[0].reason.startswith("All 20 rows held out are «yes»")
    assert not figures_of(parts)
    (panel,) = parts[-1].panels
    assert set(panel.table.loc["False positives, false alarms"]) == {"0"}


def test_the_costs_of_the_errors_set_the_threshold():
    result = compare_sample(CANCER)
    costs = {"set by": 1, "cost of a miss": 9, "cost of an alarm": 1}
    last = parts_of(result, **costs)[-1]
    assert "above 0.1." in last.words[0]
    errors = errors_at(chances_held_out(result), 0.1)
    (panel,) = last.panels
    expected = [f"{cost:g}" for cost in errors.cost(9, 1)]
    assert list(panel.table.loc["Cost"]) == expected
    moved = parts_of(result, threshold=0.25)[-1]
    assert "above 0.25." in moved.words[0]


def test_few_rows_have_no_calibration():
    parts = parts_of(train(table("binary", n=60)))
    assert len(figures_of(parts)) == 2
    assert parts[1].words[-1].endswith("too few rows.")
    assert not parts[1].panels


def test_each_class_is_judged_against_the_rest():
    result = compare_sample(WINE)
    names = result.problem.design.classes
    for i, name in enumerate(names):
        (first, *_) = parts_of(result, **{"class": i})[0].words
        assert f"«{name}»" in first


@pytest.mark.parametrize(
    ("sample", "charts", "said"),
    [
        (DIABETES, 2, "in units of «progression»"),
        (CANCER, 3, "53 are «malignant»"),
        (WINE, 3, "15 are «A»"),
    ],
    ids=["numbers", "two classes", "three"],
)
def test_the_page_draws_the_answer(sample, charts, said):
    app = AppTest.from_function(
        draw_section, args=("predictions", sample.title, 10.0, {}), default_timeout=60
    ).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == charts
    assert said in texts(app)
    if sample is DIABETES:
        return
    app.slider[0].set_value(0.3).run()
    assert "above 0.3." in texts(app)
    by = [box for box in app.selectbox if box.label == "Threshold"]
    by[0].set_value("from the cost of the two errors").run()
    assert not app.exception
    assert "above 0.167." in texts(app)
    assert app.table[0].value.index[-1] == "**Cost**"

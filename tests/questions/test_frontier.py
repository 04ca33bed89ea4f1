"""Sparsity against loss: the frontier by brute force, landmarks, words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from streamlit.testing.v1 import AppTest

from regcore.questions.frontier import answer as frontier
from regcore.questions.frontier import chart as frontier_charts
from regcore.questions.frontier import words as frontier_words
from regcore.questions.path.answer import trace
from regcore.solve.optimum import Status
from regcore.words import figures
from tests.tables import table, train


@pytest.fixture(scope="module")
def traced():
    result = train(table(n=80, p=8, seed=5), lam=12.0)
    return result, trace(result.problem, result.settings)


def test_every_number_of_weights_has_its_smallest_loss(traced):
    curve = traced[1].l1
    frame = frontier.frontier(traced[1])
    assert frame["nonzero"].tolist() == sorted(set(curve.nonzero.tolist()))
    for row in frame.itertuples():
        losses = curve.mean[curve.nonzero == row.nonzero]
        assert row.loss == losses.min()
        assert row.loss == curve.mean[np.argmin(np.abs(curve.lams - row.lam))]


def test_nothing_is_below_the_smallest(traced):
    result, paths = traced
    every = pd.concat([frontier.frontier(paths), frontier.landmarks(paths, result)])
    assert every["above"].min() >= -1e-12
    losses = np.r_[paths.none.mean(), paths.l1.mean, paths.l2.mean]
    assert frontier.smallest(paths) == losses.min()


def test_landmarks_are_what_they_say(traced):
    result, paths = traced
    marks = frontier.landmarks(paths, result).set_index("mark")
    assert marks.loc["no penalty", "loss"] == pytest.approx(paths.none.mean())
    assert marks.loc["L2 at its best", "loss"] == pytest.approx(paths.l2.mean.min())
    kept = np.count_nonzero(result["L1"].optimum.W)
    assert marks.loc["L1 now", "nonzero"] == kept
    assert marks.loc["L1 now", "lam"] == 12.0


def test_what_a_share_of_loss_buys_is_found_by_looking_at_every_point(traced):
    paths = traced[1]
    frame = frontier.frontier(paths)
    for price in (0.0, 0.01, 0.05, 0.5, 10.0):
        limit = paths.l1.mean.min() * (1 + price)
        expected = paths.l1.nonzero[paths.l1.mean <= limit].min()
        assert frontier.fewest(frame, price) == expected


def test_the_sentence_has_the_numbers(traced):
    result, paths = traced
    words = frontier_words.in_words(paths, result)
    best = paths.l1.nonzero[np.argmin(paths.l1.mean)]
    assert words.startswith(f"L1 predicts best with {best} of 8 weights")
    change = 100 * (paths.none.mean() / paths.l1.mean.min() - 1)
    assert f"its loss is {figures(change, 2)} % above L1's best: it " in words


@pytest.mark.parametrize(
    ("shift", "said"),
    [
        (0.5, "it predicts worse than L1: RMSE "),
        (-0.1, "it predicts better than L1: RMSE "),
        (0.001, "it predicts neither clearly better nor worse than L1: RMSE "),
    ],
)
def test_no_penalty_is_judged_by_the_best_of_l1_over_the_folds(traced, shift, said):
    result, paths = traced
    best = paths.l1.fold_loss[:, np.argmin(paths.l1.mean)]
    noise = np.resize([0.01, -0.01], paths.folds) * best.mean()
    none = best + shift * best.mean() + noise
    words = frontier_words.in_words(replace(paths, none=none), result)
    assert f"L1's best: {said}" in words
    test = stats.ttest_rel(none, best)
    assert bool(test.pvalue < 0.05) is ("clearly" not in said)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.0, 1.2, 1.0], "5 % more loss saves none"),
        ([2.0, 1.009, 1.0], "for 1 % more loss 1 are enough."),
        ([1.04, 1.009, 1.0], "for 1 % more loss 1 are enough, for 5 % more loss 0"),
    ],
)
def test_only_prices_that_buy_something_are_named(traced, losses, expected):
    result, paths = traced
    curve = paths.l1
    W = np.zeros((3, 2, 1))
    W[1, 0], W[2] = 1.0, 1.0
    folds = np.outer(np.ones(paths.folds), losses)
    small = replace(curve, lams=np.array([3.0, 2.0, 1.0]), W=W, fold_loss=folds)
    paths = replace(paths, curves=paths.curves | {"L1": small})
    assert expected in frontier_words.in_words(paths, result)


def test_without_an_optimum_no_penalty_is_left_out():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(20)
    columns = {"x": x, "z": rng.standard_normal(20), "y": np.where(x > 0, "a", "b")}
    result = train(pd.DataFrame(columns), lam=1.0, epochs=5)
    paths = trace(result.problem, result.settings)
    assert "no penalty" not in set(frontier.landmarks(paths, result)["mark"])
    assert "No penalty has no optimum here." in frontier_words.in_words(paths, result)
    stopped = replace(result.optima[0], status=Status.STOPPED)
    result = replace(result, optima=(stopped, *result.optima[1:]))
    assert "The optimum without a penalty is not known here." in (
        frontier_words.in_words(paths, result)
    )


def test_of_a_perfect_fit_no_share_of_its_rounding_is_told():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.standard_normal((60, 3)), columns=list("abc"))
    result = train(data.assign(y=data["a"] + 2 * data["b"]), lam=1.0, epochs=5)
    paths = trace(result.problem, result.settings)
    assert paths.none.mean() < 1e-12
    assert frontier.frontier(paths)["above"].max() < 2e6


def test_the_chart_is_valid(traced):
    result, paths = traced
    chart = frontier_charts.frontier_curve(
        frontier.frontier(paths), frontier.landmarks(paths, result)
    )
    assert chart.to_dict()["layer"]


def page():
    from regcore.page.questions import draw_question
    from regcore.questions import frontier
    from tests.sections import as_dataset
    from tests.tables import table, train

    frame = table(n=60, p=3)
    dataset = as_dataset(frame)
    draw_question(frontier.QUESTION, train(frame, lam=4.0, epochs=30), dataset)


def test_the_section_draws_one_chart():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 1


def test_too_few_rows_give_a_reason_instead():
    def small():
        from regcore.page.questions import draw_question
        from regcore.questions import frontier
        from tests.sections import as_dataset
        from tests.tables import table, train

        frame = table(n=12, p=2)
        dataset = as_dataset(frame)
        draw_question(
            frontier.QUESTION, train(frame, validation_share=0.8, epochs=5), dataset
        )

    app = AppTest.from_function(small, default_timeout=60).run()
    assert not app.exception
    assert "too few" in app.info[0].value

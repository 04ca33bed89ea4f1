"""Two weights from above: levels, shapes and solutions by brute force."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from regcore.questions.contours import answer as contours
from regcore.questions.contours import chart as contours_charts
from regcore.questions.contours import words as contours_words
from tests.tables import TASKS, table, train


def compared(task="regression", **settings):
    return train(table(task, n=60, p=5, seed=1), **{"lam": 9.0, **settings})


def held_loss(result, i, pair, points):
    """Mean loss with two weights moved and all else at the optimum, from the rows."""
    design, optimum = result.problem.design, result.optima[i]
    losses = []
    for point in points:
        W = optimum.W.copy()
        W[list(pair), 0] = point
        Z = design.X @ W + optimum.b
        losses.append(result.problem.loss.value(Z, design.Y).mean())
    return np.array(losses)


@pytest.mark.parametrize("task", TASKS)
def test_every_point_of_a_ring_has_its_loss(task):
    result = compared(task)
    pair = contours.proposed_pair(result)
    square, views = contours.from_above(result, pair)
    for i, view in enumerate(views):
        rings = view.contours
        inside = rings["x"].between(*square.x) & rings["y"].between(*square.y)
        assert inside.sum() > 50
        points = rings.loc[inside, ["x", "y"]].to_numpy()
        losses = held_loss(result, i, pair, points)
        rtol = 1e-6 if task == "regression" else 1e-5
        np.testing.assert_allclose(losses, rings.loc[inside, "level"], rtol=rtol)


def test_rings_are_right_where_the_lowest_point_is_far_outside_the_square():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 2))
    word = np.where(X @ [1.0, 0.5] + 0.02 * rng.standard_normal(60) > 0, "a", "b")
    frame = pd.DataFrame({"x": X[:, 0], "z": X[:, 1], "y": word})
    result = train(frame, lam=10.0, lam_l2=30.0, epochs=5)
    square, views = contours.from_above(result, (0, 1))
    for i, view in list(enumerate(views))[1:]:
        rings = view.contours
        inside = rings["x"].between(*square.x) & rings["y"].between(*square.y)
        points = rings.loc[inside, ["x", "y"]].to_numpy()
        losses = held_loss(result, i, (0, 1), points)
        span = np.ptp(held_loss(result, i, (0, 1), square.corners))
        np.testing.assert_allclose(
            losses, rings.loc[inside, "level"], rtol=0, atol=1e-3 * span
        )
        thick = rings.loc[rings["ring"] == 0, ["x", "y"]].to_numpy()
        away = np.linalg.norm(thick - view.solution, axis=1).min()
        assert away < 1e-3 * np.ptp(square.x)


def test_the_first_ring_goes_through_the_solution():
    result = compared()
    pair = contours.proposed_pair(result)
    for i, view in enumerate(contours.from_above(result, pair)[1][1:], start=1):
        level = view.contours.loc[view.contours["ring"] == 0, "level"].iloc[0]
        solution = view.solution[np.newaxis]
        assert level == pytest.approx(held_loss(result, i, pair, solution)[0])


@pytest.mark.parametrize("task", TASKS)
def test_no_pair_within_the_shape_has_a_smaller_loss_than_the_solution(task):
    result = compared(task)
    pair = contours.proposed_pair(result)
    views = contours.from_above(result, pair)[1]
    rng = np.random.default_rng(0)
    for i, order in ((1, 1), (2, 2)):
        solution = views[i].solution
        size = np.linalg.norm(solution, order)
        points = rng.standard_normal((400, 2))
        lengths = np.linalg.norm(points, order, axis=1, keepdims=True)
        points *= size * np.sqrt(rng.random((400, 1))) / lengths
        best = held_loss(result, i, pair, solution[np.newaxis])[0]
        assert held_loss(result, i, pair, points).min() >= best - 1e-9
        shape = views[i].shape[["x", "y"]].to_numpy()
        np.testing.assert_allclose(np.linalg.norm(shape, order, axis=1), size)


def test_the_ways_down_are_the_runs():
    result = compared(epochs=300)
    pair = (3, 1)
    for run, view in zip(
        result.runs, contours.from_above(result, pair)[1], strict=True
    ):
        way = view.descent
        assert way["epoch"].iloc[0] == 0
        assert way["epoch"].iloc[-1] == run.epochs
        assert len(way) <= contours.MOST_POINTS
        for row in way.itertuples():
            at = np.flatnonzero(run.snapshot_epochs == row.epoch)[0]
            assert (row.x, row.y) == tuple(run.snapshot_W[at, list(pair), 0])


def test_the_pictures_share_one_square_that_holds_all():
    result = compared()
    square, views = contours.from_above(result, contours.proposed_pair(result))
    assert np.ptp(square.x) == pytest.approx(np.ptp(square.y))
    for view in views:
        for column, (low, high) in (("x", square.x), ("y", square.y)):
            assert low < view.descent[column].min() <= view.descent[column].max() < high


def test_the_proposed_pair_is_one_that_stays_and_one_that_goes():
    result = compared()
    first, second = contours.proposed_pair(result)
    assert first != second
    assert result["L1"].run.W[first, 0] != 0.0
    assert result["L1"].run.W[second, 0] == 0.0


@pytest.mark.parametrize(
    ("lam", "expected"),
    [(9.0, "on a corner"), (0.5, "on an edge"), (1e6, "at the centre")],
)
def test_the_sentence_says_where_on_the_diamond(lam, expected):
    result = compared(lam=lam)
    pair = contours.proposed_pair(compared()) if lam > 1 else (0, 1)
    words = contours_words.in_words(result, pair, contours.from_above(result, pair)[1])
    assert expected in words


def test_without_an_optimum_the_weights_are_held_where_the_run_ended():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(30)
    columns = {"x": x, "z": rng.standard_normal(30), "y": np.where(x > 0, "a", "b")}
    result = train(pd.DataFrame(columns), lam=1.0, epochs=20)
    _, views = contours.from_above(result, (0, 1))
    assert [view.exact for view in views] == [False, True, True]
    np.testing.assert_array_equal(views[0].solution, result["none"].run.W[:, 0])
    assert np.isfinite(views[0].contours[["x", "y"]]).all(axis=None)


def test_two_features_that_are_nearly_copies_can_be_looked_at():
    frame = table(n=40, p=2)
    frame["copy"] = frame["x0"] * (1 + 1e-12 * frame["x1"])
    result = train(frame, lam=3.0)
    assert len(result.problem.design.features) == 3
    _, views = contours.from_above(result, (0, 2))
    assert all(np.isfinite(view.contours).all(axis=None) for view in views)


def test_charts_are_valid_and_hold_no_user_names_as_fields():
    frame = table(n=40, p=3).set_axis(["a.b", "c[0]", 'd"', "y"], axis=1)
    result = train(frame, lam=9.0)
    square, views = contours.from_above(result, contours.proposed_pair(result))
    for view in views:
        chart = contours_charts.picture(view, square, ("a.b", 'd"')).to_dict()
        names = {
            key
            for rows in chart["datasets"].values()
            for row in rows[:1]
            for key in row
        }
        assert not names & {"a.b", "c[0]", 'd"'}


def page():
    from regcore.page.questions import draw_question
    from regcore.questions import contours
    from tests.sections import as_dataset
    from tests.tables import table, train

    frame = table("multiclass", n=60, p=3)
    dataset = as_dataset(frame)
    draw_question(contours.QUESTION, train(frame, lam=4.0, epochs=30), dataset)


def test_the_section_draws_a_picture_a_penalty_and_refuses_one_weight_twice():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 3
    across, up = app.selectbox[1:3]
    app = up.select(across.value).run()
    assert not app.exception
    assert "two different" in app.info[0].value


def test_one_feature_alone_gives_a_sentence():
    def single():
        from regcore.page.questions import draw_question
        from regcore.questions import contours
        from tests.sections import as_dataset
        from tests.tables import table, train

        frame = table(n=30, p=1)
        dataset = as_dataset(frame)
        draw_question(contours.QUESTION, train(frame, lam=1.0, epochs=9), dataset)

    app = AppTest.from_function(single, default_timeout=60).run()
    assert not app.exception
    assert "one feature only" in app.info[0].value

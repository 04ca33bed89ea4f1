"""One update taken apart: its parts add up to the state that the run has next."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from regcore.questions.update import answer as update
from regcore.questions.update import chart as update_charts
from regcore.questions.update import words as update_words
from tests.tables import TASKS, table, train

EPOCHS = 40


def parts(task, **settings):
    return train(
        table(task, n=60, p=5, seed=2),
        lam=6.0,
        **{"epochs": EPOCHS, "tolerance": 0.0, **settings},
    )


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("l1_step", ["clipped", "textbook"])
def test_the_parts_add_up_to_the_next_state_of_the_run(task, l1_step):
    result = parts(task, l1_step=l1_step)
    for epoch in (0, 1, 7, EPOCHS - 1):
        for feature in range(5):
            for step, run in zip(
                update.take_apart(result, feature, 0, epoch), result.runs, strict=True
            ):
                now = run.snapshot_W[epoch, feature, 0]
                following = run.snapshot_W[epoch + 1, feature, 0]
                assert step.before == now
                total = step.before + step.gradient_part + step.penalty_part
                assert total == pytest.approx(following, rel=1e-14, abs=1e-15)
                assert step.after == pytest.approx(following, rel=1e-14, abs=1e-15)
                assert not step.ended


@pytest.mark.parametrize("task", TASKS)
def test_any_epoch_of_a_long_run_is_found_again(task):
    long = parts(task, epochs=1700)
    assert len(long["none"].run.snapshot_epochs) < 600
    for epoch in (33, 777, 1001):
        short = parts(task, epochs=epoch)
        for i, name in enumerate(("none", "L1", "L2")):
            at, W, b = update.state_at(long, name, epoch)
            assert at == epoch
            np.testing.assert_allclose(W, short.runs[i].W, rtol=0, atol=1e-12)
            np.testing.assert_allclose(b, short.runs[i].b, rtol=0, atol=1e-12)


def test_l1_takes_a_constant_and_l2_a_share():
    result = parts("regression")
    seen = set()
    for epoch in range(EPOCHS):
        for feature in range(5):
            none, l1, l2 = update.take_apart(result, feature, 0, epoch)
            assert none.penalty_part == 0.0
            step = result.rate * result["L1"].penalty.l1
            if l1.clipped:
                assert l1.after == 0.0
                assert abs(l1.acts_on) <= step
            else:
                assert abs(l1.penalty_part) == step
                assert np.sign(l1.penalty_part) == -np.sign(l1.acts_on)
            assert l2.penalty_part == pytest.approx(
                -result.rate * result["L2"].penalty.l2 * l2.before
            )
            seen.add(l1.clipped)
    assert seen == {True, False}


def test_with_batches_the_first_step_of_the_epoch_is_taken_apart():
    result = parts("regression", batch_size=9, epochs=6)
    problem = result.problem
    step = update.take_apart(result, 1, 0, 4)[2]
    W, b = result["L2"].run.snapshot_W[4], result["L2"].run.snapshot_b[4]
    rows = np.random.default_rng([0, 4]).permutation(problem.n)[:9]
    X, Y = problem.rows.X[rows], problem.rows.Y[rows]
    gradient = (X.T @ (X @ W + b - Y) / 9)[1, 0]
    decay = 1 - result.rate * result["L2"].penalty.l2
    assert step.epoch == 4
    assert step.gradient == pytest.approx(gradient)
    assert step.after == pytest.approx(decay * W[1, 0] - result.rate * gradient)
    assert update.steps_an_epoch(result) == 5


def test_a_run_that_was_over_shows_the_step_that_would_have_followed():
    result = parts("regression", epochs=3_000, tolerance=1e-6)
    ends = [run.epochs for run in result.runs]
    steps = update.take_apart(result, 0, 0, max(ends))
    for step, end in zip(steps, ends, strict=True):
        assert step.epoch == end
        assert step.ended == (end < max(ends))
        assert step.after == pytest.approx(step.before, abs=1e-5)


def test_the_curves_pass_through_every_weight_of_the_run():
    for l1_step in ("clipped", "textbook"):
        result = parts("regression", l1_step=l1_step)
        curves = update.penalty_curves(result, 2.0)
        for epoch in (1, 5, 20):
            for step in update.take_apart(result, 2, 0, epoch):
                line = curves[curves["penalty"] == step.penalty]
                if step.acts_on == 0.0:
                    continue
                expected = np.interp(step.acts_on, line["weight"], line["part"])
                assert step.penalty_part == pytest.approx(expected, abs=1e-14)


def test_formulas_and_words_hold_the_numbers():
    result = parts("regression")
    steps = update.take_apart(result, 0, 0, 5)
    for step in steps:
        text = update_words.formula(step, result)
        left, right = text.replace("−", "-").replace("·", "*").split(" = ")
        assert eval(left) == pytest.approx(float(right), rel=1e-3, abs=1e-4)
    words = update_words.in_words(result, "x0", steps)
    constant = result.rate * result["L1"].penalty.l1
    assert f"«x0» L1 takes the constant ηλ/n = {constant:.3g} off" in words
    assert "equally much at |w| = 1:" in words


@pytest.mark.parametrize("l1_step", ["clipped", "textbook"])
@pytest.mark.parametrize("share", [0.7, 1.4])
def test_the_words_on_which_of_the_two_takes_more_are_true(l1_step, share):
    first = parts("regression", l1_step=l1_step)
    lam = share * first.problem.n / 0.2
    result = parts("regression", l1_step=l1_step, lam_l2=lam, learning_rate=0.2)
    words = update_words.in_words(result, "x0", update.take_apart(result, 0, 0, 5))
    step = result.rate * result["L1"].penalty.l1
    weights = step * np.geomspace(0.01, 100.0, 500)
    l1 = np.full(500, step) if l1_step == "textbook" else np.minimum(weights, step)
    more = l1 > share * weights
    if "L2 takes no less than L1 of any weight." in words:
        assert not more.any()
    else:
        equal = float(words.split("|w| = ")[1].split(":")[0])
        assert (more == (weights < equal))[np.abs(weights / equal - 1) > 0.01].all()


def test_the_chart_is_valid():
    result = parts("regression")
    steps = update.take_apart(result, 0, 0, 5)
    chart = update_charts.penalty_parts(update.penalty_curves(result, 1.0), steps)
    assert chart.to_dict()["layer"]


def page():
    from regcore.page.questions import draw_question
    from regcore.questions import update
    from tests.sections import as_dataset
    from tests.tables import table, train

    frame = table("multiclass", n=60, p=3)
    frame = frame.rename(columns={"x0": "a|b *c* `d`"})
    dataset = as_dataset(frame)
    draw_question(update.QUESTION, train(frame, lam=4.0, epochs=30), dataset)


def test_the_section_follows_the_epoch_and_the_weight():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    before = app.markdown[1].value
    app = app.number_input[0].set_value(3).run()
    assert not app.exception
    assert app.markdown[1].value != before
    app = app.selectbox[1].select("a|b *c* `d`").run()
    assert not app.exception
    assert "«a\\|b \\*c\\* \\`d\\`»" in app.markdown[0].value


def endless():
    """The textbook step of L1 never settles; one batch is as good as all rows."""
    chosen = {"l1_step": "textbook", "batch_size": 60, "tolerance": 1e-6}
    return train(table(n=60, p=3), lam=30.0, epochs=1_200, **chosen)


def batches():
    from regcore.page.questions import draw_question
    from regcore.questions import update
    from tests.questions.test_update import endless
    from tests.sections import as_dataset
    from tests.tables import table

    draw_question(update.QUESTION, endless(), as_dataset(table(n=60, p=3)))


def test_with_batches_the_epoch_of_each_run_is_said():
    none, l1, l2 = endless().runs
    assert max(none.epochs, l2.epochs) < 701 < l1.epochs
    kept = l1.snapshot_epochs[l1.snapshot_epochs <= 701].max()
    app = AppTest.from_function(batches, default_timeout=60).run()
    app = app.number_input[0].set_value(701).run()
    (remarks,) = [text.value for text in app.caption if "a batch" in text.value]
    remarks = remarks.replace("\\", "")
    assert f"the first after epoch {kept:,}." in remarks
    assert f"No penalty ended at epoch {none.epochs:,};" in remarks
    assert f"L2 ended at epoch {l2.epochs:,};" in remarks

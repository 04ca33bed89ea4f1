"""The hidden penalty of stopping early against closed forms and brute force."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from streamlit.testing.v1 import AppTest

from regcore import Settings, compare
from regcore.questions.early_stopping import chart as early_stopping_charts
from regcore.questions.early_stopping.answer import hidden_strength
from regcore.questions.early_stopping.words import in_words
from regcore.solve.runs import Outcome
from tests.sections import (
    CANCER,
    DIABETES,
    PLANTED,
    WINE,
    compared,
    draw_section,
    texts,
)


@pytest.fixture(scope="module")
def diabetes():
    return compared(DIABETES, 10.0)


def with_snapshots(result, epochs, W):
    """The same comparison, had its run without a penalty taken these weights."""
    run = replace(
        result["none"].run,
        snapshot_epochs=np.array(epochs),
        snapshot_W=np.array(W),
        snapshot_b=np.zeros((len(W), 1, W[0].shape[1])),
    )
    return replace(result, runs=(run, *result.runs[1:]))


def relative_distance(W, other):
    return np.linalg.norm(W - other) / np.linalg.norm(W)


def test_the_nearest_penalty_is_that_of_brute_force(diabetes):
    design, run = diabetes.problem.design, diabetes["none"].run
    table = hidden_strength(diabetes).table.set_index("epoch")
    lams = np.geomspace(1e-2, 1e5, 2000)
    ridge = [Ridge(alpha=lam).fit(design.X, design.Y[:, 0]).coef_ for lam in lams]
    for epoch in (2, 20, 144, 500):
        W = run.snapshot_W[list(run.snapshot_epochs).index(epoch)][:, 0]
        distance = [relative_distance(W, other) for other in ridge]
        best = int(np.argmin(distance))
        assert table.loc[epoch, "lam"] == pytest.approx(lams[best], rel=0.02)
        assert table.loc[epoch, "distance"] == pytest.approx(distance[best], rel=1e-3)


def test_the_weights_of_a_known_penalty_are_recognised(diabetes):
    design = diabetes.problem.design
    lams = [300.0, 20.0, 3.0]
    W = [Ridge(alpha=lam).fit(design.X, design.Y).coef_.reshape(-1, 1) for lam in lams]
    faked = with_snapshots(diabetes, [0, 5, 60, 400], [0.0 * W[0], *W])
    table = hidden_strength(faked).table
    assert table["lam"].to_numpy() == pytest.approx(lams, rel=1e-3)
    assert table["distance"].max() < 1e-3


@pytest.mark.parametrize("rate", [1.5, 1.9, 1.99, 1.9999])
def test_two_long_steps_of_one_feature_amount_to_what_a_formula_says(rate):
    """They leave (1 − η)² of the way to the optimum; ridge leaves λ/(n + λ) of it."""
    x = np.random.default_rng(0).standard_normal(50)
    table = pd.DataFrame({"x": x, "y": x + np.sin(np.arange(50))})
    chosen = Settings(
        "y", validation_share=0, lam=1e-6, epochs=2, learning_rate=rate, tolerance=0
    )
    left = (1 - rate) ** 2
    found = hidden_strength(compare(table, chosen))
    last = found.table.iloc[-1]
    assert last.lam == pytest.approx(50 * left / (1 - left), rel=0.02)
    assert last.distance < 1e-9
    steps = compare(table, replace(chosen, learning_rate=2.001, epochs=4))
    beyond = hidden_strength(steps)
    assert np.isinf(beyond.table["lam"].iloc[-1])
    assert "nearer to no weights at all" in in_words(beyond)
    for chart in (early_stopping_charts.hidden_lam, early_stopping_charts.distances):
        assert "Infinity" not in chart(beyond).to_json()


def test_the_hidden_penalty_and_the_distance_fall_as_epochs_go_on(diabetes):
    table = hidden_strength(diabetes).table
    assert (np.diff(table["lam"]) < 0).all()
    assert (np.diff(table["to_optimum"]) < 0).all()
    assert table["epoch"].iloc[-1] == diabetes["none"].run.epochs
    expected = diabetes.problem.n / (diabetes.rate * table["epoch"])
    assert table["rule"].to_numpy() == pytest.approx(expected.to_numpy())


def test_the_distance_to_the_optimum_is_that_to_least_squares(diabetes):
    design = diabetes.problem.design
    exact = np.linalg.lstsq(design.X, design.Y, rcond=None)[0]
    off = np.linalg.norm(diabetes["none"].run.W - exact) / np.linalg.norm(exact)
    assert hidden_strength(diabetes).table["to_optimum"].iloc[-1] == pytest.approx(off)


def test_the_penalty_of_a_logistic_run_is_that_of_brute_force():
    result = compared(CANCER, 10.0, epochs=60)
    design, run = result.problem.design, result["none"].run
    row = hidden_strength(result).table.iloc[-1]
    assert row["epoch"] == 60

    def distance(lam):
        model = LogisticRegression(C=1 / lam, solver="newton-cholesky", tol=1e-9)
        ridge = model.fit(design.X, design.Y[:, 0])
        return relative_distance(run.W[:, 0], ridge.coef_[0])

    assert row["distance"] == pytest.approx(distance(row["lam"]), rel=0.01)
    assert distance(row["lam"]) <= min(
        distance(0.85 * row["lam"]), distance(1.2 * row["lam"])
    )
    assert np.isnan(row["to_optimum"])


def test_three_classes_fall_too():
    table = hidden_strength(compared(WINE, 5.0, epochs=100)).table
    assert (np.diff(table["lam"]) < 0).all()
    assert table["distance"].max() < 0.3


def test_a_converged_run_is_none_indeed():
    result = compared(PLANTED, 5.0, epochs=20_000, tolerance=1e-8)
    found = hidden_strength(result)
    assert found.table["to_optimum"].iloc[-1] < 1e-3
    assert "none is really none" in in_words(found)


def test_the_words_say_when_the_l2_model_was_passed(diabetes):
    found = hidden_strength(diabetes)
    below = found.table[found.table["lam"] <= 10.0]
    assert f"λ = 10 by epoch {below['epoch'].iloc[0]}." in in_words(found)
    early = hidden_strength(compared(DIABETES, 10.0, epochs=3))
    assert "not yet come as far" in in_words(early)
    assert "from its own optimum" in in_words(early)


@pytest.mark.parametrize(
    ("off", "said"),
    [(0.996, "100 %"), (15.2, "1,500 %"), (0.0461, "4.6 %"), (5e-5, "than 0.01 %")],
)
def test_a_distance_is_told_without_powers_of_ten(diabetes, off, said):
    found = hidden_strength(diabetes)
    far = replace(found, table=found.table.assign(to_optimum=off))
    assert f"{said} from its" in in_words(far)


@pytest.mark.parametrize(
    ("lams", "said"),
    [
        ([20, 8, 5], "passed the L2 model's λ = 10 by epoch 2."),
        ([8, 5, 2], "passed the L2 model's λ = 10 by epoch 1."),
        ([8, 20, 9], "passed the L2 model's λ = 10 by epoch 3."),
        ([20, 9, 30], "had passed the L2 model's λ = 10 at epoch 2, but is above it"),
        ([30, 20, 12], "not yet come as far as the L2 model with λ = 10."),
    ],
)
def test_a_run_that_goes_back_and_forth_has_passed_where_it_stays(diabetes, lams, said):
    found = hidden_strength(diabetes)
    table = found.table.iloc[:3].assign(epoch=[1, 2, 3], lam=lams)
    assert said in in_words(replace(found, table=table))


def test_steps_of_batches_are_counted():
    whole = hidden_strength(compared(DIABETES, 10.0, epochs=20))
    rate = compared(DIABETES, 10.0, epochs=1).rate
    pieces = compared(DIABETES, 10.0, epochs=20, batch_size=83, learning_rate=rate / 4)
    found = hidden_strength(pieces)
    assert found.table["rule"].iloc[-1] == pytest.approx(whole.table["rule"].iloc[-1])
    assert found.table["lam"].iloc[-1] == pytest.approx(
        whole.table["lam"].iloc[-1], rel=0.2
    )


def test_a_run_that_diverged_is_near_no_penalty():
    result = compared(DIABETES, 10.0, learning_rate=5.0)
    found = hidden_strength(result)
    assert found.outcome is Outcome.DIVERGED
    assert "diverged" in in_words(found)


def test_a_run_that_is_at_its_optimum_at_the_start_has_no_way_to_compare():
    """The product of two balanced columns has no linear relation with either."""
    table = pd.DataFrame([(a, b, a * b) for a in (-1, 1) for b in (-1, 1)] * 10)
    table.columns = ["a", "b", "y"]
    settings = Settings("y", task="regression", validation_share=0, lam=1.0)
    found = hidden_strength(compare(table, settings))
    assert found.outcome is Outcome.CONVERGED
    assert found.table.empty
    assert "converged at its start" in in_words(found)


def test_what_the_progress_raises_ends_the_work():
    def stop(share):
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hidden_strength(compared(WINE, 5.0, epochs=20), stop)


@pytest.mark.parametrize("sample", [DIABETES, CANCER], ids=["optimum", "separable"])
def test_charts_have_log_axes_and_only_curves_that_exist(sample):
    found = hidden_strength(compared(sample, 10.0, epochs=50))
    chart = early_stopping_charts.distances(found).to_dict()
    curves = {row["curve"] for data in chart["datasets"].values() for row in data}
    assert ("to its optimum" in curves) == found.exists
    early_stopping_charts.hidden_lam(found).to_dict()


@pytest.mark.parametrize(
    ("sample", "settings"),
    [
        (DIABETES, {}),
        (PLANTED, {"epochs": 5000}),
        (CANCER, {"epochs": 100}),
        (WINE, {"epochs": 1}),
        (DIABETES, {"lam_l2": 0.0}),
    ],
    ids=["regression", "converged", "classes", "one epoch", "no L2"],
)
def test_the_section_says_which_penalty_the_run_amounts_to(sample, settings):
    app = AppTest.from_function(
        draw_section,
        args=("early_stopping", sample.title, 10.0, settings),
        default_timeout=60,
    ).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 2
    assert "run without a penalty is" in texts(app)


@pytest.mark.parametrize(
    ("rate", "said"), [(5.0, "diverged, so"), (100.0, "diverged at once")]
)
def test_the_section_draws_no_chart_of_a_diverged_run(rate, said):
    app = AppTest.from_function(
        draw_section,
        args=("early_stopping", DIABETES.title, 10.0, {"learning_rate": rate}),
        default_timeout=60,
    ).run()
    assert not app.exception
    assert said in texts(app)
    assert not app.get("vega_lite_chart")

"""Weights over the epochs: against the states of the runs themselves."""

import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from regcore import Settings, compare, samples
from regcore.questions.epochs import answer as epochs_view
from regcore.questions.epochs import chart as epochs_charts
from regcore.questions.epochs import words as epochs_words
from regcore.solve.runs import Outcome
from tests.tables import table, train


@pytest.fixture(scope="module")
def result():
    # Short enough that every state is a snapshot.
    return train(table(n=40, p=6, seed=3), lam=9.0, epochs=300, tolerance=1e-9)


@pytest.fixture(scope="module")
def other(result):
    return epochs_view.train_other_step(result)


def test_a_weight_is_silent_from_the_epoch_after_it_was_last_seen(result):
    silences = epochs_view.silences(result)
    assert set(silences["penalty"]) == {"L1"}
    run = result["L1"].run
    assert run.snapshot_epochs.tolist() == list(range(run.epochs + 1))
    features = list(result.problem.design.features)
    assert len(silences) == (run.W == 0.0).sum() > 0
    for row in silences.itertuples():
        path = run.snapshot_W[:, features.index(row.feature), 0]
        assert (path[row.epoch :] == 0.0).all()
        assert row.epoch == 0 or path[row.epoch - 1] != 0.0
        alive = path != 0.0
        births = int((alive[1:] & ~alive[:-1]).sum())
        assert row.returns == max(births - 1, 0)


def test_drawn_states_are_the_states_of_the_runs(result):
    frame = epochs_view.weights_over_epochs(result)
    longest = max(run.epochs for run in result.runs)
    features = list(result.problem.design.features)
    for i, penalty in enumerate(["none", "L1", "L2"]):
        run = result.runs[i]
        lines = frame[frame["penalty"] == penalty]
        assert lines["epoch"].min() == 0
        assert lines["epoch"].max() == longest
        assert lines["epoch"].nunique() <= epochs_view.MOST_POINTS + 1
        for row in lines.itertuples():
            j = features.index(row.feature)
            assert row.weight == run.snapshot_W[min(row.epoch, run.epochs), j, 0]


def test_a_pointer_finds_few_epochs_of_a_line_from_the_first_to_the_last(result):
    frame = epochs_view.weights_over_epochs(result)
    axes = epochs_charts.epoch_axes(frame, result)
    none = frame[frame["penalty"] == "none"]
    chart = epochs_charts.weight_curves(
        frame, epochs_view.silences(result), "none", axes
    )
    (hover,) = [layer for layer in chart.layer if layer.name == "points"]
    line = hover.data[hover.data["feature"] == axes.features[0]]
    found = line[line["pointed"]]["epoch"]
    assert len(line) == none["epoch"].nunique() > epochs_charts.POINTED
    assert 20 < len(found) < epochs_charts.POINTED
    assert {0, axes.last} <= set(found)


def test_the_other_step_is_what_a_comparison_with_it_trains(result, other):
    data = table(n=40, p=6, seed=3)
    settings = {"lam": 9.0, "epochs": 300, "tolerance": 1e-9}
    textbook = train(data, l1_step="textbook", **settings)
    np.testing.assert_allclose(other.W, textbook["L1"].run.W, atol=1e-12)
    assert other.outcome is textbook["L1"].run.outcome
    back = epochs_view.train_other_step(textbook)
    np.testing.assert_allclose(back.W, result["L1"].run.W, atol=1e-12)


def test_only_the_textbook_step_flickers(result, other):
    flicker = epochs_view.flicker(result, other)
    zero = np.array(result.problem.design.features)[result["L1"].optimum.W[:, 0] == 0.0]
    assert set(flicker["feature"]) == set(zero)
    clipped = flicker[flicker["step"] == "clipped"]
    textbook = flicker[flicker["step"] == "textbook"]
    assert (clipped["weight"] == 0.0).all()
    crossings = textbook.groupby("feature")["weight"].apply(
        lambda path: (
            (np.sign(path.iloc[1:]).to_numpy() < 0).any()
            and (np.sign(path.iloc[1:]).to_numpy() > 0).any()
        )
    )
    assert crossings.all()


def test_the_sentence_counts_what_the_run_has(result, other):
    words = epochs_words.in_words(result)
    zeros = int((result["L1"].run.W == 0.0).sum())
    assert words.startswith(f"L1 leaves {zeros} of 6 weights at zero")
    steps = epochs_words.compare_steps(result, other)
    assert f"The clipped step ends with {6 - zeros} of 6 weights" in steps
    constant = result.rate * result["L1"].penalty.l1
    assert f"ηλ/n = {constant:.3g}" in steps


@pytest.mark.parametrize(("lam", "several"), [(3.0, False), (1.0, True)])
def test_the_last_to_fall_silent_is_a_weight_of_one_class(lam, several):
    result = train(table("multiclass", n=60, p=6, seed=3), lam=lam, epochs=300)
    run, design = result["L1"].run, result.problem.design
    assert run.snapshot_epochs.tolist() == list(range(run.epochs + 1))
    alive = (run.snapshot_W != 0.0).any(axis=0) & (run.W == 0.0)
    since = {
        (design.features[j], design.classes[k]): 1
        + int(np.flatnonzero(run.snapshot_W[:, j, k]).max())
        for j, k in np.argwhere(alive)
    }
    last = max(since.values())
    (feature, word), *others = [name for name, epoch in since.items() if epoch == last]
    rest = f"are «{feature}» for «{word}» and {len(others)} more"
    names = rest if others else f"is «{feature}» for «{word}»"
    assert bool(others) is several
    expected = f"the last to become zero {names}, from epoch {last:,} on"
    assert expected in epochs_words.in_words(result)


def test_weights_that_come_back_are_named():
    planted = pd.read_csv(io.BytesIO(samples.planted()))
    result = compare(planted, Settings(target="yield", lam=5.5, epochs=400))
    run = result["L1"].run
    came_back = epochs_view.returns(run).max(axis=1)
    assert came_back.any()
    first = result.problem.design.features[int(np.argmax(came_back))]
    assert f"«{first}»" in epochs_words.in_words(result).split(". ")[-1]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"lam": 1e9}, "they never left it"),
        ({"lam": 0.0}, "L1 has set none of"),
        ({"lam": 9.0, "l1_step": "textbook"}, "jumps across zero"),
        ({"lam": 9.0, "learning_rate": 50.0}, "diverged"),
    ],
)
def test_the_sentence_fits_runs_of_all_kinds(settings, expected):
    result = train(table(n=40, p=6, seed=3), epochs=80, **settings)
    assert expected in epochs_words.in_words(result)


def test_charts_are_valid_and_share_their_axes(result, other):
    frame, silences = (
        epochs_view.weights_over_epochs(result),
        epochs_view.silences(result),
    )
    axes = epochs_charts.epoch_axes(frame, result)
    domains = []
    for penalty in ("none", "L1", "L2"):
        chart = epochs_charts.weight_curves(frame, silences, penalty, axes).to_dict()
        domains.append(chart["layer"][1]["encoding"]["y"]["scale"]["domain"])
    assert domains[0] == domains[1] == domains[2]
    flicker = epochs_view.flicker(result, other)
    for step in ("clipped", "textbook"):
        epochs_charts.flicker_curves(flicker, step).to_dict()


def test_the_label_at_zero_counts_weights_that_are_not_drawn():
    result = train(table(n=80, p=epochs_charts.MOST_LINES + 20), lam=200.0, epochs=50)
    zeros = int((result["L1"].run.W == 0.0).sum())
    assert zeros > epochs_charts.MOST_LINES
    frame = epochs_view.weights_over_epochs(result)
    axes = epochs_charts.epoch_axes(frame, result)
    silences = epochs_view.silences(result)
    chart = epochs_charts.weight_curves(frame, silences, "L1", axes).to_dict()
    labels = [row.get("label") for rows in chart["datasets"].values() for row in rows]
    assert f"{zeros} at zero" in labels


def test_a_diverged_run_does_not_stretch_the_axes_of_the_others():
    result = train(
        table(n=40, p=6, seed=3), lam=9.0, l1_step="textbook", learning_rate=0.9
    )
    frame = epochs_view.weights_over_epochs(result)
    axes = epochs_charts.epoch_axes(frame, result)
    sound = [run for run in result.runs if run.outcome is not Outcome.DIVERGED]
    if sound:
        largest = max(np.abs(run.snapshot_W).max() for run in sound)
        assert axes.weights[1] <= 1.2 * largest + 0.1


def page():
    from regcore.page.questions import draw_question
    from regcore.questions import epochs
    from tests.sections import as_dataset
    from tests.tables import table, train

    frame = table("multiclass", n=60, p=3)
    dataset = as_dataset(frame)
    draw_question(epochs.QUESTION, train(frame, lam=4.0, epochs=30), dataset)


def test_the_section_shows_the_other_step_on_demand():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 3
    app = app.toggle[0].set_value(True).run()
    assert not app.exception
    assert any("The clipped step ends with" in text.value for text in app.markdown)


def test_user_names_are_values_only():
    nasty = ["a.b", "c[0]", 'd"e', "f:Q", "", "g\\h"]
    frame = table(n=40, p=6, seed=3).set_axis([*nasty, "y"], axis=1)
    result = train(frame, lam=9.0, epochs=30)
    curves = epochs_view.weights_over_epochs(result)
    axes = epochs_charts.epoch_axes(curves, result)
    silences = epochs_view.silences(result)
    chart = epochs_charts.weight_curves(curves, silences, "L1", axes).to_dict()
    for rows in chart["datasets"].values():
        assert not {key for row in rows for key in row} & set(nasty)
    assert set(pd.unique(curves["feature"])) == set(result.problem.design.features)

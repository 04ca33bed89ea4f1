"""Two classes behind DuckDB come to what the same table comes to in memory."""

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import DesignError
from regcore.compare import train
from regcore.model.metrics import AVERAGE_PRECISION, ROC_AUC, measure
from regcore.questions.all_rows import of_all_rows
from regcore.solve.optimum import Status
from regcore.solve.passes import heard
from regcore.words import figures
from tests.sources.tables import connected, furthest, messy, settings

N = 4_000


def data(n=N, seed=0, classes=2):
    """The messy table, with classes that are spelled in two ways and have gaps."""
    table = messy(n, seed)
    noise = np.random.default_rng(seed).logistic(size=n)
    likely = table["y"] - table["y"].median() + 2.0 * noise > 0.0
    table["bought"] = np.where(likely, "yes", "no")
    if classes == 3:
        table.loc[(table["x"] > 0.5) & (noise > -1.0), "bought"] = "later"
    table.loc[::53, "bought"] = " Yes"
    table.loc[::97, "bought"] = None
    return table.drop(columns="y")


@pytest.fixture(scope="module", params=[2, 3], ids=["two", "three"])
def both(request, tmp_path_factory):
    chosen, table = settings(target="bought", lam=8.0), data(classes=request.param)
    source = connected(tmp_path_factory.mktemp("files") / "one", table)
    return regcore.compare(source, chosen), regcore.compare(table, chosen)


def test_classes_and_columns_are_those_in_memory(both):
    engine, memory = (result.problem.design for result in both)
    assert engine.classes == memory.classes
    assert {"no", "yes"} <= set(memory.classes)
    assert engine.features == memory.features
    assert set(memory.dropped) <= set(engine.dropped)
    assert both[0].problem.n == both[1].problem.n
    assert both[0].problem.n_held_out == both[1].problem.n_held_out


def test_optima_are_certified_over_all_rows_in_few_passes(both):
    engine, memory = both
    for one, other in zip(engine.optima, memory.optima, strict=True):
        assert one.gap <= 1e-8
        assert one.status is other.status
        assert one.objective == pytest.approx(other.objective, rel=1e-8)
    for name in ("L1", "L2"):
        assert furthest(engine[name].optimum.W, memory[name].optimum.W) < 1e-4
    assert len(engine.problem.passes.done) <= 4


def test_losses_and_scores_are_of_all_rows(both):
    engine, memory = both
    for model, run in zip(engine.models, engine.runs, strict=True):
        assert model.run is run
    for X, Y, scores in (
        (memory.problem.design.X, memory.problem.design.Y, engine.train_scores),
        (
            memory.problem.design.X_validation,
            memory.problem.design.Y_validation,
            engine.validation_scores,
        ),
    ):
        expected = regcore.model.scores.score(
            memory.problem.loss, X, Y, engine.W, engine.b
        )
        assert furthest(scores.loss, expected.loss) < 1e-10
        assert furthest(scores.score, expected.score) < 1e-10
        assert furthest(scores.standard_error[1:], expected.standard_error[1:]) < 1e-8
    assert engine.curves_off < 1e-2


def test_numbers_that_are_two_codes_are_classes_too(tmp_path):
    table = data(900, seed=2)
    table["bought"] = table["bought"].map({"no": 0, "yes": 1, " Yes": 1})
    chosen = settings(target="bought", lam=8.0, features=["x", "letter", "gaps"])
    source = connected(tmp_path / "codes", table)
    engine, memory = (regcore.compare(rows, chosen) for rows in (source, table))
    assert engine.problem.design.classes == memory.problem.design.classes == ("0", "1")
    assert furthest(engine["L2"].optimum.W, memory["L2"].optimum.W) < 1e-4


def test_classes_that_can_be_separated_are_said(tmp_path):
    table = data(900, seed=3)
    table["bought"] = np.where(table["x"] > 0.1, "yes", "no")
    table["x"] += np.where(table["x"] > 0.1, 1.0, -1.0)
    chosen = settings(target="bought", features=["x", "gaps"])
    result = regcore.compare(connected(tmp_path / "apart", table), chosen)
    assert result["none"].optimum.status is Status.SEPARABLE


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([*["a", "b"] * 449, "c", "c"], "has 3 values where two classes were asked"),
        ([*["a", "b"] * 449, "a", "B "], None),
        ([*["a"] * 899, "b"], "has one row; leave that row out"),
    ],
)
def test_other_classes_are_refused_in_a_sentence(tmp_path, cells, sentence):
    table = data(900, seed=4).assign(bought=np.resize(cells, 900))
    source = connected(tmp_path / "refused", table)
    chosen = settings(target="bought", task="binary", features=["x", "gaps"])
    if sentence is None:
        assert regcore.compare(source, chosen).problem.design.classes == ("a", "b")
        return
    with pytest.raises(DesignError, match=sentence):
        regcore.compare(source, chosen)


def test_a_class_without_a_training_row_is_refused(tmp_path):
    table = data(900, seed=5)
    place = pd.Series(range(900))
    held_out = regcore.compare(
        table.assign(number=place, bought=place % 2),
        settings(target="bought", features=["x"]),
    ).problem.design.validation_rows
    table["bought"] = np.where(place.isin(held_out), "yes", "no")
    with pytest.raises(DesignError, match="No training row is of the class «yes»"):
        regcore.compare(
            connected(tmp_path / "lacking", table),
            settings(target="bought", features=["x"]),
        )


def test_metrics_are_of_all_rows_held_out_and_roc_to_what_its_bins_leave(both):
    engine, memory = both
    problem = memory.problem
    expected = measure(
        problem.design.task.metrics,
        problem.loss,
        problem.design.X_validation,
        problem.design.Y_validation,
        engine.W,
        engine.b,
        problem.mean[0],
    )
    for one, other in zip(engine.measured, expected, strict=True):
        assert one.metric is other.metric
        if one.metric is ROC_AUC:
            assert 0.0 < one.off < 1e-3
            assert np.abs(one.values - other.values).max() <= one.off
        else:
            close = 1e-3 if one.metric is AVERAGE_PRECISION else 1e-12
            np.testing.assert_allclose(one.values, other.values, atol=close)
            assert one.guess == pytest.approx(other.guess, abs=1e-12)
    off = next(one.off for one in engine.measured if one.metric is ROC_AUC)
    (said,) = of_all_rows(engine)
    assert said.endswith(f"which leave it at most {figures(off)} off.")


def test_who_waits_for_scores_or_a_place_to_start_from_is_looked_for(tmp_path):
    source = connected(tmp_path / "heard", messy(400))
    chosen = settings(target="flag", features=["x", "gaps"])
    problem, late = source.pose(chosen), []
    # Nothing is left to stream when λ is first asked about.
    assert problem.passes.done == ["a place to start from"]
    assert problem.lam_max > 0
    assert len(problem.passes.done) == 1
    result = train(problem, chosen)

    def tick():
        late.append(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), heard(problem.passes, tick):
        _ = result.summary
    assert late == [1]
    assert np.isfinite(result.summary["validation_loss"]).all()
    assert late == [1]
    with heard(None, tick):
        pass

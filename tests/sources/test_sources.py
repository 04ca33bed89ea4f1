"""A table behind DuckDB gives what the same table gives in memory."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore.model.moments import Moments
from regcore.regularization_path import path_of
from regcore.sources import duck, encoded, sums, table
from regcore.sources.duck import DuckDB
from regcore.sources.roots import rooted
from tests.sources.tables import (
    CLOSE,
    HOSTILE,
    along,
    compared,
    connected,
    furthest,
    messy,
    settings,
)


@pytest.fixture(scope="module")
def data():
    return messy()


@pytest.fixture(scope="module")
def source(data, tmp_path_factory):
    return connected(tmp_path_factory.mktemp("files") / "one", data)


@pytest.fixture(scope="module")
def both(source, data):
    return compared(source, data, settings(lam=5.0))


def test_every_column_becomes_what_it_becomes_in_memory(both):
    engine, memory = (result.problem.design for result in both)
    assert engine.encodings == memory.encodings
    assert engine.ledger == memory.ledger
    assert engine.features == memory.features
    assert engine.dropped == memory.dropped
    assert HOSTILE in engine.features
    assert "x, and 1 mirror" in engine.features
    assert "once or never = 7" in engine.features


def test_means_and_deviations_are_those_of_the_rows(both):
    engine, memory = (result.problem.design for result in both)
    assert furthest(engine.scale.mean, memory.scale.mean) < 1e-15
    off = engine.scale.deviation / memory.scale.deviation - 1.0
    assert np.abs(off).max() < 1e-12
    assert furthest(engine.y_scale.deviation, memory.y_scale.deviation) < 1e-14


@pytest.mark.parametrize("model", ["none", "L1", "L2"])
def test_weights_curves_and_optima_agree(both, model):
    engine, memory = (result[model] for result in both)
    assert furthest(engine.run.train_loss, memory.run.train_loss) < CLOSE
    assert furthest(engine.optimum.W, memory.optimum.W) < CLOSE
    assert memory.optimum.exists
    assert engine.optimum.status is memory.optimum.status


def test_losses_scores_and_predictions_agree(both, data):
    engine, memory = both
    for name in ("train_loss", "validation_loss", "score", "nonzero", "columns"):
        assert furthest(engine.summary[name], memory.summary[name]) < CLOSE
    assert furthest(engine.predict(data), memory.predict(data)) < CLOSE
    assert engine.to_sql("L1", "duckdb")


def test_paths_and_folds_agree_with_gaps_filled_anew_in_every_fold(source, data):
    chosen = settings(validation_share=0.2, seed=3)
    engine, memory = along(source, data, chosen, folds=5, points=20, span=1e-3)
    for name, curve in memory.curves.items():
        assert furthest(engine.curves[name].lams, curve.lams) < CLOSE
        assert furthest(engine.curves[name].standard_error, curve.standard_error) < 1e-9
    assert furthest(engine.none, memory.none) < CLOSE


@pytest.mark.parametrize(
    "chosen",
    [
        {"dates": "parts", "standardise": False, "seed": 7},
        {"missing": "drop", "test_share": 0.1, "lam": 0.0},
        {"key": "when", "features": ["letter", "x", "text"]},
        {"key": "letter", "types": {"grade": "number", "text": "category"}},
        {"without": ["spelled = no", "x"], "validation_share": 0.0, "seed": 8},
    ],
    ids=["parts of dates", "dropped rows", "key of dates", "key of texts", "left out"],
)
def test_other_preparations_agree_too(source, data, chosen):
    engine, memory = compared(source, data, settings(**{"lam": 2.0, **chosen}))
    assert engine.problem.design.ledger == memory.problem.design.ledger
    assert engine.problem.n == len(engine.problem.design.rows)
    assert engine.problem.n_held_out == len(engine.problem.design.validation_rows)
    assert furthest(engine.test_scores.loss, memory.test_scores.loss) < CLOSE
    assert furthest(engine.test_scores.score, memory.test_scores.score) < CLOSE


def test_levels_that_no_training_row_has_are_taken_as_the_average(tmp_path):
    data = messy(400, seed=5)
    chosen = settings()
    held_out = regcore.compare(data, chosen).problem.design.validation_rows
    data.loc[held_out[:9], "grade"] = "never seen"
    engine, _ = compared(connected(tmp_path / "rare", data), data, chosen)
    assert "never seen" not in str(engine.problem.design.features)


def test_a_large_offset_keeps_its_variance(tmp_path):
    rng = np.random.default_rng(0)
    x = 1e9 + rng.choice([-1.0, 1.0], 3_000) * rng.random(3_000)
    data = pd.DataFrame({"x": x, "y": rng.standard_normal(3_000)})
    chosen = settings(validation_share=0.0)
    problem = connected(tmp_path / "far", data).pose(chosen)
    exact = [Fraction(value) for value in x]
    mean = sum(exact) / len(exact)
    variance = float(sum((value - mean) ** 2 for value in exact) / len(exact))
    assert problem.design.scale.deviation[0] ** 2 == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize(
    ("size", "adds_up", "close"),
    [(1e-5, False, CLOSE), (1e-10, False, CLOSE), (1e-7, True, 1e-7)],
)
def test_columns_that_hardly_differ_or_add_up_are_told_apart_as_by_the_rows(
    tmp_path, size, adds_up, close
):
    rng = np.random.default_rng(2)
    x, nearly, part = rng.standard_normal((3, 600))
    data = pd.DataFrame({"x": x, "nearly": x + size * nearly, "part": part})
    if adds_up:
        data["sum"] = data["x"] + data["part"]
        data["level"] = rng.choice(["a", "b", "c"], 600)
    data["gaps"] = np.where(rng.random(600) < 0.1, np.nan, rng.exponential(size=600))
    data["y"] = x + 0.3 / size * (data["nearly"] - x) + rng.standard_normal(600)
    chosen = settings(epochs=5)
    source = connected(tmp_path / "near", data)
    engine, memory = (regcore.compare(rows, chosen) for rows in (source, data))
    for one, other in zip(engine.optima, memory.optima, strict=True):
        assert one.status is other.status
        assert one.objective == pytest.approx(other.objective, rel=CLOSE)
    weights = [result["none"].optimum.W for result in (engine, memory)]
    assert np.abs(weights[1]).max() > 0.01 / size
    # Of many weights the smallest are chosen, which hang on what rounding hides.
    assert furthest(*weights) < close
    paths = [
        regcore.regularization_path(rows, chosen, folds=4, points=8, span=1e-7)
        for rows in (source, data)
    ]
    assert np.isfinite(paths[1].none).all()
    assert furthest(paths[0].none, paths[1].none) < CLOSE
    for name, curve in paths[1].curves.items():
        # Along λ, of triangles, as many digits are lost as the columns share.
        assert furthest(paths[0].curves[name].W, curve.W) < max(close, 1e-18 / size)
        assert furthest(paths[0].curves[name].mean, curve.mean) < CLOSE


def test_several_files_are_one_table_with_a_key(tmp_path):
    data = messy(500).assign(id=range(500))
    parts = [data[:200], data[200:201], data[201:]]
    chosen = settings(key="id", lam=3.0)
    compared(connected(tmp_path / "parts", *parts), data, chosen)


def test_csv_files_are_read_too(tmp_path):
    data = messy(500).assign(id=range(500)).drop(columns=["spelled", "grade", HOSTILE])
    source = connected(tmp_path / "csv", data[:300], data[300:], csv=True)
    chosen = settings(key="id", lam=3.0)
    engine, memory = compared(source, data, chosen)
    assert engine.problem.design.encodings == memory.problem.design.encodings


def test_sums_of_an_engine_in_many_queries_are_those_of_rows_in_pieces(
    tmp_path, data, both, monkeypatch
):
    monkeypatch.setattr(DuckDB, "most_summed", 1000)
    monkeypatch.setattr(sums, "A_QUERY", 7)
    monkeypatch.setattr(encoded, "A_QUERY", 3)
    problem = connected(tmp_path / "again", data).pose(settings(lam=5.0))
    assert problem is not both[0].problem
    assert furthest(problem.sums.S, both[0].problem.sums.S) < 1e-12


def test_sums_of_rows_in_many_pieces_are_those_of_one(
    tmp_path, data, both, monkeypatch
):
    monkeypatch.setattr(duck, "A_PIECE", 37)
    problem = connected(tmp_path / "again", data).pose(settings(lam=5.0))
    assert furthest(problem.sums.S, both[0].problem.sums.S) < 1e-12


def test_types_are_read_off_a_sample_and_the_notes_say_so(tmp_path, monkeypatch, data):
    monkeypatch.setattr(table, "SAMPLE", 200)
    source = connected(tmp_path / "sampled", data)
    problem = source.pose(settings())
    seen = len(source.sheet.table)
    assert 120 < seen < 280
    said = f"What each column is was read off a sample of {seen} of the 800 rows."
    assert said in problem.design.notes
    assert problem.n + problem.n_held_out == data["y"].notna().sum()
    assert len(problem.design.rows) < 280


def test_a_column_of_several_values_a_cell_is_left_out_and_named(tmp_path, data):
    lists = data.assign(list=[[1, 2]] * len(data))
    source = connected(tmp_path / "lists", lists)
    notes = source.pose(settings()).design.notes
    assert "«list» holds no single number, text or date: left out." in notes


def test_what_the_memory_does_not_hold_goes_to_disk_and_the_answer_stays(tmp_path):
    rng, n = np.random.default_rng(0), 300_000
    X = rng.standard_normal((n, 10))
    data = pd.DataFrame(X).add_prefix("x").assign(y=X.sum(axis=1) + rng.random(n))
    data["x0"] = data["x0"].where(rng.random(n) < 0.9)
    data["letter"] = rng.choice([*"abcdefgh"], n)
    data.to_parquet(tmp_path / "large.parquet", row_group_size=20_000)
    chosen, answers, spilled = settings(epochs=5), [], []
    for memory in ("500MB", "30MB"):
        source = regcore.connect(tmp_path, memory=memory, disk="500MB")
        problem = source.pose(chosen)
        query = "SELECT COALESCE(SUM(size), 0) AS bytes FROM duckdb_temporary_files()"
        spilled.append(int(source.table.engine.ask(query)["bytes"][0].as_py()))
        path = path_of(problem, chosen, 4)
        best = problem.optimum_without_penalty()
        answers.append([best.W, *(c.fold_loss for c in path.curves.values())])
    assert spilled[0] == 0
    assert spilled[1] > 1e6
    assert max(map(furthest, *answers)) < CLOSE


def test_fewer_rows_than_columns_have_a_root_in_whatever_units():
    u = np.random.default_rng(0).standard_normal((4, 6)) * [1.0, 1e11, 1, 1, 1e-6, 1]
    part = Moments(u.T @ u, 4, np.zeros(5))
    root = rooted(part, np.arange(6), np.eye(6)).root
    units = np.sqrt(np.diagonal(part.S))
    off = (root.T @ root - part.S) / units / units[:, np.newaxis]
    assert np.abs(off).max() < 1e-12

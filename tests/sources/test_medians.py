"""Medians by counting are those of the sorted values."""

import numpy as np
import pandas as pd
import pytest

from regcore.model.oracle import no_tick
from regcore.sources import medians
from regcore.sources.duck import DuckDB
from regcore.sources.medians import TENTH, Column

RNG = np.random.default_rng(4)
SHAPES = {
    "normal": RNG.standard_normal(3_000),
    "skewed": np.exp(6 * RNG.standard_normal(3_001)),
    "ties": RNG.integers(0, 3, 3_000).astype(float),
    "one huge": np.r_[RNG.standard_normal(2_999), 1e90],
    "two halves": np.r_[np.zeros(1_500), np.ones(1_500)],
    "few": np.array([1.0, 4.0]),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("medians")
    for name, values in SHAPES.items():
        part = np.arange(len(values)) % 10
        frame = pd.DataFrame({"name": name, "x": values, "part": part})
        frame.to_parquet(folder / f"{name}.parquet")
    files = sorted(folder.iterdir())
    return DuckDB(files, "parquet", memory="200MB", disk="200MB")


@pytest.mark.parametrize("shares", [(0.5, 0.5), TENTH], ids=["alone", "with folds"])
@pytest.mark.parametrize("name", SHAPES)
def test_a_median_by_counting_is_that_of_the_sorted_values(
    engine, name, shares, monkeypatch
):
    monkeypatch.setattr(medians, "FEW", 50)
    monkeypatch.setattr(medians, "BINS", 16)
    x = SHAPES[name]
    rows = f"(SELECT x, part FROM files WHERE name = '{name}') AS t"
    column = Column(engine, rows, "x", len(x), x.min(), x.max())
    middle = column.middle(no_tick, shares)
    assert middle.median() == np.median(x)
    part = np.arange(len(x)) % 10
    for without in ({0}, {1, 2, 3, 4, 5}, {9}):
        left = x[~np.isin(part, list(without))]
        if len(left):
            assert middle.median(without) == np.median(left)
    assert np.isnan(middle.median(range(10)))


def test_of_many_values_only_those_in_the_middle_are_brought(engine, monkeypatch):
    monkeypatch.setattr(medians, "FEW", 50)
    x = SHAPES["skewed"]
    rows = "(SELECT x, part FROM files WHERE name = 'skewed') AS t"
    column = Column(engine, rows, "x", len(x), x.min(), x.max())
    assert len(column.middle(no_tick).values) < 100
    assert len(column.middle(no_tick, TENTH).values) < 0.2 * len(x)


def test_bins_are_not_made_finer_for_what_must_be_brought_anyway(engine, monkeypatch):
    monkeypatch.setattr(medians, "FEW", 50)
    x, asked = SHAPES["normal"], []
    ask = engine.ask
    monkeypatch.setattr(engine, "ask", lambda q, t: asked.append(q) or ask(q, t))
    rows = "(SELECT x, part FROM files WHERE name = 'normal') AS t"
    Column(engine, rows, "x", len(x), x.min(), x.max()).middle(no_tick, TENTH)
    assert [query.startswith("SELECT bin, ") for query in asked] == [True, False, False]

"""The key of a row, whatever it is: the same place as in memory, or a refusal."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import regcore
from regcore import DesignError
from regcore.design.keys import row_places
from regcore.design.sheet import Sheet
from tests.sources.tables import compared, settings

N = 60
ROW = np.arange(N)
RNG = np.random.default_rng(4)
TEN_MINUTES = pd.Timedelta(minutes=10, microseconds=977)

KEYS = {
    "negative": pa.array(7 * ROW - 200),
    "beyond 2³¹": pa.array(2**31 + ROW * 10**9),
    "beyond 2⁵³": pa.array(2**53 + ROW),
    "of 64 bits without a sign": pa.array((2**53 + ROW).astype("uint64")),
    "floats": pa.array(1e3 * RNG.standard_normal(N)),
    "of single precision": pa.array(RNG.standard_normal(N).astype("float32")),
    "both zeros": pa.array(np.where(ROW % 2, -0.0, 0.0) + ROW // 2),
    "decimal": pa.array([decimal.Decimal(f"{i}.07") for i in ROW], pa.decimal128(9, 2)),
    "whole decimal": pa.array(
        [decimal.Decimal(2**53 + int(i)) for i in ROW], pa.decimal128(20, 0)
    ),
    "blanks and capitals": pa.array(
        [f"{'aA'[i % 2]}{i // 4}{' ' * (i % 3)}" for i in ROW]
    ),
    "accents": pa.array([("é", "e\u0301")[i % 2] + str(i // 2) for i in ROW]),
    "an empty text": pa.array(["" if i < 2 else str(i) for i in ROW]),
    "true or false": pa.array(ROW % 3 == 0),
    "dates": pa.array(
        [datetime.date(1920, 1, 1) + datetime.timedelta(97 * int(i)) for i in ROW]
    ),
    "moments": pa.array(pd.Timestamp("2024-01-01") + ROW * TEN_MINUTES),
    "of Paris": pa.array(
        pd.Timestamp("2024-03-30", tz="Europe/Paris") + ROW * TEN_MINUTES
    ),
    "times": pa.array([datetime.time(int(i) % 24, int(i)) for i in ROW]),
}

WRONG = {
    "one is NaN": (
        np.where(ROW == 3, np.nan, ROW),
        "has 1 empty cell, which names no row",
    ),
    "one is none": (pa.array([None, *ROW[1:]]), "has 1 empty cell, which names no row"),
    "one is infinite": (
        np.where(ROW == 3, np.inf, ROW),
        "has 1 number beyond 2⁶³, which",
    ),
    "some are far": (
        np.where(ROW < 2, -1e19, ROW),
        "has 2 numbers beyond 2⁶³, which name",
    ),
    "beyond 2⁶³": (
        np.uint64(2**63) + ROW.astype("uint64"),
        "has 60 numbers beyond 2⁶³",
    ),
    "bytes": (pa.array([b"a"] * N), "holds no single number, text or date; choose"),
}


@pytest.fixture(scope="module")
def table():
    x, noise = RNG.standard_normal((2, N))
    wrong = {name: cells for name, (cells, _) in WRONG.items()}
    return pa.table(
        {**KEYS, **wrong, "twice": ROW // 2, "row_": ROW, "x": x, "y": x + noise}
    )


@pytest.fixture(scope="module")
def source(table, tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "keys.parquet"
    pq.write_table(table, file)
    return regcore.connect(file, memory="500MB", disk="500MB")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_the_place_that_it_has_in_memory(source, table, key):
    chosen = settings(key=key, seed=3)
    rows, place = source.table.placed(chosen)
    found = source.table.engine.ask(f"SELECT t.{place} AS p FROM {rows} ORDER BY row_")
    memory = row_places(Sheet.of(table.to_pandas()).table, ROW, chosen)
    assert found["p"].to_pylist() == memory.tolist()


@pytest.mark.parametrize("key", WRONG)
def test_a_key_that_names_no_row_is_refused_in_a_sentence(source, table, key):
    with pytest.raises(DesignError) as refused:
        source.pose(settings(key=key, features=["x"]))
    assert str(refused.value).startswith(f"Column «{key}» {WRONG[key][1]}")
    if key != "bytes":
        with pytest.raises(DesignError, match=r"names? no row|to name a row"):
            regcore.compare(table.to_pandas(), settings(key=key, features=["x"]))


def test_rows_of_one_key_stay_on_one_side(source):
    chosen = settings(key="twice", features=["x"], validation_share=0.4)
    problem = source.pose(chosen)
    assert problem.n % 2 == problem.n_held_out % 2 == 0
    assert problem.n_held_out


def test_nan_in_parquet_is_a_gap_as_in_memory(tmp_path):
    x, gaps, noise = RNG.standard_normal((3, 300))
    gaps[::7], y = np.nan, x + gaps + noise
    columns = {"x": x, "gaps": gaps, "single": gaps.astype("float32"), "y": y}
    table = pa.table({name: pa.array(cells) for name, cells in columns.items()})
    assert table["gaps"].null_count == 0
    pq.write_table(table, tmp_path / "nan.parquet")
    source = regcore.connect(tmp_path / "nan.parquet", memory="500MB")
    compared(source, table.to_pandas(), settings())

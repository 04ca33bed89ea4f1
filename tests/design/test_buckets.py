"""The same places in NumPy and in SQL text; DuckDB is the oracle."""

import datetime
import re
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings
from regcore.design import build_design
from regcore.design.buckets import (
    BUCKETS,
    P,
    Roles,
    of_numbers,
    of_texts,
    place,
    sql_of_digest,
    sql_of_number,
    sql_of_text,
    sql_of_whole,
)
from regcore.design.columns import plain
from regcore.design.keys import row_places

RNG = np.random.default_rng(0)
EDGES = [0, 1, -1, P, -P, 2**31, 2**53, -(2**53) - 1, 2**62 + 7, 2**63 - 1, -(2**63)]
WHOLE = np.array([*EDGES, *RNG.integers(-(2**63), 2**63 - 1, 500)])
FRACTIONS = np.array(
    [
        0.0,
        -0.0,
        0.5,
        -0.5,
        12.25,
        -1e-20,
        1e-300,
        1e15 + 0.5,
        -9.2e18,
        0.1,
        2**31 + 0.1,
        *RNG.normal(0, 1000000.0, 500),
    ]
)
TEXTS = [
    "",
    " ",
    "a",
    "A",
    "0001",
    "1",
    "Zoë",
    "é",
    "e\u0301",
    "漢字",
    "a'b\"c;--",
    "🙂",
]
TEXTS += [f"customer {i}" for i in range(500)]


def in_duckdb(values, sql):
    """What DuckDB answers for an expression of column «c d»."""
    column = pd.DataFrame({"c d": values})
    with duckdb.connect() as engine:
        engine.register("t", column)
        return engine.sql(f"SELECT {sql} AS h FROM t").df()["h"].to_numpy()


@pytest.mark.parametrize("seed", [0, 1, 2**40 + 3])
@pytest.mark.parametrize(
    ("values", "ours", "theirs"),
    [
        (WHOLE, of_numbers, sql_of_whole),
        (FRACTIONS, of_numbers, sql_of_number),
        (np.array(TEXTS, dtype=object), of_texts, sql_of_text),
    ],
    ids=["whole", "fractions", "texts"],
)
def test_numpy_and_sql_have_the_same_place_for_a_key(values, ours, theirs, seed):
    expected = place(ours(values), seed)
    found = in_duckdb(values, place(theirs('"c d"'), seed))
    np.testing.assert_array_equal(found, expected)
    assert ((expected >= 0) & (expected < P)).all()


def test_a_number_has_one_place_whatever_it_is_kept_as():
    whole = RNG.integers(-(2**31), 2**31, 200)
    expected = place(of_numbers(whole), 3)
    for kind in (float, np.int32, np.int64):
        np.testing.assert_array_equal(
            place(of_numbers(whole.astype(kind)), 3), expected
        )
    found = in_duckdb(whole, place(sql_of_number('"c d"::DECIMAL(18, 4)'), 3))
    np.testing.assert_array_equal(found, expected)


def test_a_digest_may_be_had_once():
    sql = str(place(sql_of_digest("h"), 0))
    with duckdb.connect() as engine:
        engine.register("t", pd.DataFrame({"c": TEXTS}))
        found = engine.sql(f"SELECT {sql} AS h FROM (SELECT MD5(c) AS h FROM t)").df()
    np.testing.assert_array_equal(found["h"], place(of_texts(TEXTS), 0))


N = 400
TABLE = pd.DataFrame(
    {
        "customer": RNG.integers(0, 90, N),
        "x": RNG.standard_normal(N),
        "y": RNG.standard_normal(N),
    }
)
BY_KEY = Settings("y", split="hash", key="customer", test_share=0.1)

DAYS = [datetime.date(1969, 12, 31) + datetime.timedelta(997 * i) for i in range(60)]
MOMENTS = pd.to_datetime("1960-01-01") + pd.to_timedelta(
    RNG.integers(0, 9e15, 60), "us"
)


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series(np.arange(1000, 1060)),
        pd.Series(np.arange(60) - 30.5),
        pd.Series(pd.array([*range(60)], dtype="Int64")),
        pd.Series([f"Kunde {i}" for i in range(60)]),
        pd.Series(DAYS),
        pd.Series(MOMENTS),
        pd.Series(MOMENTS.floor("s")),
        pd.Series(np.arange(60) % 7 == 0),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_cells_of_a_table_have_the_place_that_duckdb_gives_them(cells):
    settings = Settings("y", split="hash", key="k", seed=1)
    table = pd.DataFrame({"k": cells})
    number = pd.api.types.is_numeric_dtype(cells) and cells.dtype != bool
    sql = sql_of_number('"k"') if number else sql_of_text('CAST("k" AS VARCHAR)')
    with duckdb.connect() as engine:
        engine.register("t", table)
        h = engine.sql(f"SELECT {place(sql, 1)} AS h FROM t").df()["h"]
    ours = row_places(plain(table), np.arange(len(table)), settings)
    np.testing.assert_array_equal(ours, h)


def test_the_same_rows_train_are_held_out_and_locked_away_in_duckdb():
    settings = Settings("y", split="hash", key="customer", test_share=0.1, seed=4)
    design = build_design(TABLE, settings)
    roles = Roles.of(settings.validation_share, settings.test_share)
    with duckdb.connect() as engine:
        engine.register("t", TABLE)
        h = engine.sql(f"SELECT {place(sql_of_whole('customer'), 4)} AS h FROM t").df()
    h = h["h"].to_numpy()
    np.testing.assert_array_equal(design.validation_rows, np.flatnonzero(h < roles[0]))
    np.testing.assert_array_equal(design.test_rows, np.flatnonzero(h >= roles[1]))
    np.testing.assert_array_equal(design.groups, h[design.rows] % BUCKETS)


KEYS = {
    "running": np.arange(100_000),
    "even": 2 * np.arange(100_000),
    "of buckets": BUCKETS * np.arange(100_000),
    "of the prime": P * np.arange(100_000),
    "large": 2**60 + np.arange(100_000),
    "halves": np.arange(100_000) / 2,
}


@pytest.mark.parametrize("share", [0.1, 0.25, 1 / 3])
@pytest.mark.parametrize("name", KEYS)
def test_the_share_held_out_is_the_one_asked_for_within_four_standard_errors(
    name, share
):
    values = KEYS[name]
    roles = Roles.of(share, 0.1)
    for seed in range(3):
        h = place(of_numbers(values), seed)
        for part, asked in ((h < roles.held_out, share), (h >= roles.locked, 0.1)):
            error = np.sqrt(asked * (1 - asked) / len(h))
            assert abs(part.mean() - asked) < 4 * error
        # The buckets of each part are even: χ² with 199 degrees of freedom.
        for part in (h < roles.held_out, h >= roles.held_out):
            counts = np.bincount(h[part] % BUCKETS, minlength=BUCKETS)
            expected = part.sum() / BUCKETS
            assert ((counts - expected) ** 2 / expected).sum() < 199 + 4 * np.sqrt(398)


def test_texts_are_held_out_in_the_share_asked_for():
    h = place(of_texts(f"id-{i}" for i in range(20_000)), 0)
    assert abs((h < P // 4).mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 20_000)


def test_another_seed_holds_out_other_rows_by_chance():
    one, other = (place(of_numbers(KEYS["running"]), seed) < P // 4 for seed in (0, 1))
    both = (one & other).mean()
    assert abs(both - 1 / 16) < 4 * np.sqrt(1 / 16 * 15 / 16 / len(one))


def test_rows_with_one_key_are_in_one_part_and_the_key_is_no_feature():
    design = build_design(TABLE, BY_KEY)
    parts = [
        set(TABLE["customer"][rows])
        for rows in (design.rows, design.validation_rows, design.test_rows)
    ]
    assert sum(map(len, parts)) == TABLE["customer"].nunique()
    assert design.sources == ("x",)


def test_rows_keep_their_part_when_others_come_and_go():
    design = build_design(TABLE, BY_KEY)
    some = TABLE.iloc[100:300].reset_index(drop=True)
    held_out = set(TABLE["customer"][design.validation_rows])
    fewer = build_design(some, BY_KEY)
    expected = np.flatnonzero(some["customer"].isin(held_out))
    np.testing.assert_array_equal(fewer.validation_rows, expected)


def test_without_a_key_the_number_of_the_row_is_one():
    numbered = TABLE.assign(number=np.arange(N))
    numbered.loc[5, "y"] = np.nan
    none, number = (
        build_design(numbered, Settings("y", features=["x"], split="hash", key=key))
        for key in (None, "number")
    )
    np.testing.assert_array_equal(none.validation_rows, number.validation_rows)


@pytest.mark.parametrize(
    ("change", "settings", "sentence"),
    [
        (
            {"customer": [np.nan, *range(N - 1)]},
            {},
            r"^Column «customer», row 1: the cell is empty and names no row; ",
        ),
        (
            {"customer": [*range(N - 1), 1e19]},
            {},
            rf"^Column «customer», row {N}: the cell is too large to name a row; ",
        ),
        ({}, {"key": "nothing"}, r"^The table has no column «nothing»\.$"),
        ({}, {"key": "y"}, r"^«y» is the target and cannot say as well"),
        ({"customer": 1}, {}, r"^By the hash of the key no row is held out; "),
        ({"customer": 7}, {}, r"^By the hash of the key no row is left to train on; "),
    ],
)
def test_a_key_that_splits_nothing_is_refused_in_a_sentence(change, settings, sentence):
    chosen = {"target": "y", "split": "hash", "key": "customer", **settings}
    if isinstance(change.get("customer"), int):
        # Seeds under which this one key trains, or is held out.
        value, trains = change["customer"], "held out" in sentence
        h = [
            int(place(of_numbers(np.array([value])), s)[0]) < P // 4 for s in range(40)
        ]
        chosen["seed"] = h.index(not trains)
    with pytest.raises(DesignError, match=sentence):
        build_design(TABLE.assign(**change), Settings(**chosen))


def test_a_class_that_no_key_in_training_has_is_refused():
    one = TABLE.assign(kind=np.where(TABLE["customer"] == 3, "rare", "common"))
    h = row_places(one, np.arange(N), BY_KEY)[one["customer"] == 3][0]
    share = h / P + 0.01
    settings = replace(BY_KEY, target="kind", test_share=0, validation_share=share)
    said = (
        "No training row is of the class «rare» when rows are held out by the hash of "
        "a key; hold out fewer rows, or split at random."
    )
    with pytest.raises(DesignError, match=f"^{re.escape(said)}$"):
        build_design(one, settings)

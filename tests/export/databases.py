"""A table and a query in SQLite and in DuckDB."""

import sqlite3
import warnings
from contextlib import closing
from functools import cache

import duckdb
import numpy as np
import pandas as pd

from regcore.export import FittedModel
from regcore.export.sql import column_names, identifier, to_sql

KINDS = {"f": "DOUBLE", "i": "BIGINT", "b": "BOOLEAN", "M": "TIMESTAMP"}


def in_sqlite(frame: pd.DataFrame, query: str, table: str = "t") -> pd.DataFrame:
    with closing(sqlite3.connect(":memory:")) as database:
        frame.to_sql(table, database, index=False)
        return pd.read_sql_query(query, database)


@cache
def duck() -> duckdb.DuckDBPyConnection:
    """One for all: to open a database takes twice as long as all that is asked."""
    return duckdb.connect()


def in_duckdb(frame: pd.DataFrame, query: str, table: str = "t") -> pd.DataFrame:
    plain = frame.set_axis([f"c{i}" for i in range(frame.shape[1])], axis=1)
    columns = ", ".join(
        f"CAST({own} AS {KINDS.get(kind.kind, 'VARCHAR')}) AS {identifier(name)}"
        for own, name, kind in zip(plain, frame, frame.dtypes, strict=True)
    )
    database = duck()
    database.register("plain", plain)
    made = f"CREATE TABLE {identifier(table)} AS SELECT {columns} FROM plain"
    database.execute(made)
    try:
        return database.sql(query).df()
    finally:
        database.execute(f"DROP TABLE {identifier(table)}")


DATABASES = {"sqlite": in_sqlite, "duckdb": in_duckdb}


def scored(model: FittedModel, table: pd.DataFrame, dialect: str) -> pd.DataFrame:
    """The predictions of a model's query, as `predict` gives them."""
    frame = model.cleaned(table).rename(columns=column_names(model))
    width = frame.shape[1]
    found = DATABASES[dialect](frame, to_sql(model, dialect)).iloc[:, width:]
    if model.classes:
        found = found.iloc[:, len(model.outputs) : -1]
    return found.iloc[:, -1:] if len(model.classes) == 2 else found


def furthest(model: FittedModel, table: pd.DataFrame, dialect: str) -> float:
    """How far the query is from `predict`, as a share of numbers above 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        wanted = model.predict(table).to_numpy()
    found = scored(model, table, dialect).to_numpy(dtype=float)
    assert found.shape == wanted.shape
    off = np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))
    return float(off.max(initial=0.0))

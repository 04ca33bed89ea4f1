"""The same text gives the same answers in PostgreSQL."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pytest

import regcore
from regcore import DesignError
from regcore.sources import Allowed, postgres, sums
from regcore.sources.engine import identifier, until_done
from tests.sources.tables import (
    CLOSE,
    HOSTILE,
    along,
    compared,
    furthest,
    messy,
    settings,
)

NOBODY = 65534


def program(name):
    """Find a program of PostgreSQL: in the path, or where Debian puts it."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{name} is not installed; .ci/run installs it.")
    return found or pytest.skip(f"{name} is not installed: apt-get install postgresql")


@pytest.fixture(scope="module")
def address():
    """A server of its own that only a socket in a folder of its own leads to."""
    initdb, postgres = program("initdb"), program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    # It refuses to be run by root.
    user = NOBODY if os.geteuid() == 0 else os.geteuid()
    os.chown(folder, user, -1)
    quiet = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL}
    quiet["stderr"] = subprocess.DEVNULL
    made = [initdb, "-D", folder / "data", "-A", "trust", "-U", "reader", "--no-sync"]
    subprocess.run([*made, "-E", "UTF8", "--locale=C"], check=True, **quiet)
    started = [postgres, "-D", folder / "data", "-k", folder, "-F"]
    started += ["-c", "listen_addresses="]
    server = subprocess.Popen(started, **quiet)
    try:
        address = f"postgres://reader@/postgres?host={folder}"
        wait_for(address)
        yield address
    finally:
        # Without waiting for those who are still connected.
        server.send_signal(signal.SIGINT)
        server.wait()
        shutil.rmtree(folder)


def wait_for(address):
    """Wait until the server lets somebody in: its socket is there before."""
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < until, "PostgreSQL did not start"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def data():
    return messy(500).assign(id=range(500)).rename(columns={HOSTILE: "a\"b'; --"})


@pytest.fixture(scope="module")
def source(address, data):
    """Write the table into the database, and connect it."""
    kinds = {"i": "bigint", "f": "double precision", "b": "boolean", "M": "timestamp"}
    columns = ", ".join(
        f"{identifier(name)} {kinds.get(data[name].dtype.kind, 'text')}"
        for name in data.columns
    )
    plain = data.astype(object).where(data.notna(), None)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA house")
        connection.execute(f"CREATE TABLE house.sales ({columns}, PRIMARY KEY (id))")
        with connection.cursor().copy("COPY house.sales FROM STDIN") as copy:
            for row in plain.itertuples(index=False):
                copy.write_row(row)
    return regcore.connect(address, table="house.sales")


def test_a_table_of_postgresql_gives_what_it_gives_in_memory(source, data):
    chosen = settings(key="id", lam=3.0)
    engine, memory = compared(source, data, chosen)
    assert engine.problem.design.encodings == memory.problem.design.encodings
    for one, other in zip(engine.models, memory.models, strict=True):
        assert furthest(one.run.train_loss, other.run.train_loss) < CLOSE
        assert furthest(one.optimum.W, other.optimum.W) < CLOSE


@pytest.mark.parametrize("numbers", [24, 25])
def test_rows_of_postgresql_come_here_where_they_are_wide(
    address, monkeypatch, numbers
):
    data = np.random.default_rng(numbers).standard_normal((300, numbers))
    data = pd.DataFrame(data).add_prefix("x").rename(columns={"x0": "y"})
    data["y"] += data["x1"] - data["x2"]
    with psycopg.connect(address, autocommit=True) as connection:
        columns = ", ".join(f"{name} double precision" for name in data)
        connection.execute(f"CREATE TABLE wide{numbers} (id bigint, {columns})")
        with connection.cursor().copy(f"COPY wide{numbers} FROM STDIN") as copy:
            for row in data.itertuples():
                copy.write_row(row)
    source = regcore.connect(address, table=f"wide{numbers}", key="id")
    came, by_part = [], sums.Columns.by_part
    monkeypatch.setattr(
        sums.Columns, "by_part", lambda *args: came.append(1) or by_part(*args)
    )
    features = [*data.columns[1:]]
    compared(source, data.assign(id=data.index), settings(key="id", features=features))
    assert bool(came) == (numbers > 24)


def test_paths_and_folds_agree_on_postgresql_too(source, data):
    chosen = settings(key="id", dates="parts")
    _, memory = along(source, data, chosen, folds=4, points=8, span=1e-2)
    assert {"L1", "L2"} < {*memory.curves}


@pytest.mark.parametrize("target", ["flag", "grade"])
def test_classes_of_postgresql_are_solved_by_passes_over_all_rows(source, data, target):
    chosen = settings(target=target, lam=8.0, key="id", features=["x", "gaps"])
    engine, memory = (regcore.compare(rows, chosen) for rows in (source, data))
    assert engine.problem.design.classes == memory.problem.design.classes
    for one, other in zip(engine.models, memory.models, strict=True):
        assert one.optimum.gap <= 1e-8
        assert one.optimum.objective == pytest.approx(other.optimum.objective, rel=1e-8)
        assert furthest(one.run.W, other.run.W) < CLOSE
        assert furthest(one.run.train_loss, other.run.train_loss) < CLOSE
    assert (
        furthest(engine.validation_scores.loss, memory.validation_scores.loss) < CLOSE
    )


def test_the_number_of_a_row_is_its_key_where_none_is_chosen(source):
    chosen = [settings(key=key) for key in ("id", None)]
    one, other = (source.pose(settings) for settings in chosen)
    assert furthest(one.sums.S, other.sums.S) < 1e-12


def test_rows_are_read_in_pieces_where_sums_do_not_tell_columns_apart(source, data):
    problem = source.pose(settings(features=["x", "grade"], key="id"))
    name = next(name for name in encoded(source) if name.startswith("encoded"))
    pieces = list(source.table.engine.pieces(f"SELECT part, y FROM {name}"))
    assert sum(map(len, pieces)) == len(data)
    assert problem.n > 0


def test_pieces_are_fetched_in_parts_that_can_be_called_off(source, monkeypatch):
    monkeypatch.setattr(postgres, "A_PIECE", 100)
    monkeypatch.setattr(postgres, "CELLS", 10)

    def slow(work, cancel, tick):
        tick()
        return until_done(work, cancel, tick)

    # However fast a query is, somebody looks once whether it is wanted.
    monkeypatch.setattr("regcore.sources.engine.until_done", slow)
    engine, looks = source.table.engine, []
    query = f"SELECT id, x FROM {engine.table} AS t ORDER BY id"
    pieces = list(engine.pieces(query, lambda: looks.append(1)))
    assert [len(piece) for piece in pieces] == [100] * 5
    ids = np.concatenate([piece.column("id").to_numpy() for piece in pieces])
    assert ids.tolist() == [*range(500)]
    # One look at least at each five rows.
    assert len(looks) >= 100


def encoded(source):
    query = "SELECT relname AS name FROM pg_class WHERE relpersistence = 't'"
    return source.table.engine.ask(query)["name"].to_pylist()


def test_a_query_of_postgresql_that_nobody_waits_for_is_called_off(source):
    looks = iter([True, True])

    def tick():
        if not next(looks, False):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        source.table.engine.ask("SELECT pg_sleep(3600)", tick)
    assert source.table.engine.ask("SELECT 1 AS one")["one"][0].as_py() == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "give its name as `table`"),
        ({"table": "house.none"}, "The database has no table «house.none»."),
        ({"table": 'x"; DROP TABLE house.sales; --'}, "The database has no table"),
        ({"table": "house.sales", "key": "x"}, "a column of whole numbers"),
    ],
)
def test_a_table_that_is_not_there_is_refused(address, source, named, said):
    with pytest.raises(DesignError) as refused:
        regcore.connect(address, **named)
    assert said in str(refused.value)


def test_a_key_that_does_not_name_every_row_is_refused(address, source):
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE house.loose (id bigint, y double precision)")
        connection.execute("INSERT INTO house.loose VALUES (1, 2), (NULL, 3)")
    with pytest.raises(DesignError) as refused:
        regcore.connect(address, table="house.loose", key="id")
    assert 'column "id", which names the rows, is empty in 1 of them' in str(
        refused.value
    )


def refused(address, table, key=None):
    with pytest.raises(DesignError) as said:
        regcore.connect(address, table=table, key=key)
    return str(said.value)


def test_a_key_that_comes_twice_is_refused(address, source):
    with psycopg.connect(address, autocommit=True) as connection:
        for made in (
            "CREATE TABLE house.twice (id bigint, y double precision)",
            "INSERT INTO house.twice VALUES (1, 2), (1, 3), (2, 5)",
            "CREATE TABLE house.parent (id bigint PRIMARY KEY, y double precision)",
            "CREATE TABLE house.child () INHERITS (house.parent)",
            "INSERT INTO house.parent VALUES (1, 2), (2, 3)",
            "INSERT INTO house.child VALUES (2, 5)",
            "CREATE TABLE house.once (id bigint, y double precision)",
            "INSERT INTO house.once VALUES (1, 2), (2, 3)",
        ):
            connection.execute(made)
        said = 'column "id", which names the rows, has 2 different numbers for 3 of'
        assert said in refused(address, "house.twice", "id")
        assert said in refused(address, "house.parent")
        once = partial(regcore.connect, address, table="house.once", key="id")
        assert once().length == 2
        assert not once().table.engine.unique
        # Where the database sees to it nothing is counted.
        connection.execute("CREATE UNIQUE INDEX ON house.once (id) INCLUDE (y)")
        assert once().table.engine.unique


def test_texts_and_moments_are_keys_and_levels_whatever_is_set_for_them(address):
    n = 90
    texts = [("e", "é", "E", "e\u0301")[i % 4] + str(i % 7) for i in range(n)]
    start = pd.Timestamp("2024-03-30 01:02:03.25", tz="UTC")
    table = pd.DataFrame(
        {
            "id": np.arange(n) - 2**40,
            "text": texts,
            "when": start + np.arange(n) * pd.Timedelta("37min"),
            "y": np.arange(n) % 11 + (np.arange(n) % 4 == 1),
        }
    )
    with psycopg.connect(address, autocommit=True) as connection:
        for made in (
            "CREATE SCHEMA IF NOT EXISTS loose",
            "CREATE COLLATION loose.alike "
            "(provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
            'CREATE TABLE loose.texts (id bigint PRIMARY KEY, "text" text COLLATE '
            'loose.alike, "when" timestamptz, y double precision)',
        ):
            connection.execute(made)
        with connection.cursor().copy("COPY loose.texts FROM STDIN") as copy:
            for row in table.itertuples(index=False):
                copy.write_row(row)
        (alike,) = connection.execute("SELECT COUNT(DISTINCT text) FROM loose.texts")
        assert alike == (7,)
    away = f"{address}&options=-ctimezone%3DAsia/Tokyo%20-cdatestyle%3DGerman"
    source = regcore.connect(away, table="loose.texts")
    for key in ("id", "text", "when"):
        chosen = settings(key=key, features=["text"], validation_share=0.4)
        _, memory = compared(source, table, chosen)
        assert len(memory.problem.design.features) > 7


def test_a_server_that_is_not_there_is_refused_in_a_sentence():
    with pytest.raises(DesignError) as refused:
        regcore.connect("postgres:///postgres?host=/nowhere", table="sales")
    assert str(refused.value).startswith("PostgreSQL cannot be reached: ")


def test_a_visitor_has_what_is_allowed_of_a_table_of_postgresql(
    address, source, data, monkeypatch
):
    monkeypatch.setenv("HOUSE_PASSWORD", "a/b@c:d %")
    only = ("x", "letter", "y")
    sales = Allowed(
        "Sales", address, "house.sales", columns=only, password="HOUSE_PASSWORD"
    )
    visitor = sales.open()
    assert tuple(visitor.sheet.types) == only
    result = regcore.compare(visitor, settings())
    same = regcore.compare(data[list(only)].assign(id=data["id"]), settings(key="id"))
    assert furthest(result.coefficients, same.coefficients) < CLOSE
    with pytest.raises(DesignError, match="has no column «offset»"):
        visitor.pose(settings(target="offset"))
    with pytest.raises(DesignError, match="at most 1KB of it are read here"):
        replace(sales, most_bytes="1KB").open()
    with pytest.raises(DesignError, match="who runs the page finds the reason"):
        replace(sales, table="none").open()

"""What is refused, what nobody can reach, and what is called off."""

import sys
import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import DesignError
from regcore.design import guesses
from regcore.design.buckets import P, of_whole, place
from regcore.model import triangle
from regcore.model.parts import Parts
from regcore.sources import sums
from regcore.sources.duck import DuckDB
from regcore.sources.engine import Turn, until_done
from regcore.sources.preparing import Read
from regcore.sources.table import APART
from tests.sources.tables import HOSTILE, connected, messy, settings


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return connected(tmp_path_factory.mktemp("files") / "one", messy(300))


def refusal(work, *arguments, **named):
    with pytest.raises(DesignError) as refused:
        work(*arguments, **named)
    return str(refused.value)


def test_without_an_engine_all_else_works_and_one_sentence_says_what_to_install(
    tmp_path, monkeypatch
):
    messy(20).to_parquet(tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.delitem(sys.modules, "regcore.sources.duck", raising=False)
    said = refusal(regcore.connect, tmp_path)
    assert said == (
        "Tables behind an engine need DuckDB, which is not installed: "
        "pip install 'regularization-on-your-data[tables]'."
    )


def test_an_address_without_a_table_is_refused(tmp_path):
    assert "no Parquet or CSV file" in refusal(regcore.connect, tmp_path / "*.parquet")
    (tmp_path / "a.xlsx").write_bytes(b"")
    assert "neither by its name" in refusal(regcore.connect, tmp_path / "a.xlsx")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.parquet").write_bytes(b"no parquet")
    assert "of one kind" in refusal(regcore.connect, tmp_path)
    said = refusal(regcore.connect, tmp_path / "b.parquet")
    assert said.startswith("The 1 file cannot be read as one table: ")
    pd.DataFrame({"x": []}).to_parquet(tmp_path / "c.parquet")
    assert "no row with values" in refusal(regcore.connect, tmp_path / "c.parquet")


@pytest.mark.parametrize("where", ["databricks://house/sales", "s3://house/sales"])
def test_an_engine_that_is_not_known_is_refused_in_a_sentence(where):
    said = refusal(regcore.connect, where, table="orders")
    assert f"«{where.partition('house')[0]}» cannot be read: this knows files" in said


@pytest.mark.parametrize(
    ("scheme", "name", "way"),
    [("bigquery", "BigQuery", "EXPORT DATA"), ("snowflake", "Snowflake", "COPY INTO")],
)
def test_a_warehouse_that_was_never_run_is_refused_with_the_way_around(
    scheme, name, way
):
    said = refusal(regcore.connect, f"{scheme}://house/sales", table="orders")
    assert said.startswith(f"Tables of {name} are not read where they are, for this ")
    assert f"export the table as Parquet by «{way} " in said


@pytest.mark.parametrize("address", ["spark://house:7077", "postgres://house"])
def test_a_database_without_the_name_of_a_table_is_refused(address):
    assert "give its name as `table`" in refusal(regcore.connect, address)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"split": "random"}, "choose the split «hash»"),
        ({"target": "x", "task": "multiclass"}, "more than the 50 classes"),
        ({"target": "text", "task": "regression"}, "«text» is not a number"),
        ({"target": "none such"}, "The table has no column «none such»."),
        ({"key": "gaps"}, "empty cells, which name no row"),
        ({"key": "flag", "validation_share": 0.0001}, "no row is held out"),
        ({"test_share": 0.01}, "are needed to judge by; lock away"),
        ({"features": ["empty"]}, "No feature can be used"),
        ({"without": [HOSTILE], "features": [HOSTILE]}, "Every feature is left out"),
    ],
)
def test_what_sums_do_not_answer_is_refused_in_a_sentence(tmp_path, chosen, said):
    data = messy(200).assign(empty=np.nan, flag=True)
    source = connected(tmp_path / "refused", data)
    assert said in refusal(source.pose, settings(**chosen))


def test_too_many_levels_too_wide_a_table_and_too_large_a_number_are_refused(
    tmp_path, source, monkeypatch
):
    monkeypatch.setattr("regcore.sources.fields.MOST_DIFFERENT", 20)
    assert "has more than 20 different values" in refusal(source.pose, settings())
    monkeypatch.undo()
    monkeypatch.setattr("regcore.sources.preparing.MOST_COLUMNS", 10)
    assert "the limit for a table behind an engine" in refusal(source.pose, settings())
    data = messy(100)
    data.loc[50, "x"] = 1e200
    large = connected(tmp_path / "large", data)
    assert "«x» has a number that is too large" in refusal(large.pose, settings())


def test_a_table_that_gets_rows_after_it_was_connected_is_refused(tmp_path):
    source = connected(tmp_path / "more", messy(200))
    messy(300).to_parquet(tmp_path / "more" / "part-0.parquet")
    said = refusal(source.pose, settings())
    assert "The table has changed while it was read" in said


def test_a_table_whose_cells_change_between_two_reads_is_refused(tmp_path, monkeypatch):
    data = messy(200)
    source = connected(tmp_path / "other", data)
    assert "letter" in source.sheet.types
    keep = DuckDB.keep

    def keep_later(self, name, query, tick):
        data["letter"] = data["letter"].to_numpy()[::-1]
        data.loc[:20, "letter"] = "a"
        data.to_parquet(tmp_path / "other" / "part-0.parquet", index=False)
        keep(self, name, query, tick)

    monkeypatch.setattr(DuckDB, "keep", keep_later)
    said = refusal(source.pose, settings())
    assert "the levels of «letter» come in other numbers" in said


def test_numbers_that_change_in_as_many_rows_of_a_file_are_noticed(tmp_path):
    data = messy(200)
    source = connected(tmp_path / "written", data)
    source.pose(settings())
    file = tmp_path / "written" / "part-0.parquet"
    data.assign(x=data["x"] + 1.0).to_parquet(file, index=False)
    said = refusal(source.pose, settings(seed=1))
    assert "changed while it was read (a file was written to); connect it" in said
    again = regcore.connect(tmp_path / "written")
    again.pose(settings())
    file.unlink()
    assert "could not read the table" in refusal(again.pose, settings(seed=1))


def test_a_csv_file_that_is_written_to_while_it_is_copied_is_refused(
    tmp_path, monkeypatch
):
    file = tmp_path / "copied.csv"
    messy(100).to_csv(file, index=False)
    look = DuckDB._types

    def write(self, read, tick):
        messy(100).to_csv(file, index=False)
        return look(self, read, tick)

    source = regcore.connect(file)
    messy(50).to_csv(file, index=False)
    source.pose(settings())
    assert len(source.sheet.table) == 100
    monkeypatch.setattr(DuckDB, "_types", write)
    assert "written to while it was read" in refusal(regcore.connect, file)


def test_a_query_that_nobody_waits_for_is_called_off(source):
    looks = iter([True, True])

    def tick():
        if not next(looks, False):
            raise KeyboardInterrupt

    # It would take hours.
    endless = "SELECT COUNT(*) FROM range(1000000000000) t, range(1000) u"
    with pytest.raises(KeyboardInterrupt):
        source.table.engine.ask(endless, tick)
    assert source.table.engine.ask("SELECT 1 AS one")["one"][0].as_py() == 1


def test_a_comparison_of_a_source_is_called_off_while_the_table_is_read(tmp_path):
    source = connected(tmp_path / "called off", messy(200))

    def progress(share):
        if source.reading is not None and source.reading.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        regcore.compare(source, settings(), progress)
    assert source.reading is None
    assert regcore.compare(source, settings()).problem.n > 0


@pytest.mark.parametrize(("name", "queries"), [("a.csv", 3), ("a.parquet", 2)])
def test_connecting_is_called_off_while_files_are_looked_at_or_copied(
    tmp_path, monkeypatch, name, queries
):
    messy(200).to_csv(tmp_path / "a.csv", index=False)
    messy(200).to_parquet(tmp_path / "a.parquet")
    looks = []

    def slow(work, cancel, tick):
        tick()
        return until_done(work, cancel, tick)

    def tick(most):
        looks.append(1)
        if len(looks) > most:
            raise KeyboardInterrupt

    # However fast a query is, somebody looks once whether it is wanted.
    monkeypatch.setattr("regcore.sources.duck.until_done", slow)
    for most in range(queries):
        looks.clear()
        with pytest.raises(KeyboardInterrupt):
            regcore.connect(tmp_path / name, tick=partial(tick, most))


def test_a_first_look_is_called_off_between_two_columns(tmp_path, monkeypatch):
    source, seen = connected(tmp_path / "wide", messy(200)), []
    guess = guesses.guess_type

    def told(column, **named):
        seen.append(column.name)
        return guess(column, **named)

    def tick():
        if seen:
            raise KeyboardInterrupt

    monkeypatch.setattr(guesses, "guess_type", told)
    with pytest.raises(KeyboardInterrupt):
        source.table.look(tick)
    assert seen == ["x"]
    assert "letter" in source.sheet.types


@pytest.mark.parametrize("most_summed", [0, 1000])
def test_who_waits_is_looked_for_at_every_part_after_the_last_query(
    tmp_path, monkeypatch, most_summed
):
    source, ticks, after = connected(tmp_path / "parts", messy(600)), [], []
    by_part, add_up = sums.Columns.by_part, Parts.add_up
    on_both_sides = sums._on_both_sides

    def counting(*arguments):
        ticks.clear()
        found = on_both_sides(*arguments)
        after.append((len(ticks), len(found)))
        return found

    def streaming(*arguments):
        ticks.clear()
        found = 0
        for part in by_part(*arguments):
            yield part
            found += 1
        # Where rows are read for their triangles, nobody is looked for in a piece.
        if ticks:
            after.append((len(ticks), found))

    def adding(parts, *tick):
        ticks.clear()
        found = add_up(parts, *tick)
        after.append((len(ticks), 1))
        return found

    monkeypatch.setattr(DuckDB, "most_summed", most_summed)
    monkeypatch.setattr(sums, "_on_both_sides", counting)
    monkeypatch.setattr(sums.Columns, "by_part", streaming)
    monkeypatch.setattr(Parts, "add_up", adding)
    # A triangle of so many rows is made in several pieces.
    monkeypatch.setattr(triangle, "PIECE", 1)
    source.pose(settings(), lambda: ticks.append(1))
    (looks, parts), (pieces, _) = after[:2]
    assert looks == parts > 200
    assert pieces > 2


def turn_of(forgotten):
    return Turn(forgotten.append, lambda: None, ValueError, "It failed")


def test_who_waits_for_a_connection_is_called_off_too():
    turn, begun, go = turn_of([]), threading.Event(), threading.Event()

    def busy():
        with turn.taken():
            begun.set()
            go.wait()

    thread = threading.Thread(target=busy)
    thread.start()
    begun.wait()

    def tick():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), turn.taken(tick):
        pytest.fail("there was no waiting")
    go.set()
    thread.join()
    with turn.taken(tick):
        pass


def test_what_is_dropped_while_a_query_runs_is_forgotten_after_it():
    forgotten = []
    turn = turn_of(forgotten)
    with turn.taken():
        turn.drop("encoded0")
        assert forgotten == []
    with turn.taken():
        assert forgotten == ["encoded0"]
    turn.drop("encoded1")
    assert forgotten == ["encoded0", "encoded1"]


def test_what_is_dropped_while_rows_come_in_is_forgotten_after_them(source):
    engine = source.table.engine
    engine.keep("encoded_by_hand", "SELECT 1 AS one")
    pieces = engine.pieces("SELECT x FROM files, range(2000)")
    rows = next(pieces).num_rows
    engine.drop("encoded_by_hand")
    rows += sum(piece.num_rows for piece in pieces)
    assert rows == 2000 * source.table.length
    assert "does not exist" in refusal(engine.ask, "FROM encoded_by_hand")


def test_a_path_beside_a_comparison_reads_the_table_no_more(source, monkeypatch):
    result = regcore.compare(source, settings())
    monkeypatch.setattr("regcore.sources.source.summed", None)
    path = regcore.regularization_path(source, settings(lam=3.0), folds=3)
    assert path.n == result.problem.n
    assert source.pose(settings(lam=5.0)) is result.problem


def test_what_is_alike_in_the_sample_alone_is_used(tmp_path):
    n = 30_000
    few = np.zeros(n, dtype=bool)
    few[np.flatnonzero(place(of_whole(np.arange(n)), APART) > 0.9 * P)[:3]] = True
    data = pd.DataFrame(
        {
            "x": np.arange(n) % 11,
            "number": np.where(few, np.arange(n), 5.0),
            "text": np.where(few, "rare", "often"),
            "gaps": np.where(few, np.arange(n) + 0.5, np.nan),
            "words": np.where(few, "known", None),
            "flag": few,
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(1 * few, unit="D"),
            "same": 1.0,
            "none": np.full(n, np.nan),
            "y": np.arange(n) % 7,
        }
    )
    source = connected(tmp_path / "alike", data)
    types = {name: str(guess.type) for name, guess in source.sheet.types.items()}
    assert not source.sheet.table["text"].eq("rare").any()
    assert types == {
        **dict.fromkeys(("x", "number", "gaps", "y"), "number"),
        **dict.fromkeys(("text", "flag", "words"), "category"),
        "when": "date",
        "same": "constant",
        "none": "empty",
    }
    problem = source.pose(settings(validation_share=0.01))
    ledger = problem.design.ledger
    left_out = {one.column for one in ledger if one.role == "left out"}
    assert left_out == {"same", "none"}
    chosen = settings(features=["x", "gaps", "none"], missing="drop")
    with pytest.raises(DesignError, match=f"{n - 3:,} rows with a missing feature"):
        source.pose(replace(chosen, task="regression"))


def test_nothing_else_on_the_machine_can_be_read_written_or_changed(source, tmp_path):
    messy(20).to_parquet(tmp_path / "secret.parquet")
    engine = source.table.engine
    for query in (
        f"SELECT * FROM '{tmp_path}/secret.parquet'",
        f"SELECT * FROM read_csv('{tmp_path}/*')",
        f"COPY files TO '{tmp_path}/taken.csv'",
        f"ATTACH '{tmp_path}/new.db'",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "INSTALL httpfs",
    ):
        assert refusal(engine.ask, query).startswith(
            "DuckDB could not read the table: "
        )
    assert {file.name for file in tmp_path.iterdir()} == {"secret.parquet"}


def test_a_name_that_is_sql_is_a_name(source):
    before = source.table.length
    source.pose(settings(features=[HOSTILE, "x"], key=HOSTILE))
    (rows,) = source.table.engine.ask("SELECT COUNT(*) AS n FROM files")["n"]
    assert rows.as_py() == before


def test_what_was_encoded_is_forgotten_with_its_problem(source):
    def kept():
        query = "SELECT table_name AS name FROM duckdb_tables()"
        names = source.table.engine.ask(query)["name"].to_pylist()
        return [name for name in names if name.startswith("encoded")]

    problem = source.pose(settings())
    assert len(kept()) == 1
    del problem
    assert kept() == []


def test_each_reading_of_the_table_says_what_it_is_for(tmp_path):
    source, said = connected(tmp_path / "told", messy(200)), []

    def tick():
        if source.reading is not None and source.reading.in_words not in said:
            said.append(source.reading.in_words)

    source.pose(settings(), tick)
    assert said == [
        "Reads the table, 1 of 3: what its columns are.",
        "Reads the table, 2 of 3: the levels of its categories.",
        "Reads the table, 3 of 3: its numbers.",
    ]
    assert source.reading is None


def test_the_share_that_is_read_goes_by_what_was_expected_and_never_ends_too_soon():
    expected, long_ago = (0.0, 2.0, 8.0), -1e9
    second = Read(2, "the levels", expected, begun=long_ago)
    third = Read(3, "the numbers", expected, begun=long_ago)
    assert second.seconds == third.seconds == 10.0
    assert second.share == pytest.approx(0.198)
    assert third.share == pytest.approx(0.992)
    assert Read(1, "the columns").share == Read(1, "the columns").seconds == 0.0


def test_more_features_and_categories_are_expected_to_take_longer(source, monkeypatch):
    def seconds(*features):
        found = []
        monkeypatch.setattr(source, "_tell", found.append)
        source.pose(settings(features=features, seed=len(features)))
        assert found[1].seconds == found[2].seconds
        return np.array(found[2].expected)

    one, letter, all_three = (
        seconds("x"),
        seconds("x", "letter"),
        seconds("x", "mirror", "letter"),
    )
    assert one[1] == 0.0 < letter[1] == all_three[1]
    assert 0.0 < one[2] < letter[2] < all_three[2]


@pytest.mark.parametrize("limit", ["memory", "disk"])
def test_a_limit_that_is_no_size_is_refused_in_a_sentence(limit, tmp_path):
    messy(20).to_parquet(tmp_path / "small.parquet")
    sentence = f"{limit} «much».*must have a number"
    with pytest.raises(DesignError, match=sentence):
        regcore.connect(tmp_path, **{limit: "much"})

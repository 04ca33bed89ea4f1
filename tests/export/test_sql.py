import json

import duckdb
import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import DesignError, Settings
from regcore.export.sql import column_names, identifier, real, to_sql
from tests.export.databases import DATABASES, furthest, in_duckdb, in_sqlite
from tests.export.tables import compared, everything, hostile, new_rows
from tests.tables import PENALTIES, TASKS, train

every_dialect = pytest.mark.parametrize("dialect", DATABASES)


@every_dialect
@pytest.mark.parametrize(
    ("task", "dates"), [*zip(TASKS, ["parts"] * 3, strict=True), (TASKS[0], "days")]
)
def test_a_query_predicts_as_the_model_does(task, dates, dialect):
    ours, data = compared(task, dates=dates), everything(task)
    for table in (data, new_rows(data)):
        for name in PENALTIES:
            assert furthest(ours.fitted(name), table, dialect) < 1e-9


@every_dialect
def test_a_query_names_the_class_of_the_largest_probability(dialect):
    for task in TASKS[1:]:
        model, data = compared(task).fitted("L2"), everything(task)
        found = DATABASES[dialect](model.cleaned(data), to_sql(model, dialect))
        if task == "binary":
            likely = model.predict(data)["L2"] > 0.5
            wanted = np.where(likely, model.classes[1], model.classes[0])
        else:
            wanted = model.predict(data)["L2"].idxmax(axis=1)
        assert found["class"].tolist() == list(wanted)


@every_dialect
def test_hostile_names_levels_and_classes_stay_names(dialect):
    ours = regcore.compare(hostile(), Settings("''", lam=1.0))
    for name in PENALTIES:
        assert furthest(ours.fitted(name), hostile(), dialect) < 1e-9
    model = ours.fitted("L2", origin="x.csv\n; DROP TABLE t")
    table = 'a table "t"; --'
    found = DATABASES[dialect](
        model.cleaned(hostile()), to_sql(model, dialect, table), table
    )
    assert set(found["class"]) <= set(model.classes)
    heads = to_sql(model, dialect).split("WITH")[0].splitlines()
    assert all(line.startswith("-- ") for line in heads)


@every_dialect
def test_names_that_differ_in_case_only_are_numbered(dialect):
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.standard_normal((60, 3)), columns=["X", "x", "x_1"])
    data["prediction"] = data["X"] - 2.0 * data["x"] + 0.1 * data["x_1"]
    model = regcore.compare(data, Settings("prediction", epochs=20)).fitted("L2")
    assert list(column_names(model).values()) == ["X", "x_1", "x_1_1", "prediction"]
    assert furthest(model, data, dialect) < 1e-9
    frame = model.cleaned(data).rename(columns=column_names(model))
    found = DATABASES[dialect](frame, to_sql(model, dialect))
    assert found.columns[-1] == "prediction (2)"


@every_dialect
def test_a_model_of_many_columns_is_no_deeper_than_a_database_takes(dialect):
    data = pd.DataFrame(np.random.default_rng(0).standard_normal((60, 1200)))
    data = data.add_prefix("x").assign(y=lambda data: data["x0"])
    small = train(data[["x0", "y"]], epochs=3).fitted("none")
    content = json.loads(regcore.export.to_json(small))
    for part, key in (("columns", "column"), ("features", "name")):
        one = content[part][0]
        content[part] = [{**one, key: f"x{i}"} for i in range(1200)]
    content["table"] = list(data)
    model = regcore.from_json(json.dumps(content))
    assert furthest(model, data, dialect) < 1e-9


@every_dialect
def test_a_mean_far_from_0_costs_no_digits(dialect):
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": 1e12 + rng.standard_normal(60).round(3)})
    model = train(data.assign(y=data["x"] - 1e12), epochs=50).fitted("none")
    assert furthest(model, data, dialect) < 1e-9


def test_probabilities_of_far_rows_are_0_and_1_and_no_error():
    model = compared("binary").fitted("none")
    far = everything("binary").assign(x0=lambda data: (data["x0"] - 3.0) * 1e6)
    for dialect in DATABASES:
        assert furthest(model, far, dialect) < 1e-9


def test_the_file_itself_is_read_where_its_cells_need_no_reading(tmp_path):
    data = everything().drop(columns=["size", "built", "clock"])
    model = regcore.compare(data, Settings("y", epochs=20)).fitted("L2")
    data.to_csv(tmp_path / "t.csv", index=False)
    query = to_sql(model, "duckdb", "t.csv")
    with duckdb.connect() as database:
        database.execute(
            f"CREATE TABLE \"t.csv\" AS FROM read_csv('{tmp_path / 't.csv'}')"
        )
        found = database.sql(query).df()["prediction"]
    np.testing.assert_allclose(found, model.predict(data)["L2"], rtol=1e-9, atol=1e-9)


def test_a_level_with_a_character_that_no_literal_has_is_found():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": rng.choice(["a\0b", "a", "c"], 60)})
    model = train(data.assign(y=data["x"] == "a\0b").astype({"y": float}))
    for dialect in DATABASES:
        assert furthest(model.fitted("none"), data, dialect) < 1e-9


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_sql_cannot_say_is_refused(name):
    with pytest.raises(DesignError, match="SQL cannot name a column"):
        identifier(name)


def test_an_unknown_dialect_is_refused():
    with pytest.raises(DesignError, match="«mysql»; choose one of sqlite and duckdb"):
        to_sql(compared().fitted(), "mysql")


@pytest.mark.parametrize("value", [0.1, -1e-7, 1 / 3, 2.0, 1e22, 5e-324])
def test_numbers_are_written_with_all_their_digits(value):
    query = f"SELECT {real(value)} AS x"
    empty = pd.DataFrame({"y": [1.0]})
    assert in_duckdb(empty, query)["x"].tolist() == [value]
    assert in_sqlite(empty, query)["x"].tolist() == pytest.approx([value], rel=1e-15)

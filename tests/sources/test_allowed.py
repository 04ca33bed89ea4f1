"""The tables of the house: the operator's file, and what a visitor can do with them."""

import logging

import pandas as pd
import pytest

from regcore import DesignError
from regcore.sources import allowed, tables_of_the_house
from regcore.sources.allowed import VARIABLE
from tests.sources.tables import HOSTILE, messy, settings

HOSTILE_NAMES = (
    HOSTILE,
    "'); COPY files TO '/tmp/taken' --",
    "x\" FROM files; ATTACH 'a.db'; --",
    "line\nbreak\tand tab",
    "select",
    "row",
    "part",
    "file_row_number_",
    "κλειδί 鍵 🔑 \u202e",
    "l" * 5_000,
    "{name}",
    "%s",
    "$1",
    "?",
    "\\",
    ".",
    "*",
)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Write the operator's file; what it lists is told."""
    tables_of_the_house.cache_clear()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "tables.toml"))
    monkeypatch.setenv("PASSWORD_OF_ORDERS", "pass/word@ of ours")

    def write(text):
        (tmp_path / "tables.toml").write_text(text, encoding="utf-8")
        return tables_of_the_house()

    yield write
    tables_of_the_house.cache_clear()


def entry(**said):
    lines = "\n".join(f"{key} = {value!r}" for key, value in said.items())
    return f"[[table]]\n{lines}\n"


def refusal(work, *arguments, **named):
    with pytest.raises(DesignError) as refused:
        work(*arguments, **named)
    return str(refused.value)


def test_the_operators_file_lists_tables_with_their_limits(house):
    one, other = house(
        entry(name="Sales", address="/srv/*.parquet", columns=["x"], memory="500MB")
        + entry(name="Orders", address="postgres://reader@house/db", table="orders")
    )
    assert (one.name, one.columns, one.memory) == ("Sales", ("x",), "500MB")
    assert (other.table, other.columns, other.memory) == ("orders", None, "1GB")
    assert "/srv" not in repr(one)


def test_without_the_variable_there_is_no_table_of_the_house(house, monkeypatch):
    monkeypatch.delenv(VARIABLE)
    assert house(entry(name="Sales", address="/srv")) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[table", "cannot be read: "),
        ("table = 3", "write each table as [[table]], and nothing else"),
        ("[tables]\nname = 'a'", "has «tables»; write each table as [[table]]"),
        (entry(name="a"), "Table 1 of "),
        (entry(name="a"), " has no address."),
        (entry(address="a"), " has no name."),
        (entry(name="", address="a"), "has «» for name, which must be a text"),
        (entry(name="a", address="b", colums=["x"]), "says «colums»; known are "),
        (entry(name="a", address="b", columns="x"), "columns that are no list"),
        (entry(name="a", address="b", columns=[]), "columns that are no list"),
        (entry(name="a", address="b", columns=[1]), "columns that are no list"),
        (entry(name="a", address="b", memory="a lot"), "write it as 500MB or 20GB"),
        (entry(name="a", address="b", most_bytes=5), "which must be a text"),
        (2 * entry(name="a", address="b"), "has two tables «a»; rename one"),
        (entry(name="a", address="postgres://h/d"), "is a database, and says no table"),
        (
            entry(name="a", address="postgres://u:secret@h/d", table="t"),
            "has a password in its address; put it into an environment variable",
        ),
        (entry(name="a", address="postgres://[h/d", table="t"), "address that is none"),
        (entry(name="a", address="s3://sales/*.parquet"), "neither files of this mach"),
    ],
)
def test_a_broken_file_is_one_sentence_in_the_log_and_shows_no_table(
    house, caplog, text, said
):
    assert house(text) == ()
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert said in line.getMessage()
    assert "secret" not in line.getMessage()


def test_a_file_that_is_not_there_is_one_sentence_in_the_log(house, caplog, tmp_path):
    assert tables_of_the_house() == ()
    assert "cannot be read" in caplog.text
    assert str(tmp_path) in caplog.text


def test_without_an_engine_its_tables_are_not_shown_and_the_log_says_what_to_install(
    house, caplog, monkeypatch
):
    monkeypatch.setattr(allowed, "find_spec", lambda name: name != "duckdb")
    orders = entry(name="Orders", address="postgres://house/db", table="orders")
    (found,) = house(entry(name="Sales", address="/srv") + orders)
    assert found.name == "Orders"
    assert "«Sales» is not shown; it needs pip install " in caplog.text


def test_a_visitor_has_the_columns_that_are_allowed_and_no_other(house, tmp_path):
    messy(300).assign(salary=1.0).to_parquet(tmp_path / "a.parquet")
    messy(300).assign(salary=1.0).to_csv(tmp_path / "a.csv", index=False)
    for file in ("a.parquet", "a.csv"):
        tables_of_the_house.cache_clear()
        columns = ["x", "letter", "y"]
        (one,) = house(entry(name="a", address=str(tmp_path / file), columns=columns))
        source = one.open()
        assert list(source.sheet.types) == columns
        assert "no column «salary»" in refusal(source.pose, settings(target="salary"))
        said = refusal(source.table.engine.ask, 'SELECT "salary" FROM files')
        assert "cannot be read now" in said
        assert source.pose(settings()).design.sources[0] == "x"


def test_what_cannot_be_read_is_told_without_an_address_which_is_in_the_log(
    house, tmp_path, caplog, monkeypatch
):
    (tmp_path / "a.parquet").write_bytes(b"no parquet")
    missing, broken, wrong = house(
        entry(name="missing", address=str(tmp_path / "none"))
        + entry(name="broken", address=str(tmp_path / "a.parquet"))
        + entry(
            name="wrong",
            address=f"postgres://reader@127.0.0.1:1/{tmp_path.name}",
            table="t",
            password="PASSWORD_OF_ORDERS",
        )
    )
    for one in (missing, broken, wrong):
        said = refusal(one.open)
        assert said == (
            f"«{one.name}» cannot be read now; who runs the page finds the reason in "
            "its log."
        )
    assert str(tmp_path) in caplog.text
    assert "pass" not in caplog.text
    # A file can go between two looks.
    monkeypatch.setattr(allowed, "files_at", lambda address: [tmp_path / "gone"])
    assert "«broken» cannot be read now" in refusal(broken.fingerprint)
    assert "«broken» cannot be read now" in refusal(broken.open)


def test_a_table_with_more_bytes_than_allowed_is_refused_before_it_is_read(
    house, tmp_path, monkeypatch
):
    messy(300).to_csv(tmp_path / "a.csv", index=False)
    monkeypatch.setattr(allowed, "duck", None)
    (one,) = house(entry(name="a", address=str(tmp_path / "a.csv"), most_bytes="1KB"))
    said = refusal(one.open)
    assert said.startswith("«a» has 0 MB, and at most 1KB of it are read here; ")


def test_hostile_names_are_names(house, tmp_path):
    data = messy(400)[["x", "y"]].dropna()
    for at, name in enumerate(HOSTILE_NAMES):
        data[name] = data["x"] * (at + 2) + messy(400, seed=at + 1)["x"]
    data.to_parquet(tmp_path / "a.parquet", index=False)
    names = [*HOSTILE_NAMES]
    (one,) = house(entry(name="; DROP", address=str(tmp_path / "a.parquet")))
    source = one.open()
    problem = source.pose(settings(features=names, key="part"))
    assert set(problem.design.sources) == {*names}
    for name in names[::4]:
        assert source.pose(settings(target=name, features=["x"])).n > 0
    (rows,) = source.table.engine.ask("SELECT COUNT(*) AS n FROM files")["n"]
    assert rows.as_py() == len(data)


@pytest.mark.parametrize("name", ["none such", 'y" --', "y\0", "", "files.y"])
def test_a_name_that_is_no_column_is_refused_before_it_comes_near_a_query(
    house, tmp_path, name
):
    messy(100).to_parquet(tmp_path / "a.parquet")
    (one,) = house(entry(name="a", address=str(tmp_path / "a.parquet")))
    source = one.open()
    source.table.look()
    source.table.engine.ask = None
    for chosen in ({"target": name}, {"features": [name]}, {"key": name}):
        assert "has no column" in refusal(source.pose, settings(**chosen))


def test_a_visitor_reaches_no_other_file_and_sets_nothing(house, tmp_path):
    messy(60).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "secret.csv").write_text("x\n1\n")
    (one,) = house(entry(name="a", address=str(tmp_path / "a.parquet")))
    there = {file.name for file in tmp_path.iterdir()}
    for engine in (one.open().table.engine, one.open().table.engine):
        for query in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"SELECT * FROM '{tmp_path}/secret.csv'",
            f"SELECT * FROM glob('{tmp_path}/*')",
            f"SELECT * FROM read_text('{tmp_path}/secret.csv')",
            f"COPY files TO '{tmp_path}/taken.csv'",
            f"EXPORT DATABASE '{tmp_path}/taken'",
            f"ATTACH '{tmp_path}/new.db'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET memory_limit = '100GB'",
            "SET max_temp_directory_size = '100GB'",
            f"SET temp_directory = '{tmp_path}'",
        ):
            assert "cannot be read now" in refusal(engine.ask, query), query
    assert {file.name for file in tmp_path.iterdir()} == there


def test_visitors_of_one_table_share_its_limits_and_nothing_that_they_keep(
    house, tmp_path
):
    messy(200).to_csv(tmp_path / "a.csv", index=False)
    (one,) = house(entry(name="a", address=str(tmp_path / "a.csv"), memory="200MB"))
    mine, other = one.open(), one.open()
    problem = mine.pose(settings())
    assert "cannot be read now" in refusal(other.table.engine.ask, "FROM encoded0")
    query = "SELECT current_setting('temp_directory') AS folder"
    limits = {str(s.table.engine.ask(query)["folder"][0]) for s in (mine, other)}
    assert len(limits) == 1
    del mine, problem
    assert other.pose(settings()).n > 0


def test_the_sample_is_of_all_sides_of_the_split(house, tmp_path):
    n = 100_000
    table = pd.DataFrame({"x": range(n), "y": [i % 7 for i in range(n)]})
    table.to_parquet(tmp_path / "a.parquet")
    (one,) = house(entry(name="a", address=str(tmp_path / "a.parquet")))
    problem = one.open().pose(settings(test_share=0.25))
    design, sample = problem.design, 20_000
    for rows, part in (
        (design.rows, 0.5),
        (design.validation_rows, 0.25),
        (design.test_rows, 0.25),
    ):
        assert abs(len(rows) / sample - part) < 4 * (0.25 / sample) ** 0.5 + 0.01
    assert problem.n + problem.n_held_out + problem.n_locked == n

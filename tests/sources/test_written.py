"""What we ask, written by sqlglot for other engines, means what it means to DuckDB.

BigQuery is not read; that it writes % as a function shows how sqlglot takes our text.
"""

import pyarrow as pa
import pytest

from regcore.sources.duck import DuckDB
from tests.sources.tables import HOSTILE, connected, furthest, messy, settings

sqlglot = pytest.importorskip("sqlglot")


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A source, and for every query that it was asked what DuckDB found."""
    source = connected(tmp_path_factory.mktemp("written") / "messy", messy(200))
    found: dict[str, pa.Table] = {}

    def noted(name):
        real = getattr(DuckDB, name)

        def asks(self, *arguments):
            query = next(one for one in arguments if str(one).startswith("SELECT"))
            found[query] = answer(self, query)
            return real(self, *arguments)

        return asks

    with pytest.MonkeyPatch.context() as patch:
        # Then it is asked what all engines are.
        patch.setattr(DuckDB, "most_summed", 1000)
        for name in ("ask", "keep", "pieces"):
            patch.setattr(DuckDB, name, noted(name))
        features = [HOSTILE, "gaps", "grade", "when"]
        chosen = settings(key="letter", features=features, test_share=0.1)
        number = source.pose(chosen)
        classes = source.pose(settings(key="offset", target="flag", features=["gaps"]))
        assert len(list(classes.passes.stream("training"))) == 1
        # What was encoded is forgotten with its problem.
        assert number.n_locked
        yield source.table.engine, found
        assert classes.n_held_out


def answer(engine, query):
    """What is found, in an order that is the same however it is found."""
    return engine._connection.sql(f"FROM ({query}) ORDER BY ALL").to_arrow_table()


@pytest.mark.parametrize("dialect", ["spark", "bigquery"])
def test_every_query_comes_back_from_another_dialect_as_it_was(asked, dialect):
    engine, found = asked
    assert len(found) > 20
    for query, told in found.items():
        there = sqlglot.parse_one(query, read="duckdb").sql(dialect)
        back = sqlglot.parse_one(there, read=dialect).sql("duckdb")
        again = answer(engine, back)
        assert again.num_columns == told.num_columns
        for one, other in zip(again.columns, told.columns, strict=True):
            if pa.types.is_floating(other.type) or pa.types.is_integer(other.type):
                one, other = (c.to_pandas().astype(float) for c in (one, other))
                assert furthest(one, other) < 1e-12, query
            else:
                assert one.to_pylist() == other.to_pylist(), query

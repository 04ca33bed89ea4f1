"""The same text, written as Spark has it, gives the same answers on one core of it.

It is run where Java and the extra `spark` are installed, which `.ci/run` does not do.
"""

import os
import shutil
import warnings

import pytest

import regcore
from regcore import DesignError
from regcore.regularization_path import path_of
from tests.sources.tables import HOSTILE, furthest, messy, settings

if shutil.which("java") is None:
    pytest.skip("Java is not installed.", allow_module_level=True)
pytest.importorskip("sqlglot")
sql = pytest.importorskip("pyspark.sql")

CLOSE = 1e-10
NAME = "a\"b'; --`"
"""A name that quotes by both rules; its cells come several times."""

SMALL: dict[str, object] = {
    "spark.ui.enabled": "false",
    "spark.log.level": "OFF",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": 1,
    # To compile hundreds of sums takes it longer than to add up a few rows.
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@pytest.fixture(scope="module")
def session():
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = sql.SparkSession.builder.master("local[1]")
    for name, value in SMALL.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        # It says that it was not made for this pandas, of which we use nothing in it.
        warnings.simplefilter("ignore")
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def data():
    return messy(400).assign(id=range(400)).rename(columns={HOSTILE: NAME})


@pytest.fixture(scope="module")
def source(session, data, tmp_path_factory):
    file = str(tmp_path_factory.mktemp("spark") / "sales.parquet")
    data.to_parquet(file, coerce_timestamps="us")
    session.read.parquet(file).createOrReplaceTempView("sales")
    return regcore.connect(session, table="sales", key="id")


def test_a_table_of_spark_gives_what_it_gives_in_memory(source, data):
    chosen = settings(key="id", lam=3.0, dates="parts")
    engine, memory = (regcore.compare(rows, chosen) for rows in (source, data))
    assert engine.problem.design.ledger == memory.problem.design.ledger
    assert engine.problem.n == memory.problem.n
    for one, other in zip(engine.models, memory.models, strict=True):
        assert furthest(one.run.W, other.run.W) < CLOSE
        assert furthest(one.run.train_loss, other.run.train_loss) < CLOSE
        assert furthest(one.run.validation_loss, other.run.validation_loss) < CLOSE
        assert furthest(one.optimum.W, other.optimum.W) < CLOSE
    paths = [
        path_of(result.problem, chosen, 4, points=8, span=1e-2)
        for result in (engine, memory)
    ]
    for name, curve in paths[1].curves.items():
        assert furthest(paths[0].curves[name].W, curve.W) < CLOSE
        assert furthest(paths[0].curves[name].mean, curve.mean) < CLOSE


def test_classes_come_from_rows_that_spark_hands_over(source, data):
    chosen = settings(target="flag", lam=8.0, key="id", features=["x", "gaps"])
    engine, memory = (regcore.compare(rows, chosen) for rows in (source, data))
    for one, other in zip(engine.models, memory.models, strict=True):
        assert one.optimum.gap <= 1e-8
        assert furthest(one.run.W, other.run.W) < CLOSE


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"table": "nothing"}, "Spark cannot read that table: "),
        ({"table": "sales; DROP TABLE sales"}, "Spark cannot read that table: "),
        ({"table": "sales"}, "give a column of whole numbers that names them as `key`"),
        ({"table": "sales", "key": "x"}, "a column of whole numbers"),
        ({"table": "sales", "key": NAME}, "has 50 different numbers for 400 of them"),
    ],
)
def test_a_table_of_spark_that_is_not_there_is_refused(session, source, named, said):
    with pytest.raises(DesignError) as refused:
        regcore.connect(session, **named)
    assert said in str(refused.value)


def test_a_job_of_spark_that_nobody_waits_for_is_called_off(source):
    looks = iter([True, True])

    def tick():
        if not next(looks, False):
            raise KeyboardInterrupt

    long = "SELECT SUM(a.x * b.x * c.x * d.x) AS s FROM {0} a, {0} b, {0} c, {0} d"
    with pytest.raises(KeyboardInterrupt):
        source.table.engine.ask(long.format(source.table.engine.table), tick)
    assert source.table.engine.ask("SELECT 1 AS one")["one"][0].as_py() == 1

"""An address to a table behind an engine."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from regcore.model.blocks import Tick, no_tick
from regcore.settings import DesignError
from regcore.sources.source import Source
from regcore.words import listed, named

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from regcore.sources.duck import DuckDB
    from regcore.sources.postgres import PostgreSQL
    from regcore.sources.spark import Spark

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")

POSTGRES = ("postgres://", "postgresql://")
SPARK = "spark://"

WAREHOUSES = {
    "bigquery": ("BigQuery", "EXPORT DATA OPTIONS (format = 'PARQUET', …)"),
    "snowflake": ("Snowflake", "COPY INTO … FILE_FORMAT = (TYPE = PARQUET)"),
}
"""Names of schemes that are not read, and how a table leaves there; docs/scale.md says
why."""

INSTALL = "pip install 'regularization-on-your-data[tables]'"


def connect(
    where: "str | Path | SparkSession",
    *,
    table: str | None = None,
    key: str | None = None,
    columns: Sequence[str] | None = None,
    memory: str = "4GB",
    disk: str = "100GB",
    tick: Tick = no_tick,
) -> Source:
    """Return a table that need not fit into memory, for `compare` and others.

    Parameters
    ----------
    where : Parquet or CSV files on this machine: one, a pattern such as
        ``"sales/*.parquet"``, or a folder. They are read by DuckDB within this process,
        a CSV as DuckDB reads it and once; or ``"postgres://user@host/database"``; or a
        session of Spark, or ``"spark://host:7077"``
    table, key : of PostgreSQL and Spark: the table, and the column of whole numbers
        that names its rows, if that is not the primary key
    columns : those that are read, and no other can be reached; None for all
    memory, disk : the most that DuckDB may take; from the memory it goes to the disk
    tick : called every moment; what it raises ends the work

    Raises
    ------
    DesignError
        one sentence, if there is no such file, or nothing to read it with

    Examples
    --------
    >>> import regcore, tempfile, pandas as pd
    >>> folder = tempfile.TemporaryDirectory()
    >>> table = pd.DataFrame({"size": range(1, 99), "price": range(5, 299, 3)})
    >>> table.to_parquet(f"{folder.name}/houses.parquet")
    >>> source = connect(f"{folder.name}/*.parquet")
    >>> result = regcore.compare(source, regcore.Settings("price", split="hash"))
    >>> result.summary["nonzero"].tolist()
    [1, 1, 1]
    >>> folder.cleanup()
    """
    if not isinstance(where, str | Path) or str(where).startswith(SPARK):
        return Source(_spark(where, table, key, columns), tick)
    if str(where).startswith(POSTGRES):
        return Source(postgres(str(where), table, key, columns), tick)
    files = files_at(str(where))
    return Source(duck(files, columns, memory=memory, disk=disk, tick=tick), tick)


def duck(
    files: Sequence[Path],
    columns: Sequence[str] | None = None,
    *,
    memory: str,
    disk: str,
    tick: Tick = no_tick,
) -> "DuckDB":
    """Let DuckDB look at files; see `connect`."""
    try:
        from regcore.sources.duck import DuckDB
    except ImportError:
        raise DesignError(
            f"Tables behind an engine need DuckDB, which is not installed: {INSTALL}."
        ) from None
    kind = _kind(files)
    return DuckDB(files, kind, memory=memory, disk=disk, columns=columns, tick=tick)


def postgres(
    address: str,
    table: str | None,
    key: str | None = None,
    columns: Sequence[str] | None = None,
) -> "PostgreSQL":
    """Let PostgreSQL look at a table; see `connect`."""
    table = _given(table)
    try:
        from regcore.sources.postgres import PostgreSQL
    except ImportError:
        raise DesignError(
            "Tables of PostgreSQL need psycopg, which is not installed: "
            f"{INSTALL.replace('tables', 'postgres')}."
        ) from None
    return PostgreSQL(address, table, key, columns)


def _spark(
    where: "str | Path | SparkSession",
    table: str | None,
    key: str | None,
    columns: Sequence[str] | None,
) -> "Spark":
    """Let Spark look at a table; see `connect`."""
    table = _given(table)
    try:
        from regcore.sources.spark import Spark
    except ImportError:
        raise DesignError(
            "Tables of Spark need pyspark and sqlglot, which are not installed: "
            f"{INSTALL.replace('tables', 'spark')}."
        ) from None
    return Spark(where, table, key, columns)


def _given(table: str | None) -> str:
    if table is None:
        raise DesignError("Of a database one table is read; give its name as `table`.")
    return table


def files_at(where: str) -> list[Path]:
    """Return the files of an address, sorted by name."""
    scheme, elsewhere, _ = where.partition("://")
    if scheme in WAREHOUSES:
        name, way = WAREHOUSES[scheme]
        raise DesignError(
            f"Tables of {name} are not read where they are, for this was never run "
            f"there; export the table as Parquet by {named(way)} and connect the files."
        )
    if elsewhere:
        raise DesignError(
            f"What is behind {named(scheme + elsewhere)} cannot be read: this knows "
            "files of this machine, PostgreSQL and Spark; write the table as Parquet."
        )
    folder = Path(where)
    if folder.is_dir():
        found = [file for file in folder.iterdir() if _suffix(file) is not None]
    elif folder.is_file():
        found = [folder]
    else:
        root = Path(folder.anchor)
        found = list(root.glob(str(folder.relative_to(root))))
    files = sorted(file.resolve() for file in found if file.is_file())
    if not files:
        raise DesignError(
            f"There is no Parquet or CSV file at {named(where)}; name a file, a folder "
            "or a pattern such as «sales/*.parquet»."
        )
    return files


def _kind(files: Sequence[Path]) -> str:
    """Return what the files are: "parquet" or "csv".

    Raises
    ------
    DesignError
        if they are neither, or some of each
    """
    kinds = {file: _suffix(file) for file in files}
    others = [named(file.name) for file, kind in kinds.items() if kind is None]
    if others:
        raise DesignError(
            "Only Parquet and CSV files can be read where they are, and "
            f"{listed(others)} is neither by its name; name others, or write it as "
            "Parquet."
        )
    if len(set(kinds.values())) > 1:
        raise DesignError(
            "There are Parquet files and CSV files, which are not read as one table; "
            "name those of one kind."
        )
    return str(kinds[files[0]])


def _suffix(file: Path) -> str | None:
    name = file.name.lower()
    if name.endswith(PARQUET):
        return "parquet"
    return "csv" if name.endswith(CSV) else None

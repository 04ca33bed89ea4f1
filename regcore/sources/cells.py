"""What the cells of a column are to an engine, and how they are written in SQL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from regcore.design.buckets import Key, Sql, sql_of_number, sql_of_text, sql_of_whole
from regcore.sources.engine import identifier

Kind = Literal["number", "truth", "text", "moment"]

_NUMBER = "NULLIF(CAST({} AS DOUBLE PRECISION), CAST('NaN' AS DOUBLE PRECISION))"
_TEXT = "NULLIF(CAST({} AS VARCHAR), '')"
_ZONED = "({} AT TIME ZONE 'UTC')"
_MOMENT = "CAST({} AS TIMESTAMP)"

_WHOLE = ("UBIGINT", "HUGEINT", "UHUGEINT")
"""Whole numbers that are told apart as such, and are measured as all others."""

_KINDS: Mapping[str, tuple[Kind, str]] = {
    "TINYINT": ("number", "{}"),
    "SMALLINT": ("number", "{}"),
    "INT": ("number", "{}"),
    "INTEGER": ("number", "{}"),
    "BIGINT": ("number", "{}"),
    "UTINYINT": ("number", "{}"),
    "USMALLINT": ("number", "{}"),
    "UINTEGER": ("number", "{}"),
    "UBIGINT": ("number", _NUMBER),
    "HUGEINT": ("number", _NUMBER),
    "UHUGEINT": ("number", _NUMBER),
    "DECIMAL": ("number", _NUMBER),
    "NUMERIC": ("number", _NUMBER),
    "REAL": ("number", _NUMBER),
    "FLOAT": ("number", _NUMBER),
    "DOUBLE": ("number", _NUMBER),
    "DOUBLE PRECISION": ("number", _NUMBER),
    "BOOLEAN": ("truth", "{}"),
    "VARCHAR": ("text", _TEXT),
    "TEXT": ("text", _TEXT),
    "STRING": ("text", _TEXT),
    "CHARACTER": ("text", _TEXT),
    "CHARACTER VARYING": ("text", _TEXT),
    "ENUM": ("text", _TEXT),
    "UUID": ("text", _TEXT),
    "TIME": ("text", _TEXT),
    "TIME WITHOUT TIME ZONE": ("text", _TEXT),
    "DATE": ("moment", _MOMENT),
    "TIMESTAMP": ("moment", _MOMENT),
    "TIMESTAMP_S": ("moment", _MOMENT),
    "TIMESTAMP_MS": ("moment", _MOMENT),
    "TIMESTAMP_NS": ("moment", _MOMENT),
    "TIMESTAMP_NTZ": ("moment", _MOMENT),
    "TIMESTAMP WITHOUT TIME ZONE": ("moment", _MOMENT),
    "TIMESTAMP WITH TIME ZONE": ("moment", _ZONED),
}
"""By the SQL type without its brackets, as DuckDB, PostgreSQL and Spark call it."""

_PARTS: Mapping[str, str] = {
    "days": "FLOOR(EXTRACT(EPOCH FROM {}))",
    "year": "EXTRACT(YEAR FROM {})",
    "month": "EXTRACT(MONTH FROM {})",
    "day": "EXTRACT(DAY FROM {})",
    "weekday": "EXTRACT(ISODOW FROM {})",
    "hour": "EXTRACT(HOUR FROM {})",
}
"""Parts of a moment; of its days the seconds since 1970, until the first is known."""


@dataclass(frozen=True)
class Cells:
    """One column.

    Attributes
    ----------
    name : as the table calls it
    kind : what a cell is
    cell : the cell in SQL, of a row that is called t; NULL where it says nothing
    whole : whether all cells are whole numbers
    """

    name: str
    kind: Kind
    cell: str
    whole: bool

    def number(self) -> str:
        """The cell of a number, with double precision."""
        return f"CAST({self.cell} AS DOUBLE PRECISION)"

    @property
    def ordered(self) -> str:
        """The cell as one of which there is a least and a largest."""
        return f"CAST({self.cell} AS VARCHAR)" if self.kind == "truth" else self.cell

    def part(self, part: str) -> str:
        """A part of the cell of a moment, in double precision."""
        return f"CAST({_PARTS[part].format(self.cell)} AS DOUBLE PRECISION)"

    def key(self) -> Key[Sql]:
        """What this cell is as the key of its row; see `design.buckets`."""
        own = f"t.{identifier(self.name)}"
        if self.kind == "number":
            return sql_of_whole(own) if self.whole else sql_of_number(own)
        # A moment is named by the clock in Greenwich, wherever it was written.
        zoned = self.kind == "moment" and self.cell == _ZONED.format(own)
        return sql_of_text(f"CAST({self.cell if zoned else own} AS VARCHAR)")


def readable(types: Mapping[str, str]) -> Iterator[Cells]:
    """Yield the columns that hold one value a cell, of all columns' SQL types."""
    for name, written in types.items():
        bare = written.upper()
        if not bare.endswith("]"):
            head, _, tail = bare.partition("(")
            bare = head + tail.partition(")")[2]
        if bare in _KINDS:
            kind, form = _KINDS[bare]
            cell = form.format(f"t.{identifier(name)}")
            whole = kind == "number" and (form == "{}" or bare in _WHOLE)
            yield Cells(name, kind, cell, whole)

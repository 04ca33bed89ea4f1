"""What a comparison can do to take one of its models along, as its methods."""

from typing import Protocol

from regcore.export import json, sql
from regcore.export.fitted import FittedModel


class Result(Protocol):
    """What has fitted models by name: a `Comparison`."""

    def fitted(self, model: str = "L1", origin: str = "") -> FittedModel: ...  # noqa: D102


def to_json(result: Result, model: str = "L1") -> str:
    """Return one model as JSON, which `regcore.from_json` reads.

    Its predictions are then the same to the last bit; `regcore.export.json` describes
    the schema.

    Parameters
    ----------
    model : "none", "L1" or "L2"

    Examples
    --------
    >>> text = result.to_json("L2")
    >>> regcore.from_json(text).penalty
    'L2'
    """
    return json.to_json(result.fitted(model))


def to_sql(
    result: Result, model: str = "L1", dialect: str = "sqlite", table: str = "t"
) -> str:
    """Return one model as a SELECT that predicts every row of a table.

    Parameters
    ----------
    model : "none", "L1" or "L2"
    dialect, table : "sqlite" or "duckdb", and the name of the table, which holds what
        `FittedModel.cleaned` gives; see `regcore.export.to_sql`

    Examples
    --------
    >>> result.to_sql("L1", dialect="duckdb", table="houses").splitlines()[-1]
    'FROM "houses"'
    """
    return sql.to_sql(result.fitted(model), dialect, table)

"""What a comparison can do to take one of its models along, as its methods."""

from typing import Protocol

from regcore.export import json, python, r, spreadsheet, sql
from regcore.export.fitted import FittedModel


class Result(Protocol):
    """What has fitted models by name: a `Comparison`."""

    def fitted(self, model: str = "L1", origin: str = "") -> FittedModel:
        """See `Comparison.fitted`."""
        ...


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


def to_python(result: Result, model: str = "L1", refit: bool = False) -> str:
    """Return one model as a Python script for pandas and scikit-learn.

    Parameters
    ----------
    model : "none", "L1" or "L2"
    refit : fit it anew on the same rows and print both weights, instead of predicting
        with the weights found here

    Examples
    --------
    >>> script = result.to_python("L2", refit=True)
    >>> [line.strip() for line in script.splitlines() if "Ridge(" in line]
    ['model = Ridge(alpha=LAM)']
    """
    write = python.to_scikit_learn if refit else python.to_python
    return write(result.fitted(model))


def to_statsmodels(result: Result, model: str = "none") -> str:
    """Return a Python script that fits one model anew with statsmodels.

    Parameters
    ----------
    model : "none", "L1" or "L2"; of three and more classes "none" alone

    Examples
    --------
    >>> "sm.OLS(" in result.to_statsmodels("none")
    True
    """
    return python.to_statsmodels(result.fitted(model))


def to_r(result: Result, model: str = "L1") -> str:
    """Return one model as an R script that predicts, and fits it anew by glmnet or lm.

    Parameters
    ----------
    model : "none", "L1" or "L2"

    Examples
    --------
    >>> "alpha = 0, lambda = lam / n" in result.to_r("L2")
    True
    """
    return r.to_r(result.fitted(model))


def to_spreadsheet(result: Result, model: str = "L1") -> str:
    """Return one model as formulas of a spreadsheet, each with the cell for it.

    Parameters
    ----------
    model : "none", "L1" or "L2"

    Examples
    --------
    >>> print(result.to_spreadsheet("L1").splitlines()[-2])
    T1: prediction
    """
    return spreadsheet.to_spreadsheet(result.fitted(model))

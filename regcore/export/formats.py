"""All formats that a fitted model can be taken along in: what a page can list."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from regcore.export.fitted import FittedModel
from regcore.export.json import to_json
from regcore.export.python import (
    in_statsmodels,
    to_python,
    to_scikit_learn,
    to_statsmodels,
)
from regcore.export.r import to_r
from regcore.export.spreadsheet import to_spreadsheet
from regcore.export.sql import to_sql


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    title : what it is, for a list to choose from
    suffix : what its file's name ends with
    media_type : of its file
    render : the text of a model; raises `DesignError`, one sentence, where a name or a
        weight of this model cannot be written so
    has : whether there is such a text for a model at all
    cleaned : whether it reads the table that `FittedModel.cleaned` gives
    """

    title: str
    suffix: str
    media_type: str
    render: Callable[[FittedModel], str]
    has: Callable[[FittedModel], bool] = lambda model: True
    cleaned: bool = True

    def file_name(self, model: FittedModel) -> str:
        """Return a name for the file, in which nothing of the user's file stands."""
        penalty = {"none": "no-penalty"}.get(model.penalty, model.penalty)
        return f"model-{penalty}{self.suffix}"


def _knows_rows(model: FittedModel) -> bool:
    """Whether it is said which rows it was trained on, and so can be again."""
    return len(model.rows) > 0


FORMATS = (
    Format(
        "JSON, which regcore reads back",
        ".json",
        "application/json",
        to_json,
        cleaned=False,
    ),
    Format(
        "SQL for SQLite",
        ".sqlite.sql",
        "application/sql",
        partial(to_sql, dialect="sqlite"),
    ),
    Format(
        "SQL for DuckDB",
        ".duckdb.sql",
        "application/sql",
        partial(to_sql, dialect="duckdb"),
    ),
    Format(
        "Python: a scikit-learn pipeline of these weights",
        ".py",
        "text/x-python",
        to_python,
    ),
    Format(
        "Python: fit it anew with scikit-learn",
        "-scikit-learn.py",
        "text/x-python",
        to_scikit_learn,
        has=_knows_rows,
    ),
    Format(
        "Python: fit it anew with statsmodels",
        "-statsmodels.py",
        "text/x-python",
        to_statsmodels,
        has=lambda model: _knows_rows(model) and in_statsmodels(model),
    ),
    Format(
        "R: these weights, and fit it anew with glmnet or lm",
        ".R",
        "text/x-r-source",
        to_r,
        has=_knows_rows,
    ),
    Format(
        "Formulas for a spreadsheet, beside the file's own columns",
        "-spreadsheet.txt",
        "text/plain",
        to_spreadsheet,
        cleaned=False,
    ),
)
"""In the order in which to show them."""

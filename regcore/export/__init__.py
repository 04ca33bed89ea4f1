"""What leaves: tables as CSV, and a fitted model as a text that runs elsewhere."""

from regcore.export.csv import neutralise, to_csv
from regcore.export.fitted import FittedModel
from regcore.export.formats import FORMATS, Format
from regcore.export.json import from_json, to_json
from regcore.export.python import to_python, to_scikit_learn, to_statsmodels
from regcore.export.r import to_r
from regcore.export.spreadsheet import to_spreadsheet
from regcore.export.sql import to_sql

__all__ = [
    "FORMATS",
    "FittedModel",
    "Format",
    "from_json",
    "neutralise",
    "to_csv",
    "to_json",
    "to_python",
    "to_r",
    "to_scikit_learn",
    "to_spreadsheet",
    "to_sql",
    "to_statsmodels",
]

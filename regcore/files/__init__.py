"""What leaves, as files: tables, the settings, and the lines for a notebook.

One list, which the page draws and a notebook can go through: another file that leaves
is another line of it.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from regcore.export import to_csv
from regcore.files.pictures import lacking, picture_png, picture_svg
from regcore.files.reports import report
from regcore.files.saved import Saved, settings_from_json, settings_to_json
from regcore.files.script import notebook_lines
from regcore.files.source import Source
from regcore.files.tables import (
    coefficient_table,
    path_table,
    prediction_table,
    to_parquet,
    validation_table,
)
from regcore.questions.cards.headline import diverged

__all__ = ["FILES", "File", "Saved", "Source", "bundle", "settings_from_json"]

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
PNG, SVG = "image/png", "image/svg+xml"
JSON, PYTHON = "application/json", "text/x-python"


@dataclass(frozen=True)
class File:
    """One kind of file that leaves.

    Attributes
    ----------
    title : what it is called on the page
    ending : of its name, after what it speaks of
    media_type : of its bytes
    make : its bytes, given a source that `needs` nothing
    needs : what would have to be done first, one sentence; empty if nothing
    """

    title: str
    ending: str
    media_type: str
    make: Callable[[Source], bytes]
    needs: Callable[[Source], str] = lambda source: ""

    def name(self, source: Source) -> str:
        """Name the file after what it speaks of."""
        return f"{source.stem} {self.ending}"


def _csv(table: Callable[[Source], pd.DataFrame]) -> Callable[[Source], bytes]:
    return lambda source: to_csv(table(source))


def _path(source: Source) -> str:
    where = "Open «Along λ», where it is computed, and then this section again."
    return "" if source.path else where


def _trained(source: Source) -> str:
    return diverged(source.result)


def _rows(source: Source) -> str:
    elsewhere = (
        "Of this table only a sample is here; take the model as SQL, below, and let it "
        "predict where the rows are."
    )
    return _trained(source) or (elsewhere if source.elsewhere else "")


def _drawable(source: Source) -> str:
    return _trained(source) or lacking(source)


FILES: tuple[File, ...] = (
    File("Coefficients", "coefficients.csv", CSV, _csv(coefficient_table), _trained),
    File("Predictions", "predictions.csv", CSV, _csv(prediction_table), _rows),
    File(
        "Predictions, Parquet",
        "predictions.parquet",
        PARQUET,
        lambda source: to_parquet(prediction_table(source), source),
        _rows,
    ),
    File("History", "history.csv", CSV, _csv(lambda source: source.result.history)),
    File("Path", "path.csv", CSV, _csv(path_table), _path),
    File("Cross-validation", "validation.csv", CSV, _csv(validation_table), _path),
    File("Report", "report.html", "text/html", report, _drawable),
    File("Picture, PNG", "picture.png", PNG, picture_png, _drawable),
    File("Picture, SVG", "picture.svg", SVG, picture_svg, _drawable),
    File(
        "Settings",
        "settings.json",
        JSON,
        lambda source: settings_to_json(source).encode(),
    ),
    File(
        "The same from a notebook",
        "notebook.py",
        PYTHON,
        lambda source: notebook_lines(source).encode(),
    ),
)


def bundle(source: Source) -> bytes:
    """All of them in one archive, with the settings that they were made with."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in FILES:
            if not file.needs(source):
                archive.writestr(file.name(source), file.make(source))
    return whole.getvalue()

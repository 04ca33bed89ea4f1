"""A report: one HTML file with what the page shows, that needs no network."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypedDict

import pandas as pd
from markupsafe import Markup

from regcore.comparison import PENALTIES
from regcore.design.ledger import ledger_table
from regcore.drawing.paper import COLOURS, WHITE
from regcore.files.cards import TEMPLATES, comparison_html
from regcore.files.saved import settings_to_json
from regcore.files.script import notebook_lines
from regcore.files.source import Answer, Source
from regcore.files.vega import library
from regcore.questions.cards.chart import models_chart
from regcore.questions.cards.headline import headline
from regcore.questions.cards.words import TITLES, in_words
from regcore.questions.path import QUESTION as PATH
from regcore.questions.path.picture import path_picture
from regcore.questions.question import Figure, Panel, Part

LEDGER = ["column", "type", "role", "filled", "filled with", "what was done"]

DIGITS = 6
"""Figures of a number in a chart: more are not seen, and would double the file."""


class _Repeated(TypedDict):
    of: list[object]
    at: list[int]


@dataclass
class _Charts:
    """Specifications in the order in which they stand in the report."""

    specifications: list[dict[str, Any]] = field(default_factory=list)

    def place(self, figure: Figure) -> int:
        """Take a chart as wide as its place; its number is its place in the list."""
        made = dict(figure.chart.to_dict(validate=False))
        if not figure.own_width:
            made["width"] = "container"
            made["autosize"] = {"type": "fit", "contains": "padding"}
        return self.take(made)

    def take(self, specification: dict[str, Any]) -> int:
        """Take a specification as it is, but for its colours."""
        specification.pop("config", None)
        tables = specification.pop("datasets", {})
        specification["columns"] = {
            name: _columns(rows) for name, rows in tables.items()
        }
        self.specifications.append(specification)
        return len(self.specifications) - 1


def report(source: Source) -> bytes:
    """Write the report as HTML in UTF-8.

    It holds the headline, the three models, the words, the path where it was followed,
    the questions that were open, the ledger, and how to have the same again.
    """
    result, charts = source.result, _Charts()
    specification = models_chart(result).to_dict(validate=False)
    # The title stands above it already.
    three = charts.take({k: v for k, v in specification.items() if k != "title"})
    text = TEMPLATES.get_template("report.html").render(
        title=source.title,
        fingerprint=source.fingerprint,
        headline=headline(result),
        words=in_words(result),
        heads=Markup(comparison_html(result, titled=False)),
        three=three,
        answers=list(_answers(source)),
        charts=charts,
        titles=TITLES,
        colours=dict(zip(PENALTIES, COLOURS, strict=False)),
        html=_html,
        ledger=ledger_table(result.problem.design.ledger)[LEDGER],
        notes=result.problem.design.notes,
        settings=settings_to_json(source),
        lines=notebook_lines(source),
        config=WHITE,
        library=Markup(library()),
    )
    return text.encode()


def _answers(source: Source) -> Iterator[Answer]:
    """Those that were open, the path among them or before them."""
    path, result = source.path, source.result
    if path is not None and all(answer.key != PATH.key for answer in source.answers):
        figure = Figure(path_picture(path, result), "Weights and losses along λ")
        part = Part(panels=(Panel(figure),))
        yield Answer(PATH.key, PATH.title, PATH.subtitle, (part,))
    yield from source.answers


def _columns(rows: list[dict[str, object]]) -> dict[str, list[object] | _Repeated]:
    """Columns of a table, each name once; the browser makes rows of them again."""
    names = rows[0] if rows else {}
    return {name: _column([_short(row.get(name)) for row in rows]) for name in names}


def _column(values: list[object]) -> list[object] | _Repeated:
    """A column of few values as these, and where in it each stands."""
    of = {value: place for place, value in enumerate(dict.fromkeys(values))}
    # 1 is equal to True, which a browser does not take for it.
    if len(of) > len(values) / 4 or len({type(value) for value in values}) > 1:
        return values
    return {"of": list(of), "at": [of[value] for value in values]}


def _short(value: object) -> object:
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _html(table: pd.DataFrame) -> Markup:
    """A table whose names and cells are text."""
    return Markup(table.to_html(index=bool(table.index.name), border=0))

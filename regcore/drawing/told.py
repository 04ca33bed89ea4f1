"""What a pointer reads from a chart, as a table: for readers who have no pointer."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from regcore.drawing.picture import Picture
from regcore.words import figures

FIGURES = 4
"""Of a number in a table."""

Specification = Mapping[str, Any]

MODELS = {"penalty": "none", "model": "none"}
"""Fields of our own charts, and which of the three has another name in a sentence."""


def told_tables(picture: Picture) -> list[pd.DataFrame]:
    """Tables of a chart with their numbers as text, the first column as the index."""
    return [
        table.map(_written).set_index(table.columns[0])
        for table in told_numbers(picture)
    ]


def told_numbers(picture: Picture) -> list[pd.DataFrame]:
    """One table for each kind of tooltip in a chart, its columns titled as there."""
    if picture.numbers is not None:
        return list(picture.numbers())
    specification = picture.to_dict()
    told: dict[tuple[str, ...], pd.DataFrame] = {}
    for rows, shown in _marks(specification, specification, None):
        titles = {one["field"]: one.get("title", one["field"]) for one in shown}
        table = rows[[field for field in titles if field in rows]].dropna(how="all")
        table = table.replace(MODELS, "No penalty")
        # A name alone says nothing that the chart's own words do not.
        if len(table) and len(table.columns) > 1:
            table = table.drop_duplicates().rename(columns=titles)
            told.setdefault(tuple(table.columns), table)
    return list(told.values())


def _marks(
    part: Specification, whole: Specification, data: object
) -> Iterator[tuple[pd.DataFrame, list[Specification]]]:
    """The rows behind the marks that have tooltips, and what these show."""
    data = part.get("data", data)
    shown = part.get("encoding", {}).get("tooltip")
    if isinstance(shown, list) and isinstance(data, Mapping):
        rows = data.get("values", whole.get("datasets", {}).get(data.get("name")))
        if rows is not None:
            yield pd.DataFrame(rows), shown
    for kind in ("layer", "hconcat", "vconcat", "concat"):
        for inner in part.get(kind, ()):
            yield from _marks(inner, whole, data)


def _written(value: object) -> str:
    if isinstance(value, float):
        return "–" if pd.isna(value) else figures(value, FIGURES)
    return str(value)

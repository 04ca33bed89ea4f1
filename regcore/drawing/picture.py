"""A chart in two parts: what stays while the numbers move, and the numbers."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import altair as alt
import numpy as np
import pandas as pd
from altair.utils.schemapi import disable_debug_mode

from regcore.drawing import Chart
from regcore.drawing.paper import COLOURS
from regcore.model.losses import Array

Specification = Mapping[str, object]

Table = Mapping[str, Array]
"""Columns of one length; an array is in the browser sooner than a data frame."""


@dataclass(frozen=True)
class Picture:
    """A specification that names its tables, and the tables.

    A browser that is sent the same specification again moves the marks it has drawn;
    another one, and be it in one end of an axis, makes it build the whole chart anew.

    Attributes
    ----------
    specification : holds no number that the training decides
    tables : by the names that the specification knows them by
    numbers : makes the tables to be read, where the tooltips do not tell them
    width : in pixels, where no page gives it one
    """

    specification: Specification
    tables: Mapping[str, Table]
    numbers: Callable[[], Sequence[pd.DataFrame]] | None = None
    width: int = 860

    def to_dict(self, *, validate: bool = False) -> dict[str, object]:
        """Return the specification with its tables; there is none to hold it to."""
        tables = {
            name: pd.DataFrame(columns).to_dict("records")
            for name, columns in self.tables.items()
        }
        own = cast("Specification", self.specification.get("datasets", {}))
        return {**self.specification, "datasets": {**own, **tables}}

    def _repr_mimebundle_(self, *_: object, **__: object) -> object:
        """Draw it in a notebook as Altair draws its charts."""
        paper = {"config": {"range": {"category": list(COLOURS)}}, "width": self.width}
        draw = alt.renderers.get()
        return draw({**self.to_dict(), **paper}) if draw else {}


def build_unheld() -> None:
    """Let this process build charts without holding each piece to Altair's schema.

    That takes longer than the building, and the tests hold every chart to it.
    """
    disable_debug_mode()


_global = threading.Lock()
"""Altair's theme and transformer of data are those of all threads."""


def pictured(chart: Chart) -> Picture:
    """Take a chart apart: its tables get names by their order, whatever they hold.

    Altair names tables by what they hold. Nor is the chart held to the schema: that
    takes as long as everything else together, and the tests have done it.
    """
    names: dict[int, str] = {}
    tables: dict[str, Table] = {}

    def name(frame: Any, *_: Any) -> dict[str, str]:
        known = names.setdefault(id(frame), f"table {len(names)}")
        tables[known] = {column: frame[column].to_numpy() for column in frame}
        return {"name": known}

    with _global, alt.theme.enable("none"):
        alt.data_transformers.register("tables by order", name)
        with alt.data_transformers.enable("tables by order"):
            specification = chart.to_dict(validate=False)
    _lift_domains(specification, tables)
    return Picture(specification, tables)


def _lift_domains(specification: dict[str, Any], tables: dict[str, Table]) -> None:
    """Take the ends of axes that the numbers decide out of the specification."""
    layers = specification.get("layer", [])
    channels = [
        channel
        for layer in layers
        for channel in layer.get("encoding", {}).values()
        if isinstance(channel, dict)
    ]
    places: dict[tuple[float, float], int] = {}
    for channel in channels:
        scale = channel.get("scale") or {}
        # With zero left to Vega-Lite it would have to know the ends.
        if scale.get("zero") is False and "domain" in scale:
            place = places.setdefault(tuple(scale["domain"]), len(places))
            scale["domain"] = [
                {"expr": f"data('domains')[{place}].{end}"} for end in ("low", "high")
            ]
    if places:
        low, high = np.array(list(places), dtype=float).T
        tables["domains"] = {"low": low, "high": high}
        layers.append(_unseen("domains"))


def with_table(picture: Picture, name: str, table: Table) -> Picture:
    """Add a table that expressions of the chart read, and no mark."""
    specification = cast("dict[str, Any]", picture.specification)
    layers = [*specification["layer"], _unseen(name)]
    return replace(
        picture,
        specification={**specification, "layer": layers},
        tables={**picture.tables, name: table},
    )


def _unseen(table: str) -> dict[str, object]:
    """A layer without which the table would not be there for expressions."""
    unseen = {"type": "point", "opacity": 0, "size": 0}
    return {"data": {"name": table}, "mark": unseen}

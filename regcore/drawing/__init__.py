"""What the charts share: colours and shapes of the penalties, axes, marks, tooltips.

Names from the user's file are values, never fields; every field is named in the charts,
within its channel: of a text in the place of a channel Altair looks through all its
classes, which takes longer than the chart.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import altair as alt
import pandas as pd

from regcore.comparison import PENALTIES

SHAPES = ["circle", "square", "triangle-up"]
"""One shape a penalty, for readers and printers that do not see colours."""

GREY = "#808080"
"""Seen on light and on dark paper."""

CLICK = "at"
"""Name of the selection that a click makes; its field is `share`."""

FIRST = 20
"""Features drawn at most, as in the cards."""

NUMBER = ",.4~r"
"""A number in a tooltip, as `figures` writes it in a sentence."""

NUMBERS = alt.Config(
    numberFormat=",~r",
    locale=alt.Locale(
        number=alt.NumberLocale(
            decimal=".",
            thousands=",",
            grouping=[3],
            currency=["", ""],
            percent="\u00a0%",
            minus="−",
        )
    ),
)
"""Numbers of a chart as in the sentences beside it: 12,000, −0.5 and 25 %."""

NO_PENALTY = "datum.label === 'none' ? 'no penalty' : datum.label"
"""Vega's expression for what a legend calls the three models."""

AXIS_HEIGHT = 78
"""Pixels beside the rows for the axis."""

LEGEND_HEIGHT = 36


Domain = tuple[float, float]
Chart = alt.Chart | alt.LayerChart
V = TypeVar("V")


def penalty_legend(drawn: Sequence[str] = PENALTIES) -> alt.Legend:
    """Return the legend that colour and shape share, above the chart."""
    legend = alt.Legend(
        orient="top", symbolStrokeWidth=2, symbolOpacity=1, labelExpr=NO_PENALTY
    )
    if set(drawn) != set(PENALTIES):
        legend.values = list(drawn)
    return legend


def penalty_colour(
    *, legend: bool = True, drawn: Sequence[str] = PENALTIES
) -> alt.Color:
    """The colour of the field "penalty": its place among the theme's categories.

    Parameters
    ----------
    drawn : those that the legend names
    """
    return alt.Color(
        "penalty:N",
        title=None,
        scale=alt.Scale(domain=list(PENALTIES)),
        legend=penalty_legend(drawn) if legend else None,
    )


def colour(penalty: str) -> alt.Color:
    """One colour a penalty, everywhere: its place among the theme's categories."""
    if penalty not in PENALTIES:
        raise ValueError(f"There is no penalty {penalty!r}.")
    return penalty_colour(legend=False)


def penalty_shape(drawn: Sequence[str] = PENALTIES) -> alt.Shape:
    """The shape of the field "penalty"; merges with its colour into one legend."""
    return alt.Shape(
        "penalty:N",
        title=None,
        scale=alt.Scale(domain=list(PENALTIES), range=SHAPES),
        legend=penalty_legend(drawn),
    )


def penalty_offset() -> alt.YOffset:
    """Place the three penalties of a feature below each other, none at the top."""
    return alt.YOffset(
        "penalty:N", scale=alt.Scale(domain=list(PENALTIES), paddingOuter=0.4)
    )


def filled_or_hollow(
    marks: alt.Chart, field: str, values: pd.Series, sizes: tuple[int, int]
) -> list[alt.Chart]:
    """Points, those at exactly 0 hollow; only the kinds that there are.

    A layer without a row has no extent, of which Vega complains.
    """
    layers = []
    if (values != 0).any():
        layers.append(
            marks.transform_filter(f"datum.{field} !== 0").mark_point(
                filled=True, size=sizes[0], opacity=1
            )
        )
    if (values == 0).any():
        layers.append(
            marks.transform_filter(f"datum.{field} === 0").mark_point(
                filled=False, size=sizes[1], strokeWidth=1.5, opacity=1
            )
        )
    return layers


def zero_line(axis: str = "x", opacity: float = 1.0) -> alt.Chart:
    """A thin line at 0."""
    line: alt.Chart = alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(
        color=GREY, strokeWidth=1, opacity=opacity
    )
    if axis == "x":
        return line.encode(x=alt.X("at:Q"))
    return line.encode(y=alt.Y("at:Q"))


def dashed(field: str, dashes: Mapping[str, Sequence[int]]) -> alt.StrokeDash:
    """How lines are dashed, for readers and printers that do not see colours."""
    scale = alt.Scale(domain=list(dashes), range=list(dashes.values()))
    return alt.StrokeDash(f"{field}:N", scale=scale, legend=None)


def tooltip(field: str, title: str, format_: str | None = None) -> alt.Tooltip:
    """One line of a tooltip: a number with a format, or a name."""
    if format_ is None:
        return alt.Tooltip(field=field, type="nominal", title=title)
    return alt.Tooltip(field=field, type="quantitative", title=title, format=format_)


class _Layers(alt.LayerChart):
    """Layers without parameters, as they are.

    Altair's own copies each of them, whole and twice, when it is made and again when it
    is written: a fifth of what drawing all questions took.
    """

    def __init__(
        self, data: Any = alt.Undefined, layer: Sequence[Chart] = (), **rest: Any
    ) -> None:
        super(alt.LayerChart, self).__init__(data=data, layer=list(layer), **rest)


def layered(
    *layers: Chart, height: int, width: int | None = None, above: str = ""
) -> alt.LayerChart:
    """Draw one above the other, in pixels; without a width as wide as the place.

    Parameters
    ----------
    above : what the y axis measures: beside it there is no room on a phone
    """
    asked = any(layer.params is not alt.Undefined for layer in layers)
    made = alt.LayerChart if asked else _Layers
    chart = made(layer=list(layers), config=NUMBERS, height=height)
    if width is not None:
        chart.width = width
    if above:
        chart.title = alt.TitleParams(
            above, anchor="start", fontSize=12, fontWeight="normal", offset=6
        )
    return chart


def either(
    channel: Callable[..., V], condition: Mapping[str, object], yes: float, no: float
) -> V:
    """One value under a condition, and another for the rest.

    Of a condition without its channel Altair looks through all its classes.
    """
    return channel(no, condition={**condition, "value": yes})

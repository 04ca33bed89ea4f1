"""What the charts share: colours and shapes of the penalties, axes, marks, tooltips.

Names from the user's file are values, never fields; every field is named in the charts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import altair as alt
import pandas as pd

from regcore.comparison import PENALTIES

SHAPES = ["circle", "square", "triangle-up"]
"""One shape a penalty, for readers and printers that do not see colours."""

GREY = "#808080"
"""Seen on light and on dark paper."""

FAINT = 0.45
"""Opacity of lines without a name."""

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
Side = Literal["left", "right"]
V = TypeVar("V")


def penalty_legend(
    shown: bool = True, drawn: Sequence[str] = PENALTIES
) -> alt.Legend | None:
    """Return the legend that colour and shape share, above the chart."""
    if not shown:
        return None
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
        field="penalty",
        type="nominal",
        title=None,
        scale=alt.Scale(domain=list(PENALTIES)),
        legend=penalty_legend(legend, drawn),
    )


def colour(penalty: str) -> alt.Color:
    """One colour a penalty, everywhere: its place among the theme's categories."""
    if penalty not in PENALTIES:
        raise ValueError(f"There is no penalty {penalty!r}.")
    return penalty_colour(legend=False)


def penalty_shape(
    *, legend: bool = True, drawn: Sequence[str] = PENALTIES
) -> alt.Shape:
    """The shape of the field "penalty"; merges with its colour into one legend."""
    return alt.Shape(
        field="penalty",
        type="nominal",
        title=None,
        scale=alt.Scale(domain=list(PENALTIES), range=SHAPES),
        legend=penalty_legend(legend, drawn),
    )


def penalty_offset() -> alt.YOffset:
    """Place the three penalties of a feature below each other, none at the top."""
    return alt.YOffset(
        field="penalty",
        type="nominal",
        scale=alt.Scale(domain=list(PENALTIES), paddingOuter=0.4),
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


def zero_line(axis: str = "x") -> alt.Chart:
    """A thin line at 0."""
    at_zero = alt.InlineData(values=[{"at": 0}])
    rule: alt.Chart = alt.Chart(at_zero).mark_rule(color=GREY, strokeWidth=1)
    if axis == "x":
        return rule.encode(x=alt.X(field="at", type="quantitative"))
    return rule.encode(y=alt.Y(field="at", type="quantitative"))


def tooltip(field: str, title: str, format_: str | None = None) -> alt.Tooltip:
    """One line of a tooltip: a number with a format, or a name."""
    if format_ is None:
        return alt.Tooltip(field=field, type="nominal", title=title)
    return alt.Tooltip(field=field, type="quantitative", title=title, format=format_)


def heading(text: str, side: Side = "left") -> alt.TitleParams:
    """What the y axis measures, above it: beside it there is no room on a phone."""
    return alt.TitleParams(
        text,
        anchor="start" if side == "left" else "end",
        fontSize=12,
        fontWeight="normal",
        offset=6,
    )


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
    *layers: Chart,
    height: int | None = None,
    width: int | None = None,
    title: alt.TitleParams | None = None,
) -> alt.LayerChart:
    """Draw one above the other, in pixels; without a width as wide as the place."""
    asked = any(layer.params is not alt.Undefined for layer in layers)
    chart = (alt.LayerChart if asked else _Layers)(layer=list(layers), config=NUMBERS)
    if height is not None:
        chart.height = height
    if width is not None:
        chart.width = width
    if title is not None:
        chart.title = title
    return chart


def either(
    channel: Callable[..., V], condition: Mapping[str, object], yes: float, no: float
) -> V:
    """One value under a condition, and another for the rest.

    Of a condition without its channel Altair looks through all its classes.
    """
    return channel(no, condition={**condition, "value": yes})


def near_feature() -> alt.Parameter:
    """The line of a feature that is nearest to the pointer."""
    return alt.selection_point(
        name="near", fields=["feature"], on="pointerover", nearest=True, empty=False
    )


def emphasised(
    lines: alt.Chart, near: alt.Parameter, leading: Sequence[str]
) -> alt.Chart:
    """Lines of features: thick near the pointer, faint where they have no name."""
    named = alt.FieldOneOfPredicate(field="feature", oneOf=sorted(leading))
    return lines.encode(
        either(alt.StrokeWidthValue, {"param": near.name, "empty": False}, 4, 1.6),
        either(alt.OpacityValue, {"test": named}, 1, FAINT),
    )

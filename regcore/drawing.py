"""What the charts share: colours and shapes of the penalties, axes, feature rows.

Names from the user's file are values, never fields; every field is named in the charts.
"""

import altair as alt
import numpy as np
import pandas as pd

from regcore.compare import PENALTIES
from regcore.model.losses import Array

SHAPES = ["circle", "square", "triangle-up"]
"""One shape a penalty, for readers and printers that do not see colours."""

GREY = "#808080"
"""Seen on light and on dark paper."""

LABEL_PIXELS = 130

LONG_LABEL = "^(.{8}).{2,}(.{11})$"
"""More than 20 letters, of which the first and the last stay. A pattern, because to
slice would halve a letter that JavaScript counts as two."""

LONGEST = 18
"""Characters of a label beside a line; the full name is in the tooltip."""

FIRST = 20
"""Features drawn at most, as in the cards."""

AXIS_HEIGHT = 78
"""Pixels beside the rows for the axis."""

LEGEND_HEIGHT = 36


Domain = tuple[float, float]
Chart = alt.Chart | alt.LayerChart


def penalty_legend(shown: bool = True) -> alt.Legend | None:
    """Return the legend that colour and shape share, above the chart."""
    if not shown:
        return None
    return alt.Legend(orient="top", symbolStrokeWidth=2, symbolOpacity=1)


def penalty_colour(*, legend: bool = True) -> alt.Color:
    """The colour of the field "penalty": its place among the theme's categories."""
    return alt.Color(
        field="penalty",
        type="nominal",
        title=None,
        scale=alt.Scale(domain=list(PENALTIES)),
        legend=penalty_legend(legend),
    )


def colour(penalty: str) -> alt.Color:
    """One colour a penalty, everywhere: its place among the theme's categories."""
    if penalty not in PENALTIES:
        raise ValueError(f"There is no penalty {penalty!r}.")
    return penalty_colour(legend=False)


def coloured(marks: alt.Chart, penalty: str) -> alt.Chart:
    """In the colour of one penalty, which is no column of the data."""
    return marks.transform_calculate(penalty=f"'{penalty}'").encode(
        color=colour(penalty)
    )


def axis_end(end: str) -> alt.ExprRef:
    """Where an axis ends, from the data: the specification stays when it moves."""
    return alt.ExprRef(f"data('axes')[0].{end}")


def feature_axis() -> alt.Axis:
    """Every label is drawn.

    Long ones are cut in the middle: the levels of a category differ at the end.
    """
    return alt.Axis(
        labelLimit=LABEL_PIXELS,
        labelExpr=f"replace(datum.label, regexp('{LONG_LABEL}', 'us'), '$1…$2')",
        labelOverlap=False,
        labelBound=False,
        labelFlush=False,
        ticks=False,
        domain=False,
    )


def penalty_shape(*, legend: bool = True) -> alt.Shape:
    """The shape of the field "penalty"; merges with its colour into one legend."""
    return alt.Shape(
        field="penalty",
        type="nominal",
        title=None,
        scale=alt.Scale(domain=list(PENALTIES), range=SHAPES),
        legend=penalty_legend(legend),
    )


def penalty_offset() -> alt.YOffset:
    """Place the three penalties of a feature below each other, none at the top."""
    return alt.YOffset(
        field="penalty",
        type="nominal",
        scale=alt.Scale(domain=list(PENALTIES), paddingOuter=0.4),
    )


def feature_rows(field: str = "feature") -> alt.Y:
    """One line a feature, in the order of the data, every label drawn."""
    return alt.Y(
        field=field,
        type="nominal",
        sort=None,
        title=None,
        axis=feature_axis(),
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
    at_zero = alt.Data(values=[{"at": 0}])
    rule = alt.Chart(at_zero).mark_rule(color=GREY, strokeWidth=1)
    position = (
        alt.X(field="at", type="quantitative")
        if axis == "x"
        else alt.Y(field="at", type="quantitative")
    )
    return rule.encode(**{axis: position})


def tooltip(field: str, title: str, format_: str | None = None) -> alt.Tooltip:
    """One line of a tooltip: a number with a format, or a name."""
    if format_ is None:
        return alt.Tooltip(field=field, type="nominal", title=title)
    return alt.Tooltip(field=field, type="quantitative", title=title, format=format_)


def shortened(name: str, longest: int = LONGEST) -> str:
    """Cut in the middle, so that the levels of one category can still be told apart."""
    if len(name) <= longest:
        return name
    tail = (longest - 1) // 2
    return f"{name[: longest - 1 - tail]}…{name[-tail:]}"


def spread(places: Array, least: float, low: float, high: float) -> Array:
    """Move places apart until neighbours are `least` apart, each as little as possible.

    Least squares under the order: with the gaps taken off, that is the nearest rising
    sequence, found by pooling neighbours that are out of order.

    Parameters
    ----------
    places : (m,), in any order; the result keeps it
    low, high : where they must stay; if there is no room, they are spaced evenly

    References
    ----------
    Ayer et al. (1955), pool adjacent violators.
    """
    m = len(places)
    if m < 2:
        return np.clip(places, low, high)
    least = min(least, (high - low) / (m - 1))
    order = np.argsort(places, kind="stable")
    gaps = least * np.arange(m)
    pools: list[list[float]] = []
    for value in np.asarray(places, dtype=float)[order] - gaps:
        pools.append([value, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, count = pools.pop()
            mean, before = pools.pop()
            total = count + before
            pools.append([(mean * before + value * count) / total, total])
    rising = np.concatenate([np.full(int(count), mean) for mean, count in pools])
    moved = np.empty(m)
    moved[order] = np.clip(rising, low, high - gaps[-1]) + gaps
    return moved

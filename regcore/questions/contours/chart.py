"""Two weights, seen from above → Altair, one picture a penalty."""

from typing import TypeVar

import altair as alt
import pandas as pd

from regcore.drawing import (
    GREY,
    NUMBER,
    colour,
    either,
    heading,
    layered,
    tooltip,
)
from regcore.questions.contours.answer import Square, View

Channel = TypeVar("Channel", alt.X, alt.Y)

WIDTH, HEIGHT = 296, 308
"""Pixels with the axes, so that the plot is square: a third of a page, or a phone's."""

THROUGH = {"test": "datum.through"}
"""The contour through the solution."""


def picture(view: View, square: Square, titles: tuple[str, str]) -> alt.LayerChart:
    """Contours in grey, the penalty's shape, the way down, and the solution.

    Parameters
    ----------
    titles : of the two axes
    """
    x = _axis(alt.X, "x", square.x, titles[0])
    y = _axis(alt.Y, "y", square.y, None)
    order = alt.Order(field="order", type="quantitative")
    rings = alt.Chart(view.contours.assign(through=view.contours["ring"] == 0))
    contours = rings.mark_line(color=GREY, clip=True).encode(
        x=x,
        y=y,
        order=order,
        detail=alt.Detail(field="ring", type="nominal"),
        strokeWidth=either(alt.StrokeWidthValue, THROUGH, 2.2, 0.9),
        opacity=either(alt.OpacityValue, THROUGH, 1.0, 0.55),
    )
    hover = rings.mark_point(opacity=0, size=60, clip=True).encode(
        x=x,
        y=y,
        tooltip=[tooltip("level", "Loss", NUMBER)],
    )
    axes = [
        alt.Chart(pd.DataFrame({"x": [0.0]}))
        .mark_rule(color=GREY, opacity=0.4)
        .encode(x=x),
        alt.Chart(pd.DataFrame({"y": [0.0]}))
        .mark_rule(color=GREY, opacity=0.4)
        .encode(y=y),
    ]
    shape = (
        alt.Chart(view.shape.assign(penalty=view.penalty))
        .mark_line(strokeWidth=1.5, strokeDash=[5, 3], clip=True)
        .encode(x=x, y=y, order=order, color=colour(view.penalty))
    )
    way = alt.Chart(view.descent.assign(penalty=view.penalty)).encode(
        x=x,
        y=y,
        color=colour(view.penalty),
        order=alt.Order(field="epoch", type="quantitative"),
    )
    shown = [
        tooltip("epoch", "Epoch", ","),
        tooltip("x", "Across", NUMBER),
        tooltip("y", "Up", NUMBER),
    ]
    end = pd.DataFrame(
        {
            "x": [view.solution[0]],
            "y": [view.solution[1]],
            "penalty": view.penalty,
        }
    )
    solution = (
        alt.Chart(end)
        .mark_point(shape="diamond", size=110, filled=False, strokeWidth=2.5, opacity=1)
        .encode(x=x, y=y, color=colour(view.penalty), tooltip=shown[1:])
    )
    return layered(
        *axes,
        contours,
        hover,
        shape,
        way.mark_line(strokeWidth=2, clip=True),
        way.mark_point(size=18, filled=True, opacity=1, clip=True).encode(
            tooltip=shown
        ),
        solution,
        width=WIDTH,
        height=HEIGHT,
        title=heading(titles[1]),
    )


def _axis(
    channel: type[Channel], field: str, domain: tuple[float, float], title: str | None
) -> Channel:
    return channel(
        field=field,
        type="quantitative",
        title=title,
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(tickCount=4, grid=False),
    )

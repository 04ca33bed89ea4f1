"""Two weights, seen from above → Altair, one picture a penalty."""

from typing import TypeVar

import altair as alt
import pandas as pd

from regcore.drawing import GREY, NUMBER, colour, either, layered, tooltip, zero_line
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
    order = alt.Order("order:Q")
    rings = alt.Chart(view.contours.assign(through=view.contours["ring"] == 0))
    contours = rings.mark_line(color=GREY, clip=True).encode(
        x=x,
        y=y,
        order=order,
        detail=alt.Detail("ring:N"),
        strokeWidth=either(alt.StrokeWidthValue, THROUGH, 2.2, 0.9),
        opacity=either(alt.OpacityValue, THROUGH, 1.0, 0.55),
    )
    hover = rings.mark_point(opacity=0, size=60, clip=True).encode(
        x=x, y=y, tooltip=[tooltip("level", "Loss", NUMBER)]
    )

    def own(frame: pd.DataFrame) -> alt.Chart:
        chart: alt.Chart = alt.Chart(frame.assign(penalty=view.penalty))
        return chart.encode(x=x, y=y, color=colour(view.penalty))

    shape = own(view.shape).mark_line(strokeWidth=1.5, strokeDash=[5, 3], clip=True)
    way = own(view.descent).encode(order=alt.Order("epoch:Q"))
    shown = [
        tooltip("epoch", "Epoch", ","),
        tooltip("x", "Across", NUMBER),
        tooltip("y", "Up", NUMBER),
    ]
    dots = way.mark_point(size=18, filled=True, opacity=1, clip=True)
    solution = own(pd.DataFrame([view.solution], columns=["x", "y"])).mark_point(
        shape="diamond", size=110, filled=False, strokeWidth=2.5, opacity=1
    )
    return layered(
        zero_line("x", 0.4),
        zero_line("y", 0.4),
        contours,
        hover,
        shape.encode(order=order),
        way.mark_line(strokeWidth=2, clip=True),
        dots.encode(tooltip=shown),
        solution.encode(tooltip=shown[1:]),
        width=WIDTH,
        height=HEIGHT,
        above=titles[1],
    )


def _axis(
    channel: type[Channel], field: str, domain: tuple[float, float], title: str | None
) -> Channel:
    return channel(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(tickCount=4, grid=False),
    )

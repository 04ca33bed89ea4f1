"""What a penalty takes off a weight, against that weight → Altair."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import (
    NUMBER,
    layered,
    penalty_colour,
    penalty_shape,
    tooltip,
    zero_line,
)
from regcore.questions.update.answer import Update

HEIGHT = 300

DASHES = [[2, 2], [1, 0], [7, 3]]


def penalty_parts(curves: pd.DataFrame, updates: Sequence[Update]) -> alt.LayerChart:
    """Penalty part of a step against the weight; a mark where each of the three is.

    Parameters
    ----------
    curves : of `penalty_curves`
    """
    scale, axis = alt.Scale(nice=False, zero=True), alt.Axis(tickCount=5)
    # No number across an end: the plot would be as much narrower as it is wide.
    across = alt.Axis(tickCount=5, labelFlush=20)
    x = alt.X("weight:Q", title="Weight per SD", scale=scale, axis=across)
    y = alt.Y("part:Q", title=None, scale=scale, axis=axis)
    marks = pd.DataFrame(
        {
            "penalty": [update.penalty for update in updates],
            "weight": [update.acts_on for update in updates],
            "part": [update.penalty_part for update in updates],
        }
    )
    lines = [
        alt.Chart(curves[curves["penalty"] == name])
        .mark_line(strokeWidth=2, strokeDash=dash)
        .encode(x=x, y=y, color=penalty_colour())
        for name, dash in zip(PENALTIES, DASHES, strict=True)
    ]
    points = (
        alt.Chart(marks)
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            color=penalty_colour(),
            shape=penalty_shape(),
            tooltip=[
                tooltip("penalty", "Penalty"),
                tooltip("weight", "Weight", NUMBER),
                tooltip("part", "Taken off", NUMBER),
            ],
        )
    )
    return layered(
        zero_line(opacity=0.5),
        *lines,
        points,
        height=HEIGHT,
        above="Penalty part of the step",
    )

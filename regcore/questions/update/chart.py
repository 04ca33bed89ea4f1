"""What a penalty takes off a weight, against that weight → Altair."""

from collections.abc import Sequence
from typing import TypeVar

import altair as alt
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import GREY, NO_PENALTY, NUMBER, heading, layered, tooltip
from regcore.questions.update.answer import Update

Channel = TypeVar("Channel", alt.X, alt.Y)

HEIGHT = 300

SHAPES = ["circle", "square", "diamond"]
DASHES = [[2, 2], [1, 0], [7, 3]]


def penalty_parts(curves: pd.DataFrame, updates: Sequence[Update]) -> alt.LayerChart:
    """Penalty part of a step against the weight; a mark where each of the three is.

    Parameters
    ----------
    curves : of `penalty_curves`
    """
    names = list(PENALTIES)
    legend = alt.Legend(
        orient="top",
        title=None,
        labelExpr=NO_PENALTY,
    )
    colours = alt.Color(
        field="penalty",
        type="nominal",
        sort=names,
        title=None,
        scale=alt.Scale(domain=names),
        legend=legend,
    )
    marks = pd.DataFrame(
        {
            "penalty": [update.penalty for update in updates],
            "weight": [update.acts_on for update in updates],
            "part": [update.penalty_part for update in updates],
        }
    )
    zero = alt.Chart(pd.DataFrame({"weight": [0.0]})).mark_rule(color=GREY, opacity=0.5)
    lines = [
        alt.Chart(curves[curves["penalty"] == name])
        .mark_line(strokeWidth=2, strokeDash=dash)
        .encode(
            x=_axis(alt.X, "weight", "Weight per SD"),
            y=_axis(alt.Y, "part", None),
            color=colours,
        )
        for name, dash in zip(names, DASHES, strict=True)
    ]
    points = (
        alt.Chart(marks)
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            x=_axis(alt.X, "weight", "Weight per SD"),
            y=_axis(alt.Y, "part", None),
            color=colours,
            shape=alt.Shape(
                field="penalty",
                type="nominal",
                sort=names,
                title=None,
                scale=alt.Scale(domain=names, range=SHAPES),
                legend=legend,
            ),
            tooltip=[
                tooltip("penalty", "Penalty"),
                tooltip("weight", "Weight", NUMBER),
                tooltip("part", "Taken off", NUMBER),
            ],
        )
    )
    return layered(
        zero.encode(x=_axis(alt.X, "weight", "Weight per SD")),
        *lines,
        points,
        height=HEIGHT,
        title=heading("Penalty part of the step"),
    )


def _axis(channel: type[Channel], field: str, title: str | None) -> Channel:
    return channel(
        field=field,
        type="quantitative",
        title=title,
        scale=alt.Scale(nice=False, zero=True),
        axis=alt.Axis(tickCount=5),
    )

"""Shrunken and refitted weights → Altair."""

import altair as alt
import numpy as np
import pandas as pd

from regcore.drawing import (
    AXIS_HEIGHT,
    FIRST,
    GREY,
    LEGEND_HEIGHT,
    NUMBER,
    filled_or_hollow,
    layered,
    penalty_colour,
    tooltip,
    zero_line,
)
from regcore.drawing.names import feature_rows, with_rows
from regcore.questions.refit.answer import Refit

ROW = 26
"""Pixels a feature."""

SHRUNKEN, REFITTED = "L1, shrunken", "refitted"


def refitted_weights(found: Refit, output: str = "") -> alt.LayerChart:
    """Each kept feature's weight under L1 and refitted, joined by a line."""
    weights = found.table
    if output:
        rows = weights.index.get_level_values("class") == output
        weights = weights[rows].droplevel("class")
    weights = with_rows(weights.head(FIRST).reset_index(), weights.index)
    pairs = weights.rename(columns={"L1": "shrunken"})
    points = pd.concat(
        [
            pairs.assign(weight=pairs["shrunken"], model=SHRUNKEN, penalty="L1"),
            pairs.assign(weight=pairs["refitted"], model=REFITTED, penalty="none"),
        ]
    )
    points = points[np.isfinite(points["weight"])]
    pairs = pairs[np.isfinite(pairs["refitted"])].assign(penalty="none")
    shown = [
        tooltip("feature", "Feature"),
        tooltip("shrunken", "L1, shrunken", f"+{NUMBER}"),
        tooltip("refitted", "Refitted", f"+{NUMBER}"),
    ]
    weight = alt.X(
        "weight:Q", title="Weight per SD, at the optimum", axis=alt.Axis(tickCount=5)
    )
    joins = (
        alt.Chart(pairs)
        .mark_rule(strokeWidth=2, opacity=0.6)
        .encode(
            y=feature_rows(),
            x=alt.X("shrunken:Q"),
            x2=alt.X2(field="refitted"),
            color=penalty_colour(legend=False),
            tooltip=shown,
        )
    )
    shapes = alt.Shape(
        "model:N",
        title=None,
        scale=alt.Scale(domain=[SHRUNKEN, REFITTED], range=["square", "diamond"]),
        legend=alt.Legend(
            orient="top",
            symbolFillColor=GREY,
            symbolStrokeColor=GREY,
            symbolSize=90,
            labelLimit=200,
        ),
    )
    marks = alt.Chart(points).encode(
        y=feature_rows(),
        x=weight,
        color=penalty_colour(legend=False),
        shape=shapes,
        tooltip=shown,
    )
    # With several classes, one may have a zero where another keeps the feature.
    heads = filled_or_hollow(marks, "weight", points["weight"], (90, 60))
    height = ROW * len(weights) + AXIS_HEIGHT + LEGEND_HEIGHT
    return layered(zero_line(), joins, *heads, height=height)

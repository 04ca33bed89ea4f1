"""What L1 dropped, and groups of correlated features → Altair."""

from typing import Literal

import altair as alt
import numpy as np

from regcore.comparison import PENALTIES
from regcore.drawing import (
    AXIS_HEIGHT,
    FIRST,
    GREY,
    LEGEND_HEIGHT,
    NUMBER,
    filled_or_hollow,
    layered,
    penalty_colour,
    penalty_offset,
    penalty_shape,
    tooltip,
    zero_line,
)
from regcore.drawing.names import feature_rows, short_names, with_rows
from regcore.questions.dropped.answer import FULL, Dropped
from regcore.questions.dropped.groups import Group
from regcore.words import correlation

ROW = 44
"""Pixels a feature: a bar, and a line of text below it."""

BARE_ROW = 24
"""Where no feature has a stand-in."""

GROUP_ROW = 40


BESIDE: dict[str, tuple[Literal["left", "right"], int]] = {
    ">": ("left", 9),
    "<": ("right", -9),
}
"""How a word stands beside a weight above and below 0: aligned, and how far off."""

ALIKE = 0.3
"""Correlation below which a chart names no stand-in: none is like the feature."""


def slope_bars(found: Dropped) -> alt.LayerChart:
    """Slope of every dropped feature as a share of the threshold, and its stand-in."""
    every = [*found.table["feature"], *found.table["stand_in"]]
    table = with_rows(found.table.head(FIRST), every)
    table["penalty"] = "L1"
    table["threshold"] = found.threshold
    short = short_names(every)
    stand_ins = table["stand_in"].map(short)
    closest = zip(stand_ins, table["correlation"], table["shared"], strict=True)
    table["relative"] = [_relative(*figures) for figures in closest]
    table["together"] = [
        "too few rows" if np.isnan(shared) else correlation(shared)
        for shared in table["shared"]
    ]
    shown = [
        tooltip("feature", "Feature"),
        tooltip("slope", "Correlation with the residual, |x·r|/n", NUMBER),
        tooltip("threshold", "Threshold λ/n", NUMBER),
        tooltip("share", "Share of the threshold", ".3~p"),
        tooltip("stand_in", "Most correlated kept feature"),
        tooltip("correlation", "Correlation with it", "+.2f"),
        tooltip("together", "R² on all kept features"),
    ]
    share = alt.X(
        "share:Q",
        title="Correlation, share of λ/n",
        scale=alt.Scale(domain=[0, 1.02], nice=False),
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], grid=False),
    )
    base = alt.Chart(table.drop(columns="made_of")).encode(
        y=feature_rows(), tooltip=shown
    )
    some = (table["relative"] != "").any()
    bars = base.mark_bar(size=12, yOffset=-9 if some else 0).encode(
        x=share, color=penalty_colour(legend=False)
    )
    relatives = base.mark_text(
        x=0, align="left", dx=3, dy=9, color=GREY, fontSize=12, limit=260
    ).encode(text=alt.Text("relative:N"))
    limit = (
        alt.Chart(alt.InlineData(values=[{"at": 1.0}]))
        .mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=alt.X("at:Q"))
    )
    everywhere = base.mark_rect(opacity=0)
    height = (ROW if some else BARE_ROW) * len(table) + AXIS_HEIGHT
    return layered(bars, limit, relatives, everywhere, height=height)


def _relative(stand_in: str, r: float, shared: float) -> str:
    """The kept feature that is most like a dropped one, or all where only they are."""
    if shared >= FULL > r**2:
        return f"→ all kept together, R² = {correlation(shared)}"
    return f"→ {stand_in}, r = {correlation(r, '+')}" if abs(r) >= ALIKE else ""


def group_weights(group: Group) -> alt.LayerChart:
    """Weights of one group's members under the three penalties; flips marked."""
    weights, flips = (
        of.head(FIRST).reset_index().melt("feature", var_name="penalty")
        for of in (group.weights, group.flips)
    )
    table = weights.rename(columns={"value": "weight"}).assign(flipped=flips["value"])
    table["note"] = ["other sign" if flip else "" for flip in table["flipped"]]
    table = with_rows(table).dropna(subset="weight")
    drawn = [name for name in PENALTIES if (table["penalty"] == name).any()]
    weight = alt.X(
        "weight:Q", title="Weight per SD, at the optimum", axis=alt.Axis(tickCount=5)
    )
    base = alt.Chart(table).encode(
        y=feature_rows(),
        yOffset=penalty_offset(),
        color=penalty_colour(drawn=drawn),
        tooltip=[
            tooltip("feature", "Feature"),
            tooltip("penalty", "Penalty"),
            tooltip("weight", "Weight", f"+{NUMBER}"),
            tooltip("note", "Against no penalty"),
        ],
    )
    stems = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=weight, x2=alt.X2(datum=0)
    )
    heads = base.encode(x=weight, shape=penalty_shape(drawn))
    layers = [zero_line(), stems]
    layers += filled_or_hollow(heads, "weight", table["weight"], (60, 40))
    if table["flipped"].any():
        # Away from zero, whose line would go through the word.
        layers += [
            base.transform_filter(f"datum.flipped && datum.weight {side} 0")
            .mark_text(
                text="flipped", fontSize=11, baseline="middle", align=align, dx=dx
            )
            .encode(x=weight)
            for side, (align, dx) in BESIDE.items()
            if (table["flipped"] & (table["weight"] > 0).eq(side == ">")).any()
        ]
    height = GROUP_ROW * len(group.features[:FIRST]) + AXIS_HEIGHT + LEGEND_HEIGHT
    return layered(*layers, height=height)

"""Half-samples and repeated splits → Altair."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

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
from regcore.drawing.names import feature_rows, with_rows
from regcore.model.losses import Array
from regcore.questions.trust.half_samples import TRUSTED, Stability
from regcore.questions.trust.repeated_splits import HIGH, LOW, Splits
from regcore.trained import CALLED
from regcore.words import share as share_of_one

ROW = 32
"""Pixels a feature: three lines and a gap."""

SPLIT_ROW = 62


def kept_bars(stability: Stability, output: str = "") -> alt.LayerChart:
    """How often L1 keeps each feature, split by the sign it then has."""
    table = _first(stability, output)
    table = table[table["penalty"] == "L1"]
    usual = table["same_sign"].fillna(1.0)
    signs = {"usual sign": usual, "other": 1.0 - usual}
    label = [share_of_one(kept) for kept in table["kept"]]
    parts = [
        table.assign(share=table["kept"] * share, sign=sign, part=part, label=label)
        for part, (sign, share) in enumerate(signs.items())
    ]
    unseen = ["class", "one_sign", "low", "median", "high", "all_rows"]
    data = pd.concat(parts).drop(columns=unseen)
    opacity = alt.Opacity(
        "sign:O",
        sort=list(signs),
        title=None,
        scale=alt.Scale(domain=list(signs), range=[1.0, 0.35]),
        legend=alt.Legend(orient="top", symbolFillColor=GREY, symbolStrokeWidth=0),
    )
    shares = alt.X(
        "share:Q",
        stack="zero",
        title="Kept by L1, share of the halves",
        # Room beyond 100 % for the figure at the end of the bar.
        scale=alt.Scale(domain=[0, 1.15], nice=False),
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    shown = [
        tooltip("feature", "Feature"),
        tooltip("kept", "Kept by L1", ".0%"),
        tooltip("same_sign", "With the usual sign", ".0%"),
    ]
    base = alt.Chart(data).encode(y=feature_rows(), tooltip=shown)
    bars = base.mark_bar(size=16).encode(
        x=shares,
        color=penalty_colour(legend=False),
        opacity=opacity,
        order=alt.Order("part:Q"),
    )
    figures = (
        base.transform_filter("datum.sign === 'usual sign'")
        .mark_text(align="left", dx=5, color=GREY, fontSize=12)
        .encode(x=alt.X("kept:Q"), text=alt.Text("label:N"))
    )
    trusted = (
        alt.Chart(alt.InlineData(values=[{"at": TRUSTED}]))
        .mark_rule(color=GREY, strokeDash=[4, 3])
        .encode(x=alt.X("at:Q"))
    )
    height = ROW * len(table) + AXIS_HEIGHT + LEGEND_HEIGHT
    return layered(bars, trusted, figures, height=height)


def weight_spread(stability: Stability, output: str = "") -> alt.LayerChart:
    """Median and 10 to 90 % of every weight over the halves, the three penalties."""
    table = _first(stability, output)
    table = table[np.isfinite(table["median"])].drop(columns="class")
    features = table["feature"].nunique()
    drawn = [name for name in PENALTIES if (table["penalty"] == name).any()]
    weights = alt.X("low:Q", title="Weight per SD", axis=alt.Axis(tickCount=5))
    shown = [
        tooltip("feature", "Feature"),
        tooltip("penalty", "Penalty"),
        tooltip("low", "10 %", NUMBER),
        tooltip("median", "Median", NUMBER),
        tooltip("high", "90 %", NUMBER),
        tooltip("all_rows", "On all rows", NUMBER),
    ]
    base = alt.Chart(table).encode(
        y=feature_rows(), yOffset=penalty_offset(), tooltip=shown
    )
    ranges = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=weights, x2=alt.X2(field="high"), color=penalty_colour(drawn=drawn)
    )
    medians = base.encode(
        x=alt.X("median:Q"),
        color=penalty_colour(drawn=drawn),
        shape=penalty_shape(drawn),
    )
    heads = filled_or_hollow(medians, "median", table["median"], (45, 35))
    height = ROW * features + AXIS_HEIGHT + LEGEND_HEIGHT
    return layered(zero_line(), ranges, *heads, height=height)


def split_losses(splits: Splits) -> alt.LayerChart:
    """Held-out loss of every split: the constant and the three models, from 0 on."""
    names = splits.task.constant.split()[0], *PENALTIES
    losses = zip(names, splits.loss, strict=True)
    values = {name: loss for name, loss in losses if np.isfinite(loss).any()}
    bars = [np.nanquantile(loss, [LOW, 0.5, HIGH]) for loss in values.values()]
    return _strips(values, bars, "Held-out loss")


def split_differences(splits: Splits, base: str = "none") -> alt.LayerChart:
    """Difference in held-out loss to the base, split by split, in per cent of it."""
    pairs = {
        name: paired
        for name in PENALTIES
        if name != base and (paired := splits.paired(name, base))
    }
    values = {name: splits.differences(name, base) for name in pairs}
    bars = [(paired.low, paired.median, paired.high) for paired in pairs.values()]
    return _strips(values, bars, f"Held-out loss against {CALLED[base]}", "\u00a0%")


def _strips(
    values: dict[str, Array],
    bars: Sequence[Sequence[float]],
    title: str,
    unit: str = "",
) -> alt.LayerChart:
    """One line a model: the bar and its median above, one dot a split below."""
    names = [CALLED.get(name, name) for name in values]
    dots, spread = [], []
    for place, (name, numbers) in enumerate(values.items()):
        # The constant has no penalty either; its line says which is which.
        common = {"model": name, "penalty": name if name in PENALTIES else "none"}
        splits = np.arange(len(numbers))
        # Golden steps spread neighbours; the same split has the same height.
        heights = place + 0.05 + 0.3 * (splits * 0.618 % 1.0)
        columns = {"split": splits + 1, "value": numbers, "at": heights}
        dots.append(pd.DataFrame(columns).assign(**common))
        ends = dict(zip(("low", "median", "high"), bars[place], strict=True))
        spread.append(common | ends | {"at": place - 0.15})
    lines = alt.Y(
        "at:Q",
        title=None,
        scale=alt.Scale(domain=[len(names) - 0.5, -0.5], nice=False, zero=False),
        axis=alt.Axis(
            values=list(range(len(names))),
            labelExpr=f"{names}[datum.value]",
            labelOverlap=False,
            grid=False,
            ticks=False,
            domain=False,
        ),
    )
    axis = alt.Axis(tickCount=5, labelExpr=f"datum.label + '{unit}'")
    colour = penalty_colour(legend=False)
    cloud = (
        alt.Chart(pd.concat(dots, ignore_index=True).dropna())
        .mark_point(size=24, filled=False, strokeWidth=1.2, opacity=0.7)
        .encode(
            x=alt.X("value:Q", title=title, axis=axis),
            y=lines,
            color=colour,
            tooltip=[
                tooltip("model", "Model"),
                tooltip("split", "Split", ",.0f"),
                tooltip("value", title + unit.replace("\u00a0", ", "), NUMBER),
            ],
        )
    )
    base = alt.Chart(pd.DataFrame(spread)).encode(
        y=lines,
        color=colour,
        tooltip=[
            tooltip("model", "Model"),
            tooltip("low", "From", NUMBER),
            tooltip("median", "Median", NUMBER),
            tooltip("high", "To", NUMBER),
        ],
    )
    interval = base.mark_rule(strokeWidth=4).encode(
        x=alt.X("low:Q"), x2=alt.X2(field="high")
    )
    median = base.mark_tick(thickness=4, size=20).encode(x=alt.X("median:Q"))
    height = SPLIT_ROW * len(names) + AXIS_HEIGHT
    return layered(zero_line(), cloud, interval, median, height=height)


def _first(stability: Stability, output: str) -> pd.DataFrame:
    """The first features of the ranked table."""
    table = stability.ranked(output)
    features = list(dict.fromkeys(table["feature"]))[:FIRST]
    return with_rows(table[table["feature"].isin(features)], stability.features)

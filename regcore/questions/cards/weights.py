"""Weights of the three models as bars on one axis → Altair."""

from collections.abc import Iterable, Iterator
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import GREY, NUMBER, Domain, penalty_colour, tooltip
from regcore.drawing.names import short_names
from regcore.drawing.picture import Picture, Specification
from regcore.questions.cards.panels import (
    NAMES_END,
    PADDING,
    across,
    grid,
    is_single,
    panel_table,
    place_of,
    round_ticks,
    share_of,
    tick_table,
)

ROW = 22
"""Pixels a feature: below 18 Vega leaves out labels."""

BELOW = 26
"""Pixels for the numbers of an axis."""

MARKS = {"optimum": "At the optimum", "true": "True weight"}
"""Values drawn beside a bar, and what a tooltip calls them."""


OUTLIER = 6.0
"""A bar that is so many times as long as the third longest is cut."""


def weight_domain(weights: pd.DataFrame, *, cut: bool = False) -> Domain:
    """Range of the weights with zero in it, for an axis that the three share.

    Optima are left out: without a penalty they can be far beyond what was reached.

    Parameters
    ----------
    cut : whether not to hold one or two features whose weights would flatten all
        others, as in units of their own; per standard deviation what is small is small
    """
    weights = weights[[name for name in (*PENALTIES, "true") if name in weights]]
    longest = weights.abs().max(axis=1)
    sizes = np.sort(longest.to_numpy())[::-1]
    if cut and len(sizes) > 3 and sizes[0] > OUTLIER * sizes[2] > 0:
        weights = weights[longest <= 2.0 * sizes[2]]
    values = weights.to_numpy(float)
    values = values[np.isfinite(values)]
    low = min(float(values.min(initial=0.0)), 0.0)
    high = max(float(values.max(initial=0.0)), 0.0)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def beyond(weights: pd.DataFrame, domain: Domain, what: str = "") -> list[str]:
    """Features of which a bar, or what "optimum of " begins, is beyond the axis."""
    low, high = domain
    values = weights[[f"{what}{name}" for name in PENALTIES]]
    return list(weights.index[((values < low) | (values > high)).any(axis=1)])


def weight_panels(
    weights: pd.DataFrame, domain: Domain, unit: str, among: Iterable[str] = ()
) -> Picture:
    """Weights as bars, exact zeros as open circles, one panel a penalty.

    Of a bar or an optimum that the domain cannot hold there is an arrow at its edge.

    Parameters
    ----------
    weights : as `ranked_weights` returns them, and perhaps a column "true"; NaN where
        there is nothing to draw
    unit : what one is, for the tooltip
    among : names of features that are not drawn
    """
    optima = [f"optimum of {name}" for name in PENALTIES]
    values = {
        "weight": weights[list(PENALTIES)].to_numpy().T,
        "optimum": weights[optima].to_numpy().T,
    }
    if "true" in weights:
        values["true"] = np.tile(weights["true"].to_numpy(), (3, 1))
    known = {
        name: part
        for name, part in values.items()
        if name == "weight" or not np.isnan(part).all()
    }
    names = [str(name) for name in weights.index]
    known_apart = short_names([*names, *among])
    short = {name: known_apart[name] for name in names}
    count = len(short)
    columns: dict[str, np.ndarray] = {
        "feature": np.tile(np.array(list(short), dtype=object), 3),
        "label": np.tile(np.array(list(short.values()), dtype=object), 3),
        "row": np.tile(np.arange(count, dtype=np.int32), 3),
        "penalty": np.repeat(np.array(PENALTIES, dtype=object), count),
        "panel": np.repeat(np.arange(3, dtype=np.int32), count),
    }
    for name, part in known.items():
        columns[name] = part.ravel()
        columns[f"at {name}"] = share_of(part.ravel(), domain)
    ticks, (low, high) = round_ticks(*domain), domain
    labels = [f"{tick:,.6g}" for tick in ticks]
    for name, flag in (("weight", "beyond"), ("optimum", "far")):
        if name in columns:
            columns[flag] = (columns[name] < low) | (columns[name] > high)
    return Picture(
        _weight_specification(count, unit, tuple(known)[1:]),
        {
            "bars": columns,
            "panels": panel_table({"zero": float(share_of(np.zeros(1), domain)[0])}),
            "ticks": tick_table(share_of(ticks, domain), labels),
        },
    )


@cache
def _weight_specification(
    count: int, unit: str, marks: tuple[str, ...]
) -> Specification:
    tall = ROW * count
    features = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[0, tall], nice=False, zero=False, reverse=True),
        title=None,
        axis=alt.Axis(
            values=[(i + 0.5) * ROW for i in range(count)],
            labelExpr=f"data('bars')[floor(datum.value / {ROW})].label",
            labelLimit=alt.ExprRef(NAMES_END),
            offset=alt.ExprRef(f"-{NAMES_END}"),
            minExtent=0,
            maxExtent=0,
            labelOverlap=False,
            ticks=False,
            domain=False,
            grid=False,
        ),
    )
    shown = [
        tooltip("feature", "Feature"),
        tooltip("penalty", "Penalty"),
        tooltip("weight", f"Weight {unit}", NUMBER),
        *(tooltip(mark, MARKS[mark], NUMBER) for mark in marks),
    ]
    places = {name: place_of(f"at {name}") for name in ("weight", *marks)}
    bars = (
        alt.Chart(alt.NamedData(name="bars"))
        .transform_calculate(
            y=f"(datum.row + 0.5) * {ROW} + (single ? {ROW // 4} * (datum.panel - 1) "
            ": 0)",
            **{f"x of {name}": place for name, place in places.items()},
        )
        .transform_lookup(
            lookup="panel",
            from_=alt.LookupData(
                data=alt.NamedData(name="panels"), key="panel", fields=["zero"]
            ),
        )
        .transform_calculate(zero=place_of("zero"))
        .transform_filter("isValid(datum.weight)")
        .encode(y=features, tooltip=shown)
    )
    colour = penalty_colour(legend=False)
    weight = across("x of weight")
    zero = (
        alt.Chart(alt.NamedData(name="panels"))
        .transform_calculate(x=place_of("zero"))
        .mark_rule(color=GREY, strokeWidth=1)
        .encode(x=across("x"))
    )
    layers = [
        grid(),
        zero,
        bars.mark_rule(
            strokeWidth=alt.ExprRef(f"single ? {ROW // 4} : {ROW - 10}"),
            strokeCap="butt",
        ).encode(x=weight, x2=alt.X2(field="zero"), color=colour),
        bars.transform_filter("datum.weight === 0")
        .mark_point(
            size=alt.ExprRef("single ? 14 : 34"),
            filled=False,
            strokeWidth=1.5,
            opacity=1,
        )
        .encode(x=weight, color=colour),
        _arrow(bars, "beyond").encode(x=weight, color=colour),
        *(layer for name in marks for layer in _mark(bars, name)),
    ]
    return (
        alt.layer(*layers)
        .add_params(is_single())
        .properties(height=tall + BELOW, padding=PADDING)
        .to_dict(validate=False)
    )


def _arrow(bars: alt.Chart, flag: str) -> alt.Chart:
    """Where something is beyond the axis; grey, unless it is encoded."""
    far: alt.Chart = bars.transform_filter(f"datum.{flag}").mark_text(
        text="»", fontSize=16, baseline="middle", color=GREY
    )
    return far


def _mark(bars: alt.Chart, name: str) -> Iterator[alt.Chart]:
    """A tick at the optimum, a diamond at the true weight."""
    # There is no optimum where weights grow without end.
    bars = bars.transform_filter(f"isValid(datum.{name})")
    # A tick on the circle of a zero that is right would hide it.
    wrong = bars.transform_filter("datum.weight !== 0 || datum.optimum !== 0")
    tick = wrong.mark_tick(
        thickness=2, height=alt.ExprRef(f"single ? {ROW // 4} : {ROW - 6}"), color=GREY
    )
    diamond = bars.mark_point(shape="diamond", size=50, color=GREY, opacity=1)
    x = across(f"x of {name}")
    if name == "true":
        yield diamond.encode(x=x)
        return
    yield tick.transform_filter("!datum.far").encode(x=x)
    yield _arrow(bars, "far").encode(x=x)

"""Weights of one penalty as bars, on an axis that the three share → Altair."""

from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import GREY, Domain, axis_end, coloured, tooltip
from regcore.drawing.names import feature_axis, short_names
from regcore.drawing.picture import Picture, Specification
from regcore.model.losses import Array

BAR_HEIGHT = 20
"""Pixels a bar: below 18 Vega leaves out labels."""

AXIS_HEIGHT = 66
"""Pixels below the bars for the axis; the page counts them to a chart's height."""

MARKS = {"optimum": "At the optimum", "true": "True weight"}
"""Values drawn beside a bar, and what a tooltip calls them."""

LABELS = (
    "pluck(data('bars'), 'label')[indexof(pluck(data('bars'), 'feature'), datum.value)]"
)
"""What stands beside the bars; from the data, so that it moves with them."""


def weight_domain(weights: pd.DataFrame) -> Domain:
    """Range of the weights with zero in it, for an axis that the three share.

    Optima are left out: without a penalty they can be far beyond what was reached.
    """
    weights = weights[[name for name in (*PENALTIES, "true") if name in weights]]
    values = weights.to_numpy()
    low = min(float(np.nanmin(values)), 0.0)
    high = max(float(np.nanmax(values)), 0.0)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def weight_bars(
    weights: pd.DataFrame, penalty: str, domain: Domain, unit: str
) -> Picture:
    """Weights of one penalty as bars, its exact zeros as open circles.

    Parameters
    ----------
    weights : as `ranked_weights` returns them; a column "true", where there is one, is
        drawn as a diamond on each bar, and the optimum, where there is one, as a tick
    unit : what one is, for the axis title
    """
    values = {
        "weight": weights[penalty].to_numpy(),
        "optimum": weights[f"optimum of {penalty}"].to_numpy(),
    }
    if "true" in weights:
        values["true"] = weights["true"].to_numpy()
    known = {name: value for name, value in values.items() if not _empty(value)}
    short = short_names(str(name) for name in weights.index)
    features = np.array(list(short), dtype=object)
    labels = np.array(list(short.values()), dtype=object)
    low, high = domain
    return Picture(
        _bar_specification(penalty, unit, tuple(known)[1:], len(features)),
        {
            "bars": {"feature": features, "label": labels, **known},
            "axes": {"low": np.array([low]), "high": np.array([high])},
        },
    )


def _empty(values: Array) -> bool:
    return bool(np.isnan(values).all())


@cache
def _bar_specification(
    penalty: str, unit: str, marks: tuple[str, ...], count: int
) -> Specification:
    shown = [
        tooltip("feature", "Feature"),
        tooltip("weight", "Weight", ".4g"),
        *(
            tooltip(mark, title, ".4g")
            for mark, title in MARKS.items()
            if mark in marks
        ),
    ]
    features = alt.Y(
        field="feature",
        type="nominal",
        title=None,
        # Vega keeps the order in which it first met the values of a field; here the
        # order is that of the data, and moves with it.
        scale=alt.Scale(domain=alt.ExprRef("pluck(data('bars'), 'feature')")),
        axis=feature_axis(LABELS),
    )
    values = alt.X(
        field="weight",
        type="quantitative",
        title=f"Weight {unit}",
        scale=alt.Scale(domain=[axis_end("low"), axis_end("high")], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    base = alt.Chart(alt.NamedData(name="bars")).encode(y=features, tooltip=shown)
    bars = coloured(base, penalty)
    zero = alt.X(datum=0, type="quantitative", title=f"Weight {unit}")
    layers = [
        alt.Chart(alt.NamedData(name="axes"))
        .mark_rule(color=GREY, strokeWidth=1)
        .encode(x=zero),
        bars.mark_bar(size=BAR_HEIGHT - 8).encode(x=values),
        bars.transform_filter("datum.weight === 0")
        .mark_point(size=30, filled=False, strokeWidth=1.5, opacity=1)
        .encode(x=values),
    ]
    if "optimum" in marks:
        # A tick on the circle of a zero that is right would hide it.
        wrong = base.transform_filter("datum.weight !== 0 || datum.optimum !== 0")
        layers.append(
            wrong.mark_tick(
                thickness=2, size=BAR_HEIGHT - 4, color=GREY, clip=True
            ).encode(x=alt.X(field="optimum", type="quantitative"))
        )
    if "true" in marks:
        layers.append(
            base.mark_point(shape="diamond", size=50, color=GREY, opacity=1).encode(
                x=alt.X(field="true", type="quantitative")
            )
        )
    # A bar of no width cannot be pointed at: the whole line of a feature can.
    layers.append(base.mark_rect(opacity=0))
    height = BAR_HEIGHT * count + AXIS_HEIGHT
    return alt.layer(*layers).properties(height=height).to_dict(validate=False)

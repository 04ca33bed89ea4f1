"""Cost curves of one weight, at the λ that the reader slides to → Altair."""

from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd

from regcore.drawing import (
    NUMBER,
    Domain,
    dashed,
    layered,
    penalty_colour,
    penalty_shape,
    tooltip,
    zero_line,
)
from regcore.drawing.picture import Picture, pictured, with_table
from regcore.questions.profile.answer import CostCurves

HEIGHT = 300

DASHES = {"none": [2, 2], "L1": [1, 0], "L2": [7, 3]}


def cost_chart(curves: CostCurves, power: float, title: str) -> Picture:
    """Draw cost above its smallest against the weight; the minima are marked.

    Parameters
    ----------
    power : log₁₀ of λ/λ_max that is shown until the reader slides to another
    """
    names = list(curves.costs)
    (low, high), top = _ends(curves)
    step = np.arange(len(curves.powers))
    lines = pd.concat([_lines(curves, name, step) for name in names])
    minima = pd.concat(
        [
            pd.DataFrame({"penalty": name, "step": step, "weight": curves.best[name]})
            for name in names
        ]
    ).assign(above=0.0)
    minima = minima[minima["weight"].between(low, high)]
    gap = round(float(curves.powers[1] - curves.powers[0]), 6)
    here = f"datum.step === round((slid - {curves.powers[0]:.6g}) / {gap:.6g})"
    across = alt.Scale(domain=[low, high], nice=False, zero=False)
    x = alt.X(
        "weight:Q", title=title, scale=across, axis=alt.Axis(grid=False, tickCount=7)
    )
    y = alt.Y(
        "above:Q",
        title=None,
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(tickCount=4),
    )
    colour = penalty_colour(drawn=names)
    drawn = alt.Chart(lines).transform_filter(here)
    dots = alt.Chart(minima).transform_filter(here)
    chart = layered(
        zero_line().encode(x=alt.X("at:Q", scale=across)),
        drawn.mark_line(strokeWidth=2.5, clip=True).encode(
            x=x, y=y, color=colour, strokeDash=dashed("dashed", DASHES)
        ),
        dots.mark_point(filled=True, size=150, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            shape=penalty_shape(names),
            tooltip=[
                tooltip("penalty", "Penalty"),
                tooltip("weight", "Smallest cost at", NUMBER),
            ],
        ),
        height=HEIGHT,
        above="Cost above its smallest",
    )
    first = round(float(curves.powers[np.argmin(np.abs(curves.powers - power))]), 3)
    picture = with_table(pictured(chart), "now", {"power": np.array([first])})
    least = round(float(curves.powers[0]), 3)
    params = _followed(least, gap)
    return replace(picture, specification={**picture.specification, "params": params})


def _followed(least: float, gap: float) -> list[dict[str, object]]:
    """What slides, in Vega's terms as in the picture of the paths: it follows the page.

    Were λ written into it, each step of the page would have the chart built anew.
    """
    now = "data('now')[0].power"
    return [
        {"name": "current", "expr": now},
        {
            "name": "slid",
            "init": now,
            "on": [{"events": {"signal": "current"}, "update": "current"}],
            "bind": {
                "input": "range",
                "min": least,
                "max": 0,
                "step": gap,
                "name": "λ, as log₁₀ of λ/λₘₐₓ",
            },
        },
    ]


def _lines(curves: CostCurves, name: str, step: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "penalty": name,
            # A field of its own, for the legend is that of the marks.
            "dashed": name,
            "step": np.repeat(step, len(curves.values)),
            "weight": np.tile(curves.values, len(step)),
            # The cubic between two nodes may lie below the minimum by its rounding.
            "above": np.maximum(curves.costs[name].ravel(), 0.0),
        }
    )


def _ends(curves: CostCurves) -> tuple[Domain, float]:
    """Values that are drawn, and the cost up to which they are.

    By the λ in the middle and the penalty that costs most: without one a weight of
    three or more classes costs nothing, for those of the others can follow it.
    """
    ends = [0, -1]
    middle = len(curves.powers) // 2
    most = max(float(costs[middle, ends].max()) for costs in curves.costs.values())
    low, high = curves.values[ends]
    return (float(low), float(high)), 1.5 * most

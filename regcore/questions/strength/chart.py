"""Effective parameters against λ → Altair."""

from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import GREY, NUMBER, layered, tooltip

HEIGHT = 320

CURVES: dict[str, tuple[Literal["step-before", "linear"], list[int]]] = {
    "L1": ("step-before", [1, 0]),
    "L2": ("linear", [7, 3]),
}
"""How a line is drawn between two λ, and dashed."""

MARKS = {"now, L1": "circle", "now, L2": "circle", "as strong": "diamond"}


def effective_curves(along: pd.DataFrame, marks: pd.DataFrame) -> alt.LayerChart:
    """Both curves on one axis; circles at λ now, a level line to equal strength.

    Parameters
    ----------
    along : of `effective_along`
    marks : of `strength_marks`
    """
    domain = [float(along["share"].min()), float(along["share"].max())]
    most = 1.06 * float(along["effective"].max())
    shares = alt.X(
        "share:Q",
        title="λ as a share of λₘₐₓ",
        scale=alt.Scale(type="log", domain=domain, nice=False, clamp=True),
        axis=alt.Axis(
            values=[10.0**e for e in range(-3, 3)],
            format=",.3~%",
            labelFlush=True,
            grid=False,
        ),
    )
    counts = alt.Y(
        "effective:Q",
        title=None,
        scale=alt.Scale(domain=[0, most], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    legend = alt.Legend(
        orient="top", title=None, values=list(CURVES), symbolStrokeWidth=2
    )
    colours = alt.Color(
        "penalty:N", title=None, scale=alt.Scale(domain=list(PENALTIES)), legend=legend
    )
    shown = [
        tooltip("penalty", "Penalty"),
        tooltip("effective", "Parameters", NUMBER),
        tooltip("lam", "λ", NUMBER),
        tooltip("share", "λ/λₘₐₓ", ",.3~p"),
    ]
    lines = [
        alt.Chart(along[along["penalty"] == penalty])
        .mark_line(clip=True, interpolate=between, strokeDash=dash)
        .encode(x=shares, y=counts, color=colours)
        for penalty, (between, dash) in CURVES.items()
    ]
    hover = (
        alt.Chart(along)
        .mark_point(opacity=0, size=50)
        .encode(x=shares, y=counts, tooltip=shown)
    )
    level = (
        alt.Chart(marks[marks["mark"].isin(["now, L1", "as strong"])])
        .mark_line(color=GREY, strokeWidth=1.5, strokeDash=[2, 3])
        .encode(x=shares, y=counts)
    )
    points = (
        alt.Chart(marks)
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            x=shares,
            y=counts,
            color=colours,
            shape=alt.Shape(
                "mark:N",
                scale=alt.Scale(domain=list(MARKS), range=list(MARKS.values())),
                legend=None,
            ),
            tooltip=[tooltip("mark", "λ"), *shown],
        )
    )
    return layered(
        level, *lines, hover, points, height=HEIGHT, above="Effective parameters"
    )


def strength_marks(
    now: tuple[float, float],
    effective: tuple[float, float],
    fair: float,
    lam_max: float,
) -> pd.DataFrame:
    """Where L1 and L2 are, and where L2 would be as strong as L1.

    Parameters
    ----------
    now, effective : λ of L1 and L2, and what they come to
    fair : λ at which L2 is as strong as L1
    """
    frame = pd.DataFrame(
        {
            "mark": list(MARKS),
            "penalty": ["L1", "L2", "L2"],
            "lam": [*now, fair],
            "effective": [*effective, effective[0]],
        }
    )
    # A log axis has no place for λ = 0.
    frame["share"] = np.maximum(frame["lam"] / lam_max, 1e-12)
    return frame

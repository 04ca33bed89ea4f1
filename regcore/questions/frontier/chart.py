"""Sparsity against loss → Altair."""

import altair as alt
import pandas as pd

from regcore.drawing import NUMBER, colour, layered, tooltip

HEIGHT = 340

SHAPES = {
    "no penalty": "M-1,-1L1,1M1,-1L-1,1",
    "L1 now": "circle",
    "L2 at its best": "diamond",
}
"""A cross for the first: it is seen where another mark lies upon it."""

BEND = 0.005
"""The axis is even up to half a percent of loss, and logarithmic beyond."""

TICKS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


def frontier_curve(frame: pd.DataFrame, landmarks: pd.DataFrame) -> alt.LayerChart:
    """Loss above the smallest against the number of weights, along the L1 path.

    Parameters
    ----------
    frame, landmarks : of `frontier` and `landmarks`
    """
    most = max(int(frame["nonzero"].max()), int(landmarks["nonzero"].max()))
    highest = 1.1 * max(frame["above"].max(), landmarks["above"].max(), BEND)
    weights = alt.X(
        "nonzero:Q",
        title="Non-zero weights",
        scale=alt.Scale(domain=[-0.02 * most, 1.03 * most], nice=False),
        axis=alt.Axis(tickCount=12, tickMinStep=1, grid=False),
    )
    above = alt.Y(
        "above:Q",
        title=None,
        scale=alt.Scale(
            type="symlog", constant=BEND, domain=[-0.2 * BEND, highest], nice=False
        ),
        axis=alt.Axis(values=[tick for tick in TICKS if tick <= highest], format=",~%"),
    )
    shown = [
        tooltip("nonzero", "Non-zero weights", ","),
        tooltip("above", "Above the smallest", ",.2~%"),
        tooltip("loss", "Loss", NUMBER),
        tooltip("error", "Standard error", ",.2~r"),
        tooltip("lam", "λ", NUMBER),
    ]
    colours = colour("L1")
    path = alt.Chart(frame.assign(penalty="L1")).encode(
        x=weights, y=above, color=colours, tooltip=shown
    )
    marks = (
        alt.Chart(landmarks)
        .mark_point(size=150, filled=False, strokeWidth=2.5, opacity=1)
        .encode(
            x=weights,
            y=above,
            color=colours,
            shape=alt.Shape(
                "mark:N",
                title=None,
                sort=list(SHAPES),
                scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[tooltip("mark", "Model"), *shown],
        )
    )
    return layered(
        path.mark_line(strokeWidth=1.5),
        path.mark_point(filled=True, size=40, opacity=1),
        marks,
        height=HEIGHT,
        above="Cross-validated loss above the smallest",
    )

"""The hidden penalty of stopping early → Altair."""

import altair as alt
import numpy as np
import pandas as pd

from regcore.drawing import NUMBER, layered, penalty_colour, tooltip
from regcore.questions.early_stopping.answer import HiddenStrength

HEIGHT = 320

NEAREST, RULE = "nearest L2", "n / (η · steps)"

TO_L2, TO_OPTIMUM = "to nearest L2", "to its optimum"


def hidden_lam(found: HiddenStrength) -> alt.LayerChart:
    """λ of the nearest L2 optimum over the epochs, with the rule of thumb."""
    table = found.table
    curves = pd.concat(
        [_curve(table, "lam", NEAREST, "none"), _curve(table, "rule", RULE, "none")]
    )
    lams = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=_decades(curves["value"])),
    )
    lines = _lines(curves, [NEAREST, RULE], lams, tooltip("value", "λ", NUMBER))
    if found.lam_l2 > 0:
        level = {"value": [found.lam_l2], "penalty": "L2", "text": "λ of the L2 model"}
        base = alt.Chart(pd.DataFrame(level)).encode(
            y=alt.Y("value:Q"), color=penalty_colour(legend=False)
        )
        label = base.mark_text(x=0, align="left", dx=4, dy=9, fontSize=12)
        lines += [
            base.mark_rule(strokeWidth=1.5, strokeDash=[2, 2]),
            label.encode(text=alt.Text("text:N")),
        ]
    return layered(*lines, height=HEIGHT, above="λ that it amounts to")


def distances(found: HiddenStrength) -> alt.LayerChart:
    """Relative distance to the nearest L2 optimum, and to the one without a penalty."""
    curves = pd.concat(
        [
            _curve(found.table, "distance", TO_L2, "L2"),
            _curve(found.table, "to_optimum", TO_OPTIMUM, "none"),
        ]
    )
    distance = alt.Y("value:Q", title=None, axis=alt.Axis(format="%", tickCount=5))
    names = [TO_OPTIMUM, TO_L2] if found.exists else [TO_L2]
    shown = tooltip("value", "Distance", ".2%")
    return layered(
        *_lines(curves, names, distance, shown),
        height=HEIGHT,
        above="Distance, share of the weights",
    )


def _curve(table: pd.DataFrame, field: str, name: str, penalty: str) -> pd.DataFrame:
    """One curve in long form; a logarithm has no place for zeros or infinity."""
    curve = table[(table[field] > 0) & np.isfinite(table[field])]
    columns = {"epoch": curve["epoch"], "value": curve[field]}
    return pd.DataFrame({**columns, "curve": name, "penalty": penalty})


def _lines(
    curves: pd.DataFrame, names: list[str], value: alt.Y, shown: alt.Tooltip
) -> list[alt.Chart]:
    """Curves over the epochs, on a log axis of epochs."""
    dashes = alt.StrokeDash(
        "curve:N",
        title=None,
        sort=names,
        scale=alt.Scale(domain=names, range=[[1, 0], [6, 4]][-len(names) :]),
        legend=alt.Legend(
            orient="top", symbolStrokeWidth=2, symbolSize=400, labelLimit=200
        ),
    )
    epochs = alt.X(
        "epoch:Q",
        title="Epoch",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=_decades(curves["epoch"])),
    )
    base = alt.Chart(curves).encode(
        x=epochs, y=value, color=penalty_colour(legend=False)
    )
    hover = base.mark_point(size=80, opacity=0).encode(
        tooltip=[tooltip("epoch", "Epoch", ","), tooltip("curve", "Curve"), shown]
    )
    return [base.mark_line().encode(strokeDash=dashes), hover]


def _decades(values: pd.Series) -> list[float]:
    """1, 10, 100, …; with 3, 30, … between them where there are few."""
    low, high = float(values.min()), float(values.max())
    exponents = range(-12, 13)
    ticks = [10.0**e for e in exponents if low <= 10.0**e <= high]
    if len(ticks) < 4:
        ticks = [m * 10.0**e for e in exponents for m in (1, 3)]
        ticks = [tick for tick in ticks if low <= tick <= high]
    return ticks

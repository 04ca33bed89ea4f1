"""What the pictures of the three models share: panels side by side → Altair.

Three panels share the names at their left. Where the picture is narrow there is one
panel, in which the three bars of a feature lie below each other and the curves upon
each other. The browser decides it from the width, so that nothing is sent anew when a
window changes its size.

Across, one panel is one unit: the names end at 0, and the panels at 1, 2 and 3.
"""

import altair as alt
import numpy as np

from regcore.comparison import PENALTIES
from regcore.drawing import GREY, Domain
from regcore.model.losses import Array

NAMES = 0.55
"""Width of the names, in panels; the heads above leave as much at their left."""

NARROW = 520
"""Pixels below which there is one panel."""

MARGIN = 0.05
"""Left free at both ends of a panel, as a share of it."""

MOST_TICKS = 6

PADDING = {"left": 0, "right": 0, "top": 4, "bottom": 0}

NAMES_END = f"{NAMES} * width / ({NAMES} + (single ? 1 : 3))"
"""Pixels from the left to where the names end."""


HEADS = tuple(
    ((NAMES + place) / (NAMES + len(PENALTIES)), penalty)
    for place, penalty in enumerate(PENALTIES)
)
"""Where the panels begin, as a share of the width, and the penalty of each."""


def share_of(values: Array, domain: Domain) -> Array:
    """Where values lie in a panel, from 0 to 1; what is beyond an end lies on it."""
    low, high = domain
    inner: Array = np.clip((values - low) / (high - low), 0.0, 1.0)
    return MARGIN + (1.0 - 2.0 * MARGIN) * inner


def round_ticks(low: float, high: float) -> Array:
    """A few round numbers between two others, 0 among them where it is between."""
    rough = (high - low) / (MOST_TICKS - 1)
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    # −0 would be written with its sign.
    ticks: Array = step * np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    return ticks + 0.0


def panel_table(more: dict[str, float]) -> dict[str, Array]:
    """One row a panel: its position, and numbers that all of them share."""
    shared = {name: np.full(3, value) for name, value in more.items()}
    return {"panel": np.arange(3, dtype=np.int32), **shared}


def tick_table(shares: Array, labels: list[str]) -> dict[str, Array]:
    """The same ticks in every panel."""
    texts = np.array([label.replace("-", "−") for label in labels], dtype=object)
    return {
        "at": np.concatenate([panel + shares for panel in range(3)]),
        "label": np.tile(texts, 3),
    }


def place_of(share: str) -> str:
    """Where a share of a panel lies across the picture."""
    return f"datum['{share}'] + (single ? 0 : datum.panel)"


def across(field: str) -> alt.X:
    """Panels side by side; ticks of those that there are not lie beyond the scale."""
    scale = alt.Scale(
        domain=[-NAMES, alt.ExprRef("single ? 1 : 3")], nice=False, zero=False
    )
    axis = alt.Axis(
        values=alt.ExprRef("pluck(data('ticks'), 'at')"),
        labelExpr="data('ticks')"
        "[round(datum.index * (length(data('ticks')) / (single ? 3 : 1) - 1))].label",
        labelFlush=False,
        domain=False,
        ticks=False,
        grid=False,
    )
    return alt.X(field=field, type="quantitative", scale=scale, axis=axis, title=None)


def grid() -> alt.Chart:
    """A line at every tick; a table that no mark uses would not reach the browser."""
    lines = (
        alt.Chart(alt.NamedData(name="ticks"))
        .transform_filter("datum.at < (single ? 1 : 3)")
        .mark_rule(color=GREY, opacity=0.2, strokeWidth=1, aria=False)
    )
    gridded: alt.Chart = lines.encode(x=across("at"))
    return gridded


def is_single(otherwise: str = "false") -> alt.Parameter:
    """Whether there is one panel: on a narrow page, or where an expression says so."""
    return alt.param(name="single", expr=f"width < {NARROW} || {otherwise}")

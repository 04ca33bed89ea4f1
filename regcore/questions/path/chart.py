"""How the picture of the paths is drawn → Altair.

Nothing is asked of the server while λ is dragged: the browser has every solution, and
only the marks of the λ that is looked at are moved. `power` is log₁₀ of λ/λ_max.
"""

from functools import cache
from typing import Literal

import altair as alt

from regcore.drawing import CLICK, GREY, NUMBER, dashed, tooltip
from regcore.drawing.paper import STILL
from regcore.drawing.picture import Specification
from regcore.questions.cards.panels import PADDING
from regcore.questions.path.axes import LINE, ROW, Layout
from regcore.questions.path.signals import signals

CLOSE = 380
"""Pixels a panel below which texts are set closer."""

LABELLED = 7
"""Features named beside their line."""

MARKS = {"smallest": [6, 3], "one standard error": [2, 3]}
"""How the values of λ that cross-validation names are dashed."""

COLOURED = ("none", "L1", "L2", "elastic net")
"""In the order of the theme's categories."""


@cache
def specification(layout: Layout, lowest: float) -> Specification:
    """Return the layers and the parameters that move them.

    Parameters
    ----------
    lowest : log₁₀ of the smallest λ/λ_max
    """
    layers = [
        _rules(),
        _marks(layout),
        *_lines(),
        *_curves(),
        *_texts(),
        *_dragged(layout),
        *_bars(),
    ]
    chart = alt.layer(*layers).properties(height=layout.height, padding=PADDING)
    drawn: dict[str, object] = chart.to_dict(validate=False)
    drawn["params"] = signals(layout, lowest)
    # Streamlit takes the names of what it is to listen to from here, and Vega-Lite,
    # which would make a selection of its own of it, does not look here.
    drawn["spec"] = {"params": [{"name": CLICK, "select": "point"}]}
    return drawn


def _pixel(at: str) -> str:
    """Expression: pixels from the left of a share of a panel's plot."""
    return (
        f"(single ? 0 : datum.panel * wide) + before + ({at}) * (wide - before - after)"
    )


def _x(field: str = "x") -> alt.X:
    scale = alt.Scale(domain=[0, alt.ExprRef("width")], nice=False, zero=False)
    return alt.X(field=field, type="quantitative", scale=scale, axis=None)


def _y(field: str) -> alt.Y:
    scale = alt.Scale(
        domain=[0, alt.ExprRef("height")], nice=False, zero=False, reverse=True
    )
    return alt.Y(field=field, type="quantitative", scale=scale, axis=None)


def _colour() -> alt.Color:
    """By penalty, at its place among the theme's categories."""
    return alt.Color("penalty:N", scale=alt.Scale(domain=list(COLOURED)), legend=None)


def _ink() -> alt.ColorDatum:
    """The theme's grey, which is read on light and on dark paper."""
    return alt.ColorDatum(
        "none", type="nominal", scale=alt.Scale(domain=list(COLOURED)), legend=None
    )


def _table(name: str, at: str = "datum.at", **more: str) -> alt.Chart:
    """Rows of a table, placed across."""
    base = alt.Chart(alt.NamedData(name=name))
    return base.transform_calculate(x=_pixel(at), **more).encode(x=_x())


def _rules() -> alt.Chart:
    drawn: alt.Chart = (
        _table("rules", x2=_pixel("datum.to"))
        .mark_rule(color=GREY, aria=False)
        .encode(
            x2=alt.X2(field="x2"),
            y=_y("y"),
            y2=alt.Y2(field="y2"),
            opacity=alt.Opacity("opacity:Q", scale=None),
        )
    )
    return drawn


def _marks(layout: Layout) -> alt.Chart:
    """Upright lines at the λ that cross-validation names."""
    drawn: alt.Chart = (
        _table("marks", top=f"{layout.weights[0]}", bottom=f"{layout.counts[1]}")
        .mark_rule(color=GREY, strokeWidth=1.5, aria=False)
        .encode(
            y=_y("top"),
            y2=alt.Y2(field="bottom"),
            strokeDash=dashed("mark", MARKS),
            tooltip=[tooltip("mark", "λ")],
        )
    )
    return drawn


def _lines() -> list[alt.Chart]:
    """Weights along λ, and their names at the weak end."""
    lines = (
        _table("lines")
        .mark_line(strokeWidth=1.6, aria=False)
        .encode(
            y=_y("y"),
            color=_colour(),
            detail=[alt.Detail("f:N"), alt.Detail("panel:N")],
            opacity=alt.condition(
                f"datum.f < {LABELLED}", alt.value(1), alt.value(0.45)
            ),
            tooltip=[tooltip("feature", "Feature")],
        )
    )
    names = (
        _table("names", at="0")
        .transform_filter("!single || datum.panel === 0")
        .mark_text(align="right", baseline="middle", dx=-6, fontSize=11, aria=False)
        .encode(
            y=_y("y"),
            text=alt.Text("text:N"),
            color=_colour(),
            tooltip=[tooltip("feature", "Feature")],
        )
    )
    return [lines, names]


def _curves() -> list[alt.Chart]:
    """Held-out loss with its band, and the non-zeros."""
    base = _table("curves").encode(color=_colour(), detail=alt.Detail("panel:N"))
    return [
        base.mark_area(opacity=0.2, line=False, aria=False).encode(
            y=_y("y low"), y2=alt.Y2(field="y high")
        ),
        base.mark_line(strokeWidth=1.6, aria=False).encode(y=_y("y loss")),
        base.mark_line(strokeWidth=1.6, interpolate="step-before", aria=False).encode(
            y=_y("y count")
        ),
    ]


def _texts() -> list[alt.Chart]:
    """Headings and ticks; in one panel alone they are drawn once."""
    base = _table("texts").transform_filter(
        f"(!single || datum.panel === 0) && (wide >= {CLOSE} || !datum.spare)"
    )
    looks: dict[str, tuple[Literal["left", "center", "right"], int]] = {
        "left": ("left", 0),
        "center": ("center", 0),
        "right": ("left", 5),
        "names": ("right", -6),
    }
    return [
        base.transform_filter(f"datum.align === '{name}'")
        .mark_text(align=align, dx=dx, baseline="middle", fontSize=12, aria=False)
        .encode(y=_y("y"), text=alt.Text("text:N"), color=_ink())
        for name, (align, dx) in looks.items()
    ]


HERE = "data('curves')[datum.panel * data('now')[0].points + places[datum.panel]]"
"""What the λ that is looked at comes to, in the panel of a row."""


def _dragged(layout: Layout) -> list[alt.Chart]:
    """Marker, knob, the loss with its band there, and what is said of it."""
    (top, _), (_, bottom) = layout.weights, layout.counts
    base = _table(
        "now",
        at=f"{HERE}.at",
        top=f"{top - 4}",
        bottom=f"{bottom}",
        loss=f"{HERE}['y loss']",
        low=f"{HERE}['y low']",
        high=f"{HERE}['y high']",
        count=f"{HERE}['y count']",
        knob="true",
        left=f"single ? 0 : datum.panel * wide + (wide < {CLOSE} ? 0 : before)",
        kept=f"single ? '' : {HERE}.kept",
        told=f"single ? {HERE}.short : {HERE}.told",
        line=f"single ? {LINE} * (datum.panel + 1.5) : {LINE * 2.5}",
        above=f"{LINE * 1.5}",
        said=f"datum.panel > 0 || {STILL} ? '' : moved ? 'Exact solutions are shown; "
        "let go to train with this λ.' : 'Drag λ across the curves.'",
        first="8",
    )
    text = base.mark_text(align="left", baseline="middle", fontSize=13, aria=False)
    bold = base.mark_text(
        align="left", baseline="middle", fontSize=14, fontWeight="bold", aria=False
    )
    base = base.encode(color=_colour())
    point = base.mark_point(filled=True, size=50, opacity=1, aria=False)
    return [
        base.mark_rule(strokeWidth=2.5, aria=False, color=GREY).encode(
            y=_y("top"), y2=alt.Y2(field="bottom")
        ),
        base.mark_rule(strokeWidth=6, opacity=0.5, aria=False).encode(
            y=_y("low"), y2=alt.Y2(field="high")
        ),
        point.encode(y=_y("loss")),
        point.encode(y=_y("count")),
        base.mark_point(filled=True, size=240, opacity=1, aria=False).encode(
            y=_y("top")
        ),
        bold.encode(
            x=_x("left"), y=_y("above"), text=alt.Text("kept:N"), color=_colour()
        ),
        text.encode(x=_x("left"), y=_y("line"), text=alt.Text("told:N"), color=_ink()),
        text.encode(
            x=alt.value(0), y=_y("first"), text=alt.Text("said:N"), color=_ink()
        ),
    ]


def _bars() -> list[alt.Chart]:
    """Weights at the λ that is looked at; exact zeros are open circles."""
    place = (
        "data('lines')[(datum.panel * data('now')[0].features + datum.f) * "
        "data('now')[0].points + places[datum.panel]].weight"
    )
    low, high = "data('now')[0].low", "data('now')[0].high"
    base = (
        alt.Chart(alt.NamedData(name="bars"))
        .transform_calculate(weight=place)
        .transform_calculate(
            x=_pixel(f"(datum.weight - {low}) / ({high} - {low})"),
            zero=_pixel(f"-{low} / ({high} - {low})"),
            row="datum.y + (single ? 4 * (datum.panel - 1) : 0)",
        )
        .encode(
            x=_x(),
            y=_y("row"),
            color=_colour(),
            tooltip=[
                tooltip("feature", "Feature"),
                tooltip("weight", "Weight per SD", NUMBER),
            ],
        )
    )
    return [
        base.mark_rule(
            strokeWidth=alt.ExprRef(f"single ? 4 : {ROW - 7}"),
            strokeCap="butt",
            aria=False,
        ).encode(x2=alt.X2(field="zero")),
        base.transform_filter("datum.weight === 0").mark_point(
            size=alt.ExprRef("single ? 14 : 34"),
            filled=False,
            strokeWidth=1.5,
            opacity=1,
            aria=False,
        ),
    ]

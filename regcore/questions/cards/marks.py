"""What cross-validation says of λ, below its slider → Altair."""

from collections.abc import Sequence
from functools import cache
from typing import Literal

import altair as alt
import numpy as np

from regcore.drawing import GREY, penalty_colour
from regcore.drawing.picture import Picture, Specification
from regcore.regularization_path import RegularizationPath

HEIGHT = 34

PADDING = {"left": 0, "right": 0, "top": 0, "bottom": 0}

NEAR, FAR = 0.1, 0.6
"""Places from which a label may have no room on its usual side."""

APART = 0.15
"""Between two marks that leave room for a label."""

SIDES: tuple[tuple[Literal["left", "right"], int], ...] = (("right", -8), ("left", 8))
"""How a label is aligned, and how far it stands from its mark."""

INSET = 7
"""Pixels from the edge to the end of the slider's track."""


def strength_marks(paths: RegularizationPath, shares: Sequence[float]) -> Picture:
    """Best and simplest λ of L1 and L2, and where L1's weights come in.

    Parameters
    ----------
    shares : the steps of the slider, λ/λ_max, rising
    """
    steps = np.log(np.array(shares))

    def place(lam: float) -> float:
        at = np.log(max(lam / paths.lam_max, shares[0]))
        return float(np.interp(at, steps, np.linspace(0.0, 1.0, len(steps))))

    alive = np.flatnonzero(paths.l1.W.any(axis=0))
    first = (paths.l1.W.reshape(len(paths.l1.lams), -1) != 0).argmax(axis=0)[alive]
    marks = []
    for penalty, curve in (("L1", paths.l1), ("L2", paths.l2)):
        best, simple = place(curve.lam_min), place(curve.lam_1se)
        marks += [
            (best, penalty, "best", "right" if best > NEAR else "left"),
            (simple, penalty, "simplest", _side(best, simple)),
        ]
    fields = ("at", "penalty", "name", "align")
    columns = np.array(marks, dtype=object).T
    table = dict(zip(fields, columns, strict=True))
    table["at"] = table["at"].astype(float)
    return Picture(
        _specification(),
        {
            "marks": table,
            "entries": {"at": np.array([place(paths.l1.lams[i]) for i in first])},
        },
    )


def _side(best: float, simple: float) -> str:
    """Where the label of the simplest λ has room, on a narrow page too."""
    return "right" if simple > FAR and simple - best > APART else "left"


@cache
def _specification() -> Specification:
    across = alt.X(
        "at:Q",
        axis=None,
        scale=alt.Scale(
            domain=[0, 1], range=[INSET, alt.ExprRef(f"width - {INSET}")], nice=False
        ),
    )
    down = alt.Y(
        "penalty:N", sort=["L1", "L2"], scale=alt.Scale(domain=["L1", "L2"]), axis=None
    )
    base = alt.Chart(alt.NamedData(name="marks")).encode(
        x=across,
        y=down,
        color=penalty_colour(legend=False),
        tooltip=[alt.Tooltip("name:N", title="λ")],
    )
    entries = (
        alt.Chart(alt.NamedData(name="entries"))
        .mark_rule(color=GREY, opacity=0.5, strokeWidth=1)
        .encode(x=across, y=alt.value(0), y2=alt.value(5))
    )
    circles = base.mark_point(size=50, filled=False, strokeWidth=2, opacity=1)
    texts = [
        base.transform_filter(f"datum.align === '{side}'")
        .mark_text(align=side, dx=dx, fontSize=12, baseline="middle", clip=True)
        .encode(text=alt.Text("name:N"))
        for side, dx in SIDES
    ]
    return (
        alt.layer(entries, circles, *texts)
        .properties(height=HEIGHT, padding=PADDING)
        .to_dict(validate=False)
    )

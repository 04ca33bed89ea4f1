"""How the picture of the paths follows the hand and the keys, in Vega's terms.

A parameter of Vega-Lite with `on`, `init` or `update` is handed to Vega as it is, which
takes it for a signal: https://vega.github.io/vega/docs/signals/. `power` is log₁₀ of
λ/λ_max.
"""

from collections.abc import Mapping

import numpy as np

from regcore.drawing import CLICK
from regcore.drawing.paper import STILL
from regcore.questions.cards.panels import NARROW
from regcore.questions.path.axes import LINE, Layout
from regcore.regularization_path import A_DECADE
from regcore.solve.path import SPAN, STEPS

DRAGGED = "power"
"""Name of the parameter that the hand and the keys move."""

Stream = Mapping[str, object]
"""Of events, in Vega's terms."""

TAP: Stream = {"type": "click"}
MOVE: Stream = {"source": "window", "type": "pointermove"}


def signals(layout: Layout, lowest: float) -> list[dict[str, object]]:
    """Return where the panels are, and which λ is held, looked at and chosen.

    Parameters
    ----------
    lowest : `power` of the smallest λ
    """
    top, bottom = layout.weights[0] - 2 * LINE, layout.counts[1]
    inside = f"y() >= {top} && y() <= {bottom} && x() >= 0 && x() <= width"
    knob = "isValid(datum) && datum.knob === true"
    # A finger scrolls the page wherever it does not take the knob.
    taken = f"event.pointerType === 'touch' ? ({knob}) : event.button === 0 && {inside}"
    tapped = f"event.pointerType === 'touch' && {inside}"
    low, high = "data('now')[0].lowest", "data('now')[0].highest"
    across = "(x() - grip * wide - before) / (wide - before - after)"
    there = f"clamp({low} + {across} * ({high} - {low}), {low}, 0)"
    snapped = f"round({there} * {A_DECADE}) / {A_DECADE}"
    now = "data('now')[0].power"
    chosen = f"moved ? [{{share: pow(10, {DRAGGED}), at: now()}}] : {CLICK}"
    down: Stream = {"type": "pointerdown"}
    ends: list[Stream] = [
        {"source": "window", "type": kind} for kind in ("pointerup", "pointercancel")
    ]
    typed: Stream = {
        "source": "window",
        "type": "change",
        "filter": f"event.target.name === '{DRAGGED}'",
    }
    return [
        {"name": STILL, "value": False},
        {"name": "single", "expr": f"width < {NARROW}"},
        {"name": "wide", "expr": f"width / (single ? 1 : {layout.panels})"},
        {"name": "before", "expr": "single ? 104 : 112"},
        {"name": "after", "expr": "42"},
        {"name": "held", "value": False, "on": [_on(down, taken), _on(ends, "false")]},
        {
            "name": "grip",
            "value": 0,
            "on": [_on([down, TAP], "single ? 0 : floor(x() / wide)")],
        },
        {"name": "current", "expr": now},
        {
            "name": DRAGGED,
            "init": now,
            "on": [
                _on({"signal": "current"}, "current"),
                _on([down, MOVE], f"held ? {snapped} : {DRAGGED}"),
                _on(TAP, f"{tapped} ? {snapped} : {DRAGGED}"),
            ],
            "bind": {
                "input": "range",
                "min": round(lowest, 2),
                "max": 0,
                "step": 1 / A_DECADE,
                "name": "λ by the arrow keys, as log₁₀ of λ/λₘₐₓ",
            },
        },
        {"name": "moved", "expr": f"{DRAGGED} !== current"},
        {
            "name": "places",
            "expr": f"moved ? [{', '.join([_nearest()] * layout.panels)}] "
            ": pluck(data('now'), 'k')",
        },
        {
            "name": CLICK,
            "value": [],
            "on": [
                _on({"signal": "held"}, f"held ? {CLICK} : {chosen}"),
                _on([typed, TAP], chosen),
            ],
        },
        {
            "name": "cursor",
            "value": "default",
            "on": [_on(MOVE, f"held || {inside} ? 'ew-resize' : 'default'")],
        },
        {
            "name": "taken",
            "value": 0,
            "on": [
                _on({"type": "touchstart", "filter": knob, "consume": True}, "now()")
            ],
        },
    ]


def _on(events: Stream | list[Stream], update: str) -> dict[str, object]:
    return {"events": events, "update": update}


def _nearest() -> str:
    """Expression: the place on the grid of the λ that is dragged to."""
    top, fine = "data('now')[0].highest", float(np.log10(SPAN))
    above = f"{A_DECADE} * ({top} - max({DRAGGED}, {fine}))"
    below = f"{STEPS} * ({fine} - min({DRAGGED}, {fine}))"
    return f"round({above} + {below})"

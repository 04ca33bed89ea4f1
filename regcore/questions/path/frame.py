"""What stands around the paths: headings, ticks, names and thin lines."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from regcore.drawing.names import IN_A_HALF, moved_apart, short_names
from regcore.drawing.picture import Table
from regcore.model.losses import Array
from regcore.questions.cards.panels import round_ticks
from regcore.questions.path.axes import Layout, PathAxes, across, down, place
from regcore.questions.path.chart import LABELLED
from regcore.words import number


class Text(NamedTuple):
    """One text of a panel; `spare` ones are left out where panels are narrow."""

    at: float
    y: float
    text: str
    align: str
    spare: bool = False


def texts(axes: PathAxes, layout: Layout, loss: str) -> Table:
    """Headings, ticks and the names of the bars, the same in every panel."""
    below = layout.counts[1]
    rows = [
        Text(0.0, layout.weights[0] - 8, "Weight per SD", "left"),
        Text(0.0, layout.losses[0] - 8, f"Held-out {loss}, ± 1 SE", "left"),
        Text(0.0, layout.counts[0] - 8, "Non-zero weights", "left"),
        Text(0.0, layout.bars[0] - 8, "Weights at this λ, per SD", "left"),
        Text(0.5, below + 32, "λ as a share of λₘₐₓ", "center"),
    ]
    shares = _decades(axes)
    for i, (share, at) in enumerate(zip(shares, place(shares, axes), strict=True)):
        label = f"{100 * share:,.4g} %"
        rows.append(Text(at, below + 15, label, "center", i % 2 == 1))
    for domain, inside, most in (
        (axes.weights, layout.weights, 5),
        (axes.losses, layout.losses, 3),
        (axes.counts, layout.counts, 3),
    ):
        ticks = _few(round_ticks(*domain), most)
        for tick, y in zip(ticks, down(ticks, domain, inside), strict=True):
            rows.append(Text(1.0, y, number(tick, ",.6g"), "right"))
    ticks = _few(round_ticks(*axes.weights), 5)
    for tick, at in zip(ticks, across(ticks, axes.weights), strict=True):
        rows.append(Text(at, layout.bars[1] + 14, number(tick, ",.6g"), "center"))
    labels = short_names(axes.features, IN_A_HALF)
    for name, y in zip(axes.features, layout.bar_rows, strict=False):
        rows.append(Text(0.0, y, labels[name], "names"))
    return _in_all(layout, Text._fields, rows)


def names(axes: PathAxes, layout: Layout, penalties: Array, lines: Array) -> Table:
    """Names of the leading features at their line's weak end, moved apart.

    Parameters
    ----------
    lines : weights, (penalties, features, λ falling)
    """
    leading = axes.features[:LABELLED]
    top, bottom = layout.weights
    ends = [
        moved_apart(weights[: len(leading), -1], axes.weights, round(bottom - top))
        for weights in lines
    ]
    labels = short_names(axes.features, IN_A_HALF)
    shown = {"text": [labels[name] for name in leading], "feature": leading}
    return {
        **in_panels(penalties, len(leading)),
        "y": down(np.concatenate(ends), axes.weights, layout.weights),
        **{
            name: np.tile(np.array(x, dtype=object), layout.panels)
            for name, x in shown.items()
        },
    }


def in_panels(penalties: Array, rows: int) -> dict[str, Array]:
    """Panel and penalty of so many rows in each."""
    panels = np.arange(len(penalties), dtype=np.int32)
    return {"panel": np.repeat(panels, rows), "penalty": np.repeat(penalties, rows)}


def rules(axes: PathAxes, layout: Layout) -> Table:
    """Thin lines: 0 of the weights across and of the bars down, and below each part."""
    (zero,) = down(np.zeros(1), axes.weights, layout.weights)
    (upright,) = across(np.zeros(1), axes.weights)
    rows = [
        (0.0, 1.0, zero, zero, 0.6),
        (upright, upright, *layout.bars, 0.6),
        *((0.0, 1.0, y, y, 0.25) for _, y in (layout.losses, layout.counts)),
    ]
    return _in_all(layout, ("at", "to", "y", "y2", "opacity"), rows)


def _in_all(
    layout: Layout, fields: tuple[str, ...], rows: Sequence[tuple[object, ...]]
) -> Table:
    """Columns of the same rows in every panel."""
    m, columns = layout.panels, {}
    for name, x in zip(fields, zip(*rows, strict=True), strict=True):
        kind = object if isinstance(x[0], str) else None
        columns[name] = np.tile(np.array(x, dtype=kind), m)
    return {"panel": np.repeat(np.arange(m, dtype=np.int32), len(rows)), **columns}


def _decades(axes: PathAxes) -> Array:
    low, high = np.log10(axes.shares)
    powers = np.arange(np.ceil(low - 1e-6), high + 1e-6)
    return 10.0 ** powers[:: 1 + len(powers) // 6]


def _few(ticks: Array, most: int) -> Array:
    return ticks[:: -(-len(ticks) // most)]

"""The three models as one picture, for a reader without the page → Altair."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison
from regcore.drawing import GREY, NUMBER, dashed, penalty_colour, tooltip, zero_line
from regcore.drawing.names import ON_PAPER, feature_axis, short_names
from regcore.drawing.paper import on_paper
from regcore.questions.cards.curves import DASHES, MOST_POINTS, log_ticks
from regcore.questions.cards.headline import headline
from regcore.questions.cards.ranking import ranked_weights
from regcore.questions.cards.weights import ROW
from regcore.questions.cards.words import TITLES
from regcore.settings import Task
from regcore.words import counted, figures, named

WIDTH = 230
"""Pixels of one of three panels."""

LOSSES = 110

MOST = 30
"""Features drawn, those with the largest weights."""


def models_chart(result: Comparison, file: str = "") -> alt.VConcatChart:
    """Weights and loss curves of the three models side by side, under the headline.

    Of three and more classes the weights are those of the first.

    Parameters
    ----------
    file : what the table is called
    """
    design = result.problem.design
    output = design.classes[0] if design.task is Task.MULTICLASS else None
    weights = ranked_weights(result, output, original_units=False).head(MOST)
    below = _described(result, output, file, len(weights))
    chart = alt.vconcat(_weights(weights), _losses(result), spacing=12)
    return on_paper(chart, headline(result), below)


def _described(
    result: Comparison, output: str | None, file: str, drawn: int
) -> list[str]:
    """Say of what the picture is."""
    design = result.problem.design
    of = f" for {named(output)}" if output is not None else ""
    most = ""
    if drawn < len(design.features):
        most = f", the {drawn} largest of {len(design.features)}"
    return [
        f"{f'{file} · ' if file else ''}target {named(design.target)} · "
        f"λ = {figures(result.settings.lam)} · "
        f"{counted(result.problem.n, 'training row')}",
        f"Weights per standard deviation{of}{most}; circle: exactly 0. Below: mean "
        f"{result.problem.loss.name}, dashed on rows held out.",
    ]


def _weights(weights: pd.DataFrame) -> alt.FacetChart:
    short = short_names((str(name) for name in weights.index), ON_PAPER)
    values = weights[list(PENALTIES)]
    columns = {
        "feature": np.tile(list(short), 3),
        "row": np.tile(list(short.values()), 3),
        "penalty": np.repeat(PENALTIES, len(short)),
        "weight": values.to_numpy().T.ravel(),
    }
    base = alt.Chart().encode(
        x=alt.X("weight:Q", title=None, axis=_ticks()),
        y=alt.Y("row:N", sort=None, title=None, axis=feature_axis(limit=0)),
        color=penalty_colour(legend=False),
        tooltip=[
            tooltip("feature", "Feature"),
            tooltip("penalty", "Penalty"),
            tooltip("weight", "Weight per SD", NUMBER),
        ],
    )
    zeros = base.transform_filter("datum.weight === 0").mark_point(size=40)
    return _beside(
        alt.LayerChart(
            layer=[zero_line(), base.mark_bar(height=10), zeros],
            data=pd.DataFrame(columns),
        ),
        height=ROW * len(short),
        titles=True,
    )


def _losses(result: Comparison) -> alt.FacetChart:
    history = result.history
    last = int(history["epoch"].max())
    few = np.unique(np.geomspace(1, last + 1, MOST_POINTS).astype(int) - 1)
    history = history[history["epoch"].isin(few)]
    history = history.rename(
        columns={"train_loss": "training", "validation_loss": "validation"}
    )
    shown = [name for name in DASHES if history[name].notna().any()]
    longer = history.melt(["penalty", "epoch"], shown, "rows", "loss").dropna()
    lines = alt.Chart(longer).encode(
        x=alt.X(
            "epoch:Q",
            title="Epoch",
            scale=alt.Scale(type="symlog"),
            axis=_ticks(log_ticks(max(last, 1))),
        ),
        y=alt.Y(
            "loss:Q",
            title=None,
            scale=alt.Scale(zero=False),
            axis=alt.Axis(tickCount=3, domain=False, ticks=False, grid=False),
        ),
        color=penalty_colour(legend=False),
        strokeDash=dashed("rows", DASHES),
        tooltip=[
            tooltip("penalty", "Penalty"),
            tooltip("rows", "Rows"),
            tooltip("epoch", "Epoch", ","),
            tooltip("loss", "Loss", NUMBER),
        ],
    )
    return _beside(lines.mark_line(strokeWidth=2), height=LOSSES, titles=False)


def _beside(
    panel: alt.Chart | alt.LayerChart, *, height: int, titles: bool
) -> alt.FacetChart:
    """Three panels on the same axes."""
    expression = " ".join(
        f"datum.value == '{name}' ? '{title}' :" for name, title in TITLES.items()
    )
    header = alt.Header(
        title=None,
        labels=titles,
        labelExpr=f"{expression} ''",
        labelFontSize=13,
        labelFontWeight="bold",
    )
    column = alt.Column("penalty:N", sort=list(PENALTIES), header=header)
    sized = panel.properties(width=WIDTH, height=height)
    return sized.facet(column=column, spacing=16)


def _ticks(values: Sequence[float] | None = None) -> alt.Axis:
    axis = alt.Axis(domain=False, ticks=False, gridColor=GREY, gridOpacity=0.2)
    if values is None:
        axis.tickCount = 5
    else:
        axis.values = list(values)
    return axis

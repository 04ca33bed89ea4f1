"""Comparison → Altair charts, one penalty each, on axes that the three share.

Names from the user's file are values, never fields; every field is named here. Colours
come from the theme's categories, in the order of the penalties.
"""

from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from regcore.compare import PENALTIES, Comparison
from regcore.descent import Outcome, Run

MOST_POINTS = 300
"""Points of one curve; more cannot be told apart on a screen."""

BAR_HEIGHT = 20
"""Pixels a bar: below 18 Vega leaves out labels."""

CURVE_HEIGHT = 280

AXIS_HEIGHT = 66
"""Pixels below the bars for the axis; the page counts them to a chart's height."""

DIVERGED_SHARE = 2.0
"""A diverged run's curve is cut at this many times its first loss."""

LABEL_PIXELS = 130

MARK = "#808080"
"""Grey that stands out on a light and on a dark page."""

MARKS = {"optimum": "At the optimum", "true": "True weight"}
"""Values drawn beside a bar, and what a tooltip calls them."""

Domain = tuple[float, float]
Chart = alt.TopLevelMixin


@dataclass(frozen=True)
class LossAxes:
    """Axes that the loss curves of one comparison share."""

    last_epoch: int
    losses: Domain
    log_epochs: bool
    log_losses: bool


def loss_axes(result: Comparison, *, log_epochs: bool, log_losses: bool) -> LossAxes:
    """Find axes that hold the curves of all three."""
    losses = np.concatenate([_shown_losses(run) for run in result.runs])
    if log_losses:
        # One zero would flatten the whole axis.
        losses = losses[losses > 0]
        domain = float(losses.min()) / 1.05, float(losses.max()) * 1.05
    else:
        margin = 0.04 * float(np.ptp(losses)) or 0.1
        domain = max(float(losses.min()) - margin, 0.0), float(losses.max()) + margin
    last_epoch = max(run.epochs for run in result.runs)
    return LossAxes(max(last_epoch, 1), domain, log_epochs, log_losses)


def loss_curves(result: Comparison, penalty: str, axes: LossAxes) -> alt.LayerChart:
    """Training and validation loss over the epochs, without the penalty.

    A thin line marks the training loss at the exact optimum.
    """
    history = _thinned_losses(result.runs[PENALTIES.index(penalty)], penalty)
    if axes.log_losses:
        history = history[history["loss"] > 0]
    epochs = alt.X(
        field="epoch",
        type="quantitative",
        title="Epoch",
        scale=alt.Scale(
            domain=[0, axes.last_epoch],
            type="symlog" if axes.log_epochs else "linear",
            nice=False,
        ),
        axis=alt.Axis(
            format="~s",
            **({"values": log_ticks(axes.last_epoch)} if axes.log_epochs else {}),
        ),
    )
    losses = alt.Y(
        field="loss",
        type="quantitative",
        title=f"Mean {result.problem.loss.name}",
        scale=alt.Scale(
            domain=list(axes.losses),
            type="log" if axes.log_losses else "linear",
            nice=False,
            zero=False,
        ),
        axis=alt.Axis(tickCount=5),
    )
    dashes = alt.StrokeDash(
        field="rows",
        type="nominal",
        title=None,
        sort=["training", "validation"],
        scale=alt.Scale(domain=["training", "validation"], range=[[1, 0], [5, 3]]),
        legend=alt.Legend(orient="top", symbolStrokeWidth=2),
    )
    tooltip = [
        alt.Tooltip(field="epoch", type="quantitative", title="Epoch", format=","),
        alt.Tooltip(field="rows", type="nominal", title="Rows"),
        alt.Tooltip(field="loss", type="quantitative", title="Loss", format=".5g"),
    ]
    base = alt.Chart(history).encode(x=epochs, y=losses, color=colour(penalty))
    lines = base.mark_line(clip=True).encode(strokeDash=dashes)
    hover = base.mark_point(size=80, opacity=0, clip=True).encode(tooltip=tooltip)
    end = result.optimum_losses[PENALTIES.index(penalty)]
    end = end if axes.losses[0] <= end <= axes.losses[1] else None
    optimum = (
        alt.Chart(pd.DataFrame({"loss": [end]}).dropna())
        .mark_rule(color=MARK, strokeWidth=1)
        .encode(y=losses)
    )
    return (optimum + lines + hover).properties(height=CURVE_HEIGHT)


def weight_domain(weights: pd.DataFrame) -> Domain:
    """Range of the weights with zero in it, for an axis that the three share.

    Optima are left out: without a penalty they can be far beyond what was reached.
    """
    weights = weights[[name for name in (*PENALTIES, "true") if name in weights]]
    low = min(float(weights.min(axis=None)), 0.0)
    high = max(float(weights.max(axis=None)), 0.0)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def weight_bars(
    weights: pd.DataFrame, penalty: str, domain: Domain, unit: str
) -> alt.LayerChart:
    """Weights of one penalty as bars, its exact zeros as open circles.

    Parameters
    ----------
    weights : index the features, column "weight"; columns "optimum" and "true", where
        there are any, are drawn as a tick and a diamond on each bar
    unit : what one is, for the axis title
    """
    marks = [mark for mark in MARKS if mark in weights]
    bars = weights[["weight", *marks]].assign(penalty=penalty)
    bars.insert(0, "feature", weights.index.astype(str))
    tooltip = [
        alt.Tooltip(field="feature", type="nominal", title="Feature"),
        alt.Tooltip(field="weight", type="quantitative", title="Weight", format=".4g"),
        *(
            alt.Tooltip(field=mark, type="quantitative", title=title, format=".4g")
            for mark, title in MARKS.items()
            if mark in marks
        ),
    ]
    features = alt.Y(
        field="feature",
        type="nominal",
        sort=None,
        title=None,
        axis=alt.Axis(
            labelLimit=LABEL_PIXELS,
            labelOverlap=False,
            labelBound=False,
            labelFlush=False,
            ticks=False,
            domain=False,
        ),
    )
    values = alt.X(
        field="weight",
        type="quantitative",
        title=f"Weight {unit}",
        scale=alt.Scale(domain=list(domain), nice=False),
        axis=alt.Axis(tickCount=5),
    )
    base = alt.Chart(bars).encode(y=features, tooltip=tooltip)
    zero = alt.X(datum=0, type="quantitative", title=f"Weight {unit}")
    layers = [
        alt.Chart(bars.head(1)).mark_rule(color=MARK, strokeWidth=1).encode(x=zero),
        base.mark_bar(size=BAR_HEIGHT - 8).encode(x=values, color=colour(penalty)),
        base.transform_filter("datum.weight === 0")
        .mark_point(size=30, filled=False, strokeWidth=1.5, opacity=1)
        .encode(x=values, color=colour(penalty)),
    ]
    if "optimum" in marks:
        layers.append(
            base.mark_tick(
                thickness=2, size=BAR_HEIGHT - 4, color=MARK, clip=True
            ).encode(x=alt.X(field="optimum", type="quantitative"))
        )
    if "true" in marks:
        layers.append(
            base.mark_point(shape="diamond", size=50, color=MARK, opacity=1).encode(
                x=alt.X(field="true", type="quantitative")
            )
        )
    # A bar of no width cannot be pointed at: the whole line of a feature can.
    layers.append(base.mark_rect(opacity=0))
    return alt.layer(*layers).properties(height=BAR_HEIGHT * len(bars) + AXIS_HEIGHT)


def colour(penalty: str) -> alt.Color:
    """One colour a penalty, everywhere: its place among the theme's categories."""
    if penalty not in PENALTIES:
        raise ValueError(f"There is no penalty {penalty!r}.")
    return alt.Color(
        field="penalty",
        type="nominal",
        scale=alt.Scale(domain=list(PENALTIES)),
        legend=None,
    )


def _shown_losses(run: Run) -> np.ndarray:
    """Losses of both curves that the axis must hold."""
    losses = np.concatenate([run.train_loss, run.validation_loss])
    losses = losses[np.isfinite(losses)]
    if run.outcome is Outcome.DIVERGED:
        losses = np.minimum(losses, DIVERGED_SHARE * run.train_loss[0])
    return losses


def _thinned_losses(run: Run, penalty: str) -> pd.DataFrame:
    """Both curves in long form, at most `MOST_POINTS` epochs, the last among them."""
    last = run.epochs
    epochs = np.arange(last + 1)
    if last >= MOST_POINTS:
        half = MOST_POINTS // 2
        even = np.linspace(0, last, half)
        early = np.geomspace(1, last, half)
        epochs = np.unique(np.concatenate([even, early]).round().astype(int))
    parts = [
        pd.DataFrame({"epoch": epochs, "loss": curve[epochs], "rows": rows})
        for rows, curve in [
            ("training", run.train_loss),
            ("validation", run.validation_loss),
        ]
    ]
    return pd.concat(parts, ignore_index=True).assign(penalty=penalty).dropna()


def log_ticks(last: int) -> list[int]:
    """0, 1, 3, 10, 30, … up to the last epoch."""
    ticks = [0, *(m * 10**e for e in range(8) for m in (1, 3))]
    return [tick for tick in ticks if tick <= last]

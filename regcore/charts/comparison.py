"""Comparison → Altair charts, one penalty each, on axes that the three share.

Names from the user's file are values, never fields; every field is named here. Colours
come from the theme's categories, in the order of the penalties.
"""

from dataclasses import dataclass
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from regcore.charts.picture import Picture, Specification, Table
from regcore.compare import PENALTIES, Comparison
from regcore.convergence import TOO_MANY
from regcore.descent import Outcome, Run
from regcore.losses import Array

MOST_POINTS = 200
"""Points of one curve, half of them early; more cannot be told apart on a screen."""

BAR_HEIGHT = 20
"""Pixels a bar: below 18 Vega leaves out labels."""

CURVE_HEIGHT = 280

AXIS_HEIGHT = 66
"""Pixels below the bars for the axis; the page counts them to a chart's height."""

DIVERGED_SHARE = 2.0
"""A diverged run's curve is cut at this many times its first loss."""

LABEL_PIXELS = 130

LONG_LABEL = "^(.{8}).{2,}(.{11})$"
"""More than 20 letters, of which the first and the last stay. A pattern, because to
slice would halve a letter that JavaScript counts as two."""

MARK = "#808080"
"""Grey that stands out on a light and on a dark page."""

MARKS = {"optimum": "At the optimum", "true": "True weight"}
"""Values drawn beside a bar, and what a tooltip calls them."""

DASHES = {"training": [1, 0], "validation": [5, 3]}
"""How the curve of each set of rows is dashed."""

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


def loss_curves(result: Comparison, penalty: str, axes: LossAxes) -> Picture:
    """Training and validation loss over the epochs, without the penalty.

    A thin line marks the training loss at the exact optimum.
    """
    i = PENALTIES.index(penalty)
    low, high = axes.losses
    end = result.optimum_losses[i]
    held_out = result.problem.validation is not None
    specification = _loss_specification(
        penalty,
        result.problem.loss.name,
        held_out,
        axes.log_epochs,
        axes.log_losses,
    )
    ends = {
        "low": np.array([low]),
        "high": np.array([high]),
        "last": np.array([float(axes.last_epoch)]),
        "loss": np.array([end if low <= end <= high else np.nan]),
    }
    curves = _thinned_losses(result.runs[i], held_out, positive=axes.log_losses)
    return Picture(specification, {"curves": curves, "axes": ends})


@cache
def _loss_specification(
    penalty: str, loss: str, held_out: bool, log_epochs: bool, log_losses: bool
) -> Specification:
    epochs = alt.X(
        field="epoch",
        type="quantitative",
        title="Epoch",
        scale=alt.Scale(
            domain=[0, _axis("last")],
            type="symlog" if log_epochs else "linear",
            nice=False,
        ),
        # Vega leaves out the ticks beyond the last epoch.
        axis=alt.Axis(
            format="~s", **({"values": log_ticks(TOO_MANY)} if log_epochs else {})
        ),
    )
    scale = alt.Scale(
        domain=[_axis("low"), _axis("high")],
        type="log" if log_losses else "linear",
        nice=False,
        # Vega says so in the console where zero is spoken of and has no logarithm.
        **({} if log_losses else {"zero": False}),
    )
    losses = alt.Y(
        field="loss",
        type="quantitative",
        title=f"Mean {loss}",
        scale=scale,
        axis=alt.Axis(tickCount=5),
    )
    dashes = alt.StrokeDash(
        field="rows",
        type="nominal",
        title=None,
        sort=list(DASHES),
        scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())),
        legend=alt.Legend(orient="top", symbolStrokeWidth=2),
    )
    rows = list(DASHES) if held_out else ["training"]
    base = alt.Chart(alt.NamedData(name="curves")).encode(x=epochs)
    lines = (
        _coloured(base, penalty)
        .transform_fold(rows, as_=["rows", "loss"])
        .mark_line(clip=True)
        .encode(y=losses, strokeDash=dashes)
    )
    # One band an epoch, wherever the pointer is above it; no screen reader should have
    # to list them.
    hover = base.mark_rule(strokeWidth=6, opacity=0, clip=True, aria=False).encode(
        tooltip=[
            alt.Tooltip(field="epoch", type="quantitative", title="Epoch", format=","),
            *(
                alt.Tooltip(
                    field=name,
                    type="quantitative",
                    title=f"Loss, {name}",
                    format=".5g",
                )
                for name in rows
            ),
        ]
    )
    optimum = (
        alt.Chart(alt.NamedData(name="axes"))
        .transform_filter("isValid(datum.loss)")
        .mark_rule(color=MARK, strokeWidth=1)
        .encode(y=losses)
    )
    layers = optimum + lines + hover
    return layers.properties(height=CURVE_HEIGHT).to_dict(validate=False)


def _axis(end: str) -> alt.ExprRef:
    """Where an axis ends, from the data: the specification stays when it moves."""
    return alt.ExprRef(f"data('axes')[0].{end}")


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
) -> Picture:
    """Weights of one penalty as bars, its exact zeros as open circles.

    Parameters
    ----------
    weights : as `ranked_weights` returns them; a column "true", where there is one, is
        drawn as a diamond on each bar, and the optimum, where there is one, as a tick
    unit : what one is, for the axis title
    """
    values = {
        "weight": weights[penalty].to_numpy(),
        "optimum": weights[f"optimum of {penalty}"].to_numpy(),
    }
    if "true" in weights:
        values["true"] = weights["true"].to_numpy()
    known = {name: value for name, value in values.items() if not _empty(value)}
    features = np.array([str(name) for name in weights.index], dtype=object)
    low, high = domain
    return Picture(
        _bar_specification(penalty, unit, tuple(known)[1:], len(features)),
        {
            "bars": {"feature": features, **known},
            "axes": {"low": np.array([low]), "high": np.array([high])},
        },
    )


def _empty(values: Array) -> bool:
    return bool(np.isnan(values).all())


@cache
def _bar_specification(
    penalty: str, unit: str, marks: tuple[str, ...], count: int
) -> Specification:
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
        title=None,
        # Vega keeps the order in which it first met the values of a field; here the
        # order is that of the data, and moves with it.
        scale=alt.Scale(domain=alt.ExprRef("pluck(data('bars'), 'feature')")),
        axis=feature_axis(),
    )
    values = alt.X(
        field="weight",
        type="quantitative",
        title=f"Weight {unit}",
        scale=alt.Scale(domain=[_axis("low"), _axis("high")], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    base = alt.Chart(alt.NamedData(name="bars")).encode(y=features, tooltip=tooltip)
    coloured = _coloured(base, penalty)
    zero = alt.X(datum=0, type="quantitative", title=f"Weight {unit}")
    layers = [
        alt.Chart(alt.NamedData(name="axes"))
        .mark_rule(color=MARK, strokeWidth=1)
        .encode(x=zero),
        coloured.mark_bar(size=BAR_HEIGHT - 8).encode(x=values),
        coloured.transform_filter("datum.weight === 0")
        .mark_point(size=30, filled=False, strokeWidth=1.5, opacity=1)
        .encode(x=values),
    ]
    if "optimum" in marks:
        # A tick on the circle of a zero that is right would hide it.
        wrong = base.transform_filter("datum.weight !== 0 || datum.optimum !== 0")
        layers.append(
            wrong.mark_tick(
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
    height = BAR_HEIGHT * count + AXIS_HEIGHT
    return alt.layer(*layers).properties(height=height).to_dict(validate=False)


def feature_axis() -> alt.Axis:
    """Every label is drawn.

    Long ones are cut in the middle: the levels of a category differ at the end.
    """
    return alt.Axis(
        labelLimit=LABEL_PIXELS,
        labelExpr=f"replace(datum.label, regexp('{LONG_LABEL}', 'us'), '$1…$2')",
        labelOverlap=False,
        labelBound=False,
        labelFlush=False,
        ticks=False,
        domain=False,
    )


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


def _coloured(marks: alt.Chart, penalty: str) -> alt.Chart:
    """In the colour of one penalty, which is no column of the data."""
    return marks.transform_calculate(penalty=f"'{penalty}'").encode(
        color=colour(penalty)
    )


def _shown_losses(run: Run) -> np.ndarray:
    """Losses of both curves that the axis must hold."""
    losses = np.concatenate([run.train_loss, run.validation_loss])
    losses = losses[np.isfinite(losses)]
    if run.outcome is Outcome.DIVERGED:
        losses = np.minimum(losses, DIVERGED_SHARE * run.train_loss[0])
    return losses


def _thinned_losses(run: Run, held_out: bool, *, positive: bool) -> Table:
    """Both curves, at most `MOST_POINTS` epochs, the last among them.

    A loss that cannot be drawn is NaN; an epoch that has no other is left out.
    """
    last = run.epochs
    epochs = np.arange(last + 1)
    if last >= MOST_POINTS:
        half = MOST_POINTS // 2
        even = np.linspace(0, last, half)
        early = np.geomspace(1, last, half)
        epochs = np.unique(np.concatenate([even, early]).round().astype(int))
    curves = {"training": run.train_loss[epochs]}
    if held_out:
        curves["validation"] = run.validation_loss[epochs]
    losses = np.array(list(curves.values()))
    drawn = np.isfinite(losses) & ((losses > 0) | (not positive))
    some = drawn.any(axis=0)
    losses = np.where(drawn, losses, np.nan)[:, some]
    # The browser's numbers are slow where they are of 64 bits and whole.
    return {
        "epoch": epochs[some].astype(np.int32),
        **dict(zip(curves, losses, strict=True)),
    }


def log_ticks(last: int) -> list[int]:
    """0, 1, 3, 10, 30, … up to the last epoch."""
    ticks = [0, *(m * 10**e for e in range(8) for m in (1, 3))]
    return [tick for tick in ticks if tick <= last]

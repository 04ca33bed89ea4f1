"""Loss curves of one penalty, on axes that the three share → Altair."""

from dataclasses import dataclass
from functools import cache

import altair as alt
import numpy as np

from regcore.comparison import Comparison
from regcore.drawing import GREY, Domain, axis_end, coloured, layered, tooltip
from regcore.drawing.picture import Picture, Specification, Table
from regcore.model.losses import Array
from regcore.solve.convergence import TOO_MANY
from regcore.solve.descent import Outcome, Run

MOST_POINTS = 200
"""Points of one curve, half of them early; more cannot be told apart on a screen."""

CURVE_HEIGHT = 280

DIVERGED_SHARE = 2.0
"""A diverged run's curve is cut at this many times its first loss."""

DASHES = {"training": [1, 0], "validation": [5, 3]}
"""How the curve of each set of rows is dashed."""


@dataclass(frozen=True)
class LossAxes:
    """Axes that the loss curves of one comparison share."""

    last_epoch: int
    losses: Domain
    log_epochs: bool
    log_losses: bool


def loss_axes(result: Comparison, *, log_epochs: bool, log_losses: bool) -> LossAxes:
    """Find axes that hold the curves of all three."""
    losses = np.concatenate([_shown_losses(model.run) for model in result.models])
    if log_losses:
        # One zero would flatten the whole axis.
        losses = losses[losses > 0]
        domain = float(losses.min()) / 1.05, float(losses.max()) * 1.05
    else:
        margin = 0.04 * float(np.ptp(losses)) or 0.1
        domain = max(float(losses.min()) - margin, 0.0), float(losses.max()) + margin
    last_epoch = max(model.run.epochs for model in result.models)
    return LossAxes(max(last_epoch, 1), domain, log_epochs, log_losses)


def loss_curves(result: Comparison, penalty: str, axes: LossAxes) -> Picture:
    """Training and validation loss over the epochs, without the penalty.

    A thin line marks the training loss at the exact optimum.
    """
    model = result[penalty]
    low, high = axes.losses
    end = model.optimum_loss
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
    curves = _thinned_losses(model.run, held_out, positive=axes.log_losses)
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
            domain=[0, axis_end("last")],
            type="symlog" if log_epochs else "linear",
            nice=False,
        ),
        # Vega leaves out the ticks beyond the last epoch.
        axis=alt.Axis(
            format="~s", values=log_ticks(TOO_MANY) if log_epochs else alt.Undefined
        ),
    )
    scale = alt.Scale(
        domain=[axis_end("low"), axis_end("high")],
        type="log" if log_losses else "linear",
        nice=False,
        # Vega says so in the console where zero is spoken of and has no logarithm.
        zero=alt.Undefined if log_losses else False,
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
        coloured(base, penalty)
        .transform_fold([*rows], as_=["rows", "loss"])
        .mark_line(clip=True)
        .encode(y=losses, strokeDash=dashes)
    )
    # One band an epoch, wherever the pointer is above it; no screen reader should have
    # to list them.
    hover = base.mark_rule(strokeWidth=6, opacity=0, clip=True, aria=False).encode(
        tooltip=[
            tooltip("epoch", "Epoch", ","),
            *(tooltip(name, f"Loss, {name}", ".5g") for name in rows),
        ]
    )
    optimum = (
        alt.Chart(alt.NamedData(name="axes"))
        .transform_filter("isValid(datum.loss)")
        .mark_rule(color=GREY, strokeWidth=1)
        .encode(y=losses)
    )
    layers = layered(optimum, lines, hover, height=CURVE_HEIGHT)
    return layers.to_dict(validate=False)


def _shown_losses(run: Run) -> Array:
    """Losses of both curves that the axis must hold."""
    losses: Array = np.concatenate([run.train_loss, run.validation_loss])
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

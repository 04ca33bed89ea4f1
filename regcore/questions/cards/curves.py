"""Loss curves of the three models on one axis → Altair."""

from dataclasses import dataclass
from functools import cache

import altair as alt
import numpy as np

from regcore.comparison import PENALTIES, Comparison
from regcore.drawing import GREY, NUMBER, Domain, dashed, penalty_colour, tooltip
from regcore.drawing.picture import Picture, Specification, Table
from regcore.model.losses import Array
from regcore.questions.cards.panels import (
    MARGIN,
    MOST_TICKS,
    NAMES_END,
    PADDING,
    across,
    grid,
    is_single,
    panel_table,
    place_of,
    tick_table,
)
from regcore.solve.runs import Outcome, Run

CURVES = 112
"""Pixels of the picture from top to bottom."""

MOST_POINTS = 200
"""Points of one curve, half of them early; more cannot be told apart on a screen."""

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


def curve_panels(result: Comparison, axes: LossAxes, *, overlaid: bool) -> Picture:
    """Loss over the epochs on training and held-out rows, one panel a penalty.

    A thin line marks the training loss at the exact optimum.
    """
    held_out = result.problem.validation is not None
    low, high = axes.losses
    parts = [
        thinned_losses(run, held_out, positive=axes.log_losses) for run in result.runs
    ]
    lengths = [len(part["epoch"]) for part in parts]
    ends = np.array([model.optimum_loss for model in result.models])
    last = np.array([float(axes.last_epoch)])
    ticks = [0, axes.last_epoch]
    if axes.log_epochs:
        every = log_ticks(axes.last_epoch)
        ticks = every[:: 1 + (len(every) - 1) // MOST_TICKS]
    at = _epoch_share(np.array(ticks, dtype=float), last, log=axes.log_epochs)
    curves: dict[str, Array] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    curves["penalty"] = np.repeat(np.array(PENALTIES, dtype=object), lengths)
    curves["panel"] = np.repeat(np.arange(3, dtype=np.int32), lengths)
    epochs = curves["epoch"].astype(float)
    curves["at"] = _epoch_share(epochs, last, log=axes.log_epochs)
    panels = panel_table(
        {
            "low": low,
            "high": high,
            "overlaid": float(overlaid),
            "from": MARGIN,
            "to": 1.0 - MARGIN,
        }
    )
    panels["loss"] = np.where((low <= ends) & (ends <= high), ends, np.nan)
    return Picture(
        _curve_specification(held_out, axes.log_losses, result.problem.loss.name),
        {
            "curves": curves,
            "panels": panels,
            "ticks": tick_table(at, [f"{tick:,}" for tick in ticks]),
        },
    )


def _epoch_share(epochs: Array, last: Array, *, log: bool) -> Array:
    """Where epochs lie in a panel; on a log axis by log(1 + epoch)."""
    part = np.log1p(epochs) / np.log1p(last) if log else epochs / last
    return MARGIN + (1.0 - 2.0 * MARGIN) * part


@cache
def _curve_specification(held_out: bool, log_losses: bool, loss: str) -> Specification:
    losses = alt.Y(
        "loss:Q",
        title=f"Mean {loss}",
        scale=alt.Scale(
            domain=[
                alt.ExprRef("data('panels')[0].low"),
                alt.ExprRef("data('panels')[0].high"),
            ],
            type="log" if log_losses else "linear",
            nice=False,
            # Vega says so in the console where zero is spoken of and has no logarithm.
            zero=alt.Undefined if log_losses else False,
        ),
        axis=alt.Axis(
            tickCount=3,
            format=",~r",
            offset=alt.ExprRef(f"-{NAMES_END}"),
            minExtent=0,
            maxExtent=0,
            title=None,
            ticks=False,
            domain=False,
            grid=False,
        ),
    )
    rows: list[str | alt.FieldName] = list(DASHES) if held_out else ["training"]
    base = (
        alt.Chart(alt.NamedData(name="curves"))
        .transform_calculate(x=place_of("at"))
        .encode(x=across("x"), color=penalty_colour(legend=False))
    )
    lines = (
        base.transform_fold(rows, as_=["rows", "loss"])
        .mark_line(clip=True, strokeWidth=2)
        .encode(y=losses, strokeDash=dashed("rows", DASHES))
    )
    # One band an epoch, wherever the pointer is above it; no screen reader should have
    # to list them.
    hover = base.mark_rule(strokeWidth=6, opacity=0, clip=True, aria=False).encode(
        tooltip=[
            tooltip("penalty", "Penalty"),
            tooltip("epoch", "Epoch", ","),
            *(tooltip(str(name), f"Loss, {name}", NUMBER) for name in rows),
        ]
    )
    optimum = (
        alt.Chart(alt.NamedData(name="panels"))
        .transform_calculate(x=place_of("from"), x2=place_of("to"))
        .transform_filter("isValid(datum.loss)")
        .mark_rule(color=GREY, strokeWidth=1)
        .encode(x=across("x"), x2=alt.X2(field="x2"), y=losses)
    )
    return (
        alt.layer(grid(), optimum, lines, hover)
        .add_params(is_single("data('panels')[0].overlaid === 1"))
        .properties(height=CURVES, padding=PADDING)
        .to_dict(validate=False)
    )


def _shown_losses(run: Run) -> Array:
    """Losses of both curves that the axis must hold."""
    losses: Array = np.concatenate([run.train_loss, run.validation_loss])
    losses = losses[np.isfinite(losses)]
    if run.outcome is Outcome.DIVERGED:
        losses = np.minimum(losses, DIVERGED_SHARE * run.train_loss[0])
    return losses


def thinned_losses(run: Run, held_out: bool, *, positive: bool) -> Table:
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

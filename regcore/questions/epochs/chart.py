"""Weights over the epochs → Altair charts, one penalty or one L1 step each."""

from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.drawing import NUMBER, Domain, colour, either, layered, tooltip, zero_line
from regcore.drawing.names import IN_A_THIRD, moved_apart, short_names
from regcore.questions.cards.curves import log_ticks

HEIGHT = 320
FRAME = 64
"""Pixels of the height that go to the axis."""

LABELLED = 6
POINTED = 40
"""Epochs of a line that a pointer finds, evenly along the axis; each is a mark."""

MOST_LINES = 40

FAINT = 0.45
"""Opacity of lines without a name."""

SHOWN = [
    tooltip("feature", "Feature"),
    tooltip("epoch", "Epoch", ","),
    tooltip("weight", "Weight", NUMBER),
]

FLICKER_HEIGHT = 230
FLICKERING = 6
"""Features drawn around zero."""


@dataclass(frozen=True)
class EpochAxes:
    """Axes that the panels share, and the features drawn, the largest first."""

    last: int
    weights: Domain
    features: tuple[str, ...]


def epoch_axes(frame: pd.DataFrame, result: Comparison) -> EpochAxes:
    """Find axes that hold the three; a run that diverged is cut off."""
    sound = [model.name for model in result.models if not model.diverged]
    inside = frame[frame["penalty"].isin(sound)] if sound else frame
    low, high = min(inside["weight"].min(), 0.0), max(inside["weight"].max(), 0.0)
    margin = 0.05 * (high - low) or 0.1
    largest = inside["weight"].abs().groupby(inside["feature"], sort=False).max()
    order = largest.sort_values(ascending=False, kind="stable").index[:MOST_LINES]
    last = max(model.run.epochs for model in result.models)
    return EpochAxes(max(last, 1), (low - margin, high + margin), tuple(order))


def weight_curves(
    frame: pd.DataFrame, silences: pd.DataFrame, penalty: str, axes: EpochAxes
) -> alt.LayerChart:
    """Weights of one penalty over the epochs; a circle where one becomes zero.

    Parameters
    ----------
    frame, silences : as from the answer of this question
    """
    every = frame[frame["penalty"] == penalty]
    lines = every[every["feature"].isin(axes.features)]
    lines = lines.assign(pointed=_pointed(lines["epoch"].to_numpy(), axes.last))
    x, y, drawn = _epochs(axes), _weights(axes.weights), colour(penalty)
    near = alt.selection_point(
        name="near", fields=["feature"], on="pointerover", nearest=True, empty=False
    )
    leading = alt.FieldOneOfPredicate("feature", sorted(axes.features[:LABELLED]))
    base = alt.Chart(lines).encode(
        x=x, y=y, color=drawn, detail=alt.Detail("feature:N")
    )
    curves = base.mark_line(clip=True).encode(
        either(alt.StrokeWidthValue, {"param": near.name, "empty": False}, 4, 1.6),
        either(alt.OpacityValue, {"test": leading}, 1, FAINT),
    )
    silent = silences[(silences["penalty"] == penalty) & (silences["epoch"] > 0)]
    circles = (
        alt.Chart(silent.assign(weight=0.0))
        .mark_point(size=45, filled=False, strokeWidth=1.5, opacity=1)
        .encode(
            x=x,
            y=y,
            color=drawn,
            tooltip=[
                tooltip("feature", "Zero"),
                tooltip("epoch", "From epoch", ","),
                tooltip("returns", "Came back", ","),
            ],
        )
    )
    hover = (
        base.transform_filter("datum.pointed")
        .mark_point(opacity=0, size=40, clip=True)
        .encode(tooltip=SHOWN)
    )
    return layered(
        zero_line("y", 0.6),
        curves,
        *(names.encode(x=x, y=y) for names in _names(every, penalty, axes)),
        # Of one without a name Altair makes one from all that it holds.
        hover.properties(name="points").add_params(near),
        circles,
        height=HEIGHT,
    )


def flicker_curves(flicker: pd.DataFrame, step: str) -> alt.LayerChart:
    """Weights around zero over the last epochs, with one of the L1 steps.

    Parameters
    ----------
    flicker : as from the answer of this question
    """
    largest = flicker["weight"].abs().groupby(flicker["feature"]).max()
    chosen = largest.sort_values(ascending=False, kind="stable").index[:FLICKERING]
    lines = flicker[(flicker["step"] == step) & flicker["feature"].isin(chosen)]
    reach = 1.15 * float(largest.max()) if len(largest) else 0.0
    reach = reach or 1.0
    epochs = flicker["epoch"][flicker["step"] == step]
    base = alt.Chart(lines.assign(penalty="L1")).encode(
        x=alt.X(
            "epoch:Q",
            title=f"Epoch, {step} step",
            scale=alt.Scale(
                domain=[int(epochs.min()), int(epochs.max())], nice=False, zero=False
            ),
            axis=alt.Axis(tickCount=4, tickMinStep=1, grid=False),
        ),
        y=_weights((-reach, reach)),
        color=colour("L1"),
        detail=alt.Detail("feature:N"),
        tooltip=SHOWN,
    )
    return layered(
        base.mark_line(strokeWidth=1, opacity=0.7),
        base.mark_point(size=14, filled=True, opacity=0.9),
        height=FLICKER_HEIGHT,
    )


def _names(
    every: pd.DataFrame, penalty: str, axes: EpochAxes
) -> tuple[alt.Chart, alt.Chart]:
    """Names of the leading features where their lines end, moved apart; x and y lack.

    Those at zero share one label, drawn or not: names beside a line that is not theirs
    mislead.
    """
    leading = list(axes.features[:LABELLED])
    ends = every.loc[every.groupby("feature", sort=False)["epoch"].idxmax()]
    zeros = int((ends["weight"] == 0.0).sum())
    ends = ends[ends["feature"].isin(leading) & (ends["weight"] != 0.0)]
    features, places = list(ends["feature"]), list(ends["weight"])
    short = short_names(axes.features, IN_A_THIRD)
    texts = [short[name] for name in features]
    if zeros:
        features.append(f"{zeros} at zero")
        texts.append(f"{zeros} at zero")
        places.append(0.0)
    labels = pd.DataFrame(
        {
            "feature": features,
            "label": texts,
            "weight": moved_apart(np.array(places), axes.weights, HEIGHT - FRAME),
            "epoch": axes.last,
            "penalty": penalty,
        }
    )
    # The names of all panels, unseen: the same room in each, the same width of plot.
    room = pd.DataFrame({"label": [short[name] for name in leading]})
    unseen = alt.Chart(room.assign(epoch=axes.last, weight=0.0))
    seen = alt.Chart(labels).mark_text(
        align="left", baseline="middle", dx=5, fontSize=11, clip=False
    )
    return (
        unseen.mark_text(align="left", dx=5, fontSize=11, opacity=0).encode(
            text=alt.Text("label:N")
        ),
        seen.encode(
            text=alt.Text("label:N"),
            color=colour(penalty),
            tooltip=[tooltip("feature", "Feature")],
        ),
    )


def _pointed(epochs: np.ndarray, last: int) -> np.ndarray:
    """Whether an epoch is the first that is drawn in its share of the log axis."""
    drawn = np.unique(epochs)
    share = np.floor(POINTED * np.log1p(drawn) / np.log1p(last))
    _, first = np.unique(share, return_index=True)
    return np.isin(epochs, drawn[first])


def _epochs(axes: EpochAxes) -> alt.X:
    return alt.X(
        "epoch:Q",
        title="Epoch",
        scale=alt.Scale(type="symlog", domain=[0, axes.last], nice=False, zero=False),
        axis=alt.Axis(values=log_ticks(axes.last), grid=False),
    )


def _weights(domain: Domain) -> alt.Y:
    return alt.Y(
        "weight:Q",
        title=None,
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(tickCount=5, minExtent=30, maxExtent=30),
    )

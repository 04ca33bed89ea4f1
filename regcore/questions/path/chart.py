"""A path → Altair charts: weights, held-out loss and non-zeros against λ."""

from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from regcore.design.matrix import Design
from regcore.drawing import (
    GREY,
    Domain,
    click,
    colour,
    emphasised,
    heading,
    layered,
    near_feature,
    tooltip,
)
from regcore.drawing.names import end_names, end_room, moved_apart, short_names
from regcore.questions.path import answer as path_view
from regcore.questions.path.answer import MARKS
from regcore.regularization_path import RegularizationPath

WEIGHTS_HEIGHT = 330
LOSS_HEIGHT = 210
COUNT_HEIGHT = 170

FRAME = 90
"""Pixels of these heights that go to the heading and to the axis."""

LABELLED = 7
"""Features named beside their line."""

LONGEST = 18
"""Characters of a name beside its line."""

MOST_LINES = 40
"""Features drawn; those with the largest weights."""

AXIS_SPACE = 34
"""Pixels right of every chart; the same, so that λ stands below λ."""

WIDE = 10.0
"""Shares of λ_max are drawn up to here, and beyond only where L2 predicts well."""


@dataclass(frozen=True)
class PathAxes:
    """Axes that the charts of L1 and L2 share, and the features that are drawn.

    Attributes
    ----------
    shares : λ/λ_max from and to
    features : the largest weights first
    """

    shares: Domain
    weights: Domain
    losses: Domain
    most: int
    features: tuple[str, ...]


def path_axes(paths: RegularizationPath, design: Design, output: int = 0) -> PathAxes:
    """Find axes that hold the curves of both."""
    low = float(min(paths.l1.lams[-1], paths.l2.lams[-1])) / paths.lam_max
    high = WIDE if paths.l2.lam_1se < 0.5 * WIDE * paths.lam_max else np.inf
    high = min(high, float(paths.l2.lams[0]) / paths.lam_max)
    W = np.concatenate([paths.l1.W, paths.l2.W])[:, :, output]
    largest = np.abs(W).max(axis=0)
    order = np.argsort(-largest, kind="stable")[:MOST_LINES]
    frame = path_view.validation(paths)
    frame = frame[frame["share"] <= high * 1.001]
    return PathAxes(
        shares=(low, high),
        weights=_with_margin(min(float(W.min()), 0.0), max(float(W.max()), 0.0)),
        losses=_with_margin(float(frame["low"].min()), float(frame["high"].max())),
        most=int(paths.l1.W[0].size),
        features=tuple(design.features[j] for j in order),
    )


def weight_paths(
    coefficients: pd.DataFrame, marked: pd.DataFrame, penalty: str, axes: PathAxes
) -> alt.LayerChart:
    """Weights of one penalty against λ, the leading ones named at the weak end.

    Parameters
    ----------
    coefficients, marked : as from the answer of this question
    """
    lines = _of(coefficients, penalty, axes)
    lines = lines[lines["feature"].isin(axes.features)]
    near = near_feature()
    weights = _y("weight", axes.weights, ticks=5)
    base = alt.Chart(lines).encode(
        x=_shares(axes),
        y=weights,
        color=colour(penalty),
        detail=alt.Detail(field="feature", type="nominal"),
    )
    zero = alt.Chart(pd.DataFrame({"weight": [0.0]})).mark_rule(color=GREY, opacity=0.6)
    leading = axes.features[:LABELLED]
    return layered(
        zero.encode(y=weights),
        _rules(marked, penalty, axes),
        emphasised(base.mark_line(clip=True, interpolate="monotone"), near, leading),
        _names(lines, penalty, axes),
        base.mark_point(opacity=0, size=40, clip=True)
        .encode(
            tooltip=[
                tooltip("feature", "Feature"),
                tooltip("weight", "Weight", ".4g"),
                *_lam_tooltip(),
            ]
        )
        .add_params(near, click()),
        height=WEIGHTS_HEIGHT,
        title=heading("Weight per SD", "right"),
    )


def loss_path(
    validation: pd.DataFrame,
    marked: pd.DataFrame,
    penalty: str,
    axes: PathAxes,
    loss_name: str,
) -> alt.LayerChart:
    """Mean held-out loss of one penalty against λ, with one standard error around."""
    base = alt.Chart(_of(validation, penalty, axes)).encode(
        x=_shares(axes), color=colour(penalty)
    )
    losses = _y("loss", axes.losses, ticks=4)
    band = base.mark_area(opacity=0.25, clip=True, line=False).encode(
        y=_y("low", axes.losses, ticks=4),
        y2=alt.Y2(field="high"),
    )
    hover = (
        base.mark_point(opacity=0, size=40, clip=True)
        .encode(
            y=losses,
            tooltip=[
                tooltip("loss", "Mean loss", ".4g"),
                tooltip("high", "+ 1 SE", ".4g"),
                tooltip("nonzero", "Non-zeros", ","),
                *_lam_tooltip(),
            ],
        )
        .add_params(click())
    )
    return layered(
        _room(axes),
        _rules(marked, penalty, axes),
        band,
        base.mark_line(clip=True).encode(y=losses),
        hover,
        height=LOSS_HEIGHT,
        title=heading(f"Held-out {loss_name}", "right"),
    )


def count_path(
    validation: pd.DataFrame, marked: pd.DataFrame, penalty: str, axes: PathAxes
) -> alt.LayerChart:
    """Number of weights that are not exactly 0, against λ."""
    base = alt.Chart(_of(validation, penalty, axes)).encode(
        x=_shares(axes),
        y=_y("nonzero", (0.0, 1.08 * axes.most), ticks=3),
        color=colour(penalty),
    )
    return layered(
        _room(axes),
        _rules(marked, penalty, axes),
        base.mark_line(clip=True, interpolate="step-before"),
        base.mark_point(opacity=0, size=40, clip=True).encode(
            tooltip=[
                tooltip("nonzero", "Non-zeros", ","),
                *_lam_tooltip(),
            ]
        ),
        height=COUNT_HEIGHT,
        title=heading("Non-zero weights", "right"),
    )


def _names(lines: pd.DataFrame, penalty: str, axes: PathAxes) -> alt.Chart:
    """Names of the leading features at their line's weak end, moved apart."""
    ends = lines[lines["feature"].isin(axes.features[:LABELLED])]
    ends = ends.loc[ends.groupby("feature", sort=False)["share"].idxmin()]
    short = short_names(axes.features, LONGEST)
    height = WEIGHTS_HEIGHT - FRAME
    labels = pd.DataFrame(
        {
            "feature": ends["feature"],
            "label": [short[name] for name in ends["feature"]],
            "weight": moved_apart(ends["weight"].to_numpy(), axes.weights, height),
            "share": axes.shares[0],
            "penalty": penalty,
        }
    )
    return end_names(labels, "left", penalty).encode(
        x=_shares(axes), y=_y("weight", axes.weights, ticks=5)
    )


def _room(axes: PathAxes) -> alt.Chart:
    """The same names unseen: as much room on the left as where they are seen."""
    short = short_names(axes.features, LONGEST)
    names = [short[name] for name in axes.features[:LABELLED]]
    labels = pd.DataFrame({"label": names, "share": axes.shares[0]})
    return end_room(labels, "left").encode(x=_shares(axes))


def _rules(marked: pd.DataFrame, penalty: str, axes: PathAxes) -> alt.Chart:
    """Upright lines at the λ worth marking, told apart by their dashes."""
    rules = _of(marked, penalty, axes)
    dashes = alt.StrokeDash(
        field="mark",
        type="nominal",
        sort=list(MARKS),
        scale=alt.Scale(domain=list(MARKS), range=[[1, 0], [6, 3], [2, 3]]),
        legend=None,
    )
    widths = alt.StrokeWidth(
        field="mark",
        type="nominal",
        sort=list(MARKS),
        scale=alt.Scale(domain=list(MARKS), range=[2.5, 1.5, 1.5]),
        legend=None,
    )
    rule: alt.Chart = alt.Chart(rules).mark_rule(color=GREY)
    return rule.encode(
        x=_shares(axes),
        strokeDash=dashes,
        strokeWidth=widths,
        tooltip=[tooltip("mark", "λ"), *_lam_tooltip()],
    )


def _shares(axes: PathAxes) -> alt.X:
    low, high = axes.shares
    ticks = 10.0 ** np.arange(np.ceil(np.log10(low) - 1e-6), np.log10(high) + 1e-6)
    return alt.X(
        field="share",
        type="quantitative",
        title="λ as a share of λₘₐₓ",
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        axis=alt.Axis(
            values=[float(f"{tick:.3g}") for tick in ticks],
            labelExpr="format(100 * datum.value, ',.3~f') + ' %'",
            labelFlush=True,
            grid=False,
        ),
    )


def _y(field: str, domain: Domain, ticks: int) -> alt.Y:
    """An axis on the right, as wide in every chart."""
    return alt.Y(
        field=field,
        type="quantitative",
        title=None,
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(
            orient="right",
            tickCount=ticks,
            format=".3~g",
            minExtent=AXIS_SPACE,
            maxExtent=AXIS_SPACE,
        ),
    )


def _lam_tooltip() -> list[alt.Tooltip]:
    return [
        tooltip("lam", "λ", ".4g"),
        tooltip("share", "λ/λₘₐₓ", ".3~%"),
    ]


def _of(frame: pd.DataFrame, penalty: str, axes: PathAxes) -> pd.DataFrame:
    """Rows of one penalty within the axis."""
    low, high = axes.shares
    inside = frame["share"].between(low * 0.999, high * 1.001)
    return frame[inside & (frame["penalty"] == penalty)]


def _with_margin(low: float, high: float) -> Domain:
    margin = 0.05 * (high - low) or 0.1
    return low - margin, high + margin

"""Predicted and actual, ROC, precision–recall and calibration → Altair."""

from collections.abc import Sequence
from typing import Literal, TypeVar

import altair as alt
import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import (
    GREY,
    NUMBER,
    layered,
    penalty_colour,
    penalty_legend,
    penalty_shape,
    tooltip,
    zero_line,
)
from regcore.model.losses import Array
from regcore.questions.predictions.answer import (
    Chances,
    Numbers,
    drawn_rows,
    groups,
    thinned,
)

HEIGHT = 340

DASHES = {"none": [1, 0], "L1": [7, 3], "L2": [2, 2]}
"""Of the lines, which may lie upon each other."""

Channel = TypeVar("Channel", alt.X, alt.Y)


def predicted_and_actual(numbers: Numbers) -> alt.LayerChart:
    """Actual against predicted numbers, and the line where they are equal."""
    frame = _dots(numbers)
    both = frame[["predicted", "actual"]].to_numpy()
    line = _diagonal(float(both.min()), float(both.max()))
    cloud = _cloud(frame, numbers.models, "actual")
    return layered(line, cloud, height=HEIGHT, above="Actual")


def residuals(numbers: Numbers) -> alt.LayerChart:
    """Actual less predicted, against predicted; lines through means of groups."""
    cloud = _cloud(_dots(numbers), numbers.models, "residual")
    parts = [
        pd.DataFrame(
            {
                "penalty": name,
                "predicted": found.predicted,
                "residual": found.actual,
                "rows": found.rows,
            }
        )
        for name, predicted, residual in zip(
            numbers.models, numbers.predicted, numbers.residuals, strict=True
        )
        if (found := groups(predicted, residual)) is not None
    ]
    layers: list[alt.Chart] = [zero_line("y"), cloud]
    if parts:
        base = alt.Chart(pd.concat(parts)).encode(
            x=alt.X("predicted:Q"),
            y=alt.Y("residual:Q"),
            color=penalty_colour(drawn=numbers.models),
            tooltip=[
                tooltip("penalty", "Penalty"),
                tooltip("rows", "Rows of the group", ","),
                tooltip("predicted", "Mean predicted", NUMBER),
                tooltip("residual", "Mean actual less predicted", f"+{NUMBER}"),
            ],
        )
        layers += [base.mark_line(strokeWidth=2), base.mark_point(opacity=0, size=80)]
    return layered(*layers, height=HEIGHT, above="Actual less predicted")


def _dots(numbers: Numbers) -> pd.DataFrame:
    """The rows that are drawn, one line a model and row."""
    rows = drawn_rows(len(numbers.actual))
    parts = [
        pd.DataFrame(
            {
                "penalty": name,
                "predicted": predicted[rows],
                "actual": numbers.actual[rows],
                "residual": (numbers.actual - predicted)[rows],
            }
        )
        for name, predicted in zip(numbers.models, numbers.predicted, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _cloud(frame: pd.DataFrame, models: Sequence[str], field: str) -> alt.Chart:
    free, axis = alt.Scale(zero=False), alt.Axis(tickCount=5)
    dots: alt.Chart = alt.Chart(frame).mark_point(filled=True, size=28, opacity=0.45)
    return dots.encode(
        x=alt.X("predicted:Q", title="Predicted", scale=free, axis=axis),
        y=alt.Y(f"{field}:Q", title=None, scale=free, axis=axis),
        color=penalty_colour(drawn=models),
        shape=penalty_shape(models),
        tooltip=[
            tooltip("penalty", "Penalty"),
            tooltip("predicted", "Predicted", NUMBER),
            tooltip("actual", "Actual", NUMBER),
            tooltip("residual", "Actual less predicted", f"+{NUMBER}"),
        ],
    )


def roc(chances: Chances) -> alt.LayerChart:
    """Share found against share of false alarms, over all thresholds."""
    return _curves(
        chances,
        [(counted.false_alarms, counted.recall) for counted in chances.thresholds],
        titles=("False alarms, share of the others", "Found, share of the class"),
        guess=_diagonal(0.0, 1.0),
        interpolate="linear",
    )


def precision_recall(chances: Chances) -> alt.LayerChart:
    """Share of the class among the rows that pass, against the share found."""
    level = pd.DataFrame({"y": [chances.true.mean()]})
    return _curves(
        chances,
        # Where nothing passes there is no precision: the first step begins at 0.
        [
            (counted.recall, np.append(counted.precision[1], counted.precision[1:]))
            for counted in chances.thresholds
        ],
        titles=("Recall: found, share of the class", "Precision: right when found"),
        guess=alt.Chart(level)
        .mark_rule(color=GREY, strokeDash=[3, 3])
        .encode(y=alt.Y("y:Q")),
        interpolate="step-before",
    )


def calibration(chances: Chances) -> alt.LayerChart | None:
    """Share of the class against its mean probability; None with too few rows."""
    parts = [
        pd.DataFrame(
            {
                "penalty": name,
                "x": found.predicted,
                "y": found.actual,
                "rows": found.rows,
            }
        )
        for name, probability in zip(chances.models, chances.probability, strict=True)
        if (found := groups(probability, chances.true)) is not None
    ]
    if not parts:
        return None
    base = alt.Chart(pd.concat(parts)).encode(
        x=_share(alt.X, "x", "Mean probability of a group"),
        y=_share(alt.Y, "y", None),
        color=penalty_colour(drawn=chances.models),
        tooltip=[
            tooltip("penalty", "Penalty"),
            tooltip("rows", "Rows of the group", ","),
            tooltip("x", "Mean probability", ".1%"),
            tooltip("y", "Share of the class", ".1%"),
        ],
    )
    dots = base.mark_point(filled=True, size=60, opacity=1)
    return layered(
        _diagonal(0.0, 1.0),
        base.mark_line(),
        dots.encode(shape=penalty_shape(chances.models)),
        height=HEIGHT,
        above="Share of the class",
    )


def _curves(
    chances: Chances,
    points: Sequence[tuple[Array, Array]],
    titles: tuple[str, str],
    guess: alt.Chart,
    interpolate: Literal["linear", "step-before"],
) -> alt.LayerChart:
    """The lines of the models over the line of guessing."""
    models, curves = chances.models, []
    for name, (x, y), counted in zip(models, points, chances.thresholds, strict=True):
        step = thinned(x, y)
        at = np.take(counted.at, step)
        columns = {"step": step, "x": x[step], "y": y[step], "at": at}
        curves.append(pd.DataFrame({"penalty": name, **columns}))
    # No threshold is infinite on the page: the first lets no row pass.
    frame = pd.concat(curves, ignore_index=True).replace({"at": {np.inf: 1.0}})
    base = alt.Chart(frame).encode(
        x=_share(alt.X, "x", titles[0]),
        y=_share(alt.Y, "y", None),
        color=penalty_colour(drawn=models),
        order=alt.Order("step:Q"),
    )
    lines = base.mark_line(interpolate=interpolate, strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(
            "penalty:N",
            title=None,
            scale=alt.Scale(domain=list(PENALTIES), range=list(DASHES.values())),
            legend=penalty_legend(models),
        )
    )
    hover = base.mark_point(size=60, opacity=0).encode(
        tooltip=[
            tooltip("penalty", "Penalty"),
            tooltip("at", "Threshold", ".3f"),
            tooltip("x", titles[0], ".1%"),
            tooltip("y", titles[1], ".1%"),
        ]
    )
    return layered(guess, lines, hover, height=HEIGHT, above=titles[1])


def _share(channel: type[Channel], field: str, title: str | None) -> Channel:
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(format="%", tickCount=5)
    return channel(f"{field}:Q", title=title, scale=scale, axis=axis)


def _diagonal(low: float, high: float) -> alt.Chart:
    """Where both are equal."""
    frame = pd.DataFrame({"x": [low], "end": [high]})
    line: alt.Chart = alt.Chart(frame).mark_rule(color=GREY, strokeDash=[3, 3])
    return line.encode(
        x=alt.X("x:Q"), x2=alt.X2(field="end"), y=alt.Y("x:Q"), y2=alt.Y2(field="end")
    )

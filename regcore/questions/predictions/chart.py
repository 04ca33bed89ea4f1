"""Predicted and actual, ROC, precision–recall and calibration → Altair."""

from collections.abc import Sequence
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import (
    GREY,
    NUMBER,
    heading,
    layered,
    penalty_colour,
    penalty_legend,
    penalty_shape,
    tooltip,
    zero_line,
)
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

SHARE = alt.Scale(domain=[0, 1], nice=False)


def predicted_and_actual(numbers: Numbers) -> alt.LayerChart:
    """Actual against predicted numbers, and the line where they are equal."""
    frame = _dots(numbers)
    ends = [
        float(find(frame[["predicted", "actual"]].to_numpy()))
        for find in (np.min, np.max)
    ]
    line = _diagonal(ends)
    return layered(
        line,
        _cloud(frame, numbers.models, _actual("actual")),
        height=HEIGHT,
        title=heading("Actual"),
    )


def residuals(numbers: Numbers) -> alt.LayerChart:
    """Actual less predicted, against predicted; lines through means of groups."""
    cloud = _cloud(_dots(numbers), numbers.models, _actual("residual"))
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
            x=alt.X(field="predicted", type="quantitative"),
            y=alt.Y(field="residual", type="quantitative"),
            color=penalty_colour(drawn=numbers.models),
            tooltip=[
                tooltip("penalty", "Penalty"),
                tooltip("rows", "Rows of the group", ","),
                tooltip("predicted", "Mean predicted", NUMBER),
                tooltip("residual", "Mean actual less predicted", f"+{NUMBER}"),
            ],
        )
        layers += [base.mark_line(strokeWidth=2), base.mark_point(opacity=0, size=80)]
    return layered(*layers, height=HEIGHT, title=heading("Actual less predicted"))


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


def _cloud(frame: pd.DataFrame, models: Sequence[str], y: alt.Y) -> alt.Chart:
    dots: alt.Chart = alt.Chart(frame).mark_point(filled=True, size=28, opacity=0.45)
    return dots.encode(
        x=_predicted(),
        y=y,
        color=penalty_colour(drawn=models),
        shape=penalty_shape(drawn=models),
        tooltip=[
            tooltip("penalty", "Penalty"),
            tooltip("predicted", "Predicted", NUMBER),
            tooltip("actual", "Actual", NUMBER),
            tooltip("residual", "Actual less predicted", f"+{NUMBER}"),
        ],
    )


def _predicted() -> alt.X:
    return alt.X(
        field="predicted",
        type="quantitative",
        title="Predicted",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=5),
    )


def _actual(field: str) -> alt.Y:
    return alt.Y(
        field=field,
        type="quantitative",
        title=None,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=5),
    )


def roc(chances: Chances) -> alt.LayerChart:
    """Share found against share of false alarms, over all thresholds."""
    curves = []
    for name, counted in zip(chances.models, chances.thresholds, strict=True):
        kept = thinned(counted.false_alarms, counted.recall)
        curves.append(
            _curve(name, counted.false_alarms, counted.recall, counted.at, kept)
        )
    return _curves(
        curves,
        chances.models,
        titles=("False alarms, share of the others", "Found, share of the class"),
        guess=_diagonal([0.0, 1.0]),
        interpolate="linear",
    )


def precision_recall(chances: Chances) -> alt.LayerChart:
    """Share of the class among the rows that pass, against the share found."""
    curves = []
    for name, counted in zip(chances.models, chances.thresholds, strict=True):
        # Where nothing passes there is no precision: the first step begins at 0.
        precision = np.append(counted.precision[1], counted.precision[1:])
        kept = thinned(counted.recall, precision)
        curves.append(_curve(name, counted.recall, precision, counted.at, kept))
    level = pd.DataFrame({"y": [chances.true.mean()]})
    return _curves(
        curves,
        chances.models,
        titles=("Recall: found, share of the class", "Precision: right when found"),
        guess=alt.Chart(level)
        .mark_rule(color=GREY, strokeDash=[3, 3])
        .encode(y=alt.Y(field="y", type="quantitative")),
        interpolate="step-before",
    )


def calibration(chances: Chances) -> alt.LayerChart | None:
    """Share of the class against its mean probability; None with too few rows."""
    parts = [
        _curve(
            name, found.predicted, found.actual, found.rows, np.arange(len(found.rows))
        )
        for name, probability in zip(chances.models, chances.probability, strict=True)
        if (found := groups(probability, chances.true)) is not None
    ]
    if not parts:
        return None
    frame = pd.concat(parts, ignore_index=True).rename(columns={"at": "rows"})
    base = alt.Chart(frame).encode(
        x=_across("Mean probability of a group"),
        y=_up(),
        color=penalty_colour(drawn=chances.models),
        tooltip=[
            tooltip("penalty", "Penalty"),
            tooltip("rows", "Rows of the group", ","),
            tooltip("x", "Mean probability", ".1%"),
            tooltip("y", "Share of the class", ".1%"),
        ],
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        shape=penalty_shape(drawn=chances.models)
    )
    return layered(
        _diagonal([0.0, 1.0]),
        base.mark_line(),
        dots,
        height=HEIGHT,
        title=heading("Share of the class"),
    )


def _curve(
    name: str, x: np.ndarray, y: np.ndarray, at: np.ndarray, kept: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {"penalty": name, "step": kept, "x": x[kept], "y": y[kept], "at": at[kept]}
    )


def _curves(
    curves: list[pd.DataFrame],
    models: Sequence[str],
    titles: tuple[str, str],
    guess: alt.Chart,
    interpolate: Literal["linear", "step-before"],
) -> alt.LayerChart:
    """The lines of the models over the line of guessing."""
    # No threshold is infinite on the page: the first lets no row pass.
    frame = pd.concat(curves, ignore_index=True).replace({"at": {np.inf: 1.0}})
    base = alt.Chart(frame).encode(
        x=_across(titles[0]),
        y=_up(),
        color=penalty_colour(drawn=models),
        order=alt.Order(field="step", type="quantitative"),
    )
    lines = base.mark_line(interpolate=interpolate, strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(
            field="penalty",
            type="nominal",
            title=None,
            scale=alt.Scale(domain=list(PENALTIES), range=list(DASHES.values())),
            legend=penalty_legend(drawn=models),
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
    return layered(guess, lines, hover, height=HEIGHT, title=heading(titles[1]))


def _across(title: str) -> alt.X:
    axis = alt.Axis(format="%", tickCount=5)
    return alt.X(field="x", type="quantitative", title=title, scale=SHARE, axis=axis)


def _up() -> alt.Y:
    axis = alt.Axis(format="%", tickCount=5)
    return alt.Y(field="y", type="quantitative", title=None, scale=SHARE, axis=axis)


def _diagonal(ends: Sequence[float]) -> alt.Chart:
    """Where both are equal."""
    frame = pd.DataFrame({"x": ends[:1], "end": ends[1:]})
    line: alt.Chart = alt.Chart(frame).mark_rule(color=GREY, strokeDash=[3, 3])
    return line.encode(
        x=alt.X(field="x", type="quantitative"),
        x2=alt.X2(field="end"),
        y=alt.Y(field="x", type="quantitative"),
        y2=alt.Y2(field="end"),
    )

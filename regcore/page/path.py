"""The λ path: what every λ would have given, and a click away from having it."""

from functools import partial

import streamlit as st

from regcore.compare import Comparison
from regcore.page.cards import COLOURS
from regcore.page.choices import choose_output
from regcore.page.controls import set_share
from regcore.page.dataset import Dataset
from regcore.page.paths import paths_or_reason
from regcore.page.text import literal
from regcore.questions.path import answer as path_view
from regcore.questions.path import chart as path_charts
from regcore.questions.path import words


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw weights, held-out loss and non-zeros along λ, for L1 and L2."""
    problem = result.problem
    design = problem.design
    paths = paths_or_reason(result, dataset, "path")
    if paths is None:
        return
    st.markdown(literal(words.in_words(paths, result)))
    output = choose_output(result, dataset, "path")
    axes = path_charts.path_axes(paths, design, output)
    weights = path_view.coefficients(paths, design, output)
    losses = path_view.validation(paths)
    marks = path_view.marked(paths, result)
    for place, penalty in zip(st.columns(2), ("L1", "L2"), strict=True):
        with place:
            st.markdown(f"**:{COLOURS[penalty]}[{penalty}]**")
            _draw_clickable(
                path_charts.weight_paths(weights, marks, penalty, axes),
                f"weight path {penalty}",
                f"Weights along λ, {penalty}",
            )
            _draw_clickable(
                path_charts.loss_path(losses, marks, penalty, axes, problem.loss.name),
                f"loss path {penalty}",
                f"Held-out loss along λ with one standard error, {penalty}",
            )
            st.altair_chart(
                path_charts.count_path(losses, marks, penalty, axes),
                alt=f"Non-zero weights along λ, {penalty}",
            )
    st.caption(
        "**How to read this.** Strong penalties are on the right, weak ones on the "
        "left; every line is one feature, out where it lies on zero. "
        "Upright lines: λ now (thick), with the smallest loss (dashes), within one "
        "standard error of it (dots).  \nThe band is one standard error of the folds. "
        "Click on a path or on a loss curve to train everything above with that λ."
    )


def _draw_clickable(chart: object, key: str, alt: str) -> None:
    st.altair_chart(
        chart,
        key=key,
        on_select=partial(_take, key),
        selection_mode=path_charts.CLICK,
        alt=alt,
    )


def _take(key: str) -> None:
    """Move λ to where the click was."""
    chosen = st.session_state[key].selection.get(path_charts.CLICK)
    if chosen:
        set_share(chosen[0]["share"])

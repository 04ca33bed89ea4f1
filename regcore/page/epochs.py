"""Weights over the epochs, and the textbook L1 step beside the clipped one."""

import streamlit as st

from regcore.compare import PENALTIES, Comparison
from regcore.page.cards import COLOURS, TITLES
from regcore.page.choices import choose_output
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.page.training import obtain_other_step, resume
from regcore.questions.epochs import answer as epochs_view
from regcore.questions.epochs import chart as epochs_charts
from regcore.questions.epochs import words


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw one panel a penalty; on demand, what the other L1 step does around zero."""
    st.markdown(literal(words.in_words(result)))
    output = choose_output(result, dataset, "epochs")
    frame = epochs_view.weights_over_epochs(result, output)
    silences = epochs_view.silences(result, output)
    axes = epochs_charts.epoch_axes(frame, result)
    for place, penalty in zip(st.columns(3), PENALTIES, strict=True):
        with place:
            st.markdown(f"**:{COLOURS[penalty]}[{TITLES[penalty]}]**")
            st.altair_chart(
                epochs_charts.weight_curves(frame, silences, penalty, axes),
                alt=f"Weights over the epochs, {penalty}",
            )
    st.caption(
        "**How to read this.** Every line is one weight, per standard deviation, from "
        "the start at zero to where training ended; the epochs are on a log axis.  \n"
        "A circle on the zero line marks the epoch from which a weight stays silent; "
        "point at it for the feature."
    )
    other = "clipped" if result.penalties[1].textbook else "textbook"
    if result.penalties[1].l1 > 0 and st.toggle(
        f"Train L1 with the {other} step too",
        key="other step",
        help="The textbook step takes ηλ/n·sgn(w) off and never stops at zero; the "
        "clipped step does.",
    ):
        _draw_steps(result, dataset, output)


def _draw_steps(result: Comparison, dataset: Dataset, output: int) -> None:
    other = obtain_other_step(dataset, result, st.empty())
    if other is None:
        st.warning("The training was cancelled.")
        st.button("Train the other step", key="other step again", on_click=resume)
        return
    st.markdown(literal(words.compare_steps(result, other)))
    flicker = epochs_view.flicker(result, other, output)
    if flicker.empty:
        st.caption("The exact solution has no weight at zero, so there is no flicker.")
        return
    for place, step in zip(st.columns(2), ("clipped", "textbook"), strict=True):
        place.altair_chart(
            epochs_charts.flicker_curves(flicker, step),
            alt=f"Weights around zero, {step} step",
        )
    st.caption(
        f"Both run on for {epochs_view.TAIL} epochs from where they ended; drawn are "
        "weights that are zero in the exact solution."
    )

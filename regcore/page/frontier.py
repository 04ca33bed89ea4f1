"""Sparsity against loss."""

import streamlit as st

from regcore.compare import Comparison
from regcore.page.dataset import Dataset
from regcore.page.paths import paths_or_reason
from regcore.page.text import literal
from regcore.questions.frontier import answer as frontier
from regcore.questions.frontier import chart as frontier_charts
from regcore.questions.frontier import words


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw the loss that every number of weights costs, with none and L2 beside it."""
    paths = paths_or_reason(result, dataset, "frontier")
    if paths is None:
        return
    st.markdown(literal(words.in_words(paths, result)))
    st.altair_chart(
        frontier_charts.frontier_curve(
            frontier.frontier(paths), frontier.landmarks(paths, result)
        ),
        alt="Cross-validated loss against the number of weights, along the L1 path",
    )
    st.caption(
        "**How to read this.** Going left, L1 gives up weights; where the line stays "
        "low they were not needed, where it climbs they were.  \n"
        "Every dot is the best λ for that many weights; the axis is logarithmic above "
        "half a percent."
    )

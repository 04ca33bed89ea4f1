"""Section: is "none" really none? The penalty that stopping early amounts to."""

import streamlit as st

from regcore.compare import Comparison
from regcore.page.dataset import Dataset
from regcore.page.parts import describe, explain
from regcore.page.training import Heartbeat, computed, resume
from regcore.questions.early_stopping import answer as early_stopping
from regcore.questions.early_stopping import chart as early_stopping_charts
from regcore.questions.early_stopping.words import in_words
from regcore.solve.descent import Outcome


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw the hidden strength of the run without a penalty, epoch by epoch."""
    found = computed(
        "early stopping",
        (dataset.digest, result.settings),
        lambda tell: early_stopping.hidden_strength(result, tell),
        Heartbeat(st.empty(), "Solving for one λ after another"),
    )
    if found is None:
        st.info("This was cancelled.")
        st.button("Solve for one λ after another", key="hidden", on_click=resume)
        return
    describe([in_words(found)])
    if found.outcome is Outcome.DIVERGED or not len(found.table):
        return
    left, right = st.columns(2)
    left.altair_chart(
        early_stopping_charts.hidden_lam(found),
        alt="λ of the L2 penalty nearest to the run without a penalty, over epochs",
    )
    right.altair_chart(
        early_stopping_charts.distances(found),
        alt="Distance of the run to the nearest L2 optimum and to its own, over epochs",
    )
    explain(
        "Weights that start at 0 and are stopped early are small, as under a penalty: "
        "for every epoch, the λ whose L2 optimum is nearest to them, on log axes.",
        "While the line falls, none is not none yet. The dashed line is the rule of "
        "thumb λ ≈ n/(η·steps); the other chart says how well the match holds.",
    )

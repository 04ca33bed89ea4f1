"""Section: shrunken or refitted, and why no p-values."""

import streamlit as st

from regcore.compare import Comparison
from regcore.drawing import FIRST
from regcore.page.dataset import Dataset
from regcore.page.parts import choose_class, describe, explain
from regcore.page.text import literal, plural
from regcore.page.training import Heartbeat, computed, resume
from regcore.questions.refit import answer as refit
from regcore.questions.refit import chart as refit_charts


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw the kept features' weights as L1 has them and as refitted without it."""
    settings = result.settings
    found = computed(
        "refit",
        (dataset.digest, settings.preparation(), settings.lam),
        lambda tell: refit.refit(result, lambda: tell(0.5)),
        Heartbeat(st.empty(), "Refitting what L1 keeps"),
    )
    if found is None:
        st.info("This was cancelled.")
        st.button("Refit what L1 keeps", key="refit", on_click=resume)
        return
    describe([refit.in_words(found)])
    if found.kept and found.exists:
        several = found.table.index.nlevels > 1
        output = choose_class(result, dataset, "refit") if several else ""
        st.altair_chart(
            refit_charts.refitted_weights(found, output),
            alt="Weights of the kept features under L1 and refitted without a penalty",
        )
        explain(
            "The line is how far L1 holds a kept weight from where it would go alone, "
            "mostly towards 0: the price of choosing and estimating in one step.",
            "Refitted weights read as effects given the other kept features; "
            "they vary more from sample to sample than the shrunken ones.",
        )
        if found.kept > FIRST:
            rest = plural(found.kept - FIRST, "more kept feature")
            st.caption(literal(f"{rest} not drawn."))
    describe([refit.NO_P_VALUES])

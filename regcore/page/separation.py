"""What separates the classes, and a button that leaves it out."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.comparison import Comparison
from regcore.page.columns import leave_out
from regcore.page.computing import Heartbeat, computed
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.questions.cards.separation import MOST_NAMED, find_separation, in_words
from regcore.words import counted, listed, named


def draw_separation(dataset: Dataset, result: Comparison, slot: DeltaGenerator) -> None:
    """Draw what keeps no penalty from an optimum, if anything does."""
    if not result.separable:
        return
    found = computed(
        "separations",
        (dataset.digest, result.settings.preparation()),
        lambda heartbeat: find_separation(result, partial(heartbeat, 0.5)),
        Heartbeat(slot, "Looking for what separates the classes"),
    )
    if found is None:
        return
    st.info(literal(in_words(found)))
    names = [culprit.name for culprit in found.culprits]
    # Without any feature there would be nothing to train.
    if names and len(names) < found.features and not found.always:
        st.button(
            literal(f"Leave out {_which(names)}"),
            key="leave features out",
            on_click=leave_out,
            args=(dataset, result.problem.design.target, names),
        )


def _which(names: list[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"these {counted(len(names), 'feature')}"
    return listed([named(name) for name in names])

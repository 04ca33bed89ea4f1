"""What the sections below the cards share: sentences, how to read, which class."""

from collections.abc import Sequence

import streamlit as st

from regcore.compare import Comparison
from regcore.page.dataset import Dataset
from regcore.page.text import literal


def describe(sentences: Sequence[str]) -> None:
    """Draw what the picture below shows, in words."""
    st.markdown(" ".join(literal(sentence) for sentence in sentences))


def explain(*lines: str) -> None:
    """Draw how to read the picture above, a line each."""
    text = "  \n".join(literal(line) for line in lines)
    st.caption(f"**How to read this.** {text}")


def choose_class(result: Comparison, dataset: Dataset, section: str) -> str:
    """Draw the choice of the class whose weights are looked at."""
    design = result.problem.design
    key = f"{section} class of {dataset.digest[:16]} {design.target}"
    return st.selectbox("Weights of class", design.classes, key=key)

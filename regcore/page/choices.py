"""Choices that several sections offer, each section its own."""

import streamlit as st

from regcore.compare import Comparison
from regcore.page.dataset import Dataset
from regcore.settings import Task


def choose_output(result: Comparison, dataset: Dataset, section: str) -> int:
    """Return which output to look at; draw the choice where there are classes."""
    design = result.problem.design
    if design.task is not Task.MULTICLASS:
        return 0
    name = st.selectbox(
        "Weights of class",
        design.classes,
        key=f"{section}, class of {dataset.digest[:16]} {design.target}",
    )
    return design.classes.index(name)

"""A remark on the data with the button that undoes what it says, in one row."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.page.text import literal


def remark(sentence: str) -> DeltaGenerator:
    """Draw a sentence as wide as it is; give the place beside it, for its button."""
    row = st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", width="content"
    )
    row.caption(literal(sentence), width="content")
    return row

"""What the configuration of Streamlit cannot say, in the file beside this one."""

from pathlib import Path

import streamlit as st


def set_style() -> None:
    """Send the style with the page."""
    st.html(Path(__file__).with_suffix(".css"))

"""What the configuration of Streamlit cannot say, in the file beside this one."""

from pathlib import Path

import streamlit as st


def set_style() -> None:
    """Send the style with the page."""
    st.html(Path(__file__).with_suffix(".css"))


NARROW = 768
"""Pixels up to which the side bar lies over the page."""

CLOSE = f"""<script>
if (innerWidth <= {NARROW}) {{
    document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
}}
</script>"""


def close_once(upload: str) -> None:
    """Let the side bar give way to what came of a new upload, where it lies over it."""
    state = st.session_state
    if state.get("given way to") != upload:
        state["given way to"] = upload
        st.html(CLOSE, unsafe_allow_javascript=True)

"""A touch of a part that is drawn by itself, while the script runs."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType


def heed_touches() -> None:
    """End this run and draw the whole page, if anything was touched meanwhile.

    Streamlit ends a run at a touch outside fragments; one within a fragment it keeps
    until the run is over (its issue 11030), and be that a minute's computation or a
    click on its Cancel.
    """
    context = get_script_run_ctx(suppress_warning=True)
    requests = None if context is None else context.script_requests
    # Streamlit does not say what waits. Of another version the touch would wait.
    state = getattr(requests, "_state", None)
    if state is ScriptRequestType.RERUN:
        st.rerun()

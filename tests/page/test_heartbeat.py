"""The progress of long computations on the page."""

from streamlit.testing.v1 import AppTest


def two_long_computations():
    import time

    import streamlit as st

    from regcore.page.training import PATIENCE, REDRAW_EVERY, Heartbeat

    for doing in ("Preparing", "Training"):
        heartbeat = Heartbeat(st.empty(), doing)
        time.sleep(PATIENCE + REDRAW_EVERY)
        heartbeat(0.5)
        heartbeat.end()
    st.text("both are done")


def test_two_long_computations_can_show_their_progress_in_one_run():
    app = AppTest.from_function(two_long_computations, default_timeout=20).run()
    assert not app.exception
    assert app.text[0].value == "both are done"

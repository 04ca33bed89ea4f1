"""Train to convergence: an estimate that says how far it is and can be stopped."""

import pytest
import streamlit as st

from regcore.convergence import epochs_to_converge
from regcore.page import convergence
from tests.sampled import CANCER, compare_sample
from tests.visits import Visit


def test_the_estimate_says_how_much_is_done_and_ends_where_it_is_told_to():
    result = compare_sample(CANCER, epochs=20)
    shares = []
    assert epochs_to_converge(result, shares.append) == epochs_to_converge(result)
    assert shares == sorted(shares)
    assert 0 < shares[-1] < 1

    def stop(share: float) -> None:
        raise InterruptedError(share)

    with pytest.raises(InterruptedError):
        epochs_to_converge(result, stop)


def cancelled_at_once(result, progress):
    """What a click on Cancel does to a run that is under way."""
    progress(0.5)
    st.session_state["cancelled"] = st.session_state["wanted"]
    st.rerun()


def test_a_cancelled_estimate_changes_nothing_and_can_be_asked_for_again(monkeypatch):
    visit = Visit()
    before = visit.values(), visit.nonzero
    with monkeypatch.context() as patch:
        patch.setattr(convergence, "epochs_to_converge", cancelled_at_once)
        visit.at.button(key="converge").click().run()
    assert (visit.values(), visit.nonzero) == before
    assert visit.usable()
    assert not visit.at.warning
    visit.at.run()
    assert (visit.values(), visit.nonzero) == before
    visit.at.button(key="converge").click().run()
    assert visit.control("epochs").value > 500


def test_an_estimate_left_behind_is_forgotten_with_its_settings(monkeypatch):
    visit = Visit()
    asked = []

    def left(result, progress):
        asked.append(result.settings)
        st.stop()

    monkeypatch.setattr(convergence, "epochs_to_converge", left)
    visit.at.button(key="converge").click().run()
    visit.set("share", 0.2).set("share", 0.1)
    assert len(asked) == 1
    assert visit.control("epochs").value == 500
    assert visit.usable()

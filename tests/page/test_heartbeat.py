"""The progress of long computations on the page."""

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from regcore.page import computing, training
from regcore.settings import DesignError
from tests.visits import Visit


def long_computations():
    import time

    import streamlit as st

    from regcore.page.computing import PATIENCE, REDRAW_EVERY, Heartbeat

    for doing in ("Preparing", "Training", "Training"):
        heartbeat = Heartbeat(st.empty(), doing)
        time.sleep(PATIENCE + REDRAW_EVERY)
        heartbeat(0.5)
        heartbeat.end()
    st.text("all are done")


def test_long_computations_of_one_name_too_can_show_their_progress_in_one_run():
    app = AppTest.from_function(long_computations, default_timeout=20).run()
    assert not app.exception
    assert app.text[0].value == "all are done"


@pytest.fixture
def impatient(monkeypatch):
    """Let every computation show its progress at once."""
    monkeypatch.setattr(computing, "PATIENCE", -1.0)
    monkeypatch.setattr(computing, "REDRAW_EVERY", -1.0)


class Slot:
    """Stands for a place of the page, and keeps all that is drawn there."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def container(self, **_: object) -> "Slot":
        self.drawn.append("row")
        return self

    def progress(self, share: float, text: str) -> "Slot":
        self.drawn.append(f"{text} | {share}")
        return self

    def button(self, label: str, **_: object) -> None:
        self.drawn.append(label)

    def empty(self) -> None:
        self.drawn.append("nothing")


@pytest.mark.usefixtures("impatient")
def test_waiting_and_working_move_one_bar_and_draw_only_what_is_new():
    slot = Slot()
    heartbeat = computing.Heartbeat(slot, "Training")
    for number in (2, 2, 2, 1, 1, 1):
        heartbeat.wait(number)
    for share in (0.0, 0.001, 0.002, 0.5, 0.5, 1.5):
        heartbeat(share)
    heartbeat.end()
    assert slot.drawn == [
        "row",
        "Waiting for other computations: number 2 in the queue | 0.0",
        "Cancel",
        "Waiting for other computations: number 1 in the queue | 0.0",
        "Training: 0 % | 0.0",
        "Training: 50 % | 0.5",
        "Training: 100 % | 1.0",
        "nothing",
    ]


@pytest.mark.usefixtures("impatient")
def test_several_readings_move_one_bar_and_each_says_what_it_is_for():
    slot = Slot()
    heartbeat = computing.Heartbeat(slot, "Preparing")
    heartbeat(0.0)
    heartbeat.read("Reads the table, 2 of 3: its levels", 0.02, 30.0)
    heartbeat.read("Reads the table, 3 of 3: its numbers", 0.05, 30.0)
    assert slot.drawn == [
        "row",
        "Preparing: 0 % | 0.0",
        "Cancel",
        "Reads the table, 2 of 3: its levels: 2 %, about 30 s left | 0.02",
        "Reads the table, 3 of 3: its numbers: 5 %, about 30 s left | 0.05",
    ]


@pytest.mark.usefixtures("impatient")
def test_what_has_begun_and_waits_keeps_its_share_and_says_that_it_goes_on_in_turn(
    monkeypatch,
):
    now = [0.0]
    monkeypatch.setattr(computing.time, "monotonic", lambda: now[0])
    slot = Slot()
    heartbeat = computing.Heartbeat(slot, "Training")
    for passed, tell in (
        (0.1, partial(heartbeat, 0.04)),
        (1.0, partial(heartbeat.wait, 1)),
        (2.0, partial(heartbeat, 0.05)),
        (9.0, partial(heartbeat, 0.06)),
    ):
        now[0] = passed
        tell()
    assert slot.drawn == [
        "row",
        "Training: 4 % | 0.04",
        "Cancel",
        "Training: 4 %, in turn with other computations | 0.04",
        "Training: 5 %, in turn with other computations | 0.05",
        "Training: 6 % | 0.06",
    ]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (
            90.0,
            [
                "5 %, about 1 minute left",
                "20 %, about 40 s left",
                "90 %, about 2 s left",
            ],
        ),
        # What was not expected shows when a part is done.
        (0.0, ["5 %", "20 %, about 40 s left", "90 %, about 2 s left"]),
    ],
)
def test_what_takes_long_says_how_long_it_still_takes(expected, told, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(computing.time, "monotonic", lambda: now[0])
    slot = Slot()
    heartbeat = computing.Heartbeat(slot, "Training", expected)
    now[0] = 100.0
    # The wait for other computations is no part of it.
    heartbeat.wait(1)
    for passed, share in ((10.0, 0.05), (10.0, 0.2), (18.0, 0.9)):
        now[0] = 100.0 + passed
        heartbeat(share)
    texts = [text.split(" | ")[0] for text in slot.drawn if "Training: " in text]
    assert texts == [f"Training: {text}" for text in told]


@pytest.mark.usefixtures("impatient")
def test_what_takes_a_moment_says_no_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(computing.time, "monotonic", lambda: now[0])
    slot = Slot()
    heartbeat = computing.Heartbeat(slot, "Training", 9.0)
    for passed, share in ((1.0, 0.05), (4.0, 0.5)):
        now[0] = passed
        heartbeat(share)
    assert "Training: 50 % | 0.5" in slot.drawn
    assert not any("left" in text for text in slot.drawn)


@pytest.mark.usefixtures("impatient")
def test_a_computation_that_is_refused_leaves_no_bar_beside_the_refusal(monkeypatch):
    def refuse(table, settings, progress, sheet):
        progress()
        raise DesignError("This cannot be trained.")

    monkeypatch.setattr(training, "pose", refuse)
    visit = Visit()
    assert visit.refusals == ["This cannot be trained."]
    assert "Cancel" not in [button.label for button in visit.at.button]


@pytest.mark.usefixtures("impatient")
def test_both_steps_of_l1_can_be_trained_in_one_run_each_with_its_cancel():
    visit = Visit()
    visit.at.session_state["section: epochs"] = True
    visit.at.run()
    visit.set("epochs, other step", True).set("seed", 3)
    assert not visit.at.exception
    assert visit.comparison.settings.seed == 3


@pytest.mark.usefixtures("impatient")
def test_the_bar_of_preparing_moves_with_the_work(monkeypatch):
    shares, tell = [], computing.Heartbeat.__call__

    def noted(heartbeat, share):
        shares.append((heartbeat, share))
        tell(heartbeat, share)

    monkeypatch.setattr(computing.Heartbeat, "__call__", noted)
    # The bar goes by the clock: on a busy machine a small table is late at once.
    monkeypatch.setattr(training, "preparing_seconds", lambda rows, columns: 1.0)
    Visit()
    first = [share for heartbeat, share in shares if heartbeat is shares[0][0]]
    assert len(set(first)) > 5
    assert first == sorted(first)
    assert 0.0 <= first[0] < first[-1] <= 1.0

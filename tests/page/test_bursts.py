"""In which order, and how much at once, what is drawn goes to a browser."""

from types import SimpleNamespace

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from regcore.page import bursts
from tests.visits import Visit

MAIN, SIDE = [0, 1], [1, 2]


@pytest.fixture
def context(monkeypatch):
    """A run whose messages are listed by their places."""
    sent: list[list[int]] = []
    context = SimpleNamespace(
        sent=sent, _enqueue=lambda message: sent.append([*message.metadata.delta_path])
    )
    context.first = context._enqueue
    monkeypatch.setattr(bursts, "get_script_run_ctx", lambda **_: context)
    return context


def draw(context, *places: list[int]) -> None:
    for place in places:
        message = ForwardMsg()
        message.metadata.delta_path.extend(place)
        context._enqueue(message)


def test_what_is_drawn_waits_until_it_is_sent_on_and_the_side_bar_goes_last(context):
    with bursts.in_bursts():
        draw(context, SIDE, MAIN, [*SIDE, 0], [*MAIN, 0])
        assert context.sent == []
        bursts.send_on()
        assert context.sent == [MAIN, [*MAIN, 0], SIDE, [*SIDE, 0]]
        draw(context, SIDE)
    assert context.sent[4:] == [SIDE]
    assert context._enqueue is context.first


def test_what_is_not_drawn_does_not_wait(context):
    with bursts.in_bursts():
        draw(context, MAIN, [])
        assert context.sent == [[]]


def test_a_burst_goes_by_itself_when_it_has_waited_for_long(context, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(bursts, "monotonic", lambda: now[0])
    with bursts.in_bursts():
        draw(context, MAIN)
        now[0] = bursts.LONGEST / 2
        bursts.send_on(late=True)
        assert context.sent == []
        now[0] = bursts.LONGEST
        bursts.send_on(late=True)
        assert context.sent == [MAIN]
        draw(context, SIDE)
        now[0] = 2 * bursts.LONGEST
        draw(context, MAIN)
        assert context.sent == [MAIN, MAIN, SIDE]


@pytest.mark.parametrize(
    ("error", "left"), [(ValueError(), [MAIN]), (RerunException(RerunData()), [])]
)
def test_an_error_leaves_what_was_drawn_and_another_run_draws_it_anew(
    context, error, left
):
    def run():
        with bursts.in_bursts():
            draw(context, MAIN)
            raise error

    with pytest.raises(type(error)):
        run()
    assert context.sent == left
    assert context._enqueue is context.first


def test_where_nothing_can_be_held_everything_is_sent_as_it_is_drawn(monkeypatch):
    monkeypatch.setattr(bursts, "get_script_run_ctx", lambda **_: None)
    with bursts.in_bursts():
        bursts.send_on()


def test_the_three_models_go_before_the_side_bar_and_the_questions(monkeypatch):
    monkeypatch.setattr(bursts, "LONGEST", float("inf"))
    sent: list[str] = []
    pass_on = LocalScriptRunner._enqueue_forward_msg

    def listen(self, message):
        if message.HasField("delta") and message.delta.HasField("new_element"):
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            side = message.metadata.delta_path[0] == 1
            sent.append("side bar" if side else element.vega_lite_chart.alt or kind)
        pass_on(self, message)

    monkeypatch.setattr(LocalScriptRunner, "_enqueue_forward_msg", listen)
    visit = Visit()
    assert not visit.at.exception
    curves = next(at for at, what in enumerate(sent) if what.startswith("Loss over"))
    beside = [at for at, what in enumerate(sent) if what == "side bar"]
    assert len(beside) > 20
    assert max(at for at, what in enumerate(sent) if what == "metric") < curves
    assert curves < min(beside)

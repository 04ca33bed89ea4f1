import gc
import weakref
from itertools import accumulate
from types import SimpleNamespace

import pytest

from regcore.page import collector
from regcore.page.collector import collect_all, is_due


class Session:
    """Refers to itself, as a session does."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def aside():
    """What the collector passes over is let in again."""
    yield
    gc.unfreeze()


def test_collecting_is_a_twentieth_of_the_work_at_most():
    assert not is_due(1.9, 0.1, quiet=False)
    assert is_due(2.1, 0.1, quiet=False)


def test_what_the_last_visitor_left_is_collected_once_when_all_is_quiet():
    assert is_due(0.2, 0.1, quiet=True)
    assert not is_due(0.02, 0.1, quiet=True)


@pytest.mark.parametrize(
    ("work", "wanted"),
    [
        ([2.5, 0.2, 0.0, 0.0, 0.2, 0.0, 0.0], ["new"]),
        ([2.5, 0.0, 0.0, 0.0, 0.0], ["new"]),
        ([0.0, 0.0, 0.0, 0.0], []),
        ([2.5, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0], ["new", "all"]),
    ],
)
def test_all_is_looked_through_once_after_a_pause_and_not_between_two_clicks(
    monkeypatch, work, wanted
):
    """Of so many seconds of work at each look; to collect takes 0.1."""
    worked, done = iter(accumulate(work)), []
    clock = SimpleNamespace(now=0.0, thread_time=lambda: 0.1 * len(done))
    clock.process_time = lambda: clock.now
    clock.sleep = lambda seconds: setattr(clock, "now", next(worked))
    monkeypatch.setattr(collector, "time", clock)
    monkeypatch.setattr(collector, "collect_all", lambda: done.append("all"))
    monkeypatch.setattr(collector.gc, "collect", lambda: done.append("new"))
    with pytest.raises(StopIteration):
        collector._collect_now_and_then()
    assert done == wanted


@pytest.mark.usefixtures("aside")
def test_a_session_that_was_there_when_the_imports_were_set_aside_is_freed():
    session = Session()
    gone = weakref.ref(session)
    collect_all()
    del session
    gc.collect()
    assert gone() is not None
    collect_all()
    assert gone() is None

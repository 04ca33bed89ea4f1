import gc
import weakref

import pytest

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

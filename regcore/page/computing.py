"""Computations of a session: in their turn, shown as they run, ended on demand."""

import math
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.page.bursts import send_on
from regcore.page.memory import keep, recall
from regcore.page.touches import heed_touches
from regcore.page.turns import Turns
from regcore.questions.question import Computation
from regcore.solve.threads import one_thread_a_product
from regcore.words import duration

PATIENCE = 0.5
"""Seconds after which a computation shows its progress."""

LONG = 10.0
"""Seconds from which it is said how long a computation will take."""

TELLING = 0.1
"""Share of the work after which it tells by itself how long the rest takes."""

LISTEN_EVERY = 0.03
"""Seconds between two looks at whether the run is still wanted."""

REDRAW_EVERY = 0.1
"""Seconds between two movements of the bar."""

ASK_EVERY = 0.1
"""Seconds between two looks of who waits at the queue: a crowd that looks more often
takes more of the interpreter than those who have the places."""

REMEMBERED = 3.0
"""Seconds for which it is said that a computation goes on in turn with others."""

SLICE = 1.0
"""Seconds after which who computes lets those who wait have the place: longer than an
ordinary table takes from its bytes to the last chart."""

PLACES = 2

SWITCH = 0.001
"""Seconds after which a thread lets another have the interpreter."""

KEPT = 20

T = TypeVar("T")

# Sessions are threads already; products that take threads of their own fight them.
one_thread_a_product()

# Who draws waits for the interpreter at every message, behind loops of small steps.
sys.setswitchinterval(SWITCH)

TURNS = Turns(PLACES, SLICE)
_drawn = count()


class _Run(threading.local):
    """What a run of the whole page has of the queue.

    Attributes
    ----------
    end : what is done when it is over; None in a run of one part of the page
    give_way : lets others have their turn, once it has a place
    wait : tells its present computation the number in the queue
    """

    end: ExitStack | None = None
    give_way: Callable[[], None] | None = None
    wait: Callable[[int], None]


_run = _Run()


class Heartbeat:
    """Progress of one computation, and the point where a stale run stops.

    Streamlit ends a run that a click has made stale when the run next touches the page
    or the session; a loop of NumPy calls does neither by itself.
    """

    def __init__(self, slot: DeltaGenerator, doing: str, expected: float = 0.0) -> None:
        self._slot, self._doing, self._expected = slot, doing, expected
        self._start = self._listened = self._drawn = time.monotonic()
        self._begun = self._start
        self._share: float | None = None
        self._paused = -math.inf
        self._bar: DeltaGenerator | None = None
        self._said = ""
        self.give_way: Callable[[], None] = lambda: None

    def __call__(self, share: float) -> None:
        """Say how much of the computation is done, and let others have their turn."""
        self._share = min(max(share, 0.0), 1.0)
        self.give_way()
        self._tell(self._share)

    def _tell(self, share: float) -> None:
        told = f"{self._doing}: {100 * share:.0f} %{self._rest(share)}"
        if time.monotonic() - self._paused < REMEMBERED:
            told += ", in turn with other computations"
        self._say(share, told, REDRAW_EVERY)

    def read(self, doing: str, share: float, expected: float) -> None:
        """Say which of several readings is under way."""
        self._doing, self._expected = doing, expected
        self(share)

    def wait(self, number: int) -> None:
        """Say the number in the queue; of what has begun, that it goes on in turn."""
        now = time.monotonic()
        if self._share is not None:
            self._paused = now
            self._tell(self._share)
            return
        others = "Waiting for other computations"
        self._begun = now
        self._say(0.0, f"{others}: number {number} in the queue", PATIENCE)

    def end(self) -> None:
        """Take everything that was drawn off the page."""
        self._slot.empty()

    def _rest(self, share: float) -> str:
        """Say how long the rest takes, where the whole takes long."""
        passed = time.monotonic() - self._begun
        whole = passed / share if share > TELLING else self._expected
        if whole < LONG or whole <= passed:
            return ""
        return f", about {duration(whole - passed)} left"

    def _say(self, share: float, text: str, every: float) -> None:
        now = time.monotonic()
        if now - self._listened > LISTEN_EVERY:
            self._listened = now
            _ = "cancelled" in st.session_state
            send_on(late=True)
            heed_touches()
        late = now - self._start > PATIENCE and now - self._drawn > every
        if late and text != self._said:
            self._drawn, self._said = now, text
            self._draw(share, text)

    def _draw(self, share: float, text: str) -> None:
        # Waiting and working move one bar: were the place of a container given to
        # something else, what moves later would have nowhere to go.
        if self._bar is None:
            row = self._slot.container(horizontal=True, vertical_alignment="center")
            self._bar = row.progress(share, text=text)
            # One that was late may begin anew in the same run, under the same name.
            key = f"cancel {self._doing} {next(_drawn)}"
            row.button("Cancel", key=key, on_click=_cancel)
        else:
            self._bar.progress(share, text=text)


def _cancel() -> None:
    shelf, key = st.session_state["wanted"]
    st.session_state.setdefault("cancelled", {})[shelf] = key


def computed(
    shelf: str,
    key: Hashable,
    build: Callable[[Heartbeat], T],
    heartbeat: Heartbeat,
    most: int = KEPT,
) -> T | None:
    """Return what a control or a section asks for, computed now if it is new.

    Parameters
    ----------
    build : given what to tell the share done to, which waits for others now and then
    most : answers kept on this shelf

    Returns
    -------
    None if the user has cancelled just this computation
    """
    kept: T | None = recall(shelf, key)
    if kept is not None or st.session_state.get("cancelled", {}).get(shelf) == key:
        return kept
    st.session_state["wanted"] = shelf, key
    # A stale run of this session may still be busy, until it next listens.
    owner = st.session_state.setdefault("owner of turns", object())
    try:
        with _place(owner, heartbeat.wait) as heartbeat.give_way:
            value = build(heartbeat)
    except Exception:
        # A refusal. A run that has become stale ends otherwise, and draws no more.
        heartbeat.end()
        raise
    heartbeat.end()
    keep(shelf, key, value, most)
    return value


@contextmanager
def one_turn() -> Iterator[None]:
    """Let a run keep the place of its first computation until the page is drawn.

    Runs that draw at once fight for the interpreter, and all end when the last does.
    """
    try:
        with ExitStack() as _run.end:
            yield
    finally:
        _run.end = _run.give_way = None


@contextmanager
def _place(owner: object, wait: Callable[[int], None]) -> Iterator[Callable[[], None]]:
    """Have the place of this run, or else one for the length of the block."""
    if _run.end is None:
        with TURNS.turn(owner, wait, ASK_EVERY) as give_way:
            yield give_way
        return
    _run.wait = wait
    if _run.give_way is None:
        turn = TURNS.turn(owner, lambda number: _run.wait(number), ASK_EVERY)
        _run.give_way = _run.end.enter_context(turn)
    else:
        _run.give_way()
    yield _run.give_way


def known(computation: Computation[T], key: Hashable) -> T | None:
    """Return what `computed` has kept of it under this key, if anything."""
    kept: T | None = recall(computation.name, key)
    return kept


def in_turn(make: Callable[[], T]) -> Callable[[], T]:
    """Return the same, but made in its turn, for what leaves.

    Streamlit makes it in a thread of the server, which knows no session and draws
    nothing. Files of one session are made one after another, while a computation of it
    goes on.
    """
    owner = st.session_state.setdefault("owner of files", object())

    def made() -> T:
        with TURNS.turn(owner, lambda number: None, PATIENCE):
            return make()

    return made


def resume() -> None:
    """Forget that computations were cancelled, so that they start again.

    For callbacks: what was cancelled may be missing in several parts of the page.
    """
    st.session_state.pop("cancelled", None)
    st.rerun()

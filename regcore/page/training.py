"""From controls to a comparison: remembered, shown as it runs, stopped on demand."""

import time
from collections.abc import Callable, Hashable
from functools import partial
from itertools import count
from typing import TypeVar

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.compare import train
from regcore.comparison import Comparison
from regcore.design.leaks import Leak, find_leaks
from regcore.page.dataset import Dataset
from regcore.page.memory import keep, prune, recall, remembered, values
from regcore.page.touches import heed_touches
from regcore.page.turns import Turns
from regcore.problem import Problem, pose
from regcore.questions.cards.words import first_zero, strength_notice
from regcore.questions.question import Computation
from regcore.settings import Settings
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

PROBLEMS_KEPT = 2
COMPARISONS_KEPT = 20

T = TypeVar("T")

# Sessions are threads already; products that take threads of their own fight them.
one_thread_a_product()

_turns = Turns(2)
_drawn = count()


class Heartbeat:
    """Progress of one computation, and the point where a stale run stops.

    Streamlit ends a run that a click has made stale when the run next touches the page
    or the session; a loop of NumPy calls does neither by itself.
    """

    def __init__(self, slot: DeltaGenerator, doing: str, expected: float = 0.0) -> None:
        self._slot, self._doing, self._expected = slot, doing, expected
        self._start = self._listened = self._drawn = time.monotonic()
        self._begun = self._start
        self._bar: DeltaGenerator | None = None
        self._said = ""

    def __call__(self, share: float) -> None:
        """Say that the computation lives and how much of it is done."""
        share = min(max(share, 0.0), 1.0)
        self._say(share, f"{self._doing}: {100 * share:.0f} %{self._rest(share)}")

    def wait(self, number: int) -> None:
        """Say that the computation has not begun, and its number in the queue."""
        others = "Waiting for other computations"
        self._begun = time.monotonic()
        self._say(0.0, f"{others}: number {number} in the queue")

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

    def _say(self, share: float, text: str) -> None:
        now = time.monotonic()
        if now - self._listened > LISTEN_EVERY:
            self._listened = now
            _ = "cancelled" in st.session_state
            heed_touches()
        late = now - self._start > PATIENCE and now - self._drawn > REDRAW_EVERY
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
    st.session_state["cancelled"] = st.session_state["wanted"]


def prepare(
    dataset: Dataset, settings: Settings, slot: DeltaGenerator
) -> Problem | None:
    """Return the problem of these settings, built now if it is new.

    Returns
    -------
    None if the user has cancelled just this preparation

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    # The key is all that is given away, so that it cannot be short of what decides.
    preparation = settings.preparation()

    def build(heartbeat: Heartbeat) -> Problem:
        tick = partial(heartbeat, 0.0)
        return pose(dataset.table, preparation, tick, dataset.sheet)

    key = (dataset.digest, preparation)
    return _obtain("problems", key, build, Heartbeat(slot, "Preparing"), PROBLEMS_KEPT)


def obtain(
    dataset: Dataset, problem: Problem, settings: Settings, slot: DeltaGenerator
) -> Comparison | None:
    """Return the comparison of these settings, trained now if it is new.

    Returns
    -------
    None if the user has cancelled just this training
    """
    # A comparison holds its problem: one whose problem is gone would keep it in memory.
    # Problems hold arrays, which have no single answer to "equal": ask for identity.
    problems = {id(kept) for kept in values("problems")}
    prune("comparisons", lambda comparison: id(comparison.problem) in problems)

    def build(heartbeat: Heartbeat) -> Comparison:
        comparison = train(problem, settings, heartbeat)
        # What the page shows of each of them and takes a pass over the rows.
        _ = comparison.summary, comparison.l1_has_many_optima
        return comparison

    key = (dataset.digest, settings)
    return _obtain(
        "comparisons", key, build, Heartbeat(slot, "Training"), COMPARISONS_KEPT
    )


def warn_of_leaks(dataset: Dataset, result: Comparison) -> tuple[Leak, ...]:
    """Return what gives the target away, looked for once for each problem."""
    key = (dataset.digest, result.settings.preparation())
    return remembered(
        "leaks",
        key,
        lambda: find_leaks(result.problem.design),
        PROBLEMS_KEPT,
    )


def notice_strength(dataset: Dataset, result: Comparison, slot: DeltaGenerator) -> str:
    """Return what is to be said of λ, found once for each comparison."""
    preparation = (dataset.digest, result.settings.preparation())

    def build(heartbeat: Heartbeat) -> str:
        def search(result: Comparison) -> float:
            signs = np.sign(result["L1"].optimum.W)
            of, first = recall("first zeros", preparation) or (0.0 * signs, 0.0)
            # With the same signs no weight has been zero in between: see `first_zero`.
            if result.settings.lam >= first or not np.array_equal(signs, of):
                of, first = signs, first_zero(result, heartbeat)
                keep("first zeros", preparation, (of, first), PROBLEMS_KEPT)
            return first

        return strength_notice(result, search)

    # Not the comparison's own key: to cancel this does not cancel the training.
    key = (dataset.digest, result.settings, "strength")
    heartbeat = Heartbeat(slot, "Looking for the λ that removes a weight")
    return _obtain("notices", key, build, heartbeat, COMPARISONS_KEPT) or ""


def computed(
    shelf: str,
    key: Hashable,
    build: Callable[[Callable[[float], None]], T],
    heartbeat: Heartbeat,
    most: int = COMPARISONS_KEPT,
) -> T | None:
    """Return what a click or a section asks for, computed now if it is new.

    Parameters
    ----------
    build : given what to tell the share done to
    most : answers kept on this shelf

    Returns
    -------
    None if the user has cancelled just this computation
    """
    return _obtain(shelf, (shelf, key), build, heartbeat, most)


def known(computation: Computation[T], key: Hashable) -> T | None:
    """Return what `computed` has kept of it under this key, if anything."""
    kept: T | None = recall(computation.name, (computation.name, key))
    return kept


def resume() -> None:
    """Forget that a computation was cancelled, so that it starts again.

    For callbacks: what was cancelled may be missing in several parts of the page.
    """
    st.session_state.pop("cancelled", None)
    st.rerun()


def _obtain(
    shelf: str,
    key: Hashable,
    build: Callable[[Heartbeat], T],
    heartbeat: Heartbeat,
    most: int,
) -> T | None:
    known: T | None = recall(shelf, key)
    if known is not None or st.session_state.get("cancelled") == key:
        return known
    st.session_state["wanted"] = key
    # A stale run of this session may still be busy, until it next listens.
    owner = st.session_state.setdefault("owner of turns", object())
    try:
        with _turns.turn(owner, heartbeat.wait, LISTEN_EVERY):
            value = build(heartbeat)
    except Exception:
        # A refusal. A run that has become stale ends otherwise, and draws no more.
        heartbeat.end()
        raise
    heartbeat.end()
    keep(shelf, key, value, most)
    return value

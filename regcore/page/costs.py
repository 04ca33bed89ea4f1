"""What a training would take, said before it begins, and the smaller thing instead."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from regcore.compare import effort
from regcore.page.capacity import spare_memory
from regcore.page.columns import use
from regcore.page.computing import resume
from regcore.page.controls import set_epochs
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.page.training import trained
from regcore.problem import Problem
from regcore.settings import Settings
from regcore.solve.effort import Effort
from regcore.words import counted, duration, listed, named

MOST_SECONDS = 60.0
"""What takes longer is trained only when that is asked for."""

SMALLER = MOST_SECONDS / 2
"""Seconds of what is offered instead; an estimate can be off by twice."""

AGREED = "agreed to train"


@dataclass(frozen=True)
class Costs:
    """A training that has not begun, and what it would take."""

    problem: Problem
    settings: Settings
    effort: Effort
    spare: float

    @property
    def too_much(self) -> bool:
        """Whether the memory does not suffice."""
        return self.effort.memory > self.spare

    @property
    def in_words(self) -> str:
        """One sentence: how long, and why."""
        # Runs that have converged end before their last epoch.
        at_most = "up to " if self._epochs_count else ""
        said = f"Training would take {at_most}about {duration(self.effort.seconds)}"
        if self.too_much:
            said += (
                f" and {self.effort.memory / 1e6:,.0f} MB of memory, of which "
                f"{self.spare / 1e6:,.0f} MB are free"
            )
        return f"{said}, for there are {self._reason()}."

    @property
    def _epochs_count(self) -> bool:
        return self.effort.descent > self.effort.exact

    def _reason(self) -> str:
        (n, p), k, settings = self.problem.shape, self.problem.outputs, self.settings
        if self._epochs_count:
            steps = -(-n // (settings.batch_size or n))
            return f"{settings.epochs:,} epochs of {counted(steps, 'step')} each"
        columns = len(set(self.problem.design.sources))
        said = f"{p * k:,} weights: {counted(p, 'feature')} of "
        said += counted(columns, "column")
        return said if k == 1 else f"{said}, for {k} classes"


def weigh(dataset: Dataset, problem: Problem, settings: Settings) -> Costs | None:
    """Return what a training would take, if that is to be asked about first."""
    costs = Costs(problem, settings, effort(problem, settings), spare_memory())
    agreed = st.session_state.get(AGREED) == _key(dataset, settings)
    welcome = agreed or costs.effort.seconds <= MOST_SECONDS
    if trained(dataset, settings) or (welcome and not costs.too_much):
        return None
    return costs


def offer_less(dataset: Dataset, costs: Costs) -> None:
    """Draw what trains less, and what trains all the same where there is the memory."""
    settings = costs.settings
    with st.container(horizontal=True):
        if costs.effort.exact > SMALLER or costs.too_much:
            _offer_columns(dataset, costs)
        if costs.effort.descent > SMALLER:
            count = int(settings.epochs * SMALLER / costs.effort.descent)
            fewer = counted(count, "epoch") if count else "at most 1 s"
            st.button(
                f"Train for {fewer}",
                key="fewer epochs",
                on_click=set_epochs,
                args=(count or None,),
            )
        if not costs.too_much:
            st.button(
                "Train all the same",
                key="train all the same",
                on_click=_agree,
                args=(_key(dataset, settings),),
            )


def _offer_columns(dataset: Dataset, costs: Costs) -> None:
    out, kept = _columns_too_many(costs)
    if not kept:
        return
    st.button(
        f"Train on {kept} of {kept + len(out)} columns",
        key="fewer columns",
        on_click=use,
        args=(dataset, costs.settings, out),
        kwargs={"used": False},
        help=literal(
            f"Leaves out {listed([named(name) for name in out])}: those that make most "
            "features, and of equal ones the last. The table of the columns takes them "
            "back."
        ),
    )


def _columns_too_many(costs: Costs) -> tuple[list[str], int]:
    """Columns to leave out, those with most features first, and how many are kept."""
    made = Counter(costs.problem.design.sources)
    left = list(made)
    left.sort(key=lambda name: made[name])
    out: list[str] = []
    while left:
        features = sum(made[name] for name in left)
        less = effort(costs.problem, costs.settings, features)
        if less.exact <= SMALLER and less.memory <= costs.spare / 2:
            break
        out.append(left.pop())
    return out, len(left)


def _key(dataset: Dataset, settings: Settings) -> Hashable:
    size = settings.epochs, settings.seconds, settings.batch_size
    return dataset.digest, settings.preparation(), size


def _agree(key: Hashable) -> None:
    st.session_state[AGREED] = key
    resume()

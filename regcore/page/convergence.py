"""Train to convergence, or from a divergence: buttons, and what is said of them."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.compare import epochs_to_converge
from regcore.comparison import Comparison
from regcore.page.computing import Heartbeat, computed, resume
from regcore.page.controls import set_epochs
from regcore.page.dataset import Dataset
from regcore.questions.cards.headline import diverged
from regcore.settings import L1Step, Settings
from regcore.solve.convergence import TOO_MANY
from regcore.solve.runs import Outcome, Run
from regcore.words import figures

_ENDED = (Outcome.CONVERGED, Outcome.DIVERGED)


def offer_convergence(
    dataset: Dataset, result: Comparison, place: DeltaGenerator
) -> None:
    """Draw a button that sets the epochs which this comparison needs to converge.

    Where mini-batches leave no such number, say so instead.
    """
    if all(run.outcome in _ENDED for run in result.runs):
        return
    if result.schedule.hovers(result.problem.n):
        place.caption(
            "With mini-batches and a constant learning rate a run as a rule hovers "
            "around its optimum, nearer with a smaller rate, and does not settle."
        )
    elif any(_was_cut_short(run, result.settings) for run in result.runs):
        place.button(
            "Train to convergence",
            key="converge",
            on_click=_ask,
            args=(dataset.digest, result.settings),
            help="Sets the epochs that all runs with an optimum need to reach it.",
        )


def answer_convergence(
    dataset: Dataset, result: Comparison, slot: DeltaGenerator
) -> None:
    """Set the epochs, if the button has asked for them, and run the page again.

    They are estimated here rather than by the button, where nothing could be drawn or
    clicked meanwhile.
    """
    key = (dataset.digest, result.settings)
    if st.session_state.get("asked to converge") == key:
        heartbeat = Heartbeat(slot, "Estimating the epochs")
        counts = computed(
            "epochs to converge",
            key,
            lambda progress: epochs_to_converge(result, progress),
            heartbeat,
        )
        del st.session_state["asked to converge"]
        if counts is not None:
            _set(counts, result)
            st.rerun()
    # What was asked for other settings is not wanted any more.
    st.session_state.pop("asked to converge", None)


def too_many_epochs() -> str:
    """Say once, after the button, that plain descent would need too many epochs."""
    said: str = st.session_state.pop("too many epochs", "")
    return said


def draw_divergence(result: Comparison) -> None:
    """Say which training diverged, and draw the button that makes it safe."""
    st.error(diverged(result))
    clipped = result.rate < result.rate_limit
    st.button(
        "Take the clipped step" if clipped else "Take the automatic learning rate",
        key="do not diverge",
        on_click=_set_safe,
        args=(clipped,),
    )


def _set_safe(clipped: bool) -> None:
    if clipped:
        st.session_state["L1 step"] = L1Step.CLIPPED
    else:
        st.session_state["rate"] = None


def _was_cut_short(run: Run, settings: Settings) -> bool:
    """Whether more epochs or seconds would have been used."""
    last = run.epochs == settings.epochs and run.outcome is Outcome.EPOCH_LIMIT
    return last or run.outcome is Outcome.TIME_LIMIT


def _ask(digest: str, settings: Settings) -> None:
    st.session_state["asked to converge"] = (digest, settings)
    # An estimate that was cancelled is asked for anew.
    resume()


def _set(counts: tuple[float, ...], result: Comparison) -> None:
    needed = [count for count in counts if count < np.inf]
    within = [count for count in needed if count <= TOO_MANY]
    # What has converged already needs fewer, which would cut the others short.
    set_epochs(int(max([*within, *(model.run.epochs for model in result.models)])))
    if len(within) < len(needed) or not needed:
        count = max(needed, default=np.inf)
        st.session_state["too many epochs"] = _refusal(count, result)


def _refusal(count: float, result: Comparison) -> str:
    if count == np.inf:
        return "No number of epochs is enough: none of these runs settles anywhere."
    reason = "some direction of the data hardly bends the loss"
    safe = result.rate_limit / 2
    # The steps that are needed are in proportion to 1/η.
    if count * result.rate / safe <= TOO_MANY:
        reason = (
            f"the learning rate {figures(result.rate, 3)} is below the safe "
            f"{figures(safe, 3)}"
        )
    return (
        f"Plain descent would need about {figures(count, 1)} epochs here, too many to "
        f"wait for, because {reason}; the ticks show the optimum."
    )

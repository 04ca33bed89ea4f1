"""The settings, as widgets; each acts at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.page.address import among, kept, number, place, places, switch, whole
from regcore.page.columns import (
    choose_totals,
    choose_without,
    chosen_types,
    features_key,
    keep_types,
    target_key,
    task_key,
)
from regcore.page.dataset import Dataset
from regcore.page.dates import choose_centuries, choose_date_order
from regcore.page.split import choose_split
from regcore.page.text import literal
from regcore.settings import (
    Dates,
    DesignError,
    L1Step,
    Missing,
    Settings,
    Task,
)
from regcore.solve.convergence import TOO_MANY
from regcore.words import named

MOST_SECONDS = 1.0
"""Of training, where the runs go on until they have converged."""

"""Key of the control of rows that are there more than once."""

LEAST_RATE = 1e-9

SHARES = range(0, 51, 5)
"""Percents of the rows that may be kept from training."""

WORDS = attrgetter("words")
"""What a control says for a choice of a setting."""


@dataclass(frozen=True)
class Controls:
    """What the controls say; λ itself follows from λ_max, once that is known.

    Attributes
    ----------
    settings : everything but λ
    refusal : why what was chosen does not go together; empty if it does
    rate_note, epochs_note : places under their controls, for what needs the design
        matrix or the result
    """

    settings: Settings
    refusal: str
    rate_note: DeltaGenerator
    epochs_note: DeltaGenerator


def choose_settings(dataset: Dataset | None) -> Controls:
    """Draw the controls of the model and of the training.

    Without a table there is no model; a control that is drawn keeps what it is set to.
    """
    settings = Settings("") if dataset is None else _choose_columns(dataset)
    st.markdown("**Training**")
    rate = st.number_input(
        "Learning rate η",
        min_value=LEAST_RATE,
        value=None,
        format="%.4g",
        key=kept("rate", "rate", number(LEAST_RATE)),
        placeholder="automatic",
        help="Empty takes 1/(L + λ/n), with L the largest curvature of the loss: safe, "
        "and the same for the three.",
    )
    rate_note = st.empty()
    if "next epochs" in st.session_state:
        st.session_state["epochs"] = st.session_state.pop("next epochs")
    epochs = st.number_input(
        "Epochs",
        min_value=1,
        max_value=TOO_MANY,
        value=None,
        step=100,
        key=kept("epochs", "epochs", whole(1, TOO_MANY)),
        placeholder="until converged",
        help="In one epoch every training row counts once. Empty goes on until the "
        f"runs have converged, for at most {MOST_SECONDS:g} s; with a number, a run "
        "that has converged stops earlier.",
    )
    epochs_note = st.empty()
    settings = _set_length(replace(settings, learning_rate=rate), epochs)
    with st.expander("More", key="more"):
        settings, first = _unless_refused(_choose_more, settings)
        settings, second = _unless_refused(partial(choose_split, dataset), settings)
    return Controls(settings, first or second, rate_note, epochs_note)


def _unless_refused(
    choose: Callable[[Settings], Settings], settings: Settings
) -> tuple[Settings, str]:
    """Return what is chosen, or the settings as they were and why they are."""
    try:
        return choose(settings), ""
    except DesignError as error:
        return settings, str(error)


def _set_length(settings: Settings, epochs: int | None) -> Settings:
    """So many epochs, or until the runs have converged."""
    if epochs is None:
        return replace(settings, epochs=TOO_MANY, seconds=MOST_SECONDS)
    return replace(settings, epochs=int(epochs))


def set_epochs(count: int | None) -> None:
    """Set the epochs, or none, for what is known when the controls are drawn."""
    st.session_state["next epochs"] = count


def _choose_columns(dataset: Dataset) -> Settings:
    """Target, task and features; each file has its own, kept for when it is back."""
    columns, (proposed, why) = list(dataset.table.columns), dataset.sheet.target
    reason = f" Proposed: {named(proposed)}, because {why}."
    if dataset.target != proposed:
        reason = ""
    if dataset.in_address:
        keep_types(dataset)
        # Of a table of the house its columns stand there by their positions.
        written = among(columns) if dataset.origin else place(columns)
        kept(target_key(dataset), "target", written, dataset.target)
    target = st.selectbox(
        "Target",
        columns,
        index=columns.index(dataset.target),
        key=target_key(dataset),
        persist_state="page",
        help=literal(f"The column to predict.{reason}"),
    )
    task = _choose_task(dataset, target)
    others = [name for name in columns if name != target]
    if dataset.in_address:
        kept(features_key(dataset, target), "features", places(others), [])
    features = st.multiselect(
        "Features",
        others,
        key=features_key(dataset, target),
        persist_state="page",
        placeholder="All usable columns",
        help="The columns to predict it from. Empty takes all that can be used: "
        "ids, free text and constant columns are left out. The table of the columns "
        "on the right says why, and lets you change it.",
    )
    return Settings(
        target=target,
        task=task,
        features=tuple(features) or None,
        types=chosen_types(dataset),
        without=choose_without(dataset, target),
        date_order=choose_date_order(dataset),
        centuries=choose_centuries(dataset),
        totals=choose_totals(dataset),
    )


def _choose_task(dataset: Dataset, target: str) -> Task:
    proposed, reason = dataset.sheet.task(target)
    tasks = list(Task)
    key = task_key(dataset, target)
    if dataset.in_address:
        kept(key, "task", among(tasks), proposed)
    return st.selectbox(
        "Task",
        tasks,
        index=list(Task).index(proposed),
        key=key,
        persist_state="page",
        format_func=WORDS,
        help=f"Proposed: {proposed.words.lower()}, because {reason}.",
    )


def _choose_more(settings: Settings) -> Settings:
    """Draw what most readers leave as it is."""
    batch_size = st.number_input(
        "Batch size",
        min_value=1,
        value=None,
        step=1,
        key=kept("batch size", "batch-size", whole(1)),
        placeholder="all rows",
        help="Rows a step. Empty takes all of them: plain gradient descent.",
    )
    l1_step = st.segmented_control(
        "L1 step",
        list(L1Step),
        default=L1Step.CLIPPED,
        format_func=WORDS,
        required=True,
        key=kept("L1 step", "l1-step", among(list(L1Step)), L1Step.CLIPPED),
        help="Clipped stops at zero, so zeros are exact. The textbook step takes "
        "ηλ/n·sgn(w) off and flickers around zero without ever settling there.",
    )
    held_out = st.slider(
        "Rows held out",
        min_value=SHARES[0],
        max_value=SHARES[-1],
        value=25,
        step=SHARES.step,
        format="%d %%",
        key=kept("held out", "held-out", among(SHARES), 25),
        help="Never trained on.",
    )
    locked = st.slider(
        "Rows locked away",
        min_value=SHARES[0],
        max_value=SHARES[-1],
        value=0,
        step=SHARES.step,
        format="%d %%",
        key=kept("locked", "locked", among(SHARES), 0),
        help="Test rows: never trained on, and never scored until you open them, once, "
        "under «The last word». They tell what the models are worth after many looks "
        "at the rows held out.",
    )
    seed = st.number_input(
        "Seed",
        min_value=0,
        value=0,
        step=1,
        key=kept("seed", "seed", whole(0), 0),
        help="Of the split and of the order of the batches.",
    )
    standardise = st.toggle(
        "Standardise the features",
        value=True,
        key=kept("standardise", "standardise", switch(), True),
        help="Divide each by its standard deviation in the training rows. Without it "
        "the penalty hits features of small units hardest.",
    )
    missing = st.segmented_control(
        "Missing values",
        list(Missing),
        default=Missing.FILL,
        format_func=WORDS,
        required=True,
        key=kept("missing", "missing", among(list(Missing)), Missing.FILL),
        help="Fill with the training median and mark, or drop the rows.",
    )
    dates = st.segmented_control(
        "Dates",
        list(Dates),
        default=Dates.DAYS,
        format_func=WORDS,
        required=True,
        key=kept("dates", "dates", among(list(Dates)), Dates.DAYS),
        help="Days since the earliest training row, or the parts of the date.",
    )
    return replace(
        settings,
        dates=dates,
        batch_size=None if batch_size is None else int(batch_size),
        l1_step=l1_step,
        validation_share=held_out / 100,
        test_share=locked / 100,
        seed=int(seed),
        standardise=standardise,
        missing=missing,
    )

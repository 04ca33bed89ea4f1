"""The page: upload a CSV and see what regularization does to it."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.comparison import Comparison
from regcore.design import Design
from regcore.files.figures import table_files
from regcore.page import address
from regcore.page.bursts import in_bursts, send_on
from regcore.page.collector import set_imports_aside
from regcore.page.columns import draw_columns, use
from regcore.page.computing import one_turn, resume
from regcore.page.controls import (
    Controls,
    choose_settings,
)
from regcore.page.convergence import (
    answer_convergence,
    draw_divergence,
    offer_convergence,
    too_many_epochs,
)
from regcore.page.costs import offer_less, weigh
from regcore.page.dataset import Dataset, choose_dataset, file_awaited
from regcore.page.house import offer_again
from regcore.page.leaving import about, taken_along
from regcore.page.loading import show_saved
from regcore.page.looks import count_look
from regcore.page.models import draw_models
from regcore.page.notes import draw_open, weighty
from regcore.page.orphans import send_no_orphans
from regcore.page.outside import look_up_no_address
from regcore.page.questions import draw_questions, draw_section
from regcore.page.reading import describe
from regcore.page.repairs import offer_other_repairs
from regcore.page.separation import draw_separation
from regcore.page.split import keep_repeats_together
from regcore.page.strength import choose_strength, draw_strength
from regcore.page.style import set_style
from regcore.page.tables import choose_tables
from regcore.page.take import draw_take
from regcore.page.text import bold, literal
from regcore.page.training import (
    notice_strength,
    obtain,
    prepare,
    warn_of_leaks,
)
from regcore.questions import profile
from regcore.questions.all_rows import of_all_rows
from regcore.questions.cards.headline import diverged, headline
from regcore.questions.cards.repeats import repeats_in_words
from regcore.questions.cards.words import in_words, rate_notice
from regcore.settings import DesignError, NotNowError, Settings, Split
from regcore.words import counted, figures, listed, named

PREVIEW_ROWS, PREVIEW_COLUMNS = 50, 100


def main() -> None:
    """Draw the page from top to bottom."""
    set_imports_aside()
    look_up_no_address()
    send_no_orphans()
    st.set_page_config(
        page_title="Regularization on your data", page_icon="📉", layout="wide"
    )
    set_style()
    with one_turn(), in_bursts():
        draw_page()


def draw_page() -> None:
    """Draw the controls, and what they show."""
    address.arrive()
    with st.sidebar:
        st.markdown("**Regularization on your data**")
        dataset, refusal = choose_dataset()
        show_saved(dataset, refusal)
        controls = choose_settings(dataset)
        choose_tables()
    top = st.container(gap="xxsmall")
    if refusal:
        top.error(literal(refusal))
    if dataset is None and not file_awaited():
        draw_strength()
    shown = dataset and draw_result(dataset, controls, top)
    address.leave(complete=shown is not None)


def draw_result(
    dataset: Dataset, controls: Controls, top: DeltaGenerator
) -> Comparison | None:
    """Draw the three models and the questions, or why there are none."""
    slot = st.empty()
    try:
        shown = compute(dataset, controls, slot)
    except DesignError as error:
        st.error(literal(error))
        if isinstance(error, NotNowError):
            offer_again()
        draw_table(dataset, controls.settings, None)
        return None
    if shown is None:
        return None
    with top:
        places = draw_top(*shown)
    draw(*shown, slot, places)
    return shown[1]


def compute(
    dataset: Dataset, controls: Controls, slot: DeltaGenerator
) -> tuple[Dataset, Comparison] | None:
    """Return the comparison to show: this one, or the last if this was cancelled."""
    if controls.refusal:
        raise DesignError(controls.refusal)
    result, costs = None, None
    problem = prepare(dataset, controls.settings, slot)
    if problem is not None:
        with st.container(gap="xsmall"):
            settings = choose_strength(dataset, problem, controls.settings, slot)
        if settings is not None:
            costs = weigh(dataset, problem, settings)
            if costs is None:
                result = obtain(dataset, problem, settings, slot)
    if result is not None:
        controls.rate_note.caption(
            f"η = {figures(result.rate, 3)}; above {figures(result.rate_limit, 3)} "
            "a run may diverge."
        )
        offer_convergence(dataset, result, controls.epochs_note)
        answer_convergence(dataset, result, slot)
        st.session_state["shown"] = dataset, result
        return dataset, result
    earlier = st.session_state.get("shown")
    below = "There is no earlier result to show."
    if earlier is not None:
        below = f"Below is the earlier result: {describe_result(*earlier)}."
    if costs is not None:
        st.warning(f"{costs.in_words} {below}")
        offer_less(dataset, costs)
    else:
        st.warning(f"Training was cancelled. {below}")
        st.button("Train with the settings on the left", on_click=resume)
    return earlier


def draw_top(
    dataset: Dataset, result: Comparison
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw what the penalties did to it; places for the table, and what they are."""
    table = st.container(gap=None)
    if diverged(result):
        st.title("Training diverged", anchor=False)
        draw_divergence(result)
    else:
        st.title(literal(headline(result)), anchor=False)
    profiled = st.container(gap=None)
    for leak in warn_of_leaks(dataset, result):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.warning(literal(leak.sentence))
        row.button(
            literal(f"Leave out {listed([named(name) for name in leak.columns])}"),
            key=f"leak {leak.columns} of {dataset.digest[:16]}",
            on_click=use,
            args=(dataset, result.settings, leak.columns),
            kwargs={"used": False},
        )
    repeated = repeats_in_words(result)
    if repeated:
        row = st.container(horizontal=True, vertical_alignment="center")
        row.warning(literal(repeated))
        if result.settings.split is not Split.HASH:
            row.button(
                "Keep them on one side", key="together", on_click=keep_repeats_together
            )
    draw_open(dataset, result.settings, result.problem.design)
    return table, profiled


def draw(
    dataset: Dataset,
    result: Comparison,
    slot: DeltaGenerator,
    above: tuple[DeltaGenerator, DeltaGenerator],
) -> None:
    """Draw the three models, then what opens above them, and what they show."""
    strength_place = st.empty()
    # What has diverged is said above.
    rate = "" if diverged(result) else rate_notice(result, result.settings)
    for notice in (rate, too_many_epochs()):
        if notice:
            st.info(notice)
    draw_models(result, dataset)
    send_on()
    table, profiled = above
    with table:
        draw_table(dataset, result.settings, result.problem.design, result)
    if not diverged(result):
        with profiled:
            draw_section(profile.QUESTION, result, dataset)
    for sentence in of_all_rows(result):
        st.caption(sentence)
    count_look(dataset, result)
    draw_separation(dataset, result, slot)
    if not diverged(result):
        words = " ".join(literal(sentence) for sentence in in_words(result))
        st.markdown(f"**In words.** {words}")
    draw_questions(result, dataset)
    draw_take(result, dataset)
    # Last, for it can take as long as a training, and everything else is there.
    notice = notice_strength(dataset, result, slot)
    if notice:
        strength_place.info(notice)


def draw_table(
    dataset: Dataset,
    settings: Settings,
    design: Design | None,
    result: Comparison | None = None,
) -> None:
    """Draw one line on the table; in it what was guessed, filled and left out."""
    prepared = () if design is None else design.notes
    first = () if design is None else weighty(dataset, settings, design)
    texts = [note.text for note in first]
    said = dict.fromkeys((dataset.origin, *texts, *dataset.notes, *prepared))
    notes = [note for note in said if note]
    what = counted(len(notes), "note") if notes else "nothing to note"
    line = (
        literal(dataset.title) if result is None else describe_result(dataset, result)
    )
    key = address.kept(
        "section: columns", "open-columns", address.switch(), first=False
    )
    table = st.expander(f"{line} · {what}", key=key, on_change="rerun")
    with table:
        how = describe(dataset.reading)
        if how and not dataset.origin:
            st.caption(f"Read as: {literal(how)}.")
        st.markdown("\n".join(f"- {literal(note)}" for note in notes))
        offer_other_repairs(dataset, settings.target)
        if table.open:
            _draw_first_rows(dataset, design, result)
            draw_columns(dataset, settings, design)


def _draw_first_rows(
    dataset: Dataset, design: Design | None, result: Comparison | None
) -> None:
    rows = _first_rows(dataset, design).iloc[:, :PREVIEW_COLUMNS]
    if result is None:
        st.dataframe(rows)
        return
    key = "first rows"
    files = partial(table_files, rows, key)
    with taken_along("First rows of the table", key, files, about(result, dataset)):
        st.dataframe(rows)


def describe_result(dataset: Dataset, result: Comparison) -> str:
    """One line: the table, the task, the rows."""
    design = result.problem.design
    task = f"{len(design.classes)} classes" if design.classes else "regression"
    problem = result.problem
    return (
        f"{literal(dataset.title)} · {counted(dataset.length, 'row')} × "
        f"{counted(len(design.features), 'feature')} · {task} on "
        f"{bold(design.target)} · {problem.n:,} training rows, "
        f"{problem.n_held_out:,} held out{_locked(problem.n_locked)}"
    )


def _first_rows(dataset: Dataset, design: Design | None) -> pd.DataFrame:
    """Without those that are locked away."""
    table = dataset.table
    if design is None:
        return table.iloc[:PREVIEW_ROWS]
    among = np.arange(min(len(table), PREVIEW_ROWS + len(design.test_rows)))
    return table.iloc[np.setdiff1d(among, design.test_rows)[:PREVIEW_ROWS]]


def _locked(count: int) -> str:
    return f", {count:,} locked away" if count else ""


main()

"""λ across the page: where it begins, what is marked on it, and how it is matched."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.page import address
from regcore.page.computing import Heartbeat, computed, known
from regcore.page.dataset import Dataset
from regcore.page.deadline import LateError, within
from regcore.page.memory import keep, recall, set_to
from regcore.page.models import redraw
from regcore.page.shares import LAMBDA, SHARES, held_lams, nearest
from regcore.page.text import literal
from regcore.problem import Problem
from regcore.questions.cards.marks import strength_marks
from regcore.questions.path import PATHS
from regcore.questions.path.answer import expected, quick_lam, trace
from regcore.questions.strength.answer import Match, chosen, matched_lam_l2
from regcore.regularization_path import RegularizationPath
from regcore.settings import DesignError, Settings, Task
from regcore.words import counted, figures

DEFAULT_SHARE = 0.1
"""Where λ begins if the data cannot say it in time."""

PATIENCE = 1.0
"""Seconds in which the data must say where λ begins."""

PROPOSALS_KEPT = 20

Key = tuple[str, object]


def choose_strength(
    dataset: Dataset, problem: Problem, settings: Settings, slot: DeltaGenerator
) -> Settings | None:
    """Draw λ and what is made equal between L1 and L2; settings with both λ.

    Returns
    -------
    None if the user has cancelled just the cross-validation or search that it takes
    """
    key: Key = dataset.digest, settings.preparation()
    _take_share(dataset.digest)
    seconds = _begin(key, problem, settings, slot)
    matches = address.among(list(Match), lambda match: match.name.lower())
    address.kept("match", "match", matches, Match.SAME_LAM)
    held = held_lams(key, problem.lam_max)
    match = _match_now()
    if match.by_validation:
        paths = _paths(key, problem, settings, slot)
        if paths is not None:
            # The slider never shows another λ than the models have.
            lam = chosen(match, paths)[0]
            st.session_state["share"] = nearest(lam / problem.lam_max)
    share, match, above, below = draw_strength(
        held and held[0] / (problem.lam_max or 1.0)
    )
    chosen_here = st.session_state.get("share chosen for") == dataset.digest
    address.keep("share", "lambda", LAMBDA, None if chosen_here else share)
    known_paths = known(PATHS, key)
    if known_paths is not None:
        with below:
            _draw_marks(known_paths)
    if held is not None:
        matched: Settings | None = replace(settings, lam=held[0], lam_l2=held[1])
    else:
        settings = replace(settings, lam=share * problem.lam_max)
        matched = _matched(key, problem, settings, match, slot)
    with above:
        if matched is not None:
            st.caption(literal(_note(problem, matched)), width="content")
        _draw_buttons(problem, known_paths, seconds)
    return matched


def draw_strength(
    exact: float | None = None,
) -> tuple[float, Match, DeltaGenerator, DeltaGenerator]:
    """Draw λ/λ_max and what is made equal, and tell them; places above and below λ.

    Without a table there is no model; a control that is drawn keeps what it is set to.
    Where both λ were loaded, `exact` is λ/λ_max of L1, and nothing is made equal.
    """
    by_validation = _match_now().by_validation
    at = None if exact is None else st.session_state["share"]

    def percent(step: float) -> str:
        share = exact if exact is not None and step == at else step
        return f"{figures(100 * share, 3)} %"

    left, right = st.columns([4, 1], gap="medium")
    label = "Penalty strength λ of L1" if by_validation else "Penalty strength λ"
    below = left.container(gap="xxsmall")
    with below:
        above = st.container(
            horizontal=True, vertical_alignment="center", gap="small", key="strength"
        )
        above.caption(
            f"**{label}**",
            width="content",
            help="As a share of λₘₐₓ, the smallest λ at which L1 has only zeros. "
            "The scale is logarithmic.",
        )
        share = st.select_slider(
            label,
            SHARES,
            value=nearest(DEFAULT_SHARE),
            key="share",
            on_change=_choose,
            disabled=by_validation,
            format_func=percent,
            persist_state="page",
            label_visibility="collapsed",
        )
    matches = list(Match)
    match = right.selectbox(
        "How to set λ",
        matches,
        index=0 if exact is None else None,
        key="match",
        placeholder="as it was loaded",
        persist_state="page",
        help="The same λ is not the same strength. L2 can be given the λ at which it "
        "has as many effective parameters as L1 keeps weights, or both their own λ, "
        "chosen by cross-validation on the training rows: the one with the smallest "
        "loss, or the largest whose loss is within one standard error of that.",
    )
    return share, match or Match.SAME_LAM, above, below


def _begin(
    key: Key, problem: Problem, settings: Settings, slot: DeltaGenerator
) -> float:
    """Set λ to what the data propose, unless it has been chosen for this file.

    Returns
    -------
    seconds that cross-validation would take, where it was not waited for
    """
    state = st.session_state
    if "share of" not in state and "share" in state:
        # A browser that is back tells a new session what it was.
        state["share chosen for"] = key[0]
    if state.get("share of") == key:
        return recall("late", key) or 0.0
    late, lam = 0.0, None
    try:
        lam = _proposed(key, problem, settings, slot)
        if problem.design.task is not Task.REGRESSION:
            late = expected(problem)
    except LateError as error:
        late = error.seconds
    except DesignError:
        pass
    keep("late", key, late, PROPOSALS_KEPT)
    state["share of"] = key
    if state.get("share chosen for") != key[0]:
        share = DEFAULT_SHARE if lam is None else lam / problem.lam_max
        state["share"] = nearest(share)
    return late


def _take_share(digest: str) -> None:
    """Choose the λ that the address asks for; without one the data propose it."""
    state = st.session_state
    share = address.take("lambda", LAMBDA)
    if share is not None:
        state["share"], state["share chosen for"] = share, digest
    elif address.went_back():
        state["share of"] = None
        state.pop("share chosen for", None)


def _proposed(
    key: Key, problem: Problem, settings: Settings, slot: DeltaGenerator
) -> float | None:
    """L1's largest λ within one standard error of its best, if it takes no longer."""
    if problem.design.task is Task.REGRESSION:
        paths = _paths(key, problem, settings, slot, PATIENCE)
        return None if paths is None else paths.l1.lam_1se
    return computed(
        "proposed λ",
        key,
        within(PATIENCE, partial(quick_lam, problem, settings)),
        Heartbeat(slot, "Looking where λ should begin"),
        PROPOSALS_KEPT,
    )


def _paths(
    key: Key,
    problem: Problem,
    settings: Settings,
    slot: DeltaGenerator,
    seconds: float = np.inf,
) -> RegularizationPath | None:
    """The paths, under the name of the question, which then has them without waiting.

    Returns
    -------
    None if the user has cancelled just this cross-validation
    """
    return computed(
        PATHS.name,
        key,
        within(seconds, partial(trace, problem, settings)),
        Heartbeat(slot, PATHS.doing, expected(problem)),
        PATHS.kept,
    )


def _draw_marks(paths: RegularizationPath) -> None:
    """Draw below the slider what cross-validation says of λ."""
    redraw(
        strength_marks(paths, SHARES),
        alt=f"λ with the smallest cross-validated loss: {figures(paths.l1.lam_min)} "
        f"for L1, {figures(paths.l2.lam_min)} for L2",
    )


def _draw_buttons(
    problem: Problem, paths: RegularizationPath | None, seconds: float
) -> None:
    """Draw what sets λ to a mark, or finds the marks where that takes its time."""
    if paths is not None:
        for label, lam in (
            ("→ best for L1", paths.l1.lam_min),
            ("→ simplest within one standard error", paths.l1.lam_1se),
        ):
            st.button(
                label,
                key=f"λ: {label}",
                type="tertiary",
                on_click=set_share,
                args=(lam / problem.lam_max,),
            )
    elif seconds:
        takes = counted(max(round(seconds), 1), "second")
        st.button(
            f"Find λ by cross-validation (about {takes})",
            key="find λ",
            type="tertiary",
            on_click=_match,
            args=(Match.ONE_ERROR,),
        )


def set_share(share: float) -> None:
    """Set λ to the nearest step, as the slider would, for L1 and what is matched to it.

    For callbacks, which run before the controls are drawn.
    """
    st.session_state["share"] = nearest(share)
    _choose()
    if _match_now().by_validation:
        st.session_state["match"] = Match.SAME_LAM


def _choose() -> None:
    """Remember that λ has been chosen for this file, whatever the data propose."""
    digest, _ = st.session_state.get("share of", ("", None))
    st.session_state["share chosen for"] = digest
    set_to("match", _match_now())


def _match_now() -> Match:
    """What is made equal; nothing is where both λ were loaded."""
    return st.session_state.get("match") or Match.SAME_LAM


def _match(match: Match) -> None:
    st.session_state["match"] = match


def _matched(
    key: Key,
    problem: Problem,
    settings: Settings,
    match: Match,
    slot: DeltaGenerator,
) -> Settings | None:
    """Settings with the λ of both, as the control beside λ asks for."""
    if match is Match.SAME_LAM:
        return settings
    if match is Match.SAME_EFFECTIVE:
        lam_l2 = computed(
            "matched strengths",
            (*key, settings.lam),
            lambda tell: matched_lam_l2(problem, settings.lam, partial(tell, 0.0)),
            Heartbeat(slot, "Matching L2 to L1"),
        )
        return None if lam_l2 is None else replace(settings, lam_l2=lam_l2)
    paths = _paths(key, problem, settings, slot)
    if paths is None:
        return None
    lam_l1, lam_l2 = chosen(match, paths)
    return replace(settings, lam=lam_l1, lam_l2=lam_l2)


def _note(problem: Problem, settings: Settings) -> str:
    """Say the λ of both, beside the control."""
    lam, lam_l2 = settings.lam, settings.lam_l2
    both = (
        f"{figures(lam)}"
        if lam_l2 is None
        else (f"{figures(lam)} for L1, {figures(lam_l2)} for L2")
    )
    return f"λ = {both}; from {figures(problem.lam_max)} on L1 has only zeros."

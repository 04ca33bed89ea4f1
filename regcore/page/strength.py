"""Strength, matched fairly: the control beside λ, and the section that explains it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.compare import Comparison
from regcore.page.cards import COLOURS
from regcore.page.controls import Controls
from regcore.page.dataset import Dataset
from regcore.page.memory import remembered
from regcore.page.paths import paths_or_reason
from regcore.page.text import literal
from regcore.page.training import obtain_matched_lam, obtain_paths
from regcore.problem import Problem
from regcore.questions.path.answer import lams
from regcore.questions.strength import answer as strength
from regcore.questions.strength import chart as strength_charts
from regcore.questions.strength import words
from regcore.questions.strength.answer import Match
from regcore.settings import Settings
from regcore.words import figures

STRENGTHS_KEPT = 5


def matched_settings(
    dataset: Dataset, problem: Problem, controls: Controls, slot: DeltaGenerator
) -> Settings | None:
    """Settings with the λ of both, as the control beside λ asks for.

    Returns
    -------
    None if the user has cancelled just this cross-validation or search
    """
    settings = replace(controls.settings, lam=controls.share * problem.lam_max)
    if controls.match is Match.SAME_LAM:
        return settings
    if controls.match is Match.SAME_EFFECTIVE:
        lam_l2 = obtain_matched_lam(dataset, problem, settings, slot)
        return None if lam_l2 is None else replace(settings, lam_l2=lam_l2)
    paths = obtain_paths(dataset, problem, settings, slot)
    if paths is None:
        return None
    lam_l1, lam_l2 = strength.chosen(controls.match, paths)
    return replace(settings, lam=lam_l1, lam_l2=lam_l2)


def note(problem: Problem, settings: Settings) -> str:
    """Say the λ of both, under the control."""
    end = f"at λ_max = {figures(problem.lam_max)} L1 has only zeros."
    if settings.lam_l2 is None:
        return f"λ = {figures(settings.lam)}; {end}"
    return (
        f"λ = {figures(settings.lam)} for L1, {figures(settings.lam_l2)} for L2; {end}"
    )


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw how many parameters each λ leaves, and what the fair matches come to."""
    paths = paths_or_reason(result, dataset, "strength")
    if paths is None:
        return
    problem, now = result.problem, lams(result)
    table, along, effective = remembered(
        "strengths",
        (dataset.digest, result.settings),
        lambda: (
            strength.matches(problem, paths, now[0]),
            strength.effective_along(problem, paths),
            strength.effective_parameters(result),
        ),
        STRENGTHS_KEPT,
    )
    st.markdown(literal(words.in_words(result, table)))
    marks = strength_charts.strength_marks(
        now,
        effective,
        table.loc[Match.SAME_EFFECTIVE, ("λ", "L2")],
        problem.lam_max,
    )
    picture, numbers = st.columns(2, gap="medium")
    picture.altair_chart(
        strength_charts.effective_curves(along, marks),
        alt="Effective parameters of L1 and L2 along λ",
    )
    with numbers:
        st.markdown(_table(table))
    st.caption(
        "**How to read this.** L1 counts the weights it keeps, as far as the data tell "
        "them apart; L2 keeps all, each in part: Σ h/(h + λ/n) over the curvatures h "
        "of the loss, which is Σ d²/(d² + λ) over the singular values d of the design "
        "for squared error.  \n"
        "Circles: now. Diamond: where L2 is as strong as L1. The control under λ makes "
        "one of the four matches for everything above; the losses are cross-validated."
    )


def _table(table: pd.DataFrame) -> str:
    """The matches, L1 and L2 on a line each: a table would be too wide for a phone."""
    parts = []
    for match, row in table.iterrows():
        lines = [f"**{literal(match)}**"]
        for penalty in ("L1", "L2"):
            text = (
                f"λ = {figures(row['λ', penalty])} · "
                f"{figures(row['effective', penalty], 3)} parameters"
            )
            loss = row["loss", penalty]
            if not np.isnan(loss):
                text += f" · loss {loss:.4f}"
            lines.append(f":{COLOURS[penalty]}[{penalty}] {literal(text)}")
        parts.append("  \n".join(lines))
    return "\n\n".join(parts)

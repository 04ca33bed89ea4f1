"""Strength, matched fairly: the control beside λ."""

from dataclasses import replace
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from regcore.page.controls import Controls
from regcore.page.dataset import Dataset
from regcore.page.training import Heartbeat, computed
from regcore.problem import Problem
from regcore.questions.path import PATHS
from regcore.questions.path.answer import expected, trace
from regcore.questions.strength.answer import Match, chosen, matched_lam_l2
from regcore.settings import Settings
from regcore.words import figures


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
        lam_l2 = computed(
            "matched strengths",
            (dataset.digest, settings.preparation(), settings.lam),
            lambda tell: matched_lam_l2(problem, settings.lam, partial(tell, 0.0)),
            Heartbeat(slot, "Matching L2 to L1"),
        )
        return None if lam_l2 is None else replace(settings, lam_l2=lam_l2)
    # Under the name and key of the question, which then has them without waiting.
    paths = computed(
        PATHS.name,
        (dataset.digest, PATHS.decided_by(settings)),
        lambda tell: trace(problem, settings, tell),
        Heartbeat(slot, PATHS.doing, expected(problem)),
        PATHS.kept,
    )
    if paths is None:
        return None
    lam_l1, lam_l2 = chosen(controls.match, paths)
    return replace(settings, lam=lam_l1, lam_l2=lam_l2)


def note(problem: Problem, settings: Settings) -> str:
    """Say the λ of both, under the control."""
    end = f"at λₘₐₓ = {figures(problem.lam_max)} L1 has only zeros."
    if settings.lam_l2 is None:
        return f"λ = {figures(settings.lam)}; {end}"
    return (
        f"λ = {figures(settings.lam)} for L1, {figures(settings.lam_l2)} for L2; {end}"
    )

"""λ as the page holds it: a step of the slider, or exactly what was loaded."""

import numpy as np
import streamlit as st

from regcore.page import address
from regcore.questions.strength.answer import Match
from regcore.settings import Settings
from regcore.solve.path import FLOOR, SPAN, STEPS

SHARES: tuple[float, ...] = (
    *np.geomspace(FLOOR, SPAN, round(STEPS * np.log10(SPAN / FLOOR)) + 1)[:-1].tolist(),
    *np.geomspace(SPAN, 1, 61).tolist(),
)
"""Steps of λ/λ_max, twenty a decade and ten below `SPAN`: those of the longest path, so
that what cross-validation finds for L1 is one of them."""

LAMBDA = address.among(SHARES, lambda share: f"{share:g}")
"""λ/λ_max in the address."""

Lams = tuple[float, float | None]
"""λ of L1, and of L2 unless it is the same."""


def _write(lams: Lams) -> str:
    return "~".join(repr(lam) for lam in lams if lam is not None)


def _read(text: str) -> Lams:
    first, *others = (address.number(0).read(lam) for lam in text.split("~"))
    if len(others) > 1:
        raise ValueError(text)
    return first, (others[0] if others else None)


LAMS = address.Written(_write, _read)
"""Both λ in the address, to the last bit."""


def nearest(share: float) -> float:
    """Return the step that is nearest, by the ratio; one beyond all is at the end."""
    steps = np.array(SHARES)
    within = np.clip(share, SHARES[0], SHARES[-1])
    return SHARES[int(np.argmin(np.abs(np.log(steps / within))))]


def hold_lams(digest: str, settings: Settings) -> None:
    """Take both λ exactly, from the next run on, until another is chosen."""
    state = st.session_state
    state["lambdas"] = settings.lam, settings.lam_l2
    state["match"] = state["lambdas of"] = None
    state["share chosen for"] = digest


def held_lams(key: object, lam_max: float) -> Lams | None:
    """Return the λ that are held, and let the slider show the step next to L1's.

    They go when another way to set λ is chosen, and when the target, the features or
    the rows do, for λ depends on the scale of these. What the slider itself says just
    so need not be held.
    """
    state = st.session_state
    asked = address.take("lambdas", LAMS)
    if asked is not None:
        state["lambdas"], state["match"], state["lambdas of"] = asked, None, None
    address.keep("lambdas", "lambdas", LAMS, None)
    lams: Lams | None = state.get("lambdas")
    unset = state.get("match", Match.SAME_LAM) is None
    if unset and lams is not None and state["lambdas of"] in (None, key):
        state["lambdas of"] = key
        lam, lam_l2 = lams
        state["share"] = nearest(lam / (lam_max or 1.0))
        if lam_l2 is not None or state["share"] * lam_max != lam:
            return lams
    state["lambdas"] = None
    if unset:
        state["match"] = Match.SAME_LAM
    return None

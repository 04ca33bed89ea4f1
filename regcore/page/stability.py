"""Section: can the choice be trusted? Half-samples, and a verdict over many splits."""

from collections.abc import Callable

import streamlit as st

from regcore.compare import Comparison
from regcore.drawing import FIRST
from regcore.page.dataset import Dataset
from regcore.page.parts import choose_class, describe, explain
from regcore.page.text import literal
from regcore.page.training import Heartbeat, computed, resume
from regcore.questions.trust import chart as stability_charts
from regcore.questions.trust import half_samples as stability
from regcore.questions.trust import repeated_splits
from regcore.questions.trust.resample import FEW
from regcore.questions.trust.words import steadiness, verdicts
from regcore.settings import DesignError
from regcore.words import counted, share

Found = tuple[stability.Stability, repeated_splits.Splits]

HALVES_SHARE = 0.6
"""Share of the progress bar that the half-samples take."""

NOTICED = 1.05
"""A bar stretched by less than this looks as it was."""


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw how steady the weights are, and whether the difference is real."""
    settings = result.settings
    key = dataset.digest, settings.preparation(), settings.lam, settings.lam_l2
    heartbeat = Heartbeat(st.empty(), "Drawing the rows again and again")
    try:
        found = computed("stability", key, lambda tell: _find(result, tell), heartbeat)
    except DesignError as error:
        st.info(literal(error))
        return
    if found is None:
        st.info("This was cancelled.")
        st.button("Draw the rows again and again", key="resample", on_click=resume)
        return
    _draw_verdict(found[1])
    _draw_steadiness(found[0], result, dataset)


def _find(result: Comparison, tell: Callable[[float], None]) -> Found:
    halves = stability.half_samples(
        result, progress=lambda done: tell(HALVES_SHARE * done)
    )
    rest = 1.0 - HALVES_SHARE
    splits = repeated_splits.repeated_splits(
        result, progress=lambda done: tell(HALVES_SHARE + rest * done)
    )
    return halves, splits


def _draw_verdict(splits: repeated_splits.Splits) -> None:
    st.subheader("Is the difference real?", anchor=False)
    describe(verdicts(splits))
    base = "none" if splits.paired("none", "none") else "L2"
    left, right = st.columns(2)
    left.altair_chart(
        stability_charts.split_losses(splits),
        alt="Held-out loss of the constant and the three models in every split",
    )
    right.altair_chart(
        stability_charts.split_differences(splits, base),
        alt="Difference in held-out loss in every split",
    )
    parts = "three quarters to train on and one to score"
    if splits.split == "groups":
        trained, held_out = share(1 - splits.held_out), share(splits.held_out)
        parts = (
            f"whole groups, some {trained} of the rows to train on, {held_out} to score"
        )
    lines = [
        f"Each circle is one of {splits.count} different random splits, {parts}; the "
        "tick is the median, the bar the middle 80 %."
    ]
    if splits.count >= FEW:
        stretch, bar = splits.stretch(splits.count), "the bar"
        if stretch >= NOTICED:
            bar = f"the bar of a difference, made {stretch:.2g} times as wide,"
        lines.append(
            f"The splits share rows, so they are not independent; {bar} is as wide as "
            "a 95 % interval that allows for it. Left of 0 is better; over 0 is "
            "unclear."
        )
    explain(*lines)


def _draw_steadiness(
    found: stability.Stability, result: Comparison, dataset: Dataset
) -> None:
    st.subheader("How steady are the weights?", anchor=False)
    output = choose_class(result, dataset, "stability") if found.classes else ""
    describe(steadiness(found, output))
    if not found.halved:
        return
    left, right = st.columns([2, 3])
    left.altair_chart(
        stability_charts.kept_bars(found, output),
        alt="Share of the half-samples in which L1 keeps each feature",
    )
    right.altair_chart(
        stability_charts.weight_spread(found, output),
        alt="Spread of each weight over the half-samples under the three penalties",
    )
    part = "half"
    if found.whole_groups:
        part = f"whole groups, some {share(found.rows / found.training_rows)}"
    lines = [
        f"{found.count} times, {part} of the training rows ({found.rows:,} of "
        f"{found.training_rows:,}) were drawn and solved exactly. λ shrinks with them, "
        "so that λ/n, what a pull must pass to get in, stays the same."
    ]
    if found.count >= FEW:
        lines.append(
            "Trust what is kept beyond the dashed line with one sign, and whose bar "
            "stays away from 0. A feature that comes and goes may be standing in for "
            "another."
        )
    explain(*lines)
    more = len(found.features) - FIRST
    if more > 0:
        st.caption(literal(f"{counted(more, 'feature')} below these are not drawn."))

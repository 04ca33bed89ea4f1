"""Section: can the choice be trusted? Half-samples, and a verdict over many splits."""

from collections.abc import Callable

import streamlit as st

from regcore.charts import stability as stability_charts
from regcore.charts.parts import FIRST
from regcore.compare import Comparison
from regcore.page.dataset import Dataset
from regcore.page.parts import choose_class, describe, explain
from regcore.page.text import literal
from regcore.page.training import Heartbeat, computed, resume
from regcore.settings import DesignError
from regcore.views import repeated_splits, stability
from regcore.views.wording import counted

Found = tuple[stability.Stability, repeated_splits.Splits]

HALVES_SHARE = 0.6
"""Share of the progress bar that the half-samples take."""


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
        result, progress=lambda share: tell(HALVES_SHARE * share)
    )
    rest = 1.0 - HALVES_SHARE
    splits = repeated_splits.repeated_splits(
        result, progress=lambda share: tell(HALVES_SHARE + rest * share)
    )
    return halves, splits


def _draw_verdict(splits: repeated_splits.Splits) -> None:
    st.subheader("Is the difference real?", anchor=False)
    describe(repeated_splits.in_words(splits))
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
    explain(
        f"Each circle is one of {splits.count} random splits, three quarters to train "
        "on and one to score; the tick is the median, the bar the middle 80 %.",
        "The splits share rows, so they are not independent; the bar is as wide as a "
        "95 % interval that allows for it. Left of 0 is better; over 0 is unclear.",
    )


def _draw_steadiness(
    found: stability.Stability, result: Comparison, dataset: Dataset
) -> None:
    st.subheader("How steady are the weights?", anchor=False)
    output = choose_class(result, dataset, "stability") if found.classes else ""
    describe(stability.in_words(found, output))
    left, right = st.columns([2, 3])
    left.altair_chart(
        stability_charts.kept_bars(found, output),
        alt="Share of the half-samples in which L1 keeps each feature",
    )
    right.altair_chart(
        stability_charts.weight_spread(found, output),
        alt="Spread of each weight over the half-samples under the three penalties",
    )
    drawn = f"half of the training rows ({found.rows:,} of {found.training_rows:,})"
    if result.problem.design.groups is not None:
        drawn = f"whole groups with about {drawn}"
    explain(
        f"{found.count} times, {drawn} were drawn and solved exactly. λ is halved with "
        "them, so that λ/n, what a pull must pass to get in, stays the same.",
        "Trust what is kept beyond the dashed line with one sign, and whose bar stays "
        "away from 0. A feature that comes and goes may be standing in for another.",
    )
    more = len(found.features) - FIRST
    if more > 0:
        st.caption(literal(f"{counted(more, 'feature')} below these are not drawn."))

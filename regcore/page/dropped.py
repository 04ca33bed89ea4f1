"""Section: why was it dropped? Pulls against the threshold, and correlated groups."""

import streamlit as st

from regcore.compare import Comparison
from regcore.drawing import FIRST
from regcore.page.dataset import Dataset
from regcore.page.parts import choose_class, describe, explain
from regcore.page.text import literal, plural
from regcore.questions.dropped import answer as dropped
from regcore.questions.dropped import chart as dropped_charts
from regcore.questions.dropped import groups

MOST_GROUPS = 5
"""Groups drawn; the rest is counted."""


def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw what L1 dropped and why, and what happens to correlated features."""
    several = len(result.problem.design.classes) > 2
    output = choose_class(result, dataset, "dropped") if several else ""
    _draw_dropped(dropped.dropped(result, output))
    _draw_groups(result, output)


def _draw_dropped(found: dropped.Dropped) -> None:
    describe([dropped.in_words(found)])
    if not len(found.table):
        return
    st.altair_chart(
        dropped_charts.pull_bars(found),
        alt="Pull of every dropped feature as a share of the threshold",
    )
    explain(
        "A bar is how hard a dropped feature pulls, |x·r|/n with what the kept ones "
        "leave unexplained, r; it comes in when the bar reaches the dashed line, λ/n.",
        "Below it: the kept feature that is most like it, if any is. Dropped means not "
        "needed given the others, at this λ; not unrelated to the target.",
    )
    _count_rest(len(found.table) - FIRST, "dropped feature")


def _draw_groups(result: Comparison, output: str) -> None:
    st.subheader("Correlated groups", anchor=False)
    bound = st.slider(
        "Features belong together from |r| =",
        min_value=0.3,
        max_value=0.99,
        value=groups.BOUND,
        step=0.01,
        key="bound of groups",
        help="Linked step by step: the two ends of a large group may be less alike.",
    )
    found = groups.groups(result, bound, output)
    features = "features"
    if len(result.problem.design.features) > groups.MOST_FEATURES:
        features = f"of the {groups.MOST_FEATURES:,} features with the largest weights"
        st.caption(f"Only pairs {features} are looked at.")
    if not found:
        describe([f"No two {features} are correlated by {bound:.2f} or more."])
        return
    for group in found[:MOST_GROUPS]:
        describe([groups.in_words(group)])
        st.altair_chart(
            dropped_charts.group_weights(group),
            alt="Weights of a group of correlated features under the three penalties",
        )
        _count_rest(len(group.features) - FIRST, "member")
    explain(
        "Correlated features can trade weight without changing the predictions much: "
        "no penalty may use large opposite signs, L2 shares, L1 tends to pick one.",
        "Hollow is exactly 0; «flipped» has the other sign than without a penalty. "
        "The weights are those of the exact optima.",
    )
    _count_rest(len(found) - MOST_GROUPS, "group")


def _count_rest(count: int, noun: str) -> None:
    if count > 0:
        st.caption(literal(f"{plural(count, 'more ' + noun)} not drawn."))

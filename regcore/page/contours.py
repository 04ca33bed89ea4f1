"""Two weights, seen from above."""

import streamlit as st

from regcore.compare import Comparison
from regcore.labels import shortened
from regcore.page.cards import COLOURS, TITLES
from regcore.page.choices import choose_output
from regcore.page.dataset import Dataset
from regcore.page.memory import remembered
from regcore.page.text import literal
from regcore.questions.contours import answer as contours
from regcore.questions.contours import chart as contours_charts
from regcore.questions.contours import words
from regcore.questions.contours.answer import Square, View

PICTURES_KEPT = 12


@st.fragment
def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw the choice of two weights and one picture a penalty.

    Only this section is drawn anew when the choice changes.
    """
    design = result.problem.design
    if len(design.features) < 2:
        st.info("There is one feature only, and so nothing to be seen from above.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        output = choose_output(result, dataset, "contours")
        pair = _choose_pair(result, dataset, output)
    if pair[0] == pair[1]:
        st.info("Choose two different weights.")
        return
    square, views = _pictures(result, dataset, pair, output)
    st.markdown(literal(words.in_words(result, pair, views)))
    titles = [
        shortened(design.features[j], contours_charts.LONGEST) + ", per SD"
        for j in pair
    ]
    for place, view in zip(st.columns(3), views, strict=True):
        with place:
            st.markdown(f"**:{COLOURS[view.penalty]}[{TITLES[view.penalty]}]**")
            st.altair_chart(
                contours_charts.picture(view, square, (titles[0], titles[1])),
                width="content",
                alt=f"Contours of the loss over two weights, {view.penalty}",
            )
    st.caption(literal(_held(views)))
    st.caption(
        "**How to read this.** Grey rings are equal loss, the thick one goes through "
        "the solution (diamond mark); the line with dots is the way that descent took "
        "from zero.  \nThe dashed diamond and circle hold all pairs with the same "
        "penalty: the solution is where ring and shape touch, and a diamond is touched "
        "at its corners, where a weight is zero."
    )


def _choose_pair(result: Comparison, dataset: Dataset, output: int) -> tuple[int, int]:
    """Two features; at first one that stays and one that L1 drops."""
    design = result.problem.design
    place = f"{dataset.digest[:16]} {design.target} {output}"
    proposed = contours.proposed_pair(result, output)
    names = list(design.features)
    chosen = [
        st.selectbox(label, names, index=j, key=f"contours, {label} of {place}")
        for label, j in zip(("Across", "Up"), proposed, strict=True)
    ]
    return names.index(chosen[0]), names.index(chosen[1])


def _pictures(
    result: Comparison, dataset: Dataset, pair: tuple[int, int], output: int
) -> tuple[Square, tuple[View, ...]]:
    return remembered(
        "contours",
        (dataset.digest, result.settings, pair, output),
        lambda: contours.from_above(result, pair, output),
        PICTURES_KEPT,
    )


def _held(views: tuple[View, ...]) -> str:
    """What is not seen: the other weights."""
    text = (
        "All other weights and the bias are held at the solution of each penalty; the "
        "ways down are projected, for there the others move too."
    )
    if all(view.exact for view in views):
        return text
    return (
        f"{text} No penalty has no optimum here: its weights are held where it ended."
    )

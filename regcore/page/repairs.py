"""Guesses of the reading, each with a button that undoes it."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from regcore.intake.repairs import Repair
from regcore.page.dataset import Dataset, digest_of
from regcore.page.reading import take_reading
from regcore.page.remarks import remark
from regcore.page.text import literal

MOST_OPEN = 3
"""Guesses that stand above the results; the others are with the notes."""

_KEPT = (
    *("target of", "features for", "types of", "without", "ever"),
    *("group of", "key of"),
)
"""What was chosen for a table and stays when it is read in another way."""


def offer_repairs(dataset: Dataset, target: str) -> int:
    """Draw what may well be wrong, and all that concerns the target; count them."""
    standing = _standing(dataset, target)
    for repair in standing:
        with remark(repair.note):
            _draw_button(dataset, repair, type="tertiary")
    return len(standing)


def offer_other_repairs(dataset: Dataset, target: str) -> None:
    """Draw the buttons of all other guesses, whose notes stand above them."""
    standing = _standing(dataset, target)
    others = [repair for repair in dataset.repairs if repair not in standing]
    if others:
        with st.container(horizontal=True):
            for repair in others:
                _draw_button(dataset, repair, help=literal(repair.note))


def _standing(dataset: Dataset, target: str) -> Sequence[Repair]:
    found = [r for r in dataset.repairs if r.column == target]
    found += [r for r in dataset.repairs if r.doubtful and r.column != target]
    return found[:MOST_OPEN]


def _draw_button(
    dataset: Dataset,
    repair: Repair,
    *,
    type: Literal["secondary", "tertiary"] = "secondary",
    help: str | None = None,
) -> None:
    place = dataset.repairs.index(repair)
    st.button(
        literal(repair.label),
        key=f"repair {place} of {dataset.digest[:16]}",
        type=type,
        help=help,
        on_click=_take,
        args=(dataset, repair),
    )


def _take(dataset: Dataset, repair: Repair) -> None:
    """Read the file anew; what was chosen for its columns stays."""
    old = dataset.digest[:16]
    new = digest_of(dataset.source, repair.reading)[:16]
    state = st.session_state
    for key in [key for key in state if str(key).startswith(_KEPT)]:
        if old in str(key):
            state[str(key).replace(old, new)] = state[key]
    take_reading(dataset.source, repair.reading)

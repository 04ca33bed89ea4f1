"""How the rows held out are chosen, as controls."""

from dataclasses import replace
from operator import attrgetter

import streamlit as st

from regcore.page.address import among, kept, place
from regcore.page.columns import key_of
from regcore.page.dataset import Dataset
from regcore.settings import Repeats, Settings, Split

REPEATS = "repeats"


def keep_repeats_together() -> None:
    """Keep rows that are the same on one side of the split, from the next run on."""
    st.session_state[REPEATS] = Repeats.TOGETHER


def choose_split(dataset: Dataset | None, settings: Settings) -> Settings:
    """Draw how the rows held out are chosen."""
    # Rows elsewhere are held out by what the engine can tell of each by itself.
    elsewhere = dataset is not None and dataset.elsewhere is not None
    apart = " of a table elsewhere" if elsewhere else ""
    splits = [Split.HASH] if elsewhere else list(Split)
    split = st.segmented_control(
        "Hold out by",
        splits,
        default=splits[0],
        required=True,
        key=kept(f"split{apart}", "split", among(splits), splits[0]),
        format_func=attrgetter("words"),
        help="By chance, the same share of every class; the last rows, where the order "
        "is time; whole groups, so that the rows of one customer, say, do not sit on "
        "both sides; or the hash of a key, so that the same rows are held out in any "
        "program, with classes in equal shares only up to chance.",
    )
    ways = [Repeats.APART] if elsewhere else list(Repeats)
    repeats = st.segmented_control(
        "Rows that are there more than once are",
        ways,
        default=Repeats.APART,
        required=True,
        key=kept(f"{REPEATS}{apart}", "repeats", among(ways), Repeats.APART),
        format_func=attrgetter("words"),
        help="Rows that are the same in every feature and the target. On one side, all "
        "of them train or none.",
    )
    settings = replace(settings, repeats=repeats)
    if dataset is None:
        return settings
    group = None
    if split == Split.GROUPS:
        columns = [name for name in dataset.table.columns if name != settings.target]
        key = key_of(dataset, "group")
        if dataset.in_address:
            kept(key, "group", place(columns), columns[0])
        group = st.selectbox(
            "Column of the groups",
            columns,
            key=key,
            persist_state="page",
        )
    of_row = _choose_key(dataset, settings) if split == Split.HASH else None
    return replace(settings, split=split, group=group, key=of_row)


def _choose_key(dataset: Dataset, settings: Settings) -> str | None:
    """Draw which column names a row; its number in the file does without one."""
    columns = [name for name in dataset.table.columns if name != settings.target]
    keys: list[str | None] = [None, *columns]
    key = key_of(dataset, "key")
    if dataset.in_address:
        kept(key, "key", place(keys), None)
    chosen: str | None = st.selectbox(
        "Key of a row",
        keys,
        key=key,
        format_func=lambda name: "its number in the file" if name is None else name,
        persist_state="page",
        help="Rows with the same key stay together.",
    )
    return chosen

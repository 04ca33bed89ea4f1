"""A table of the house: chosen by its name, and connected in its turn."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from regcore.page.address import among, kept
from regcore.page.computing import Heartbeat, computed, resume
from regcore.page.memory import prune
from regcore.settings import DesignError
from regcore.sources import Allowed, Source, tables_of_the_house

HOUSE, SOURCES, SOURCES_KEPT = "table of the house", "sources", 2

FIRST_READ = "Reads the table, 1 of 3: what its columns are"

CANCELLED = "The reading of the table was cancelled."

Connected = tuple[str, Source]
"""A table as it is now, by the digest of its files."""


def choose_table(*, disabled: bool, on_change: Callable[[], None]) -> Allowed | None:
    """Draw the names of what whoever runs the page allows; nothing if there is none."""
    tables = {table.name: table for table in tables_of_the_house()}
    if not tables:
        return None
    names = list(tables)
    chosen = st.selectbox(
        "or a table of this house",
        names,
        index=None,
        key=kept(HOUSE, "table", among(names)),
        placeholder="None",
        disabled=disabled,
        on_change=on_change,
        persist_state="page",
        help="Tables that may be larger than the memory: they are read where they are, "
        "and added up there. Take the name away to use a sample.",
    )
    return None if chosen is None or disabled else tables[chosen]


def connect(table: Allowed, slot: DeltaGenerator) -> Connected | str:
    """Return the table, connected now if it is new or has changed.

    Where it cannot be read, return why, and draw the button that tries again.
    """
    found = _connected(table, slot)
    if isinstance(found, str):
        offer_again()
    return found


def _connected(table: Allowed, slot: DeltaGenerator) -> Connected | str:
    try:
        digest = table.fingerprint()
    except DesignError as error:
        return str(error)

    def build(heartbeat: Heartbeat) -> Connected | str:
        tick = partial(heartbeat, 0.0)
        try:
            source = table.open(tick)
            source.table.look(tick)
        except DesignError as error:
            return str(error)
        return digest, source

    heartbeat = Heartbeat(slot, FIRST_READ)
    return computed(SOURCES, digest, build, heartbeat, SOURCES_KEPT) or CANCELLED


def offer_again() -> None:
    """Draw the button that connects a table anew."""
    st.button("Read the table anew", key="connect anew", on_click=_forget)


def _forget() -> None:
    """Forget what was connected, and that it was cancelled, from the next run on."""
    prune(SOURCES, lambda kept: False)
    resume()


def follow(source: Source, heartbeat: Heartbeat) -> None:
    """Tell which read is under way, how much is done and how long it takes."""
    read = source.reading
    if read is None:
        heartbeat(0.0)
    else:
        heartbeat.read(read.in_words.rstrip("."), read.share, read.seconds)

"""Tables in the place of charts, for who asks for them."""

import numpy as np
import streamlit as st

from regcore.drawing.picture import Picture
from regcore.drawing.told import told_tables
from regcore.page import address
from regcore.page.text import bold, literal

MOST_ROWS = 100


def choose_tables() -> None:
    """Draw the switch, for all of the page."""
    st.toggle(
        "Tables instead of charts",
        key=address.kept("tables", "tables", address.switch(), first=False),
        help="The numbers that a pointer reads from the charts, to be read by ear.",
    )


def draw_tables(picture: Picture, alt: str) -> bool:
    """Draw what a chart tells as tables, if they are wanted; whether they are."""
    wanted: bool = st.session_state.get("tables", False)
    if wanted:
        st.markdown(bold(alt))
        for table in told_tables(picture):
            few = np.linspace(0, len(table) - 1, min(len(table), MOST_ROWS)).round()
            rows = table.iloc[few.astype(int)].map(literal)
            st.table(rows.rename(index=literal, columns=literal), border="horizontal")
            if len(rows) < len(table):
                st.caption(f"{len(rows)} of {len(table):,} rows, evenly spread.")
    return wanted

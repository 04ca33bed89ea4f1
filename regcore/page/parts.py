"""What the sections below the cards share: sentences, how to read, which class."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from regcore.compare import Comparison
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.picture import Picture


def redraw(picture: Picture, alt: str) -> None:
    """Draw a chart whose numbers move; `alt` says in words what it shows."""
    tables = {
        name: pa.table(
            {title: pa.array(x, from_pandas=True) for title, x in columns.items()}
        )
        for name, columns in picture.tables.items()
    }
    st.vega_lite_chart(
        spec={**picture.specification, "datasets": tables},
        alt=alt,
    )


def describe(sentences: Sequence[str]) -> None:
    """Draw what the picture below shows, in words."""
    st.markdown(" ".join(literal(sentence) for sentence in sentences))


def explain(*lines: str) -> None:
    """Draw how to read the picture above, a line each."""
    text = "  \n".join(literal(line) for line in lines)
    st.caption(f"**How to read this.** {text}")


def choose_class(result: Comparison, dataset: Dataset, section: str) -> str:
    """Draw the choice of the class whose weights are looked at."""
    design = result.problem.design
    key = f"{section} class of {dataset.digest[:16]} {design.target}"
    return st.selectbox("Weights of class", design.classes, key=key)

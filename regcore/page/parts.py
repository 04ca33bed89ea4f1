"""What the sections below the cards share: sentences, how to read, which class."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from regcore.compare import Comparison
from regcore.drawing import Chart
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.picture import Picture


@dataclass(frozen=True)
class _Known:
    """A chart whose specification is right, for the tests have held it to the schema.

    Altair checks it at every drawing, which takes as long as everything else together.
    """

    chart: Chart

    def to_dict(self) -> dict[str, object]:
        """Return the specification, unchecked."""
        return self.chart.to_dict(validate=False)


def show(chart: Chart, alt: str) -> None:
    """Draw a chart; `alt` says in words what it shows."""
    st.altair_chart(_Known(chart), alt=alt)


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

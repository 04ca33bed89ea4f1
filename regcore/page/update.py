"""One update of one weight, in the numbers of this file."""

import numpy as np
import pandas as pd
import streamlit as st

from regcore.compare import PENALTIES, Comparison
from regcore.page.cards import COLOURS, TITLES
from regcore.page.choices import choose_output
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.questions.cards.ranking import ranked_weights
from regcore.questions.update import answer as update
from regcore.questions.update import chart as update_charts
from regcore.questions.update import words
from regcore.questions.update.answer import Update
from regcore.words import counted, number

FORMULAS = {
    "none": "w − η·∂C0/∂w",
    "L1": "w − η·∂C0/∂w − ηλ/n towards 0",
    "L2": "w − η·∂C0/∂w − (ηλ/n)·w",
}

FIRST_EPOCH = 10
"""Epoch shown first: the weights have left zero, and still move."""


@st.fragment
def draw(result: Comparison, dataset: Dataset) -> None:
    """Draw the choice of weight and epoch, the step in numbers, and what it depends on.

    Only this section is drawn anew when the choice changes.
    """
    place = st.container(horizontal=True, vertical_alignment="bottom")
    with place:
        output = choose_output(result, dataset, "update")
        feature, epoch = _choose(result, dataset, output)
    names = result.problem.design.features
    updates = update.take_apart(result, feature, output, epoch)
    st.markdown(literal(words.in_words(result, names[feature], updates)))
    numbers, picture = st.columns([3, 2], gap="medium")
    with numbers:
        # Scrolls by itself where many digits are wider than a phone.
        st.table(_table(updates), border="horizontal")
        for step in updates:
            st.markdown(
                f":{COLOURS[step.penalty]}[**{TITLES[step.penalty]}**] "
                f"{literal(FORMULAS[step.penalty])}  \n"
                f"{literal(words.formula(step, result))}"
            )
        st.caption(literal(" ".join(_remarks(result, updates))))
    reach = 1.15 * max(
        float(np.abs(result.W[np.isfinite(result.W)]).max(initial=0.0)),
        *(abs(step.acts_on) for step in updates),
        1e-9,
    )
    picture.altair_chart(
        update_charts.penalty_parts(update.penalty_curves(result, reach), updates),
        alt="What each penalty takes off, against the weight",
    )
    st.caption(
        "**How to read this.** The gradient's part lowers the loss and the penalty's "
        "part shrinks the weight; the two add up to the step.  \n"
        "In the chart L1 is a constant, so it can reach zero; L2 is a share of the "
        "weight, so it fades as the weight does. Marks: this weight now."
    )


def _choose(result: Comparison, dataset: Dataset, output: int) -> tuple[int, int]:
    """Feature, the largest weights first, and epoch."""
    design = result.problem.design
    column = design.classes[output] if len(design.classes) > 2 else None
    ranked = list(ranked_weights(result, column, original_units=False).index)
    name = st.selectbox(
        "Weight of",
        ranked,
        key=f"update, feature of {dataset.digest[:16]} {design.target} {column}",
    )
    longest = max(run.epochs for run in result.runs)
    epoch = st.number_input(
        "Step after epoch",
        min_value=0,
        max_value=longest,
        value=min(FIRST_EPOCH, longest),
        key=f"update, epoch of {longest}",
        help="Epoch 0 is the start, where all weights are zero.",
    )
    return design.features.index(name), int(epoch)


def _table(updates: tuple[Update, ...]) -> pd.DataFrame:
    """The four numbers of the three steps, as Markdown."""
    rows = {
        "Before": ([step.before for step in updates], ""),
        "Gradient": ([step.gradient_part for step in updates], "+"),
        "Penalty": ([step.penalty_part for step in updates], "+"),
        "**After**": ([step.after for step in updates], ""),
    }
    digits = _digits([value for values, _ in rows.values() for value in values])
    cells = {}
    for label, (values, sign) in rows.items():
        mark = "**" if label.startswith("**") else ""
        cells[label] = [
            mark + (number(value, f"{sign}.{digits}f") if value else "0") + mark
            for value in values
        ]
    titles = [f":{COLOURS[name]}[{TITLES[name]}]" for name in PENALTIES]
    return pd.DataFrame.from_dict(cells, orient="index", columns=titles)


def _digits(values: list[float]) -> int:
    """Decimals that show three figures of the smallest part, so that columns add up."""
    parts = [abs(value) for value in values if value and np.isfinite(value)]
    smallest = min(parts, default=1.0)
    return int(np.clip(2 - np.floor(np.log10(smallest)), 3, 7))


def _remarks(result: Comparison, updates: tuple[Update, ...]) -> list[str]:
    """What is shown if it is not simply the step that was asked for."""
    remarks = [f"Learning rate η = {result.rate:.4g}."]
    steps = update.steps_an_epoch(result)
    if result.settings.batch_size is not None:
        # Runs of different lengths keep different epochs.
        going = {step.penalty: f"{step.epoch:,}" for step in updates if not step.ended}
        after = [f"{epoch} ({TITLES[name]})" for name, epoch in going.items()]
        if len(set(going.values())) == 1:
            after = list(going.values())[:1]
        remarks.append(
            f"An epoch has {counted(steps, 'step')}, one a batch; shown is the first "
            f"after epoch {', '.join(after)}."
        )
    remarks += [
        f"{TITLES[step.penalty]} ended at epoch {step.epoch:,}; shown is the step that "
        "would have followed."
        for step in updates
        if step.ended
    ]
    return remarks

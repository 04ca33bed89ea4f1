"""The three models side by side: heads of one shape, and below them the pictures."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import streamlit as st

from regcore.comparison import PENALTIES, Comparison
from regcore.drawing.picture import Picture
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.questions.cards import curves as curve_charts
from regcore.questions.cards import weights as weight_charts
from regcore.questions.cards.distance import distance, optima_drawn
from regcore.questions.cards.ranking import ranked_weights
from regcore.questions.cards.scores import (
    ScoreShown,
    metric_name,
    metrics_here,
    scores_shown,
    telling,
)
from regcore.questions.cards.sparsity import weights_in_words
from regcore.questions.cards.words import TITLES
from regcore.questions.path.answer import lams
from regcore.settings import Task
from regcore.words import figures

COLOURS = {"none": "gray", "L1": "blue", "L2": "orange"}
"""The theme gives these names the colours of the charts."""

FIRST = 20
"""Bars drawn before all are asked for."""

MOST_DOTS = 120

PER_DEVIATION, ORIGINAL = "per SD", "original units"


def draw_cards(result: Comparison, dataset: Dataset) -> None:
    """Draw the switches of the view and the three cards."""
    design = result.problem.design
    output = None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        # Kept while a table that cannot be trained leaves nothing to view.
        log_epochs = st.toggle(
            "Log epochs", value=True, key="log epochs", persist_state="page"
        )
        log_losses = st.toggle(
            "Log loss", value=False, key="log loss", persist_state="page"
        )
        units = st.segmented_control(
            "Weights",
            [PER_DEVIATION, ORIGINAL],
            default=PER_DEVIATION,
            required=True,
            key="units",
            persist_state="page",
            label_visibility="collapsed",
        )
        if design.task is Task.MULTICLASS:
            output = st.selectbox(
                "Weights of class",
                design.classes,
                key=f"class of {dataset.digest[:16]} {design.target}",
                persist_state="page",
            )
        every = len(design.features) > FIRST and st.toggle(
            f"All {len(design.features)} features",
            value=False,
            key="every feature",
            persist_state="page",
        )
        scores = _choose_scores(result, dataset)
    axes = curve_charts.loss_axes(result, log_epochs=log_epochs, log_losses=log_losses)
    weights = ranked_weights(result, output, original_units=units == ORIGINAL)
    weights = _with_true_weights(weights, result, dataset, units)
    domain = weight_charts.weight_domain(weights)
    shown = weights if every else weights.head(FIRST)
    # All heads, then all pictures: on a phone, where everything stands in one column,
    # the zeros of the three are still seen together.
    for place, penalty in zip(st.columns(3, border=True), PENALTIES, strict=True):
        with place:
            _draw_head(result, penalty, weights[penalty], scores, output)
    for place, penalty in zip(st.columns(3, border=True), PENALTIES, strict=True):
        with place:
            # Not a caption, which would fade the colour.
            st.markdown(f":small[{_title(penalty)} · {_strength(result, penalty)}]")
            _redraw(
                curve_charts.loss_curves(result, penalty, axes),
                alt=f"Training and validation loss over the epochs, {penalty}",
            )
            _redraw(
                weight_charts.weight_bars(shown, penalty, domain, _unit(units)),
                alt=f"Weights of the features, {penalty}",
            )
            _draw_outcome(result, penalty)
    st.caption(" ".join(_legend(result, "true" in weights, len(shown), len(weights))))


def _choose_scores(result: Comparison, dataset: Dataset) -> tuple[ScoreShown, ...]:
    """Scores of the reader's choice, or those that tell the three apart."""
    design, best, metrics = result.problem.design, telling(result), metrics_here(result)
    names = [literal(metric_name(metric, design)) for metric in metrics]
    chosen = st.multiselect(
        "Scores on the rows held out",
        range(len(names)),
        format_func=names.__getitem__,
        key=f"scores of {dataset.digest[:16]} {design.target} {design.task}",
        max_selections=2,
        placeholder=" and ".join(metric.name for metric in best.metrics),
        help=literal(best.why),
        width=340,
        persist_state="page",
    )
    return scores_shown(result, [metrics[j] for j in chosen] or best.metrics)


def _legend(
    result: Comparison, true_weights: bool, shown: int, total: int
) -> Iterator[str]:
    """What the marks mean, and what is not drawn."""
    yield optima_drawn(result)
    if true_weights:
        yield "Diamonds: the true weights that the data was made with."
    if result.problem.design.task is Task.BINARY:
        positive = literal(result.problem.design.classes[1])
        yield f"A positive weight raises the odds of **{positive}**."
    if shown < total:
        yield (
            f"The {shown} features with the largest weights of {total} are drawn, in "
            "the same order in the three."
        )


def _with_true_weights(
    weights: pd.DataFrame, result: Comparison, dataset: Dataset, units: str
) -> pd.DataFrame:
    """Add the weights the data was made with, where they are known."""
    design = result.problem.design
    if dataset.weights is None or design.target != dataset.target:
        return weights
    true = dataset.weights.reindex(list(design.features))
    if units == PER_DEVIATION:
        true = true * design.x_scale.deviation / design.y_scale.deviation
    return weights.assign(true=true.reindex(weights.index))


def _unit(units: str) -> str:
    # Short, for it stands below a third of the page less the labels.
    return "in original units" if units == ORIGINAL else "per SD"


def _title(penalty: str) -> str:
    return f":{COLOURS[penalty]}[**{TITLES[penalty]}**]"


def _draw_head(
    result: Comparison,
    penalty: str,
    weights: pd.Series,
    scores: tuple[ScoreShown, ...],
    output: str | None,
) -> None:
    """Draw sparsity and scores of one model, in as many lines for each."""
    row = result.summary.loc[penalty]
    st.subheader(f":{COLOURS[penalty]}[{TITLES[penalty]}]", anchor=False)
    st.metric("Non-zero weights", f"{row['nonzero']} of {row['coefficients']}")
    if told := weights_in_words(result, penalty, output):
        st.markdown(f":small[{literal(told)}]")
    dots = " ".join("●" if weight else "○" for weight in weights.head(MOST_DOTS))
    more = " …" if len(weights) > MOST_DOTS else ""
    st.markdown(f":{COLOURS[penalty]}[{dots}{more}]")
    i = PENALTIES.index(penalty)
    st.markdown("  \n".join(_score(score, i) for score in scores))


def _strength(result: Comparison, penalty: str) -> str:
    """λ of one model; nothing to say is still a line, so that the cards stay level."""
    if penalty == "none":
        return "λ = 0"
    lam = lams(result)[penalty == "L2"]
    if not result.problem.lam_max:
        return f"λ = {figures(lam)}"
    share = figures(100 * lam / result.problem.lam_max, 3)
    return f"λ = {figures(lam)}, {share} % of λₘₐₓ"


def _draw_outcome(result: Comparison, penalty: str) -> None:
    """Draw the losses and how the run ended, in words."""
    row = result.summary.loc[penalty]
    st.caption(
        f"Loss {_loss(row['train_loss'])} training · "
        f"{_loss(row['validation_loss'])} validation"
    )
    st.caption(f"{result.outcomes[penalty]} {distance(result, penalty)}")


def _score(score: ScoreShown, i: int) -> str:
    """Write one score of one model, and below it what it is to be held against."""
    # Only a guess holds a name from the file.
    against = score.against[i] if i else literal(score.against[i])
    name = literal(score.name)
    return f"Validation {name} **{score.values[i]}**  \n:gray[{against}]"


def _loss(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.4g}"


def _redraw(picture: Picture, alt: str) -> None:
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

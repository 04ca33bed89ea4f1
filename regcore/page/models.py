"""The three models side by side: three heads, their weights, their losses."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import Literal, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from regcore.comparison import PENALTIES, Comparison
from regcore.drawing import CLICK
from regcore.drawing.picture import Picture, Specification
from regcore.files import File, Source
from regcore.files.figures import figure_files
from regcore.model.metrics import Metric
from regcore.page import address
from regcore.page.dataset import Dataset
from regcore.page.leaving import about, taken_along
from regcore.page.tables import draw_tables
from regcore.page.text import bold, literal
from regcore.questions.cards.curves import curve_panels, loss_axes
from regcore.questions.cards.distance import distance, optima_drawn
from regcore.questions.cards.headline import headline
from regcore.questions.cards.heads import Head, HeadScore, heads
from regcore.questions.cards.panels import HEADS, NAMES
from regcore.questions.cards.ranking import ranked_weights
from regcore.questions.cards.scores import (
    metric_name,
    metrics_here,
    telling,
)
from regcore.questions.cards.told import losses_told, weights_told
from regcore.questions.cards.weights import beyond, weight_domain, weight_panels
from regcore.questions.cards.words import TITLES
from regcore.questions.question import Figure
from regcore.settings import Task
from regcore.words import figures, listed, named

COLOURS = {"none": "gray", "L1": "blue", "L2": "orange"}
"""The theme gives these names the colours of the charts."""

MOST_SCORES = 2

FIRST = 10
"""Features drawn before all are asked for."""

UNITS = PER_DEVIATION, ORIGINAL = "per SD", "original"

PARTS = "train", "validation"

COLUMNS = [NAMES, 1, 1, 1]
"""Widths: the names of the features, and the three models."""


@dataclass(frozen=True)
class View:
    """How the three are looked at; nothing of it is trained on."""

    units: str
    output: str | None
    log_epochs: bool
    log_losses: bool
    overlaid: bool
    every: bool


@address.fragment
def draw_models(result: Comparison, dataset: Dataset) -> None:
    """Draw the heads, the weights, the curves, and how each run ended."""
    with st.container(gap="xsmall"):
        with st.container(key="heads"):
            left, *places = st.columns(COLUMNS, gap=None)
        with left:
            output = _choose_class(result, dataset)
            unit = st.empty()
        pictures = st.container(gap="xsmall")
        # Below what they change: the first screen is for what they show.
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            metrics = _choose_scores(result, dataset)
            view = _choose_view(result, output)
        unit.caption(literal(_unit(result, view)))
        for place, head in zip(places, heads(result, output, metrics), strict=True):
            with place.container(gap="xxsmall"):
                _draw_head(head)
        with pictures:
            _draw_pictures(result, dataset, view)


def _choose_class(result: Comparison, dataset: Dataset) -> str | None:
    """Draw the choice of the class where there are several."""
    design = result.problem.design
    if design.task is not Task.MULTICLASS:
        return None
    key = f"class of {dataset.digest[:16]} {design.target}"
    if dataset.in_address:
        address.kept(key, "class", address.place(design.classes), design.classes[0])
    return st.selectbox(
        "Weights of class",
        design.classes,
        key=key,
        persist_state="page",
    )


def _unit(result: Comparison, view: View) -> str:
    """Say what the weights are of, beside their bars."""
    design = result.problem.design
    if view.units == PER_DEVIATION:
        return "Weights per SD"
    of = "log-odds" if design.classes else named(design.target)
    return f"Weights: {of} per unit of the feature"


def _choose_scores(result: Comparison, dataset: Dataset) -> tuple[Metric, ...]:
    """Scores of the reader's choice, or those that tell the three apart."""
    design, best, metrics = result.problem.design, telling(result), metrics_here(result)
    names = [literal(metric_name(metric, design)) for metric in metrics]
    chosen = st.multiselect(
        "Scores on the rows held out",
        range(len(names)),
        format_func=names.__getitem__,
        key=address.kept(
            f"scores of {dataset.digest[:16]} {design.target} {design.task}",
            "scores",
            address.places(range(len(names)), MOST_SCORES),
            [],
        ),
        max_selections=MOST_SCORES,
        placeholder=" and ".join(metric.name for metric in best.metrics),
        help=literal(best.why),
        width=340,
        persist_state="page",
    )
    return tuple(metrics[j] for j in chosen) or best.metrics


def _choose_view(result: Comparison, output: str | None) -> View:
    """Draw the switches of the pictures."""
    # Kept while a table that cannot be trained leaves nothing to view.
    units = st.segmented_control(
        "Weights",
        UNITS,
        default=PER_DEVIATION,
        required=True,
        key=address.kept("units", "units", address.among(UNITS), PER_DEVIATION),
        persist_state="page",
        help="Per standard deviation of the feature, and of a numeric target; or per "
        "unit of each.",
    )
    count = len(result.problem.design.features)
    every = count > FIRST and _switch(f"All {count} features", "every feature")
    log_epochs = _switch("Log epochs", "log epochs", first=True)
    log_losses = _switch("Log loss", "log loss")
    overlaid = _switch("Losses in one picture", "overlaid")
    return View(units, output, log_epochs, log_losses, overlaid, every)


def _switch(label: str, key: str, *, first: bool = False) -> bool:
    address.kept(key, key.replace(" ", "-"), address.switch(), first)
    return st.toggle(label, value=first, key=key, persist_state="page")


def _draw_head(head: Head) -> None:
    """Draw sparsity, size of the weights and scores of one model."""
    st.metric(
        f":{COLOURS[head.name]}[**{head.title}**] · non-zero weights", head.nonzero
    )
    lines = [literal(line) for line in head.lines]
    lines += [_score(score) for score in head.scores]
    st.markdown("  \n".join(f":small[{line}]" for line in lines))


def _draw_pictures(result: Comparison, dataset: Dataset, view: View) -> None:
    original = view.units == ORIGINAL
    weights = ranked_weights(result, view.output, original_units=original)
    weights = _with_true_weights(weights, result, dataset, original)
    diverged = [model.name for model in result.models if model.diverged]
    nonsense = [f"{what}{name}" for name in diverged for what in ("", "optimum of ")]
    weights = weights.assign(**dict.fromkeys(nonsense, np.nan))
    shown = weights if view.every else weights.head(FIRST)
    unit = "in original units" if original else "per SD"
    domain = weight_domain(shown, cut=original)
    source = about(result, dataset)
    bars = Figure(
        weight_panels(shown, domain, unit, map(str, weights.index)),
        f"Weights of the features {unit}, without a penalty, with L1 and with L2",
        heads=HEADS,
    )
    _draw(bars, weights_told(weights, unit), "weights", source)
    axes = loss_axes(result, log_epochs=view.log_epochs, log_losses=view.log_losses)
    curves = Figure(
        curve_panels(result, axes, overlaid=view.overlaid),
        "Loss over the epochs, without a penalty, with L1 and with L2",
        heads=HEADS,
    )
    _draw(curves, losses_told(result), "losses", source)
    legend = _legend(result, shown, len(weights))
    for what, which in (("Longer than drawn", ""), ("Optimum beyond", "optimum of ")):
        cut = [named(feature) for feature in beyond(shown, domain, which)]
        if cut:
            legend = chain(legend, [f"{what} (»): {literal(listed(cut))}."])
    st.caption(" ".join(legend))
    with st.container(key="outcomes"):
        _, *places = st.columns(COLUMNS, gap=None)
    for place, name in zip(places, PENALTIES, strict=True):
        with place:
            _draw_outcome(result, name)


def _draw(figure: Figure, told: str, key: str, source: Source) -> None:
    """Draw one of the two pictures, with its files."""

    def files() -> tuple[File, ...]:
        return figure_files(figure, headline(source.result), key)

    with taken_along(figure.alt, key, files, source):
        redraw(figure.picture, told=told, alt=figure.alt)


def _legend(result: Comparison, shown: pd.DataFrame, total: int) -> Iterator[str]:
    """What the marks that are drawn mean, and what is not drawn."""
    if len(shown) < total:
        yield f"The {len(shown)} of {total} features with the largest weights."
    if (shown[list(PENALTIES)] == 0.0).any(axis=None):
        yield "Circle: exactly 0."
    yield optima_drawn(result)
    if "true" in shown:
        yield "Diamonds: the true weights that the data was made with."
    if result.problem.design.task is Task.BINARY:
        positive = bold(result.problem.design.classes[1])
        yield f"A positive weight raises the odds of {positive}."
    dashed = ", dashed on the rows held out"
    some = result.problem.n_held_out > 0
    unit = " of the standardised target" if result.problem.loss.quadratic else ""
    yield f"Below: mean {result.problem.loss.name}{unit}{dashed if some else ''}."


def _with_true_weights(
    weights: pd.DataFrame, result: Comparison, dataset: Dataset, original: bool
) -> pd.DataFrame:
    """Add the weights the data was made with, where they are known."""
    design = result.problem.design
    if dataset.weights is None or design.target != dataset.target:
        return weights
    true = dataset.weights.reindex(list(design.features))
    if not original:
        true = true * design.x_scale.deviation / design.y_scale.deviation
    return weights.assign(true=true.reindex(weights.index))


def _draw_outcome(result: Comparison, name: str) -> None:
    """Draw the losses and how the run ended, in words."""
    summary = result.summary
    train, held_out = (float(summary[f"{part}_loss"][name]) for part in PARTS)
    losses = f"Loss {_loss(train)} training · {_loss(held_out)} validation. "
    if result[name].diverged:
        losses = ""
    st.caption(
        f":{COLOURS[name]}[**{TITLES[name]}**] {losses}"
        f"{result.outcomes[name]} {distance(result, name)}"
    )


def _score(score: HeadScore) -> str:
    """Write one score of one model, and what it is to be held against."""
    name, against = literal(score.name), literal(score.against)
    return f"{name} **{score.value}** :gray[{against}]"


def _loss(value: float) -> str:
    return "–" if pd.isna(value) else figures(value)


def redraw(
    picture: Picture,
    alt: str,
    *,
    told: str = "",
    width: Literal["content", "stretch"] = "stretch",
    clicks: str = "",
    act: Callable[[], None] | None = None,
) -> None:
    """Draw a chart whose numbers move.

    With a number in `alt` the browser would build the chart anew at every change.

    Parameters
    ----------
    alt : says in words what it shows
    told : its message with its numbers, for who hears it
    clicks : where a click does something, a name for that
    act : done at a click
    """
    if draw_tables(picture, alt):
        return
    if told:
        st.html(f'<p class="told">{escape(told)}</p>')
    tables = {
        name: pa.table(
            {title: pa.array(x, from_pandas=True) for title, x in columns.items()}
        )
        for name, columns in picture.tables.items()
    }
    own = cast("Mapping[str, object]", picture.specification.get("datasets", {}))
    st.vega_lite_chart(
        spec={**unread(picture.specification), "datasets": {**own, **tables}},
        width=width,
        key=clicks or None,
        on_select=act or "ignore",
        selection_mode=CLICK if clicks else None,
        alt=alt,
    )


def unread(specification: Specification) -> dict[str, object]:
    """Keep the marks of a chart from screen readers, which would hear all digits."""
    config = cast("dict[str, object]", specification.get("config", {}))
    quiet = {part: {"aria": False} for part in ("mark", "axis", "legend")}
    return {**specification, "config": {**config, **quiet}}

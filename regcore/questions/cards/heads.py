"""What stands above each of the three models: sparsity, size of the weights, scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regcore.comparison import PENALTIES, Comparison
from regcore.model.metrics import Metric
from regcore.questions.cards.headline import size_of_weights
from regcore.questions.cards.scores import scores_shown, telling
from regcore.questions.cards.words import TITLES
from regcore.words import counted, named


@dataclass(frozen=True)
class HeadScore:
    """One score of one model, and what it is to be held against."""

    name: str
    value: str
    against: str


@dataclass(frozen=True)
class Head:
    """One of the three models in a few words.

    Attributes
    ----------
    name, title : of the model, and how it begins a line
    nonzero : "6 of 10" weights; "–" where it diverged
    lines : of what these weights are, and how large; perhaps none
    scores : those that tell the three apart, or those that were asked for
    outcome : how its run ended
    """

    name: str
    title: str
    nonzero: str
    lines: tuple[str, ...]
    scores: tuple[HeadScore, ...]
    outcome: str


def heads(
    result: Comparison, output: str | None = None, metrics: Sequence[Metric] = ()
) -> tuple[Head, ...]:
    """Describe the three models, in the order of `PENALTIES`.

    Parameters
    ----------
    output : the class whose weights are drawn below, where there are three or more
    metrics : which scores; without, those that can tell the three apart
    """
    scores = scores_shown(result, metrics or telling(result).metrics)
    summary, made = result.summary, []
    for i, name in enumerate(PENALTIES):
        row = summary.loc[name]
        size = "the baseline" if name == "none" else size_of_weights(result, name)
        nonzero = f"{row['nonzero']} of {row['coefficients']}"
        told: tuple[str, ...] = weights_in_words(result, name, output), size
        if result[name].diverged:
            nonzero, told = "–", ("diverged",)
        of_model = [HeadScore(s.name, s.values[i], s.against[i]) for s in scores]
        made.append(
            Head(
                name,
                TITLES[name],
                nonzero,
                tuple(filter(None, told)),
                tuple(of_model),
                result.outcomes[name],
            )
        )
    return tuple(made)


def weights_in_words(result: Comparison, penalty: str, output: str | None) -> str:
    """Say of what the non-zero weights of one model are, below their number.

    Empty where each weight is that of a column, so that there is no more to say.

    Parameters
    ----------
    output : the class whose weights are drawn, where there are three or more
    """
    design, at = result.problem.design, PENALTIES.index(penalty)
    used, total = result.summary["columns"].tolist()[at], len(design.encodings)
    features = len(design.features)
    if output is None and features == total:
        return ""
    of = f"{used or 'none'} of {counted(total, 'column')}"
    if output is None:
        return f"from {of}"
    own = int(np.count_nonzero(result.W[at, :, design.classes.index(output)]))
    return (
        f"{own or 'none'} of {features} for {named(output)}; "
        f"all {len(design.classes)} classes from {of}"
    )

"""A fitted model as Python scripts: the same in scikit-learn, and fitted there anew."""

from functools import partial
from pprint import pformat

from regcore.export.fitted import FittedModel, run_lengths
from regcore.export.rendering import render
from regcore.settings import DesignError, Task
from regcore.words import share

Column = dict[str, object]


def to_python(model: FittedModel) -> str:
    """Return a script that makes the model a scikit-learn `Pipeline` of its numbers.

    Run as ``python script.py table.csv``, it prints the predictions for a table such as
    `FittedModel.cleaned` gives; imported, `pipeline()` is the model.

    Examples
    --------
    >>> "def pipeline():" in to_python(result.fitted("L1"))
    True
    """
    return _script("rebuild.py.j2", model)


def to_scikit_learn(model: FittedModel) -> str:
    """Return a script that fits the model anew with scikit-learn, on the same rows.

    Run as ``python script.py table.csv`` on the table that `FittedModel.cleaned` gives
    of the one it was trained on, it prints the weights of both: `Lasso(alpha=λ/n)`,
    `Ridge(alpha=λ)` or `LogisticRegression(C=1/λ)`, on features (and a numeric target)
    standardised by the training rows.

    Examples
    --------
    >>> "Lasso(alpha=LAM / n" in to_scikit_learn(result.fitted("L1"))
    True
    """
    return _script("refit.py.j2", model)


def to_statsmodels(model: FittedModel) -> str:
    """Return a script that fits the model anew with statsmodels, on the same rows.

    It runs as the script of `to_scikit_learn` does; without a penalty it prints the
    usual table of tests too.

    Raises
    ------
    DesignError
        for classes of which there are three or more, with a penalty: statsmodels gives
        the first class no weights, and so has another penalty

    Examples
    --------
    >>> "import statsmodels.api as sm" in to_statsmodels(result.fitted("L1"))
    True
    """
    if not in_statsmodels(model):
        raise DesignError(
            "statsmodels gives the first of several classes no weights, so that it has "
            "another penalty; take the script for scikit-learn."
        )
    return _script("statsmodels.py.j2", model)


def in_statsmodels(model: FittedModel) -> bool:
    """Whether statsmodels can fit the same model."""
    return model.task is not Task.MULTICLASS or model.lam == 0


def specification(model: FittedModel) -> list[Column]:
    """Return how each column that a feature is made from becomes columns, as data."""
    columns: list[Column] = []
    for encoding in model.recipe.encodings:
        if encoding.column not in model.recipe.sources:
            continue
        measures = [list(pair) for pair in encoding.measures]
        levels = len(encoding.names) - len(measures) - encoding.marked
        other = levels > len(encoding.known)
        columns.append(
            {
                "column": encoding.column,
                "cells": encoding.cells,
                "measures": measures,
                "since": encoding.since,
                "marked": encoding.marked,
                "known": list(encoding.known),
                "same": dict(encoding.spellings),
                "levels": levels - other,
                "other": other,
            }
        )
    return columns


def distance_in_words(model: FittedModel) -> str:
    """Say how far the weights are from those that another solver will find."""
    if model.gap != model.gap:
        return (
            "This model has no optimum, so that another solver ends at other weights."
        )
    return (
        "Another solver finds the optimum. The objective here is at most "
        f"{share(model.gap, 6)} above it."
    )


def script_values(model: FittedModel) -> dict[str, object]:
    """Return what a script of any language is filled with."""
    kept, recipe = model.recipe.kept, model.recipe
    made = [
        used
        for encoding, place in zip(recipe.encodings, recipe.places, strict=True)
        if encoding.column in recipe.sources
        for used in kept[place].tolist()
    ]
    return {
        "columns": specification(model),
        "kept": [j for j, used in enumerate(made) if used],
        "features": list(model.features),
        "mean": recipe.scale.mean[kept].tolist(),
        "deviation": recipe.scale.deviation[kept].tolist(),
        "original": (model.W * model.y_scale.deviation).T.tolist(),
        "intercept": (
            model.y_scale.mean + model.b[0] * model.y_scale.deviation
        ).tolist(),
        "runs": run_lengths(model.rows),
    }


def _script(template: str, model: FittedModel) -> str:
    return render(
        template,
        model,
        {"python": partial(pformat, width=88, compact=True, sort_dicts=False)},
        distance=distance_in_words(model),
        **script_values(model),
    )

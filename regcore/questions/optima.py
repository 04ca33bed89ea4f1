"""Where the exact optima that a question judges differ from the runs on the cards."""

from collections.abc import Sequence

import numpy as np

from regcore.comparison import PENALTIES, PERFECT_FIT, Comparison, Model
from regcore.solve.optimum import Status
from regcore.trained import CALLED, WITH
from regcore.words import figures, listed

CLEARLY = 0.01
"""Share of a run's loss from which its optimum's loss is another."""


def apart(result: Comparison, names: Sequence[str] = PENALTIES) -> str:
    """Say how runs and exact optima differ; empty where they hardly do.

    They differ in the number of weights, or by a hundredth of the loss on the rows held
    out, or on the training rows where none are held out.

    Parameters
    ----------
    names : the models that are judged
    """
    compared = [
        model
        for model in result.models
        if model.name in names and model.optimum.exists and not model.diverged
    ]
    unsure = [model for model in compared if model.optimum.status is Status.STOPPED]
    parts = [*_counts(compared), *_losses(result, compared)] if compared else []
    said = [f"{', and '.join(parts)}."] if parts else []
    if said:
        exact = "" if unsure else "exact "
        said.insert(
            0,
            f"The cards show where training ended; at the {exact}optimum, which is "
            "judged here,",
        )
    if unsure:
        said.append(_uncertain(unsure))
    return " ".join(said)


def lacking(result: Comparison) -> str:
    """Say why no weights without a penalty are shown, without a full stop."""
    if result["none"].optimum.status is Status.STOPPED:
        return "The optimum without a penalty is not known here"
    return "No penalty has no optimum here"


def _uncertain(models: Sequence[Model]) -> str:
    """Say how far the optimum of each may be from the best possible."""
    names = listed([CALLED[model.name] for model in models])
    most = max(model.optimum.gap for model in models)
    far = f"up to {figures(100 * most, 2)} %" if most >= 1e-6 else "next to nothing"
    return (
        f"The optimum of {names} is not certain: its loss may be {far} above the best "
        "possible."
    )


def _counts(compared: Sequence[Model]) -> list[str]:
    counts = [
        f"{CALLED[model.name]} has {here} of {model.run.W.size} weights instead of "
        f"{there}"
        for model in compared
        if (here := np.count_nonzero(model.optimum.W))
        != (there := np.count_nonzero(model.run.W))
    ]
    return [listed(counts)] if counts else []


def _losses(result: Comparison, compared: Sequence[Model]) -> list[str]:
    held_out = result.problem.n_held_out > 0
    kind = "validation" if held_out else "training"
    least = PERFECT_FIT * float(result["none"].run.train_loss[0])
    column = "validation_loss" if held_out else "train_loss"
    at_optima = _held_out_losses(result) if held_out else {}
    losses = []
    for model in compared:
        here = at_optima.get(model.name, model.optimum_loss)
        there = float(result.summary[column][model.name])
        if abs(here - there) > CLEARLY * max(there, least):
            both = f"{figures(here)} instead of {figures(there)}"
            losses.append(f"{both} {WITH[model.name]}")
    return [f"the {kind} loss is {listed(losses)}"] if losses else []


def _held_out_losses(result: Comparison) -> dict[str, float]:
    W = np.array([model.optimum.W for model in result.models])
    b = np.array([model.optimum.b for model in result.models])
    found = result.problem.score_held_out(W, b)
    return dict(zip(PENALTIES, map(float, found.loss), strict=True))

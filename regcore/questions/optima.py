"""Where the exact optima that a question judges differ from the runs on the cards."""

from collections.abc import Sequence

import numpy as np

from regcore.compare import PENALTIES, PERFECT_FIT, Comparison
from regcore.model.losses import Array
from regcore.model.scores import score
from regcore.solve.descent import Outcome
from regcore.words import listed

CLEARLY = 0.01
"""Share of a run's loss from which its optimum's loss is another."""


def apart(result: Comparison, names: Sequence[str] = PENALTIES) -> str:
    """One sentence on how runs and exact optima differ; empty where they hardly do.

    They differ in the number of weights, or by a hundredth of the loss on the rows held
    out, or on the training rows where none are held out.

    Parameters
    ----------
    names : the models that are judged
    """
    compared = [
        i
        for i, name in enumerate(PENALTIES)
        if name in names
        and result.optima[i].exists
        and result.runs[i].outcome is not Outcome.DIVERGED
    ]
    if not compared:
        return ""
    parts = [*_counts(result, compared), *_losses(result, compared)]
    if not parts:
        return ""
    return (
        "The cards show where training ended; at the exact optimum, which is judged "
        f"here, {', and '.join(parts)}."
    )


def _counts(result: Comparison, compared: Sequence[int]) -> list[str]:
    counts = [
        f"{_who(i)} has {here} of {result.W[i].size} weights instead of {there}"
        for i in compared
        if (here := np.count_nonzero(result.optima[i].W))
        != (there := np.count_nonzero(result.W[i]))
    ]
    return [listed(counts)] if counts else []


def _losses(result: Comparison, compared: Sequence[int]) -> list[str]:
    held_out = len(result.problem.design.validation_rows) > 0
    here = _held_out_losses(result) if held_out else result.optimum_losses
    there = (result.validation_scores if held_out else result.train_scores).loss
    least = PERFECT_FIT * float(result.runs[0].train_loss[0])
    losses = [
        f"{here[i]:.4g} instead of {there[i]:.4g} {_with(i)}"
        for i in compared
        if abs(here[i] - there[i]) > CLEARLY * max(there[i], least)
    ]
    kind = "validation" if held_out else "training"
    return [f"the {kind} loss is {listed(losses)}"] if losses else []


def _held_out_losses(result: Comparison) -> Array:
    problem, optima = result.problem, result.optima
    W = np.array([optimum.W for optimum in optima])
    b = np.array([optimum.b for optimum in optima])
    design = problem.design
    return score(problem.loss, design.validation, design.Y_validation, W, b).loss


def _who(i: int) -> str:
    return "no penalty" if PENALTIES[i] == "none" else PENALTIES[i]


def _with(i: int) -> str:
    return "without a penalty" if PENALTIES[i] == "none" else f"with {PENALTIES[i]}"

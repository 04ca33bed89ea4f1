"""Weights over the epochs: which fall silent, when, and which come back."""

from dataclasses import replace

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.model.losses import Array, Integers
from regcore.model.penalties import Penalty
from regcore.settings import L1Step
from regcore.solve.descent import Progress, descend, no_progress
from regcore.solve.runs import Outcome, Run

MOST_POINTS = 90
"""Epochs drawn of one run."""

TAIL = 40
"""Epochs run on from the end, to see whether the weights stay where they are."""


def weights_over_epochs(result: Comparison, output: int = 0) -> pd.DataFrame:
    """States in long form: penalty, epoch, feature, weight per standard deviation.

    Epochs are even on a log axis, the first and the last among them. A run that has
    converged stays where it is until the longest run ends.
    """
    last = max(model.run.epochs for model in result.models)
    features = np.array(result.problem.design.features, dtype=object)
    parts = []
    for model in result.models:
        penalty, run = model.name, model.run
        at = evenly_thinned(run.snapshot_epochs, MOST_POINTS)
        epochs, W = run.snapshot_epochs[at], run.snapshot_W[at, :, output]
        if run.outcome is Outcome.CONVERGED and run.epochs < last:
            epochs, W = np.append(epochs, last), np.vstack([W, W[-1]])
        parts.append(_long({"penalty": penalty}, epochs, features, W))
    return pd.concat(parts, ignore_index=True)


def silences(result: Comparison, output: int = 0) -> pd.DataFrame:
    """Weights that end at exactly 0: penalty, feature, epoch, returns.

    `epoch` is the first from which the weight stays 0, 0 if it never left it; `returns`
    is how often it came back from 0 before that. Every epoch counts, drawn or not.
    """
    features = np.array(result.problem.design.features, dtype=object)
    parts = []
    for model in result.models:
        penalty, run = model.name, model.run
        silent = run.W[:, output] == 0.0
        parts.append(
            pd.DataFrame(
                {
                    "penalty": penalty,
                    "feature": features[silent],
                    "epoch": run.last_nonzero[silent, output] + 1,
                    "returns": returns(run)[silent, output],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def returns(run: Run) -> np.ndarray:
    """How often each weight left 0 again after it had been there, (p, k).

    All weights start at 0; leaving the start is no return.
    """
    return np.maximum(run.activations - 1, 0)


def train_other_step(result: Comparison, progress: Progress = no_progress) -> Run:
    """Train L1 with the step that the comparison did not take, all else the same."""
    return descend(
        result.problem.oracle,
        [other_penalty(result)],
        result.problem.start,
        result.schedule,
        batches=result.problem.batches(result.settings),
        validation=result.problem.validation,
        progress=progress,
    )[0]


def other_penalty(result: Comparison) -> Penalty:
    """L1 of the same strength with the other step."""
    chosen = result["L1"].penalty
    return replace(chosen, textbook=not chosen.textbook)


def step_of(penalty: Penalty) -> L1Step:
    """The step of an L1 penalty."""
    return L1Step.TEXTBOOK if penalty.textbook else L1Step.CLIPPED


def flicker(result: Comparison, other: Run, output: int = 0) -> pd.DataFrame:
    """Run both L1 steps on for `TAIL` epochs from where they ended.

    Returns
    -------
    step ("clipped", "textbook"), epoch, feature, weight; of the features that the
    exact solution has at 0
    """
    l1 = result["L1"]
    zero = l1.optimum.W[:, output] == 0.0
    features = np.array(result.problem.design.features, dtype=object)[zero]
    parts = []
    pairs = (l1.penalty, l1.run), (other_penalty(result), other)
    for penalty, run in pairs:
        tail = descend(
            result.problem.oracle,
            [penalty],
            (run.W, run.b),
            replace(result.schedule, epochs=TAIL, tolerance=0.0),
            batches=result.problem.batches(result.settings),
        )[0]
        W, epochs = tail.snapshot_W[:, zero, output], tail.snapshot_epochs
        step = {"step": str(step_of(penalty))}
        parts.append(_long(step, run.epochs + epochs, features, W))
    return pd.concat(parts, ignore_index=True).sort_values("step", kind="stable")


def _long(
    own: dict[str, str], epochs: Integers, features: np.ndarray, W: Array
) -> pd.DataFrame:
    """Weights (epochs, features) in long form."""
    columns = {
        "epoch": np.tile(epochs, len(features)),
        "feature": np.repeat(features, len(epochs)),
        "weight": W.T.ravel(),
    }
    return pd.DataFrame({**own, **columns})


def evenly_thinned(epochs: Integers, most: int) -> Integers:
    """Places of at most so many epochs, even on a log axis, the first among them."""
    if len(epochs) <= most:
        return np.arange(len(epochs))
    wanted = np.r_[0.0, np.geomspace(1.0, epochs[-1], most - 1).round()]
    return np.unique(np.searchsorted(epochs, wanted).clip(max=len(epochs) - 1))

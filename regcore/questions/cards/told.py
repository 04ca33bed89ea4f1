"""What the pictures of the three models show, in a sentence: to be heard, not seen."""

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison
from regcore.trained import WITH
from regcore.words import figures, listed, named, signed

LARGEST = 3
"""Weights of each model that are told."""


def weights_told(weights: pd.DataFrame, unit: str) -> str:
    """Tell the largest weights of each model, and how many are exactly 0.

    Parameters
    ----------
    weights : as `ranked_weights` returns them; NaN where there is nothing to tell
    unit : what one is
    """
    told = [f"{WITH[name]} {largest(weights[name])}" for name in PENALTIES]
    return f"Largest weights {unit}: {'; '.join(told)}."


def largest(weights: pd.Series) -> str:
    """Tell the largest weights of one model, by feature, and how many are exactly 0."""
    if weights.isna().all():
        return "none, for training diverged"
    some = weights[weights != 0]
    first = some.iloc[np.argsort(-some.abs().to_numpy(), kind="stable")[:LARGEST]]
    zeros = f"{len(weights) - len(some) or 'none'} of {len(weights)} exactly 0"
    if not len(some):
        return zeros
    names = [f"{named(name)} {signed(weight, 3)}" for name, weight in first.items()]
    return f"{listed(names)}, {zeros}"


def losses_told(result: Comparison) -> str:
    """Tell how far the loss of each model fell, and over how many epochs."""
    told = [
        f"{WITH[model.name]} {_fall(model.run.train_loss)} on the training rows"
        + _held_out(model.run.validation_loss)
        + f" in {model.run.epochs:,} epochs"
        for model in result.models
        if not model.diverged
    ]
    diverged = [WITH[model.name] for model in result.models if model.diverged]
    if diverged:
        told.append(f"{listed(diverged)} training diverged")
    return f"Mean {result.problem.loss.name}: {'; '.join(told)}."


def _held_out(losses: np.ndarray) -> str:
    return f", {_fall(losses)} on those held out," if np.isfinite(losses).any() else ""


def _fall(losses: np.ndarray) -> str:
    return f"from {figures(losses[0])} to {figures(losses[-1])}"

"""What a percent of loss buys, in words."""

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.questions.frontier.answer import fewest, frontier, none_by_best
from regcore.questions.optima import lacking
from regcore.regularization_path import RegularizationPath
from regcore.words import difference

PRICES = (0.01, 0.05)
"""Shares of loss for which the sentence says what they buy."""


def in_words(paths: RegularizationPath, result: Comparison) -> str:
    """Say what a percent of loss buys, and what no penalty and L2 cost with all."""
    frame = frontier(paths)
    of = paths.l1.W[0].size
    best = int(frame["nonzero"].iloc[int(frame["loss"].argmin())])
    at_end = ", at the weakest λ looked at" if paths.l1.ends_at_best else ""
    sentence = (
        f"L1 predicts best with {best} of {of} weights{at_end}; {_bought(frame, best)}."
    )
    missing = int(np.isnan(paths.none).sum())
    classes = result.problem.loss.separable
    if missing == paths.folds and (classes or not result["none"].optimum.exists):
        return f"{sentence} {lacking(result)}."
    if missing:
        return (
            f"{sentence} In {missing} of the {paths.folds} folds {_lacking(classes)}."
        )
    change = paths.none.mean() / frame["loss"].min() - 1.0
    judgement = none_by_best(paths, result.problem)
    side = "above" if change >= 0 else "below"
    return (
        f"{sentence} No penalty keeps all {of}, and its loss is {difference(change)} "
        f"{side} L1's best: {judgement.clause('it', 'L1')}."
    )


def _lacking(classes: bool) -> str:
    """Say why there is no loss without a penalty, as part of a sentence."""
    if classes:
        return "no penalty has no optimum, or hardly one: the classes can be separated"
    return "the optimum without a penalty is not known"


def _bought(frame: pd.DataFrame, best: int) -> str:
    """What each price buys, where it buys anything."""
    parts, last = [], best
    for price in PRICES:
        enough = fewest(frame, price)
        if enough < last:
            parts.append(f"for {100 * price:.0f} % more loss {enough} are enough")
            last = enough
    return ", ".join(parts) or f"{100 * PRICES[-1]:.0f} % more loss saves none"

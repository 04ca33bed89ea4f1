"""What the scores are without the rows held out that repeat a training row."""

from dataclasses import replace

import numpy as np

from regcore.comparison import Comparison
from regcore.model.scores import Scores, score
from regcore.settings import Split
from regcore.words import counted, figures, listed, one_or_many, share

WORTH = 0.02
"""Share of the rows held out below which repeats hardly move a score."""

OFFER = "Keep such rows on one side to judge by rows that did not train."
SHARED_KEY = "Choose a key that such rows share to judge by rows that did not train."


def fresh_scores(result: Comparison) -> Scores:
    """Losses and scores on the rows held out that are the same as no training row."""
    design = result.problem.design
    fresh = np.flatnonzero(~design.repeated)
    rows = replace(design.validation, rows=design.validation.rows[fresh])
    Y = design.Y_validation[fresh]
    return score(result.problem.loss, rows, Y, result.W, result.b)


def repeats_in_words(result: Comparison) -> str:
    """Say how many rows held out were trained on, and the scores without them.

    Empty if there are none, or so few that they hardly move a score.
    """
    design = result.problem.design
    count, rows = int(design.repeated.sum()), len(design.validation_rows)
    if count <= WORTH * rows:
        return ""
    trained_on = one_or_many(count, "it", "them")
    offer = SHARED_KEY if result.settings.split is Split.HASH else OFFER
    said = f"{design.held_out_repeated} The models have trained on {trained_on}"
    if count == rows:
        return f"{said}; no other row is left to judge by. {offer}"
    what = "accuracy" if design.classes else "R²"
    shown = [
        listed([_written(value, result) for value in scores.score])
        for scores in (result.validation_scores, fresh_scores(result))
    ]
    return (
        f"{said}. On the other {counted(rows - count, 'row')} the {what} is {shown[1]} "
        f"without a penalty, with L1 and with L2, where it is {shown[0]} on all. "
        f"{offer}"
    )


def _written(value: float, result: Comparison) -> str:
    if np.isnan(value):
        return "unknown"
    return share(value) if result.problem.design.classes else figures(value, 2)

"""What refitting does, in words."""

import numpy as np

from regcore.questions.refit.answer import Refit
from regcore.solve.optimum import Status
from regcore.words import counted, share

NO_P_VALUES = (
    "No p-values are shown: the rows that chose these features would also judge them, "
    "and what was picked for looking strong in these rows looks strong in them, so "
    "ordinary p-values would come out too small."
)
"""Lee, Sun, Sun & Taylor (2016), Exact post-selection inference, section 1."""


def in_words(found: Refit) -> str:
    """Say what the refit does to the weights and to the held-out loss."""
    if not found.kept:
        return (
            "At this λ the optimum of L1 keeps no feature, so there is nothing to "
            "refit."
        )
    features = counted(found.features, "feature")
    kept = f"At the optimum L1 keeps {found.kept} of {features}"
    if found.status is Status.STOPPED and not found.exists:
        return f"{kept}. What they weigh without a penalty is not known."
    if not found.exists:
        return (
            f"{kept}. They cannot be refitted without a penalty: they separate the "
            "classes, all or some of the rows, so that ever larger weights fit better."
        )
    text = (
        f"{kept}; shrunken, their weights are {share(found.length_ratio)} as long as "
        "refitted without a penalty"
    )
    if found.status is Status.NOT_UNIQUE:
        text += " (one of many refits, the one with the smallest weights)"
    if np.isnan(found.judgement.difference):
        return f"{text}. No rows are held out, so which predicts better is unknown."
    return f"{text}. {found.judgement.clause('The refit', 'L1')}."

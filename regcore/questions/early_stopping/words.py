"""Which penalty stopping early amounts to, in words."""

import numpy as np

from regcore.questions.early_stopping.answer import HiddenStrength
from regcore.solve.runs import Outcome
from regcore.words import counted, figures

NOTHING = 1e-3
"""Relative distance from the optimum below which a run counts as arrived."""


def in_words(found: HiddenStrength) -> str:
    """Say which L2 penalty the run amounts to now, and when it passed the chosen."""
    if found.outcome is Outcome.DIVERGED:
        when = "" if len(found.table) else " at once"
        return (
            f"The run without a penalty diverged{when}, so it is nowhere near any "
            "penalty."
        )
    if not len(found.table):
        return (
            "The run without a penalty had converged at its start, all weights 0, so "
            "there is no way to compare with penalties."
        )
    last = found.table.iloc[-1]
    after = f"After {counted(int(last.epoch), 'epoch')}"
    if found.exists and last.to_optimum <= NOTHING:
        text = (
            f"{after} the run without a penalty is {_share(last.to_optimum)} from its "
            "optimum: none is really none"
        )
    elif last.lam == 0:
        text = f"{after} the run is nearer to its optimum than to any L2 penalty"
    else:
        text = f"{after} the run without a penalty is "
        if np.isinf(last.lam):
            text += "nearer to no weights at all than to any L2 penalty"
        else:
            text += (
                f"nearest to L2 with λ = {figures(last.lam, 3)}, "
                f"{_share(last.distance)} away from it"
            )
        if found.exists:
            text += f", and still {_share(last.to_optimum)} from its own optimum"
        elif found.stopped:
            text += "; whether it has an optimum to reach is not known"
        else:
            text += ", and it has no optimum to reach"
    return f"{text}.{_passed(found)}"


def distances_told(found: HiddenStrength) -> str:
    """Tell how far the run was from the nearest L2 optimum and its own, and is now."""
    first, last = found.table.iloc[0], found.table.iloc[-1]
    told = f"{_share(first.distance)} at first and {_share(last.distance)} at the end"
    text = f"From the nearest L2 optimum the run is {told}"
    if found.exists:
        own = f"{_share(first.to_optimum)} and {_share(last.to_optimum)}"
        text = f"{text}, from its own {own}"
    return f"{text}."


def _passed(found: HiddenStrength) -> str:
    """Say from which epoch on the hidden strength is below that of the L2 model."""
    if found.lam_l2 <= 0:
        return ""
    below = (found.table["lam"] <= found.lam_l2).to_numpy()
    epochs = found.table["epoch"].to_numpy(dtype=int)
    model = f"the L2 model's λ = {figures(found.lam_l2)}"
    if not below.any():
        return (
            " It has not yet come as far as the L2 model with λ = "
            f"{figures(found.lam_l2)}."
        )
    if not below[-1]:
        last = epochs[below][-1]
        return f" It had passed {model} at epoch {last:,}, but is above it again."
    # Batches and long steps go back and forth: the last crossing counts.
    since = np.flatnonzero(~below).max(initial=-1) + 1
    return f" It passed {model} by epoch {epochs[since]:,}."


def _share(value: float) -> str:
    if value < 1e-4:
        return "less than 0.01 %"
    return f"{figures(100 * value, 2)} %"

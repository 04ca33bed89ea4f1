"""What becomes zero over the epochs, in words."""

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.questions.cards.told import largest
from regcore.questions.epochs.answer import returns
from regcore.solve.runs import Outcome, Run
from regcore.words import counted, figures, listed, named


def in_words(result: Comparison) -> str:
    """Say what L1 sets to zero, when, and what came back."""
    l1, run = result["L1"], result["L1"].run
    if l1.diverged:
        return "L1 diverged, so that its weights never settle."
    of, silent = run.W.size, run.W == 0.0
    if not silent.any():
        why = ""
        if l1.penalty.textbook and np.any(l1.optimum.W == 0.0):
            why = ": the textbook step jumps across zero instead of stopping there"
        return (
            f"After {run.epochs:,} epochs L1 has set none of {of} weights to zero{why}."
        )
    since = np.where(silent, run.last_nonzero + 1, -1)
    last = int(since.max())
    never = int((silent & (run.last_nonzero < 0)).sum())
    parts = [f"L1 leaves {silent.sum()} of {of} weights at zero"]
    if last <= 0:
        return f"{parts[0]}; they never left it."
    if never:
        parts.append(f"{never} never left it")
    names = _names(result, since == last)
    parts.append(
        f"the last to become zero {'are' if names[1:] else 'is'} "
        f"{' and '.join(names)}, from epoch {last:,} on"
    )
    return "; ".join(parts) + ". " + _come_back(result)


def _names(result: Comparison, chosen: np.ndarray) -> list[str]:
    """Name the first of the chosen weights (p, k), with its class, and count the rest.

    With three or more classes a feature has a weight in each.
    """
    design = result.problem.design
    j, k = np.argwhere(chosen)[0]
    first = named(design.features[j])
    if len(design.classes) > 2:
        first += f" for {named(design.classes[k])}"
    more = int(chosen.sum()) - 1
    return [first, f"{more} more"] if more else [first]


def compare_steps(result: Comparison, other: Run) -> str:
    """Say how many zeros each of the two L1 steps comes to, and how large the jumps."""
    l1, runs = result["L1"], {False: other, True: other}
    runs[bool(l1.penalty.textbook)] = l1.run
    clipped, textbook = runs[False], runs[True]
    of, constant = clipped.W.size, float(l1.step.constant)
    if clipped.outcome is Outcome.DIVERGED:
        return (
            "Both steps diverge at this learning rate; the limit is "
            f"{figures(result.rate_limit, 3)}."
        )
    ends = f"The clipped step ends with {np.count_nonzero(clipped.W)} of {of} weights"
    if textbook.outcome is Outcome.DIVERGED:
        after = counted(textbook.epochs, "epoch")
        return f"{ends}; the textbook step diverged after {after}."
    return (
        f"{ends}, the textbook step with {np.count_nonzero(textbook.W)}: it takes "
        f"ηλ/n = {figures(constant, 3)} off at every step, even where less is left, "
        "and so jumps across zero and back."
    )


def ends_told(run: Run, weights: pd.DataFrame) -> str:
    """Tell where the weights of one model have come to.

    Parameters
    ----------
    weights : of that model, as from the answer of this question
    """
    ends = weights[weights["epoch"] == weights["epoch"].max()]
    after = counted(run.epochs, "epoch")
    return f"After {after}: {largest(ends.set_index('feature')['weight'])}."


def flicker_told(found: pd.DataFrame, step: str) -> str:
    """Tell how far from zero one of the L1 steps leaves what should be there."""
    most = float(found.loc[found["step"] == step, "weight"].abs().max())
    of = counted(found["feature"].nunique(), "weight")
    if most == 0.0:
        return f"With the {step} step {of} stay exactly 0."
    return f"With the {step} step {of} come as far from zero as {figures(most, 2)}."


def _come_back(result: Comparison) -> str:
    run = result["L1"].run
    counts = returns(run).max(axis=1)
    features = result.problem.design.features
    order = [int(j) for j in np.argsort(-counts, kind="stable") if counts[j] > 0]
    if not order:
        return "None came back once it was zero."
    names = listed([named(features[j]) for j in order])
    return f"{names} came back after having been zero."

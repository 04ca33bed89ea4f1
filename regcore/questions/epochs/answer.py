"""Weights over the epochs: which fall silent, when, and which come back."""

from dataclasses import replace

import numpy as np
import pandas as pd

from regcore.compare import PENALTIES, Comparison
from regcore.model.penalties import Penalty
from regcore.solve.descent import Outcome, Progress, Run, Schedule, descend, no_progress

MOST_POINTS = 90
"""Epochs drawn of one run."""

TAIL = 40
"""Epochs run on from the end, to see whether the weights stay where they are."""


def weights_over_epochs(result: Comparison, output: int = 0) -> pd.DataFrame:
    """States in long form: penalty, epoch, feature, weight per standard deviation.

    Epochs are even on a log axis, the first and the last among them. A run that has
    converged stays where it is until the longest run ends.
    """
    last = max(run.epochs for run in result.runs)
    features = np.array(result.problem.design.features, dtype=object)
    parts = []
    for penalty, run in zip(PENALTIES, result.runs, strict=True):
        at = _thinned(run.snapshot_epochs)
        epochs, W = run.snapshot_epochs[at], run.snapshot_W[at, :, output]
        if run.outcome is Outcome.CONVERGED and run.epochs < last:
            epochs, W = np.append(epochs, last), np.vstack([W, W[-1]])
        parts.append(
            pd.DataFrame(
                {
                    "penalty": penalty,
                    "epoch": np.tile(epochs, len(features)),
                    "feature": np.repeat(features, len(epochs)),
                    "weight": W.T.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def silences(result: Comparison, output: int = 0) -> pd.DataFrame:
    """Weights that end at exactly 0: penalty, feature, epoch, returns.

    `epoch` is the first from which the weight stays 0, 0 if it never left it; `returns`
    is how often it came back from 0 before that. Every epoch counts, drawn or not.
    """
    features = np.array(result.problem.design.features, dtype=object)
    parts = []
    for penalty, run in zip(PENALTIES, result.runs, strict=True):
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
    return np.maximum(run.births - 1, 0)


def train_other_step(result: Comparison, progress: Progress = no_progress) -> Run:
    """Train L1 with the step that the comparison did not take, all else the same."""
    return descend(
        result.problem.oracle,
        [other_penalty(result)],
        result.problem.start,
        _schedule(result),
        batches=result.problem.batches(result.settings),
        validation=result.problem.validation,
        progress=progress,
    )[0]


def other_penalty(result: Comparison) -> Penalty:
    """L1 of the same strength with the other step."""
    chosen = result.penalties[1]
    return replace(chosen, textbook=not chosen.textbook)


def flicker(result: Comparison, other: Run, output: int = 0) -> pd.DataFrame:
    """Run both L1 steps on for `TAIL` epochs from where they ended.

    Returns
    -------
    step ("clipped", "textbook"), epoch, feature, weight; of the features that the
    exact solution has at 0
    """
    zero = result.optima[1].W[:, output] == 0.0
    features = np.array(result.problem.design.features, dtype=object)[zero]
    parts = []
    pairs = (result.penalties[1], result.runs[1]), (other_penalty(result), other)
    for penalty, run in pairs:
        tail = descend(
            result.problem.oracle,
            [penalty],
            (run.W, run.b),
            replace(_schedule(result), epochs=TAIL, tolerance=0.0),
            batches=result.problem.batches(result.settings),
        )[0]
        W, epochs = tail.snapshot_W[:, zero, output], tail.snapshot_epochs
        parts.append(
            pd.DataFrame(
                {
                    "step": "textbook" if penalty.textbook else "clipped",
                    "epoch": np.tile(run.epochs + epochs, len(features)),
                    "feature": np.repeat(features, len(epochs)),
                    "weight": W.T.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values("step", kind="stable")


def in_words(result: Comparison) -> str:
    """Say what L1 silences, when, and what came back."""
    run = result.runs[1]
    if run.outcome is Outcome.DIVERGED:
        return "L1 diverged, so that its weights never settle."
    of, silent = run.W.size, run.W == 0.0
    if not silent.any():
        why = ""
        if result.penalties[1].textbook and np.any(result.optima[1].W == 0.0):
            why = ": the textbook step jumps across zero instead of stopping there"
        return f"After {run.epochs:,} epochs L1 has silenced none of {of} weights{why}."
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
        f"the last to fall silent {'are' if names[1:] else 'is'} "
        f"{' and '.join(names)}, from epoch {last:,} on"
    )
    return "; ".join(parts) + ". " + _come_back(result)


def _names(result: Comparison, chosen: np.ndarray) -> list[str]:
    """Name the first of the chosen weights (p, k), with its class, and count the rest.

    With three or more classes a feature has a weight in each.
    """
    design = result.problem.design
    j, k = np.argwhere(chosen)[0]
    first = f"«{design.features[j]}»"
    if len(design.classes) > 2:
        first += f" for «{design.classes[k]}»"
    more = int(chosen.sum()) - 1
    return [first, f"{more} more"] if more else [first]


def compare_steps(result: Comparison, other: Run) -> str:
    """Say how many zeros each of the two L1 steps comes to, and how large the jumps."""
    runs = {False: other, True: other}
    runs[bool(result.penalties[1].textbook)] = result.runs[1]
    clipped, textbook = runs[False], runs[True]
    of, pull = clipped.W.size, result.rate * float(result.penalties[1].l1)
    if clipped.outcome is Outcome.DIVERGED:
        return (
            "Both steps diverge at this learning rate; the limit is "
            f"{result.rate_limit:.3g}."
        )
    ends = f"The clipped step ends with {np.count_nonzero(clipped.W)} of {of} weights"
    if textbook.outcome is Outcome.DIVERGED:
        return f"{ends}; the textbook step diverged after {textbook.epochs:,} epochs."
    return (
        f"{ends}, the textbook step with {np.count_nonzero(textbook.W)}: it takes "
        f"ηλ/n = {pull:.3g} off at every step, even where less is left, and so jumps "
        "across zero and back."
    )


def _come_back(result: Comparison) -> str:
    run = result.runs[1]
    counts = returns(run).max(axis=1)
    features = result.problem.design.features
    order = [int(j) for j in np.argsort(-counts, kind="stable") if counts[j] > 0]
    if not order:
        return "None came back once it was silent."
    named = [f"«{features[j]}»" for j in order[:3]]
    if len(order) > 3:
        named.append(f"{len(order) - 3} more")
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
    return f"{listed} came back after having been silent."


def _schedule(result: Comparison) -> Schedule:
    """What the comparison was trained with."""
    settings = result.settings
    return Schedule(
        rate=result.rate,
        epochs=settings.epochs,
        tolerance=settings.tolerance,
        batch_size=settings.batch_size,
        seed=settings.seed,
    )


def _thinned(epochs: np.ndarray) -> np.ndarray:
    """Places of at most `MOST_POINTS` epochs, even on a log axis."""
    if len(epochs) <= MOST_POINTS:
        return np.arange(len(epochs))
    wanted = np.geomspace(1.0, epochs[-1], MOST_POINTS - 1)
    places = np.searchsorted(epochs, np.concatenate([[0.0], wanted.round()]))
    return np.unique(np.minimum(places, len(epochs) - 1))

"""What the two penalties did to this data, in one sentence."""

import numpy as np

from regcore.comparison import PENALTIES, Comparison
from regcore.model.losses import Array
from regcore.questions.judgement import Answer, Judgement, held_out
from regcore.solve.descent import Outcome
from regcore.solve.optimum import Status
from regcore.words import counted, listed, number

HARDLY = 0.05
"""Per cent below which the size of the weights is the same."""


def headline(result: Comparison) -> str:
    """Say what L1 kept, what L2 shrank, and whether that predicts better or worse."""
    went = diverged(result)
    if went:
        return went
    if all(penalty.absent for penalty in result.penalties):
        return "At λ = 0 nothing is penalised: the three are the same model."
    return f"L1 {_kept(result)} and L2 {_shrunk(result)}; {_predicts(result)}."


def diverged(result: Comparison) -> str:
    """Name the models whose training diverged, and what would be safe; else empty."""
    names = [
        "no penalty" if name == "none" else name
        for name, run in zip(PENALTIES, result.runs, strict=True)
        if run.outcome is Outcome.DIVERGED
    ]
    if not names:
        return ""
    safe = f"a learning rate of {result.rate_limit / 2:.3g}"
    if result.rate < result.rate_limit:
        safe = "the clipped step"
    return (
        f"Training diverged for {listed(names)}, so the three cannot be compared; "
        f"{safe} would be safe."
    )


def judged(result: Comparison, name: str) -> Judgement:
    """Judge L1 or L2 by no penalty, on the rows held out."""
    return held_out(result.problem, result.validation_scores, PENALTIES.index(name))


def size_of_weights(result: Comparison, name: str) -> str:
    """One clause on how large the weights of one model are; empty where it diverged.

    Their size is the square root of the sum of the squared weights per standard
    deviation.
    """
    i = PENALTIES.index(name)
    if Outcome.DIVERGED in (result.runs[0].outcome, result.runs[i].outcome):
        return ""
    if not np.any(result.W[i]) or not np.any(result.W[0]):
        return "all weights are 0"
    if result.penalties[i].absent:
        return "weights not shrunk"
    if result.separable:
        return "weights of a finite size"
    change = _change(result.W, i)
    if abs(change) < HARDLY:
        return f"weights as large as without a penalty{_so_far(result, i)}"
    side = "smaller" if change < 0 else "larger"
    than = f"{side} than without a penalty{_so_far(result, i)}"
    return f"weights {_percent(change)} {than}"


def _kept(result: Comparison) -> str:
    """Say how many features have a weight, with several classes for any of them."""
    kept, total = _features(result.W[1]), len(result.W[1])
    so_far = ""
    if _known(result, 1) and (end := _features(result.optima[1].W)) != kept:
        so_far = f" so far ({end} at the optimum)"
    if total == 1:
        return f"{'keeps' if kept else 'drops'} the only feature{so_far}"
    if kept == total:
        return f"keeps all {total} features{so_far}"
    if not kept:
        return f"keeps none of the {total} features{so_far}"
    return f"keeps {kept} of {total} features{so_far}"


def _features(W: Array) -> int:
    return int(np.any(W, axis=-1).sum())


def _shrunk(result: Comparison) -> str:
    if not np.any(result.W[2]) or not np.any(result.W[0]):
        return "leaves all weights at 0"
    if result.separable:
        return "keeps the weights finite, which without a penalty grow without end"
    change, so_far = _change(result.W, 2), _so_far(result, 2)
    if abs(change) < HARDLY:
        return f"leaves the weights as large as they are{so_far}"
    if change > 0:
        return f"makes the weights {_percent(change)} larger{so_far}"
    return f"shrinks the weights by {_percent(change)}{so_far}"


def _change(W: Array, i: int) -> float:
    """Size of the weights of model i less that without a penalty, in per cent of it."""
    size = np.linalg.norm(W.reshape(len(W), -1), axis=1)
    return 100.0 * float(size[i] / size[0] - 1.0)


def _known(result: Comparison, i: int) -> bool:
    optimum = result.optima[i]
    return optimum.exists and optimum.status is not Status.STOPPED


def _so_far(result: Comparison, i: int) -> str:
    """Say what the change comes to at the exact optima, where it is told otherwise."""
    change = _change(result.W, i)
    if not (_known(result, 0) and _known(result, i)):
        settled = all(result.runs[j].outcome is Outcome.CONVERGED for j in (0, i))
        return "" if settled else " so far"
    end = _change(np.array([one.W for one in result.optima]), i)
    if _percent(end) == _percent(change) and (end < 0) == (change < 0):
        return ""
    if max(abs(end), abs(change)) < HARDLY:
        return ""
    if abs(end) < HARDLY:
        return " so far (not at all at the optimum)"
    turned = (end < 0) != (change < 0) or abs(change) < HARDLY
    side = f" {'larger' if end > 0 else 'smaller'}" if turned else ""
    return f" so far ({_percent(end)}{side} at the optimum)"


def _percent(change: float) -> str:
    """Write the size of a change, and 100 % only where it is."""
    size = abs(change)
    if change < 0 and 99.5 <= size < 100.0:
        return "more than 99 %"
    decimals = 0 if size >= 1 else 1
    return f"{number(size, f',.{decimals}f')} %"


def _predicts(result: Comparison) -> str:
    l1, l2 = (judged(result, name).answer for name in PENALTIES[1:])
    base = "no penalty"
    if result.separable:
        base = "no penalty as far as it was trained"
    if Answer.UNKNOWN in (l1, l2):
        return unknown(len(result.problem.design.validation_rows))
    if l1 is not l2:
        return f"L1 predicts {l1} than {base}, L2 {l2}"
    if l1 is Answer.UNCLEAR:
        return f"neither predicts clearly better or worse than {base}"
    return f"both predict {l1} than {base}"


def unknown(rows: int) -> str:
    """Say that too few rows are held out, or none, to tell which predicts better."""
    if not rows:
        return "no rows are held out, so which predicts better is not known"
    return (
        f"with only {counted(rows, 'row')} held out, which predicts better is not known"
    )

"""What the two penalties did to this data, in one sentence."""

from collections.abc import Mapping

import numpy as np

from regcore.comparison import PENALTIES, Comparison, Model
from regcore.model.losses import Array
from regcore.questions.judgement import Answer, Judgement, on_rows
from regcore.solve.optimum import Status
from regcore.solve.runs import Outcome
from regcore.trained import CALLED
from regcore.words import counted, figures, listed, number, share

LARGE = 0.02
"""Share of no penalty's error or loss from which an unclear difference is told."""

HARDLY = 0.05
"""Per cent below which the size of the weights is the same."""


def headline(result: Comparison) -> str:
    """Say what L1 kept, what L2 shrank, and whether that predicts better or worse."""
    went = diverged(result)
    if went:
        return went
    if all(penalty.absent for penalty in result.penalties):
        return "At λ = 0 nothing is penalised: the three are the same model."
    judgements = {name: judged(result, name) for name in PENALTIES[1:]}
    predict = f"{_answers(result, judgements)}{_by_chance(judgements)}"
    return f"L1 {_kept(result)} and L2 {_shrunk(result)}; {predict}."


def diverged(result: Comparison) -> str:
    """Name the models whose training diverged, and what would be safe; else empty."""
    names = [CALLED[model.name] for model in result.models if model.diverged]
    if not names:
        return ""
    safe = f"a learning rate of {figures(result.rate_limit / 2, 3)}"
    if result.rate < result.rate_limit:
        safe = "the clipped step"
    return (
        f"Training diverged for {listed(names)}, so the three cannot be compared; "
        f"{safe} would be safe."
    )


def judged(result: Comparison, name: str) -> Judgement:
    """Judge L1 or L2 by no penalty, on the rows held out."""
    rows = result.problem.n_held_out
    scores = result.validation_scores
    return on_rows(result.problem, scores, PENALTIES.index(name), rows)


def size_of_weights(result: Comparison, name: str) -> str:
    """One clause on how large the weights of one model are; empty where it diverged.

    Their size is the square root of the sum of the squared weights per standard
    deviation.
    """
    none, model = result["none"], result[name]
    if none.diverged or model.diverged:
        return ""
    if not np.any(model.run.W) or not np.any(none.run.W):
        return "all weights are 0"
    if model.penalty.absent:
        return "weights not shrunk"
    if result.separable:
        return "weights of a finite size"
    change, so_far = _change(model.run.W, none.run.W), _so_far(result, model)
    if abs(change) < HARDLY:
        return f"weights as large as without a penalty{so_far}"
    side = "smaller" if change < 0 else "larger"
    than = f"{side} than without a penalty{so_far}"
    return f"weights {_percent(change)} {than}"


def _kept(result: Comparison) -> str:
    """Say how many features have a weight, with several classes for any of them."""
    l1, so_far = result["L1"], ""
    kept, total = _features(l1.run.W), len(l1.run.W)
    if _known(l1) and (end := _features(l1.optimum.W)) != kept:
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
    none, l2 = result["none"], result["L2"]
    if not np.any(l2.run.W) or not np.any(none.run.W):
        return "leaves all weights at 0"
    if result.separable:
        return "keeps the weights finite, which without a penalty grow without end"
    change, so_far = _change(l2.run.W, none.run.W), _so_far(result, l2)
    if abs(change) < HARDLY:
        return f"leaves the weights as large as they are{so_far}"
    if change > 0:
        return f"makes the weights {_percent(change)} larger{so_far}"
    return f"shrinks the weights by {_percent(change)}{so_far}"


def _change(W: Array, none: Array) -> float:
    """Size of the weights less that without a penalty, in per cent of it."""
    return 100.0 * float(np.linalg.norm(W) / np.linalg.norm(none) - 1.0)


def _known(model: Model) -> bool:
    optimum = model.optimum
    return optimum.exists and optimum.status is not Status.STOPPED


def _so_far(result: Comparison, model: Model) -> str:
    """Say what the change comes to at the exact optima, where it is told otherwise."""
    none = result["none"]
    change = _change(model.run.W, none.run.W)
    if not (_known(none) and _known(model)):
        ended = none.run.outcome, model.run.outcome
        return "" if {*ended} == {Outcome.CONVERGED} else " so far"
    end = _change(model.optimum.W, none.optimum.W)
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


def _by_chance(judgements: Mapping[str, Judgement]) -> str:
    """Say how large a difference is that is not clear, where it is not small."""
    large = {
        name: one
        for name, one in judgements.items()
        if one.answer is Answer.UNCLEAR and one.relative >= LARGE
    }
    if not large:
        return ""
    measure = next(iter(large.values())).measure
    parts = [
        f"{share(one.relative)} {'larger' if one.difference > 0 else 'smaller'} "
        f"with {name}"
        for name, one in large.items()
    ]
    return f" ({measure} is {listed(parts)}, which may be chance)"


def _answers(result: Comparison, judgements: Mapping[str, Judgement]) -> str:
    l1, l2 = (one.answer for one in judgements.values())
    base = "no penalty"
    if result.separable:
        base = "no penalty as far as it was trained"
    if Answer.UNKNOWN in (l1, l2):
        return unknown(result.problem.n_held_out)
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

"""What the three models show, in words, with the numbers of this comparison."""

from collections.abc import Callable
from functools import partial

import numpy as np

from regcore.comparison import PENALTIES, Comparison
from regcore.model.metrics import ACCURACY
from regcore.model.penalties import Penalty
from regcore.questions.cards.distance import zeros_are_certain
from regcore.questions.cards.headline import diverged, judged
from regcore.questions.cards.scores import class_shares, scores_shown
from regcore.questions.judgement import Answer
from regcore.settings import Settings
from regcore.solve.descent import Progress, no_progress
from regcore.solve.optimum import solve
from regcore.words import counted, figures, named

TITLES = {"none": "No penalty", "L1": "L1", "L2": "L2"}
"""The three models, where they begin a line or a sentence."""


def in_words(result: Comparison) -> tuple[str, ...]:
    """Sentences on what L1 and L2 did to this data, in figures; see `headline`."""
    went = diverged(result)
    if went:
        return (went,)
    return (*_predictions(result), *_baseline(result), _training(result), _step(result))


def _predictions(result: Comparison) -> tuple[str, ...]:
    """Judge both penalties, and say what the figures are."""
    design, n = result.problem.design, result.problem.n_held_out
    rows = counted(n, "held-out row")
    judgements = {name: judged(result, name) for name in PENALTIES[1:]}
    if not n:
        return ()
    sentences = [
        f"{one.clause(name, 'no penalty')}." for name, one in judgements.items()
    ]
    if any(one.answer is Answer.UNKNOWN for one in judgements.values()):
        return tuple(sentences)
    if design.classes:
        none, l1, l2 = scores_shown(result, [ACCURACY])[0].values
        sentences.append(
            f"The log loss decides; accuracy is {none} without a penalty, {l1} with L1 "
            f"and {l2} with L2."
        )
    else:
        sentences.append(f"RMSE is in units of {named(design.target)}.")
    return (
        *sentences,
        f"± is half of a 95 % interval, paired over the {rows}: it speaks of these "
        "three fitted models; trained on other rows they may come out otherwise.",
    )


def _baseline(result: Comparison) -> tuple[str, ...]:
    """What guessing the commonest class of the training rows is right for."""
    design = result.problem.design
    if not design.classes or not len(design.Y_validation):
        return ()
    commonest = int(np.argmax(class_shares(design.Y)))
    right = 100 * class_shares(design.Y_validation)[commonest]
    return (
        f"Always guessing {named(design.classes[commonest])} is right for "
        f"{right:.1f} % of the rows held out.",
    )


def _training(result: Comparison) -> str:
    loss, values = result.problem.loss, result.train_scores.loss
    measure = loss.name
    if loss.quadratic:
        deviation = float(result.problem.design.y_scale.deviation[0])
        measure, values = "RMSE", deviation * np.sqrt(2.0 * values)
    none, l1, l2 = (figures(value) for value in values)
    return (
        f"On the training rows {measure} is {none} without a penalty, {l1} with L1 and "
        f"{l2} with L2."
    )


def _step(result: Comparison) -> str:
    constant = float(result["L1"].step.constant)
    percentage = 100 * float(result["L2"].step.share)
    return (
        f"Each step takes the constant ηλ/n = {figures(constant, 3)} off every L1 "
        f"weight and {figures(percentage, 3)} % off every L2 weight."
    )


def strength_notice(
    result: Comparison, search: Callable[[Comparison], float] | None = None
) -> str:
    """Say where λ removes everything or nothing, and which λ would not.

    Parameters
    ----------
    search : in place of `first_zero`, which can take as long as a training
    """
    l1, optimum = result["L1"], result["L1"].optimum
    if l1.diverged:
        return ""
    lam, lam_max = result.settings.lam, result.problem.lam_max
    if not np.any(l1.run.W) and not np.any(optimum.W):
        return (
            f"From λ = {figures(lam_max)} on L1 removes every weight and predicts the "
            "same for every row; at any smaller λ it keeps at least one."
        )
    kept = np.all(l1.run.W) and np.all(optimum.W)
    if kept and optimum.exists and zeros_are_certain(result):
        return (
            f"At λ = {figures(lam)} L1 removes no weight; it removes the first at "
            f"about λ = {figures((search or first_zero)(result), 3)}."
        )
    return ""


def first_zero(result: Comparison, progress: Progress = no_progress) -> float:
    """Smallest λ from here on at which the exact L1 solution has a zero, to about 1 %.

    Found by halving the range on a log scale. A weight that has gone can come back at a
    larger λ, and does so with the other sign: a sign that has changed tells of a zero.
    """
    problem, best = result.problem, result["L1"].optimum
    start = best.W, best.b
    signs = np.sign(start[0])
    low, high = max(result.settings.lam, 1e-9 * problem.lam_max), problem.lam_max
    whole = max(float(np.log(high / low)), 1e-9)
    while high > 1.01 * low:
        middle = float(np.sqrt(low * high))
        optimum = solve(
            problem.oracle,
            Penalty(l1=middle / problem.n),
            start,
            tick=partial(progress, 1.0 - float(np.log(high / low)) / whole),
        )
        if np.array_equal(np.sign(optimum.W), signs):
            low, start = middle, (optimum.W, optimum.b)
        else:
            high = middle
    return high


def rate_notice(result: Comparison, settings: Settings) -> str:
    """Say that a chosen learning rate is above the limit; empty elsewhere."""
    if settings.learning_rate is None or settings.learning_rate <= result.rate_limit:
        return ""
    return (
        f"The learning rate {figures(result.rate, 3)} is above 2/(L + λ/n) = "
        f"{figures(result.rate_limit, 3)}: a run may diverge."
    )

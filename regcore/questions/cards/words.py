"""What the three models show, in words, with the numbers of this comparison."""

from collections.abc import Callable
from functools import partial

import numpy as np

from regcore.comparison import PENALTIES, PERFECT_FIT, Comparison
from regcore.model.penalties import Penalty
from regcore.settings import Settings
from regcore.solve.descent import Progress, no_progress
from regcore.solve.optimum import Status, solve
from regcore.words import figures, listed, one_or_many, signed

TITLES = {"none": "No penalty", "L1": "L1", "L2": "L2"}
"""The three models, where they begin a line or a sentence."""

CHANCE = 2.0
"""Standard errors that a difference must pass to be more than chance."""


def in_words(result: Comparison) -> tuple[str, ...]:
    """Sentences on what L1 and L2 did to this data.

    A difference in validation loss counts as more than chance when it passes two
    standard errors of the paired differences over the rows held out.
    """
    diverged = [model.name for model in result.models if model.diverged]
    if diverged:
        names = ["no penalty" if name == "none" else name for name in diverged]
        return (
            f"Training diverged for {listed(names)}, so the three cannot be "
            f"compared; a learning rate of {result.rate_limit / 2:.3g} would be safe.",
        )
    return (_step(result), _effect(result), _loss(result), *_baseline(result))


def _step(result: Comparison) -> str:
    constant = float(result["L1"].step.constant)
    percentage = 100 * float(result["L2"].step.share)
    return (
        f"Each step takes the constant ηλ/n = {constant:.3g} off every L1 weight and "
        f"{percentage:.3g} % off every L2 weight."
    )


def _effect(result: Comparison) -> str:
    total = result.W[0].size
    none, l1, l2 = np.count_nonzero(result.W, axis=(1, 2))
    length = np.linalg.norm(result.W.reshape(3, -1), axis=1)
    kept = f"L1 leaves {l1} of {total} weights" if l1 else "L1 leaves no weight at all"
    count = f"all {total}" if l2 == none == total else f"{l2} of {total}"
    if length[0] == 0:
        return f"{kept}; L2 leaves {count}."
    change = 100 * (length[2] / length[0] - 1)
    return (
        f"{kept}; L2 leaves {count}, their vector {figures(abs(change), 2)} % "
        f"{'shorter' if change <= 0 else 'longer'} than without a penalty."
    )


def compared(change: float, margin: float, of: str = "") -> str:
    """Write a difference of loss with its margin, and whether it is more than that."""
    if np.isnan(margin):
        return f"{signed(change)}{of} (too few rows to judge)"
    judged = "more than chance" if abs(change) > margin else "no clear difference"
    return f"{signed(change)} ± {figures(margin, 2)}{of} ({judged})"


def _loss(result: Comparison) -> str:
    train, held_out = result.train_scores, result.validation_scores
    names = PENALTIES[1:]
    cost = ", ".join(
        f"{signed(change)} with {name}"
        for name, change in zip(names, train.difference[1:], strict=True)
    )
    sentence = f"Training loss changes by {cost}"
    if np.isnan(held_out.difference).any():
        return f"{sentence}; no rows are held out, so validation loss is unknown."
    changes = zip(
        names, held_out.difference[1:], held_out.standard_error[1:], strict=True
    )
    parts = [
        compared(float(change), CHANCE * float(error), f" with {name}")
        for name, change, error in changes
    ]
    return f"{sentence}; validation loss by {' and '.join(parts)}."


def _baseline(result: Comparison) -> tuple[str, ...]:
    """What guessing the commonest class of the training rows would be right for."""
    design = result.problem.design
    if not design.classes or not len(design.Y_validation):
        return ()
    share, held_out = design.Y.mean(axis=0), design.Y_validation.mean(axis=0)
    if len(design.classes) == 2:
        share, held_out = [
            np.array([1 - part[0], part[0]]) for part in (share, held_out)
        ]
    commonest = int(np.argmax(share))
    return (
        f"Always guessing «{design.classes[commonest]}» would be right for "
        f"{held_out[commonest]:.1%} of the rows held out.",
    )


MANY = " It is one of many optima, the one with the smallest weights."


def distance(result: Comparison, name: str) -> str:
    """Say how far one run is from its exact optimum; empty where it diverged."""
    words = _distance(result, name)
    return words + MANY if words and _one_of_many(result, name) else words


def _one_of_many(result: Comparison, name: str) -> bool:
    optimum, penalty = result[name].optimum, result[name].penalty
    n, p = result.problem.design.training.shape
    # Whatever the rows, n of them and a bias tell at most n − 1 weights apart.
    free = penalty.absent and p >= n
    return optimum.exists and (free or optimum.status is Status.NOT_UNIQUE)


def _distance(result: Comparison, name: str) -> str:
    run, optimum, gap = result[name].run, result[name].optimum, result.gaps[name]
    if not optimum.exists:
        return str(optimum.status)
    if result[name].diverged:
        return ""
    if optimum.status is Status.STOPPED and optimum.bound == 0.0:
        return "How far the optimum is, is not certain."
    near = f"Within {100 * _rounded_up(max(gap, 1e-5)):g} % of the optimum"
    if gap > 1.0:
        near = f"Up to {_rounded_up(1.0 + gap):,.0f} times the optimum"
    if gap > 1.0 and optimum.bound < PERFECT_FIT * run.train_loss[0]:
        share = _rounded_up(gap * PERFECT_FIT)
        near = f"Within {100 * share:g} % of the first loss; the optimum has none left"
    uncertain = int(((run.W == 0) != (optimum.W == 0)).sum())
    if uncertain and _zeros_are_certain(result):
        zeros = one_or_many(uncertain, "1 of its zeros is", f"{uncertain} zeros are")
        return f"{near}, but {zeros} not yet certain."
    return f"{near}."


def strength_notice(
    result: Comparison, look: Callable[[Comparison], float] | None = None
) -> str:
    """Say where λ removes everything or nothing, and which λ would not.

    Parameters
    ----------
    look : in place of `first_zero`, which can take as long as a training
    """
    l1, optimum = result["L1"], result["L1"].optimum
    if l1.diverged:
        return ""
    lam, lam_max = result.settings.lam, result.problem.lam_max
    if not np.any(l1.run.W) and not np.any(optimum.W):
        return (
            f"At λ = {lam:.4g} L1 removes every weight and predicts the same for every "
            f"row; below λ = {lam_max:.4g} it keeps at least one."
        )
    kept = np.all(l1.run.W) and np.all(optimum.W)
    if kept and optimum.exists and _zeros_are_certain(result):
        return (
            f"At λ = {lam:.4g} L1 removes no weight; it removes the first at about "
            f"λ = {(look or first_zero)(result):.3g}."
        )
    return ""


def _zeros_are_certain(result: Comparison) -> bool:
    """Whether all optima of L1 have the same zeros.

    With an even number of classes Σ|w| is flat between the middle two weights of a
    feature, either of which may be 0.
    """
    return result.W.shape[-1] % 2 == 1


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
        f"The learning rate {result.rate:.3g} is above 2/(L + λ/n) = "
        f"{result.rate_limit:.3g}: a run may diverge."
    )


def _rounded_up(number: float) -> float:
    digit = 10.0 ** np.floor(np.log10(number))
    return digit * np.ceil(number / digit - 1e-9)

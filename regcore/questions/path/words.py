"""Where each penalty predicts best, in words."""

from collections.abc import Mapping, Sequence

import numpy as np

from regcore.comparison import Comparison
from regcore.questions.path.answer import loss_at
from regcore.regularization_path import RegularizationPath
from regcore.settings import Split
from regcore.solve.nested import Nested
from regcore.solve.path import Curve
from regcore.words import difference, figures, listed

FOLDED = {
    Split.GROUPS: ["Rows of one group are never in two folds."],
    Split.HASH: ["Rows with the same key are never in two folds."],
    Split.ORDER: [
        "The folds are drawn at random, though the comparison holds out the last rows: "
        "later rows help to predict earlier ones, which flatters every λ."
    ],
}
"""What to know of the folds where the comparison does not hold rows out at random."""


def in_words(paths: RegularizationPath, result: Comparison) -> str:
    """Say where each penalty predicts best, and how far from there it is now."""
    of = paths.l1.W[0].size
    parts = [
        f"In {paths.folds}-fold cross-validation on the {paths.n:,} training rows, "
        f"L1 predicts best at λ = {_best(paths.l1, paths.lam_max)} with "
        f"{_kept(paths.l1, paths.l1.lam_min)} of {of} weights; the largest λ within "
        f"one standard error of that is {_looked_at(paths.l1, paths.l1.lam_1se)}, with "
        f"{_kept(paths.l1, paths.l1.lam_1se)}. L2 predicts best at "
        f"λ = {_best(paths.l2, paths.lam_max)}; "
        "the largest within one standard error is "
        f"{_looked_at(paths.l2, paths.l2.lam_1se)}.",
        *filter(None, [none_is_better(paths, ("L1", "L2"))]),
    ]
    now = {"L1": result.settings.lam, "L2": result.settings.l2_lam}
    above = {
        penalty: loss_at(paths.curves[penalty], lam) / paths.curves[penalty].mean.min()
        for penalty, lam in now.items()
    }
    known = [
        f"{figures(100 * max(ratio - 1, 0.0), 2)} % for {penalty}"
        for penalty, ratio in above.items()
        if np.isfinite(ratio)
    ]
    if known:
        parts.append(f"Now the loss is above its smallest by {' and '.join(known)}.")
    if result.problem.n_held_out:
        parts += FOLDED.get(result.settings.split, [])
    return " ".join(parts)


WHY_OPTIMISTIC = (
    "The smallest loss is the one that λ was chosen by, and so is smaller than that on "
    "new rows. Nested cross-validation says by how much: it chooses λ anew in every "
    "fold, without the rows that judge it there."
)


def optimism(found: Mapping[str, Nested]) -> tuple[str, ...]:
    """Say by how much the loss at each penalty's best λ is too good."""
    return (WHY_OPTIMISTIC, *(_optimism(name, one) for name, one in found.items()))


def _optimism(name: str, found: Nested) -> str:
    chosen, nested = (
        figures(float(loss.mean())) for loss in (found.at_best, found.fold_loss)
    )
    if chosen == nested:
        return f"The loss at {name}'s best λ, {chosen}, is the same in that way."
    if found.optimism < 0:
        return (
            f"The loss at {name}'s best λ, {chosen}, shows no optimism: with λ chosen "
            f"anew in every fold it is {nested}."
        )
    return (
        f"The loss at {name}'s best λ, {chosen}, is optimistic by about "
        f"{figures(found.optimism, 1)}: with λ chosen anew in every fold it is "
        f"{nested}."
    )


def none_is_better(paths: RegularizationPath, names: Sequence[str]) -> str:
    """Say for whom no penalty is better than the best λ; empty for none of them.

    Parameters
    ----------
    names : the penalties that are spoken of
    """
    better = {
        name: float(paths.none.mean() / paths.curves[name].mean.min()) - 1.0
        for name in names
        if paths.curves[name].none_is_better(paths.none)
    }
    if not better:
        return ""
    sizes = [difference(less) for less in better.values()]
    who = [f"{name}'s" for name in better]
    than = f"{sizes[0]} below {listed(who)} best"
    if len(set(sizes)) > 1:
        both = zip(sizes, who, strict=True)
        than = listed([f"{size} below {whose} best" for size, whose in both])
    return f"No penalty, where ever smaller λ end, has a loss {than}."


def caveat(paths: RegularizationPath) -> str:
    """Say for whom a smaller λ than was looked at may predict better; else empty."""
    names = [name for name in ("L1", "L2") if paths.curves[name].falls_on(paths.none)]
    if not names:
        return ""
    return (
        f"A λ smaller than was looked at may predict better with {' and '.join(names)}."
    )


def _best(curve: Curve, lam_max: float) -> str:
    share = f"{figures(100 * curve.lam_min / lam_max, 2)} % of λₘₐₓ"
    return f"{_looked_at(curve, curve.lam_min)} ({share})"


def _looked_at(curve: Curve, lam: float) -> str:
    """λ, and that nothing beyond is known where it is an end of the path."""
    ends = {curve.lams[0]: "strongest", curve.lams[-1]: "weakest"}
    beyond = f", the {ends[lam]} looked at" if lam in ends else ""
    return f"{figures(lam)}{beyond}"


def _kept(curve: Curve, lam: float) -> int:
    return int(curve.nonzero[np.argmin(np.abs(curve.lams - lam))])

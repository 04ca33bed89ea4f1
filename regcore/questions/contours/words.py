"""Two weights seen from above, in words."""

import numpy as np

from regcore.comparison import Comparison
from regcore.questions.contours.answer import View
from regcore.questions.optima import lacking
from regcore.trained import WITH
from regcore.words import figures, named, signed


def in_words(result: Comparison, pair: tuple[int, int], views: tuple[View, ...]) -> str:
    """Say where on its diamond L1's solution lies, and how far L2's is from zero."""
    first, second = (result.problem.design.features[j] for j in pair)
    none, l1, l2 = views
    zeros = [
        name
        for name, weight in zip((first, second), l1.solution, strict=True)
        if weight == 0.0
    ]
    places = {
        0: "lies on an edge of its diamond: both weights stay",
        1: f"lies on a corner of its diamond: {named(''.join(zeros))} is exactly 0",
        2: "lies at the centre: both weights are exactly 0",
    }
    sentence = f"L1's solution {places[len(zeros)]}."
    length = float(np.linalg.norm(none.solution))
    if not none.exact or length == 0.0:
        return f"{sentence} L2's lies on its circle, where both weights stay."
    change = 100.0 * (float(np.linalg.norm(l2.solution)) / length - 1.0)
    if abs(change) < 0.05:
        return f"{sentence} L2's lies as far from zero as without a penalty."
    side = "nearer to" if change <= 0 else "farther from"
    return (
        f"{sentence} L2's lies on its circle, {figures(abs(change), 2)} % {side} zero "
        "than without a penalty."
    )


def solution(result: Comparison, pair: tuple[int, int], view: View) -> str:
    """Tell where the solution of one penalty lies."""
    features = result.problem.design.features
    weights = [
        f"{named(features[j])} {signed(weight, 3) if weight else 'exactly 0'}"
        for j, weight in zip(pair, view.solution, strict=True)
    ]
    whose = f"The solution {WITH[view.penalty]}"
    if not view.exact:
        whose = f"The weights where training {WITH[view.penalty]} ended"
    return f"{whose}: {' and '.join(weights)}."


def held(result: Comparison, views: tuple[View, ...]) -> str:
    """Say what is not seen: the other weights."""
    text = (
        "All other weights and the bias are held at the solution of each penalty; the "
        "ways down are projected, for there the others move too."
    )
    if all(view.exact for view in views):
        return text
    return f"{text} {lacking(result)}: its weights are held where it ended."

"""Which features separate classes, so that no penalty has no optimum, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from regcore.comparison import Comparison
from regcore.design import Design
from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array
from regcore.questions.cards.separated import separated_rows
from regcore.regularization_path import strata
from regcore.solve.optimum import Status
from regcore.words import counted, figures, named

MOST_NAMED = 3


@dataclass(frozen=True)
class Culprit:
    """A feature that separates rows by itself.

    Attributes
    ----------
    name : of the feature, without its copies
    rows : training rows that it separates
    words : a clause on these rows and their class
    """

    name: str
    rows: int
    words: str


@dataclass(frozen=True)
class Separation:
    """Why a classification has no optimum without a penalty.

    Attributes
    ----------
    complete : whether all training rows are separated
    culprits : the features that separate by themselves, the most rows first
    rows : training rows that all features together separate; None if that is not known
    total, features : training rows, and features
    """

    complete: bool
    culprits: tuple[Culprit, ...]
    rows: int | None
    total: int
    features: int

    @property
    def always(self) -> bool:
        """Whether there are so many features that any classes can be separated."""
        return self.complete and self.features >= self.total - 1


def find_separation(result: Comparison, tick: Tick = no_tick) -> Separation | None:
    """Find what separates the classes; None where nothing does.

    One feature does it alone if the classes fall into two groups, of which one has no
    value above the least value of the other: a level whose rows are all of one class, a
    number with a threshold. Rows at the threshold are not separated.

    References
    ----------
    Albert & Anderson (1984), On the existence of maximum likelihood estimates in
    logistic regression models.
    """
    if not result.separable:
        return None
    problem = result.problem
    complete = result["none"].optimum.status is Status.SEPARABLE
    culprits = sorted(_culprits(problem.design, tick), key=lambda one: -one.rows)
    rows = problem.n if complete else None
    if not complete and not culprits:
        rows = separated_rows(problem, tick)
    features = len(problem.design.features)
    return Separation(complete, tuple(culprits), rows, problem.n, features)


def in_words(found: Separation) -> str:
    """Say in the field's words and in plain ones what separates which rows."""
    kind = "Complete" if found.complete else "Quasi-complete"
    return (
        f"{kind} separation: {_which(found)}. The larger the weights, the better these "
        "rows fit, so that no penalty has no optimum; L1 and L2 have one."
    )


def _which(found: Separation) -> str:
    """Say which rows are separated, and by what."""
    if found.always:
        return (
            f"with {counted(found.features, 'feature')} for "
            f"{counted(found.total, 'training row')} any classes can be told apart"
        )
    words = [culprit.words for culprit in found.culprits[:MOST_NAMED]]
    more = len(found.culprits) - len(words)
    if more:
        words.append(f"and {counted(more, 'feature')} more")
    alone, every = "; ".join(words), f"all {found.total:,} training rows"
    if alone and (not found.complete or found.culprits[0].rows == found.total):
        return alone
    if alone:
        return (
            f"the features together put {every} on the side of their class. Alone: "
            f"{alone}"
        )
    together = "no feature does it alone, but together they put"
    if found.complete:
        return f"{together} {every} on the side of their class"
    some = "some training rows"
    if found.rows is not None:
        some = f"{found.rows:,} of the {found.total:,} training rows"
    return (
        f"{together} {some} on the side of their class without a mistake in the others"
    )


def _culprits(design: Design, tick: Tick) -> Iterator[Culprit]:
    codes = strata(design, design.Y).astype(int)
    low, high = _ranges(design, codes, tick)
    cuts = [cut for j in range(low.shape[1]) for cut in _cuts(j, low[:, j], high[:, j])]
    if not cuts:
        return
    below, above = _counts(design, cuts, tick)
    best: dict[int, tuple[int, int]] = {}
    for i, cut in enumerate(cuts):
        best[cut.feature] = max(
            best.get(cut.feature, (0, 0)), (int(below[i] + above[i]), i)
        )
    names = [name for name, kept in zip(design.names, design.kept, strict=True) if kept]
    for j, (rows, i) in best.items():
        yield Culprit(
            names[j], rows, _clause(design, cuts[i], names[j], below[i], above[i])
        )


@dataclass(frozen=True)
class _Cut:
    """Two groups of classes, and the values of a feature between which it is cut.

    Attributes
    ----------
    feature : its place
    lower, upper : codes of the classes on either side
    last, first : largest value of the lower classes, smallest of the upper ones
    least, most : smallest and largest value of all
    """

    feature: int
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    last: float
    first: float
    least: float
    most: float


def _ranges(design: Design, codes: np.ndarray, tick: Tick) -> tuple[Array, Array]:
    """Least and largest value of each feature in each class, (classes, p) each."""
    shape = (len(design.classes), design.training.shape[1])
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    for start in range(0, len(codes), BLOCK):
        V, own = design.training[start : start + BLOCK], codes[start : start + BLOCK]
        for k in np.unique(own):
            low[k] = np.minimum(low[k], V[own == k].min(axis=0))
            high[k] = np.maximum(high[k], V[own == k].max(axis=0))
        tick()
    return low, high


def _cuts(feature: int, low: Array, high: Array) -> Iterator[_Cut]:
    """Yield the ways to cut a feature so that each class is on one side, (classes,)."""
    order = np.lexsort((high, low))
    for at in range(1, len(order)):
        last, first = high[order[:at]].max(), low[order[at:]].min()
        if last <= first:
            yield _Cut(
                feature,
                tuple(order[:at].tolist()),
                tuple(order[at:].tolist()),
                float(last),
                float(first),
                float(low.min()),
                float(high.max()),
            )


def _counts(
    design: Design, cuts: Sequence[_Cut], tick: Tick
) -> tuple[np.ndarray, np.ndarray]:
    """Rows below and above each cut, but for those at a value that both sides have."""
    columns = [cut.feature for cut in cuts]
    last = np.array([cut.last for cut in cuts])
    first = np.array([cut.first for cut in cuts])
    below, above = np.zeros(len(cuts), dtype=int), np.zeros(len(cuts), dtype=int)
    for start in range(0, len(design.rows), BLOCK):
        V = design.training[start : start + BLOCK][:, columns]
        below += np.less(V, first).sum(axis=0)
        above += np.greater(V, last).sum(axis=0)
        tick()
    return below, above


def _clause(design: Design, cut: _Cut, name: str, below: int, above: int) -> str:
    """Say which rows are of which class."""
    j = cut.feature
    mean, deviation = design.x_scale.mean[j], design.x_scale.deviation[j]
    last, first, *ends = (
        value * deviation + mean for value in (cut.last, cut.first, cut.least, cut.most)
    )
    if name != design.sources[j] and np.allclose(ends, (0.0, 1.0)):
        # A level, or a mark of gaps.
        where = f"without {named(name)}", f"with {named(name)}"
    elif cut.last < cut.first:
        where = (
            f"with {named(name)} up to {figures(last, 6)}",
            f"with {named(name)} from {figures(first, 6)} on",
        )
    else:
        value = figures(first, 6)
        where = f"with {named(name)} below {value}", f"with {named(name)} above {value}"
    sides = (
        (above, where[1], cut.upper, cut.lower),
        (below, where[0], cut.lower, cut.upper),
    )
    return ", and ".join(_side(design, *side) for side in sides if side[0])


def _side(
    design: Design, rows: int, where: str, own: tuple[int, ...], others: tuple[int, ...]
) -> str:
    alone = rows == 1
    if len(own) > 1 and len(others) == 1:
        other = named(design.classes[others[0]])
        if alone:
            return f"the only training row {where} is not {other}"
        return f"none of the {rows:,} training rows {where} is {other}"
    classes = " or ".join(named(design.classes[k]) for k in own)
    if alone:
        return f"the only training row {where} is {classes}"
    return f"all {rows:,} training rows {where} are {classes}"

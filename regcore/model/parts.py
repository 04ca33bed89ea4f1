"""Sums over the rows of each bucket: all that squared error asks of a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.given import Given
from regcore.model.losses import Array, Integers
from regcore.model.moments import Moments
from regcore.model.scores import ENOUGH, Scores
from regcore.model.triangle import stacked

Refill = Callable[[Sequence[frozenset[int]]], Array]
"""Sets of buckets left out → how far each changes what gaps are filled with.

(sets, fills) per unit of the mark: the median of the other training rows less the value
in the gaps, over the deviation of the column and times that of its mark.
"""


@dataclass(frozen=True)
class Parts:
    """Sums over the training rows and those held out, by bucket.

    Attributes
    ----------
    training, held_out, locked : bucket → sums over its rows that train, are held out,
        or are locked away, in units of the design, all about one shift; buckets without
        rows are not there
    refill : None where no gap was filled
    given : the training rows by bucket, where their sums are too blunt
    """

    training: Mapping[int, Moments]
    held_out: Mapping[int, Moments]
    refill: Refill | None = None
    locked: Mapping[int, Moments] = field(default_factory=dict)
    given: Given | None = None
    _trained: list[Moments] = field(default_factory=list, init=False, repr=False)

    def add_up(self, tick: Tick = no_tick) -> Moments:
        """Sums over all training rows, added up once."""
        if not self._trained:
            whole = total(self.training.values(), tick)
            self._trained.append(replace(whole, given=self.given))
        return self._trained[0]

    @property
    def trained(self) -> Moments:
        """Sums over all training rows."""
        return self.add_up()

    @cached_property
    def kept_back(self) -> Moments | None:
        """Sums over all rows held out, if there are any."""
        return total(self.held_out.values()) if self.held_out else None

    @property
    def n_locked(self) -> int:
        """Rows locked away."""
        return sum(part.n for part in self.locked.values())

    @cached_property
    def buckets(self) -> Integers:
        """The buckets that have training rows, in rising order."""
        return np.array(sorted(self.training))

    @cached_property
    def sizes(self) -> Integers:
        """Training rows in each bucket, 0 … the last that has any."""
        return sizes(self.training)

    def dealt(self, fold: Integers) -> list[Integers]:
        """The buckets of each fold; see `folds`."""
        return [self.buckets[fold == f] for f in range(int(fold.max()) + 1)]

    def folds(self, fold: Integers, tick: Tick = no_tick) -> tuple[Moments, ...]:
        """Sums over the training rows of each fold, and over none.

        Parameters
        ----------
        fold : (buckets,), that of each of the `buckets`
        """
        found = [
            total((self.training[b] for b in own.tolist()), tick)
            for own in self.dealt(fold)
        ]
        p, shift, width = found[0].p, found[0].shift, len(found[0].S)
        nothing = np.zeros((width, width))
        return (*found, Moments(nothing, p, shift, nothing[:0]))

    def changes(self, fold: Integers, fills: int) -> Array:
        """What each model's training rows change in the filled gaps; see `Refill`.

        (folds + 1, fills): nothing for the last model, of all rows.
        """
        sets = [frozenset(own.tolist()) for own in self.dealt(fold)]
        change = np.zeros((len(sets) + 1, fills))
        if self.refill is not None and fills:
            change[:-1] = self.refill(sets)
        return change


def total(parts: Iterable[Moments], tick: Tick = no_tick) -> Moments:
    """Sums over the rows of all parts, about the shift of the first.

    They have a `root` where each of the parts has one.
    """
    first, *others = parts
    about = [first, *(part.shifted(first.shift) for part in others)]
    roots = [part.root for part in about if part.root is not None]
    S = np.zeros_like(first.S)
    for part in about:
        S += part.S
    root = stacked(roots, tick) if len(roots) == len(about) else None
    return Moments(S, first.p, first.shift, root)


def sizes(parts: Mapping[int, Moments]) -> Integers:
    """Rows of each bucket, 0 … the last that has any."""
    count = np.zeros(1 + max(parts, default=-1), dtype=int)
    count[list(parts)] = [part.n for part in parts.values()]
    return count


def score_parts(parts: Iterable[Moments], W: Array, b: Array) -> Scores:
    """Do as `score` for squared error, from sums over disjoint rows.

    The standard error is that of a ratio over the parts, as of clusters: with a part's
    rows n_i and its mean difference d_i less that of all, √(Σ(n_i·d_i)²·m/(m − 1))/n.

    References
    ----------
    Cochran (1977), Sampling Techniques, section 6.3.
    """
    some = [part for part in parts if part.n]
    nothing = np.full(len(W), np.nan)
    if not some:
        return Scores(nothing, nothing, nothing, nothing)
    whole = total(some)
    loss = whole.loss(W, b)
    varies, deviation = whole.varies[-1], whole.scale()[1][-1]
    value = 1.0 - loss / (0.5 * deviation**2) if varies else nothing
    error = nothing
    if len(some) >= ENOUGH:
        each = np.array([part.loss(W, b) for part in some])
        n = np.array([part.n for part in some])
        apart = each - each[:, :1] - (loss - loss[0])
        spread = ((n[:, None] * apart) ** 2).sum(axis=0)
        error = np.sqrt(spread * len(some) / (len(some) - 1)) / whole.n
    return Scores(loss, value, loss - loss[0], error)

"""Rows that stand for all: some drawn uniformly, and all that are far from the others.

How a loss bends in a direction is mostly what the rows far along it make of it, of
which a uniform sample has too few or, each standing for many, too many: of a column
with rare large numbers, of a rare level, of a rare class.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Integers
from regcore.model.moments import Moments
from regcore.model.rows import Rows

FAR = 3.0
"""Times the mean leverage from which a row is far from the others."""

KEPT = 1 / 3
"""Rows kept for that at most, as a share of those of the sample."""

SEEN = 1e-9
"""Share of the largest variance from which a direction counts in a leverage."""


@dataclass(frozen=True)
class Strata:
    """Parts of the rows, each standing for a share of all.

    Attributes
    ----------
    all_rows : their number
    parts : rows of each part, and how many of all they stand for
    """

    all_rows: int
    parts: tuple[tuple[Rows, int], ...]

    @property
    def first(self) -> Rows:
        """Rows of the first part."""
        return self.parts[0][0]

    @property
    def _most(self) -> float:
        """Rows that one of them stands for, at most."""
        return max(many / rows.n for rows, many in self.parts)

    @property
    def n(self) -> int:
        """Number of rows, if every one stood for as many as any does."""
        return int(self.all_rows / self._most)

    @property
    def mean_bound(self) -> float:
        """See `Loss.mean_bound`."""
        return self.first.mean_bound

    def _shares(self) -> Iterator[tuple[Rows, float]]:
        for rows, many in self.parts:
            yield rows, many / self.all_rows

    def of_columns(self, V: Array, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.of_columns`."""
        answers = [(rows.of_columns(V, tick), share) for rows, share in self._shares()]
        loss = sum(share * own for (own, _), share in answers)
        return np.asarray(loss), np.asarray(sum(share * G for (_, G), share in answers))

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """See `Oracle.hessian`."""
        parts = (share * rows.hessian(W, b, tick) for rows, share in self._shares())
        return np.asarray(sum(parts))

    def bias_hessian(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array]:
        """See `Oracle.bias_hessian`."""
        parts = [(rows.bias_hessian(W, b, tick), s) for rows, s in self._shares()]
        V, XV = (sum(s * own[i] for own, s in parts) for i in (0, 1))
        return np.asarray(V), np.asarray(XV)

    def predictor_range(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """See `Oracle.predictor_range`: of rows that stand for as many as any does."""
        return max(
            many / rows.n / self._most * rows.predictor_range(W, b, tick)
            for rows, many in self.parts
        )

    def restrict(self, columns: Integers) -> "Strata":
        """Answer for these features alone."""
        return self._each(lambda rows: rows.restrict(columns))

    def whitened(self, tick: Tick = no_tick) -> "tuple[Strata, Array, Array] | None":
        """See `Oracle.whitened`, without features that are the same in all rows."""
        one = self.first
        every = Rows(
            np.concatenate([rows.X for rows, _ in self.parts]),
            np.concatenate([rows.Y for rows, _ in self.parts]),
            one.kind,
        )
        white = _whitened(every, tick)
        if white is None:
            return None
        within, T, mean = white
        left = iter(np.split(within.X, np.cumsum([r.n for r, _ in self.parts])[:-1]))
        return self._each(lambda rows: Rows(next(left), rows.Y, rows.kind)), T, mean

    def _each(self, made: Callable[[Rows], Rows]) -> "Strata":
        parts = tuple((made(rows), many) for rows, many in self.parts)
        return Strata(self.all_rows, parts)


class Farthest:
    """The rows with the most leverage of all that are heard.

    That of a row is (u − ū)ᵀC⁻¹(u − ū), with u = [x y] and C its covariance.

    Parameters
    ----------
    sums : over all rows
    most : rows that are kept
    """

    def __init__(self, sums: Moments, most: int) -> None:
        self._mean, deviation = sums.scale()
        values, vectors = np.linalg.eigh(sums.standardised().moments.S[1:, 1:] / sums.n)
        seen = values > SEEN * values[-1]
        T = vectors[:, seen] / np.sqrt(values[seen])
        self._T, self._n, self._p = T / deviation[:, np.newaxis], sums.n, sums.p
        self._most, self._from = most, FAR * T.shape[1]
        self._found = np.empty((0, len(self._mean)))

    def hear(self, X: Array, Y: Array) -> None:
        """Keep those of some rows that are far."""
        U = np.concatenate([X, Y], axis=1)
        far = self._leverage(U) > self._from
        self._found = np.concatenate([self._found, U[far]])
        if len(self._found) > 2 * self._most:
            self._thin()

    def _leverage(self, U: Array) -> Array:
        Z = (U - self._mean) @ self._T
        leverage: Array = np.vecdot(Z, Z)
        return leverage

    def _thin(self) -> None:
        """Keep no more than were asked for; of rows that are as far, all or none."""
        leverage = self._leverage(self._found)
        if len(leverage) > self._most:
            last = len(leverage) - self._most - 1
            self._from = max(self._from, float(np.partition(leverage, last)[last]))
            self._found = self._found[leverage > self._from]

    def beside(self, sample: Rows) -> Strata:
        """Return the rows that are far, and of a uniform sample those that are not."""
        self._thin()
        near = (
            self._leverage(np.concatenate([sample.X, sample.Y], axis=1)) <= self._from
        )
        X, Y = np.split(self._found, [self._p], axis=1)
        far = Rows(np.ascontiguousarray(X), Y, sample.kind)
        others = Rows(sample.X[near], sample.Y[near], sample.kind)
        parts = (others, self._n - far.n), (far, far.n)
        return Strata(self._n, tuple(part for part in parts if part[0].n))


def _whitened(sample: Rows, tick: Tick) -> tuple[Rows, Array, Array] | None:
    """Whiten a sample, without features that are the same in all of its rows."""
    varies = Moments.of(sample.X, sample.Y[:, :0], tick).varies
    if varies.all():
        return sample.whitened(tick)
    keep = np.flatnonzero(varies)
    some = sample.restrict(keep)
    few, own, own_mean = some.whitened(tick) or (some, np.eye(len(keep)), np.zeros(1))
    T, mean = np.zeros((len(varies), own.shape[1])), np.zeros((1, len(varies)))
    T[keep], mean[:, keep] = own, own_mean
    return few, T, mean

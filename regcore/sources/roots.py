"""Triangles of the rows of each part, where sums alone are too blunt.

A category has a column for each of its levels, and these add up to one in every row, so
that XᵀX is singular. A triangle of the other columns tells all, and sums give it; where
that is blunt too, the rows of the encoded table do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from regcore.design.prepared import Prepared
from regcore.model.blocks import Tick
from regcore.model.given import Given
from regcore.model.losses import Array, Integers
from regcore.model.moments import Moments
from regcore.model.parts import total
from regcore.model.triangle import stacked
from regcore.solve.passes import Stream
from regcore.sources.engine import Engine
from regcore.sources.fields import SIDES
from regcore.sources.sums import Columns

A_LOOK = 16_384
"""Rows between two looks at whether a stream of them is still wanted."""

ROUNDING = 1e-15
"""Share of the largest eigenvalue of sums below which one is nothing else."""

NOTHING = 1e-9
"""What is left of a relation that follows from others."""


@dataclass(frozen=True)
class Rows:
    """The training rows of an encoded table, in units of the design.

    Attributes
    ----------
    kept : places in u of what is kept, the target last
    deviation : of all columns of the design and the target
    """

    engine: Engine
    name: str
    columns: Columns
    kept: Integers
    deviation: Array

    def stream(self, mean: Array) -> Stream:
        """Return what streams the rows, less the mean of all columns of the design."""
        k = self.columns.outputs

        def rows(which: str, tick: Tick) -> Iterator[tuple[Array, Array]]:
            all_rows = self.columns.rows(self.name)
            found = f"SELECT * FROM {all_rows} WHERE {SIDES[which]}"
            less = np.r_[0.0, mean - self.columns.shift][self.kept]
            units = np.r_[1.0, self.deviation][self.kept]
            for piece in self.engine.pieces(found, tick):
                for first in range(0, len(piece), A_LOOK):
                    tick()
                    some = piece.slice(first, A_LOOK)
                    u = (self.columns.written(some)[:, self.kept] - less) / units
                    yield np.ascontiguousarray(u[:, 1:-k]), u[:, -k:].copy()

        return rows

    def given(self, mean: Array) -> Given:
        """Return the training rows, which go by bucket, as the table has them."""
        k, rows = self.columns.outputs, self.columns.rows(self.name, shifted=False)

        def pieces(some: Integers | None, tick: Tick) -> Iterator[tuple[Array, Array]]:
            found = f"SELECT * FROM {rows} WHERE {SIDES['training']}"
            if some is not None:
                found += f" AND part IN ({', '.join(map(str, some.tolist()))})"
            for piece in self.engine.pieces(found, tick):
                u = self.columns.written(piece)[:, self.kept]
                yield u[:, 1:-k], u[:, -k:]

        own, units = self.kept[1:] - 1, self.deviation
        given = Given.by(pieces, len(own) - k, k)
        return given.scaled(mean[own], units[own])

    def triangles(self, tick: Tick) -> dict[int, Array]:
        """A triangle of the rows of each part."""
        units = np.r_[1.0, self.deviation][self.kept]
        rows = f"{self.columns.rows(self.name)} WHERE {SIDES['training']}"
        found: dict[int, Array] = {}
        for piece in self.engine.pieces(f"SELECT * FROM {rows} ORDER BY part", tick):
            for part, u in self.columns.by_part(piece):
                before = [found[part]] if part in found else []
                found[part] = stacked([*before, u[:, self.kept] / units])
        return found


def sharpened(
    parts: dict[int, Moments], prepared: Prepared, rows: Rows, tick: Tick
) -> dict[int, Moments]:
    """Return the sums over training rows with roots, where the total needs one.

    Where no sums of columns without a level of each category tell enough, the rows
    are read once more.
    """
    whole = total(parts.values())
    if not whole.is_blunt:
        return parts
    free, T = spanned(relations(prepared, whole.shift))
    if not whole.restrict(free[1:-1] - 1).is_blunt:
        found = {}
        for part, own in parts.items():
            tick()
            found[part] = rooted(own, free, T)
        return found
    triangles = rows.triangles(tick)
    return {part: replace(own, root=triangles[part]) for part, own in parts.items()}


def relations(prepared: Prepared, shift: Array) -> Array:
    """What adds up to 0 in every row, (relations, 2 + p), of u = [1, x − s, y − s′].

    Parameters
    ----------
    shift : (p + 1,), the s and s′
    """
    found, first = [], 0
    for encoding in prepared.encodings:
        columns = np.arange(first, first + len(encoding.names))
        first += len(columns)
        places = prepared.place[columns]
        # Of two levels only one has a column.
        full = encoding.kind == "category" and len(columns) > 1
        if full and (places >= 0).all():
            row = np.zeros(1 + len(shift))
            sign = np.where(prepared.copies.mirrored[columns], -1.0, 1.0)
            np.add.at(row, 1 + places, sign * prepared.scale.deviation[columns])
            row[0] = row[1:] @ shift
            found.append(row)
    return np.array(found).reshape(-1, 1 + len(shift))


def spanned(relations: Array) -> tuple[Integers, Array]:
    """Return free columns and T (free, all) with u = u[free]·T in every row.

    Each relation gives one column up, that which weighs most in it.
    """
    R, pivots = relations.copy(), {}
    for i in range(len(R)):
        inside = np.abs(R[i, 1:-1])
        if inside.max(initial=0.0) > NOTHING:
            pivots[i] = pivot = 1 + int(inside.argmax())
            R[i] /= R[i, pivot]
            others = np.arange(len(R)) != i
            R[others] -= R[others, pivot, np.newaxis] * R[i]
    T = np.eye(R.shape[1])
    for i, pivot in pivots.items():
        T[:, pivot] = -R[i]
    free = np.setdiff1d(np.arange(R.shape[1]), [*pivots.values()])
    return free, T[free]


def rooted(part: Moments, free: Integers, T: Array) -> Moments:
    """Return sums with a root, from those of the free columns; see `spanned`."""
    S = part.S[np.ix_(free, free)]
    try:
        root = np.linalg.cholesky(S).T
    except np.linalg.LinAlgError:
        # Fewer rows than columns: what has no row needs none in the root.
        # In like units: beside 1e11 of one column all others would be rounding.
        units = np.sqrt(np.where(np.diagonal(S) > 0.0, np.diagonal(S), 1.0))
        values, vectors = np.linalg.eigh(S / units / units[:, np.newaxis])
        seen = values > ROUNDING * values.max(initial=0.0)
        root = np.sqrt(values[seen])[:, np.newaxis] * vectors[:, seen].T * units
    return replace(part, root=root @ T)

"""Sums over the rows of every part: {part: Moments}.

Rows of an engine within this process, and wide ones of any, come in pieces, as numbers,
and are multiplied here: that takes a tenth of what so many aggregates take. Else the
engine aggregates. There a category is not multiplied out: its levels are grouped by,
and what stands for them is multiplied with the sums of each. Numbers are less a typical
one before they are squared, for a column of 1e9 plus a little would lose the little.

References
----------
Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, combinations_with_replacement

import numpy as np
import pyarrow as pa

from regcore.design.scale import Scale
from regcore.model.blocks import Tick
from regcore.model.losses import Array, Integers
from regcore.model.moments import Moments
from regcore.sources.encoded import some_of
from regcore.sources.engine import Engine, real, whole
from regcore.sources.fitting import Fitted, Term

A_QUERY = 800
"""Sums of one query: PostgreSQL takes 1,664."""


@dataclass(frozen=True)
class Category:
    """A category among the columns of the design.

    Attributes
    ----------
    code : of a row, in SQL
    columns : its places in u = [1, x − s, y − s′]
    lines : (codes, columns), what each code stands for
    """

    code: str
    columns: slice
    lines: Array


@dataclass(frozen=True)
class Columns:
    """The columns of the design in SQL.

    Attributes
    ----------
    terms : the numbers, the target last: one, or one a class
    places : their places in u
    categories : all others
    outputs : terms of the target
    """

    terms: tuple[Term, ...]
    places: Integers
    categories: tuple[Category, ...]
    outputs: int = 1

    @classmethod
    def of(cls, fitted: Sequence[Fitted], targets: Sequence[Term]) -> "Columns":
        """Place what features came to side by side."""
        terms: list[Term] = []
        places: list[int] = []
        categories, at = [], 1
        for one in fitted:
            if one.levels is not None:
                end = at + one.levels.lines.shape[1]
                where = slice(at, end)
                categories.append(Category(one.levels.code, where, one.levels.lines))
            else:
                end = at + len(one.terms)
                terms += one.terms
                places += range(at, end)
            at = end
        k = len(targets)
        every = np.array([*places, *range(at, at + k)])
        return cls((*terms, *targets), every, tuple(categories), k)

    @property
    def width(self) -> int:
        """Numbers in u."""
        return int(self.places[-1]) + 1

    @property
    def shift(self) -> Array:
        """What is taken off each column, (width − 1,)."""
        shift = np.zeros(self.width)
        shift[self.places] = [term.typical for term in self.terms]
        return shift[1:]

    def rows(self, name: str, *, shifted: bool = True) -> str:
        """What stands after FROM: the shifted numbers u0 … and the codes c0 …."""
        numbers = [
            f"COALESCE({term.value} - {real(term.typical)}, {real(0)}) AS u{i}"
            if shifted
            else f"COALESCE({term.value}, {real(term.typical)}) AS u{i}"
            for i, term in enumerate(self.terms)
        ]
        codes = [f"{c.code} AS c{i}" for i, c in enumerate(self.categories)]
        selected = ", ".join(["part", *numbers, *codes])
        return f"(SELECT {selected} FROM {name} WHERE part IS NOT NULL) AS u"

    def written(
        self, rows: pa.RecordBatch, order: Integers | slice = slice(None)
    ) -> Array:
        """Return the u of some rows of `rows`; a column of it lies in one piece."""
        parts = _numbers(rows, "part")[order]
        u = np.empty((self.width, len(parts))).T
        u[:, 0] = 1.0
        for i, place in enumerate(self.places):
            u[:, place] = _numbers(rows, f"u{i}")[order]
        for i, category in enumerate(self.categories):
            codes = _numbers(rows, f"c{i}")[order]
            u[:, category.columns] = category.lines.T[:, codes].T
        return u

    def by_part(self, rows: pa.RecordBatch) -> Iterator[tuple[int, Array]]:
        """Yield each part that is among rows of `rows`, and its u."""
        parts = _numbers(rows, "part")
        order = np.argsort(parts, kind="stable")
        own, first = np.unique(parts[order], return_index=True)
        u = np.split(self.written(rows, order), first[1:])
        yield from zip(own.tolist(), u, strict=True)

    def standardised(self, column: int, scale: Scale) -> str:
        """A column of the design in SQL, of a row of `rows`."""
        mean, unit = float(scale.mean[column]), real(float(scale.deviation[column]))
        at = np.flatnonzero(self.places == column + 1).tolist()
        if at:
            return f"((u{at[0]} - {real(mean - self.terms[at[0]].typical)}) / {unit})"
        i, category = next(
            (i, c)
            for i, c in enumerate(self.categories)
            if c.columns.start <= column + 1 < c.columns.stop
        )
        values = category.lines[:, column + 1 - category.columns.start]
        cases = [f"WHEN {k} THEN {real(v - mean)}" for k, v in enumerate(values)]
        return f"(CASE c{i} {' '.join(cases)} END / {unit})"


def sums(
    engine: Engine, name: str, columns: Columns, tick: Tick
) -> tuple[dict[int, Moments], list[Integers]]:
    """Sum over every part of an encoded table.

    Returns
    -------
    the sums of each part, and how often each code of every category came
    """
    here = len(columns.terms) > engine.most_summed
    add_up = _of_rows if here else _by_engine
    found, counts = add_up(engine, name, columns, tick)
    p, shift = columns.width - 1 - columns.outputs, columns.shift
    return {part: Moments(S, p, shift) for part, S in found.items()}, counts


def _of_rows(
    engine: Engine, name: str, columns: Columns, tick: Tick
) -> tuple[dict[int, Array], list[Integers]]:
    """Sum over rows that come in pieces."""
    square = columns.width, columns.width
    found: defaultdict[int, Array] = defaultdict(lambda: np.zeros(square))
    counts = [np.zeros(len(c.lines), dtype=int) for c in columns.categories]

    def add(piece: pa.RecordBatch) -> None:
        for i, count in enumerate(counts):
            count += np.bincount(_numbers(piece, f"c{i}"), minlength=len(count))
        for part, u in columns.by_part(piece):
            tick()
            found[part] += u.T @ u

    for piece in engine.pieces(f"SELECT * FROM {columns.rows(name)}", tick):
        # Of one piece nothing is left when the next is asked for.
        add(piece)
    return found, counts


def _by_engine(
    engine: Engine, name: str, columns: Columns, tick: Tick
) -> tuple[dict[int, Array], list[Integers]]:
    """Let the engine sum up."""
    ask = partial(_ask, engine, columns.rows(name), tick)
    places, q = columns.places, len(columns.terms)
    pairs = list(combinations_with_replacement(range(q), 2))
    once = [f"SUM(u{i})" for i in range(q)]
    twice = [f"SUM(u{i} * u{j})" for i, j in pairs]
    keys, found = ask(["part"], [*once, *twice])
    parts = np.unique(keys[0])
    S = np.zeros((len(parts), columns.width, columns.width))
    first, second = places[np.array(pairs).T]
    for each, some in zip(S, found.T, strict=True):
        # Much memory is not there before it is written to, which takes its time.
        tick()
        each[0, 0], each[0, places] = some[0], some[1 : q + 1]
        each[first, second] = some[q + 1 :]
    counts, tables = [], []
    for i, category in enumerate(columns.categories):
        keys, found = ask(["part", f"c{i}"], once)
        table = _dense(parts, len(category.lines), keys, found)
        counts.append(table[0].sum(axis=0).astype(int))
        tables.append(table)
    for category, table in zip(columns.categories, tables, strict=True):
        tick()
        own, L = category.columns, category.lines
        S[:, 0, own] = table[0] @ L
        S[:, own, own] = np.triu(L.T @ (table[0][:, :, np.newaxis] * L))
        S[:, places, own] = np.moveaxis(table[1:], 0, 1) @ L
    lines = [category.lines for category in columns.categories]
    for i, j in combinations(range(len(lines)), 2):
        keys, found = ask(["part", f"c{i}", f"c{j}"], [])
        at = np.searchsorted(parts, keys[0])
        N = np.zeros((len(parts), len(lines[i]), len(lines[j])))
        N[at, keys[1], keys[2]] = found[0]
        one, other = columns.categories[i].columns, columns.categories[j].columns
        S[:, one, other] = lines[i].T @ N @ lines[j]
    return _on_both_sides(parts, S, tick), counts


def _ask(
    engine: Engine, rows: str, tick: Tick, keys: Sequence[str], sums: Sequence[str]
) -> tuple[list[Integers], Array]:
    """Group the rows: the keys of each group, its rows, and its sums.

    Returns
    -------
    the keys (groups,), and the rows and sums (1 + sums, groups)
    """
    by = ", ".join(keys)
    found: list[Array] = []
    groups: list[Integers] = []
    for some in some_of(["COUNT(*)", *sums], A_QUERY):
        named = ", ".join(f"{text} AS a{i}" for i, text in enumerate(some))
        query = f"SELECT {by}, {named} FROM {rows} GROUP BY {by} ORDER BY {by}"
        columns = engine.ask(query, tick).columns
        groups = [whole(column) for column in columns[: len(keys)]]
        found += [column.to_numpy().astype(float) for column in columns[len(keys) :]]
    return groups, np.array(found)


def _dense(
    parts: Integers, codes: int, keys: Sequence[Integers], found: Array
) -> Array:
    """Lay sums out by part and code, (1 + sums, parts, codes); 0 without rows."""
    table = np.zeros((len(found), len(parts), codes))
    table[:, np.searchsorted(parts, keys[0]), keys[1]] = found
    return table


def _on_both_sides(parts: Integers, S: Array, tick: Tick) -> dict[int, Array]:
    """Return the sums of each part, of which every product stands on one side."""
    found = {}
    for part, own in zip(parts.tolist(), S, strict=True):
        tick()
        own += np.triu(own.T, 1) + np.tril(own.T, -1)
        found[part] = own
    return found


def _numbers(rows: pa.RecordBatch, column: str) -> Array | Integers:
    numbers: Array | Integers = rows.column(column).to_numpy(zero_copy_only=False)
    return numbers

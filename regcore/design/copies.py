"""Columns of the design that are copies or mirrors of each other: one feature.

Two levels of two categories may stand in the same rows («no internet service» in each
of seven columns), and a number may be there in two units. Of such columns any weight
could be moved from one to the other at no cost, so that L1 would choose by chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regcore.design.encoded import EncodedRows
from regcore.design.scale import Scale
from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array
from regcore.words import counted

SAMPLE = 2 * BLOCK
"""Rows that are looked at first: what differs there is no copy."""

EPS = float(np.finfo(float).eps)

CLOSEST = 1e-9
"""Most that the hashes of copies differ, as a share of the column's largest number."""

APART = 1e-6
"""Standard deviations by which a row must differ to count."""


@dataclass(frozen=True)
class Copies:
    """Which columns of the design are the same but for their sign.

    Attributes
    ----------
    first : (columns,), the first column that each is a copy of; most often itself
    mirrored : (columns,), whether it is that column with the other sign
    """

    first: np.ndarray
    mirrored: np.ndarray

    @property
    def is_first(self) -> np.ndarray:
        """Whether each column is the copy of none before it, (columns,)."""
        itself: np.ndarray = self.first == np.arange(len(self.first))
        return itself

    @cached_property
    def of(self) -> dict[int, list[int]]:
        """The copies of each column that has any, in the order of the columns."""
        sets: dict[int, list[int]] = {}
        for column in np.flatnonzero(~self.is_first):
            sets.setdefault(int(self.first[column]), []).append(int(column))
        return dict(sorted(sets.items()))

    def sets_of(self, columns: Sequence[int]) -> np.ndarray:
        """Which columns are these or copies of these, as a mask."""
        found: np.ndarray = np.isin(self.first, self.first[np.array(columns, int)])
        return found

    def name(self, column: int, name: str) -> str:
        """Name a column together with its copies: «a, and 6 copies, 1 mirror»."""
        copies = self.of.get(column)
        if copies is None:
            return name
        mirrors = int(self.mirrored[copies].sum())
        same = len(copies) - mirrors
        parts = [f"{same} cop{'y' if same == 1 else 'ies'}"] if same else []
        parts += [counted(mirrors, "mirror")] if mirrors else []
        return f"{name}, and {', '.join(parts)}"

    def apart(self, rows: EncodedRows) -> dict[int, int]:
        """In how many rows the copies of each column that has any differ from it.

        Parameters
        ----------
        rows : with all columns, scaled as in training
        """
        used, place = _involved([[f, *copies] for f, copies in self.of.items()], rows)
        found = dict.fromkeys(self.of, 0)
        for V in _blocks(used, no_tick):
            for first, copies in self.of.items():
                own = V[:, [place[first]]]
                sign = np.where(self.mirrored[copies], -1.0, 1.0)
                off = np.abs(V[:, place[copies]] - sign * own)
                found[first] += int((off > APART * (1 + np.abs(own))).any(axis=1).sum())
        return found


def find_copies(rows: EncodedRows, tick: Tick = no_tick) -> Copies:
    """Find columns that are equal, or mirrors of each other, but for rounding.

    Columns v and w are copies if v − w, or v + w, moves by no more over the rows than
    16 ε·max|v| + 2 ε·|mean/deviation| of both: by the last digits of the cells. They
    are hashed by their mean product with random numbers, first on a few rows, and only
    what has the same hash is compared.

    Parameters
    ----------
    rows : the training rows, with all columns, standardised or only centred
    """
    width = rows.shape[1]
    first, mirrored = np.arange(width), np.zeros(width, dtype=bool)
    step = max(1, len(rows) // SAMPLE)
    sample = EncodedRows(rows.parts, rows.rows[::step])
    left = _alike(sample, np.arange(width), tick)[0]
    groups: list[list[int]] = []
    if len(left):
        _, groups, hashes = _alike(rows, left, tick)
    while groups:
        pairs = [(group[0], other) for group in groups for other in group[1:]]
        one, other = np.array(pairs).T
        mirror = hashes[one] * hashes[other] < 0
        same = _equal(rows, one, other, mirror, tick)
        first[other[same]] = one[same]
        mirrored[other[same]] = mirror[same]
        # What is no copy of the first of its group may be one of another.
        rest = [[c for c in group[1:] if first[c] == c] for group in groups]
        groups = [group for group in rest if len(group) > 1]
    return Copies(first, mirrored)


def _alike(
    rows: EncodedRows, columns: np.ndarray, tick: Tick
) -> tuple[np.ndarray, list[list[int]], Array]:
    """Columns that share their hash with another, in groups, and all hashes.

    A mirror has the same hash with the other sign. The random numbers have the mean 0
    in each block, so that a mean that is rounded moves no hash.
    """
    used, place = _involved([columns.tolist()], rows)
    rng, n = np.random.default_rng(0), len(rows)
    own, largest = np.zeros(len(columns)), np.zeros(len(columns))
    for V in _blocks(used, tick):
        chance = rng.standard_normal(len(V))
        own += (chance - chance.mean()) @ V / n
        largest = np.maximum(largest, np.abs(V).max(axis=0))
    most = rounding(rows.scale, columns, largest)
    near = 4.0 * np.minimum(most, CLOSEST * largest)
    order = np.argsort(np.abs(own), kind="stable")
    gap = np.diff(np.abs(own[order])) > near[order[1:]] + near[order[:-1]]
    groups = [
        sorted(columns[part].tolist())
        for part in np.split(order, np.flatnonzero(gap) + 1)
        if len(part) > 1
    ]
    hashes = np.zeros(len(place))
    hashes[columns] = own
    return np.array(sorted(c for group in groups for c in group), int), groups, hashes


def _equal(
    rows: EncodedRows,
    one: np.ndarray,
    other: np.ndarray,
    mirror: np.ndarray,
    tick: Tick,
) -> np.ndarray:
    """Whether the columns of each pair are the same in all rows, (pairs,)."""
    used, place = _involved([one.tolist(), other.tolist()], rows)
    sign = np.where(mirror, -1.0, 1.0)
    low, high = np.full(len(one), np.inf), np.full(len(one), -np.inf)
    largest = np.zeros(len(one))
    for V in _blocks(used, tick):
        off = V[:, place[other]] - sign * V[:, place[one]]
        low, high = np.minimum(low, off.min(axis=0)), np.maximum(high, off.max(axis=0))
        largest = np.maximum(largest, np.abs(V[:, place[one]]).max(axis=0))
    most = rounding(rows.scale, one, largest)
    most += rounding(rows.scale, other, largest)
    same: np.ndarray = high - low <= most
    return same


def rounding(scale: Scale, columns: np.ndarray, largest: Array) -> Array:
    """How far rounding can move a column's numbers, of which the largest is given."""
    scale = scale.part(columns)
    return EPS * (16.0 * largest + 2.0 * np.abs(scale.mean) / scale.deviation)


def _involved(
    groups: Sequence[Sequence[int]], rows: EncodedRows
) -> tuple[EncodedRows, np.ndarray]:
    """The rows with these columns alone, and the place of each of all columns."""
    mask = np.zeros(len(rows.scale.mean), dtype=bool)
    for group in groups:
        mask[list(group)] = True
    return rows.keep(mask), np.cumsum(mask) - 1


def _blocks(rows: EncodedRows, tick: Tick) -> Iterator[Array]:
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]
        tick()

"""Rows of the design matrix, made when they are asked for.

The matrix takes eight bytes a cell, and a category twenty columns. What it is made from
is kept instead: a number as the table holds it, a category or a date as a code, with
the few lines that codes can stand for. To make the rows anew costs about as much as to
read them from memory a few times.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from regcore.design.scale import Scale
from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array


class Encoded(Protocol):
    """All rows of one column of the table, ready to be written as columns."""

    @property
    def scale(self) -> Scale:
        """Applied to what is written."""
        ...

    def write(self, rows: np.ndarray, out: Array) -> None:
        """Write these rows into (len(rows), columns)."""
        ...

    def fit_scale(self, rows: np.ndarray, *, divide: bool) -> Scale:
        """Return the scale that standardises these rows."""
        ...

    def scaled(self, scale: Scale) -> "Encoded":
        """Return the same with another scale."""
        ...

    def single(self, rows: np.ndarray) -> Array:
        """One number a row, (len(rows),), that tells cells apart; NaN for a gap."""
        ...

    def unseen(self, rows: np.ndarray) -> int:
        """In how many of these rows the cell is a level that training never saw."""
        ...


@dataclass(frozen=True)
class EncodedNumber:
    """A column of numbers, and a mark where there is none if gaps are marked.

    Attributes
    ----------
    cells : as in the table; a Series, so that pandas copies before it lets anyone
        write to the memory they share
    fill : what stands in a gap
    """

    cells: pd.Series
    fill: float
    marked: bool
    scale: Scale

    def write(self, rows: np.ndarray, out: Array) -> None:
        """See `Encoded.write`."""
        values, gaps = self._filled(rows)
        mean, deviation = self.scale.mean, self.scale.deviation
        values -= mean[0]
        np.divide(values, deviation[0], out=out[:, 0])
        if self.marked:
            out[:, 1] = (gaps - mean[1]) / deviation[1]

    def fit_scale(self, rows: np.ndarray, *, divide: bool) -> Scale:
        """See `Encoded.fit_scale`."""
        values, gaps = self._filled(rows)
        columns = [values, gaps.astype(float)] if self.marked else [values]
        parts = [Scale.of(column[:, np.newaxis], divide=divide) for column in columns]
        return Scale.side_by_side(parts)

    def scaled(self, scale: Scale) -> "EncodedNumber":
        """See `Encoded.scaled`."""
        return replace(self, scale=scale)

    def single(self, rows: np.ndarray) -> Array:
        """See `Encoded.single`; standardised, and filled where gaps are not marked."""
        values, gaps = self._filled(rows)
        values -= self.scale.mean[0]
        values /= self.scale.deviation[0]
        if self.marked:
            values[gaps] = np.nan
        return values

    def unseen(self, rows: np.ndarray) -> int:
        """See `Encoded.unseen`: any number can be weighed."""
        return 0

    def _filled(self, rows: np.ndarray) -> tuple[Array, np.ndarray]:
        values = self._values[rows].astype(float, copy=False)
        gaps = np.isnan(values)
        if gaps.any():
            values[gaps] = self.fill
        return values, gaps

    @cached_property
    def _values(self) -> np.ndarray:
        return self.cells.to_numpy()


@dataclass(frozen=True)
class EncodedLevels:
    """A column of codes, each of which stands for one line.

    Attributes
    ----------
    codes : (n,), places in `lines`; −1 is the last
    lines : (levels, columns), before they are scaled; NaN for levels that training
        never saw, where the average of each column is written
    singles : (levels,), one number a level
    """

    codes: np.ndarray
    lines: Array
    singles: Array
    scale: Scale

    def write(self, rows: np.ndarray, out: Array) -> None:
        """See `Encoded.write`."""
        out[:] = self._scaled[self.codes[rows]]

    @cached_property
    def _scaled(self) -> Array:
        # The average is 0 once it is scaled.
        return np.nan_to_num(self.scale.apply(self.lines.copy()), copy=False)

    def fit_scale(self, rows: np.ndarray, *, divide: bool) -> Scale:
        """See `Encoded.fit_scale`: from how often each level comes."""
        last = len(self.lines) - 1
        codes = self.codes[rows]
        known = codes[codes >= 0]
        counts = np.bincount(known, minlength=last + 1)
        counts[last] += len(codes) - len(known)
        lines = self.lines[counts > 0]
        share = counts[counts > 0] / len(codes)
        mean, deviation = share @ lines, np.ones(lines.shape[1])
        if divide:
            deviation = np.sqrt(share @ (lines - mean) ** 2)
        return Scale(mean, deviation)

    def scaled(self, scale: Scale) -> "EncodedLevels":
        """See `Encoded.scaled`."""
        return replace(self, scale=scale)

    def single(self, rows: np.ndarray) -> Array:
        """See `Encoded.single`."""
        single: Array = self.singles[self.codes[rows]]
        return single

    def unseen(self, rows: np.ndarray) -> int:
        """See `Encoded.unseen`."""
        return int(np.isnan(self.lines[:, 0])[self.codes[rows]].sum())


@dataclass(frozen=True)
class EncodedRows:
    """Some rows of the design matrix, (n, p): a slice of them is made when asked for.

    Attributes
    ----------
    parts : the columns of the table that are used
    rows : (n,), their numbers in the table
    kept : (columns of all parts,), which of them are columns here; None for all
    """

    parts: tuple[Encoded, ...]
    rows: np.ndarray
    kept: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), sum(int(mask.sum()) for mask in self._masks)

    @cached_property
    def _masks(self) -> list[np.ndarray]:
        """Which columns of each part are columns here."""
        widths = [len(part.scale.mean) for part in self.parts]
        kept = np.ones(sum(widths), dtype=bool) if self.kept is None else self.kept
        return np.split(kept, np.cumsum(widths)[:-1])

    @property
    def scale(self) -> Scale:
        """The scale of all columns of the parts."""
        return Scale.side_by_side([part.scale for part in self.parts])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice | np.ndarray) -> Array:
        return replace(self, rows=self.rows[rows]).matrix()

    def and_then(self, others: "EncodedRows") -> "EncodedRows":
        """Return these rows and then others of the same table."""
        return replace(self, rows=np.concatenate([self.rows, others.rows]))

    def keep(self, kept: np.ndarray) -> "EncodedRows":
        """Return the same rows with some of the parts' columns, given as a mask."""
        return replace(self, kept=kept)

    def matrix(self, tick: Tick = no_tick) -> Array:
        """Return all rows, each contiguous in memory."""
        X = np.empty(self.shape)
        for first in range(0, len(X), BLOCK):
            rows = self.rows[first : first + BLOCK]
            block, left = X[first : first + BLOCK], 0
            for part, kept in zip(self.parts, self._masks, strict=True):
                right = left + int(kept.sum())
                _write(part, kept, rows, block[:, left:right])
                left = right
            tick()
        return X

    def fit_scale(self, *, divide: bool, tick: Tick = no_tick) -> Scale:
        """Return the scale that standardises all columns of the parts."""
        scales = []
        for part in self.parts:
            scales.append(part.fit_scale(self.rows, divide=divide))
            tick()
        return Scale.side_by_side(scales)

    def scaled(self, scale: Scale) -> "EncodedRows":
        """Return the same rows with another scale, of all columns of the parts."""
        parts, left = [], 0
        for part in self.parts:
            right = left + len(part.scale.mean)
            parts.append(part.scaled(scale.part(slice(left, right))))
            left = right
        return replace(self, parts=tuple(parts))

    def singles(self) -> Iterator[Array]:
        """Yield each column of the table as one number a row, gaps as NaN."""
        for part in self.parts:
            yield part.single(self.rows)

    def unseen(self) -> Iterator[int]:
        """Yield in how many rows each column of the table is a level never seen."""
        for part in self.parts:
            yield part.unseen(self.rows)


def _write(part: Encoded, kept: np.ndarray, rows: np.ndarray, out: Array) -> None:
    """Write the columns of a part that are kept."""
    if kept.all():
        part.write(rows, out)
    elif kept.any():
        whole = np.empty((len(rows), len(kept)))
        part.write(rows, whole)
        out[:] = whole[:, kept]


def small_codes(codes: np.ndarray, levels: int) -> np.ndarray:
    """Codes −1 … levels − 1 in as few bytes as they need."""
    return codes.astype(np.min_scalar_type(-max(levels, 1)))

"""The rows behind sums, in directions in which they hardly differ."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array, Integers
from regcore.model.readable import Readable
from regcore.model.triangle import stacked, whitened

FINE = 1e-5
"""Share from which a triangle is as good as the rows: the smallest singular value as
one of the largest, times what is left of the target as one of the target. A triangle is
that of rows that differ in their last digits, and the loss then differs in as many more
as this share has places."""

KNOWN = 1e-8
"""Share below which a triangle without the rows tells no loss to 1e-8."""

DIGITS = 53
"""Binary digits of a float64."""


Pieces = Callable[[Integers | None, Tick], Iterator[tuple[Array, Array]]]
"""Which rows, None for all → blocks of them, X (rows, P) and Y (rows, k). Whoever has
the rows says by what numbers they go: their places, or the buckets that they are in."""


@dataclass(frozen=True)
class Given:
    """Rows as they were given, and what makes of them the columns that sums are over.

    Attributes
    ----------
    pieces : the rows
    A : (P + 1, p); the columns are [x 1]·A
    y_mean, y_deviation : (k,); the target is (y − mean)/deviation
    some : which of the rows, where it is not all
    """

    pieces: Pieces
    A: Array
    y_mean: Array
    y_deviation: Array
    some: Integers | None = None

    @classmethod
    def of(cls, X: Readable, Y: Array) -> "Given":
        """Rows in memory, whose columns are those of the sums; they go by place."""

        def pieces(some: Integers | None, tick: Tick) -> Iterator[tuple[Array, Array]]:
            for first in range(0, len(Y if some is None else some), BLOCK):
                block: slice | Integers = slice(first, first + BLOCK)
                block = block if some is None else some[block]
                yield X[block], Y[block]
                tick()

        return cls.by(pieces, X.shape[1], Y.shape[1])

    @classmethod
    def by(cls, pieces: Pieces, p: int, k: int) -> "Given":
        """Rows that come in pieces of so many columns and outputs."""
        return cls(pieces, np.eye(p + 1, p), np.zeros(k), np.ones(k))

    def restrict(self, columns: Integers) -> "Given":
        """Keep these columns alone."""
        return replace(self, A=self.A[:, columns])

    def scaled(self, mean: Array, deviation: Array) -> "Given":
        """Columns and target less a mean and over a deviation, (p + k,) each."""
        p = self.A.shape[1]
        A = self.A.copy()
        A[-1] -= mean[:p]
        return replace(
            self,
            A=A / deviation[:p],
            y_mean=self.y_mean + mean[p:] * self.y_deviation,
            y_deviation=self.y_deviation * deviation[p:],
        )

    def blocks(self, T: Array, tick: Tick = no_tick) -> Iterator[tuple[Array, Array]]:
        """Blocks of rows of [x 1]·A·T and of the target, (rows, r) and (rows, k).

        The numbers in T may be as large as rounding is small: X is multiplied with A·T
        as it is in float64, and only the product is rounded. So the directions are
        exactly some of X, whatever A·T has lost. Powers of 2 bring columns of any unit
        to the size of what they add, of which the product keeps the leading digits.
        """
        B = self.A @ T
        powers = np.frexp(np.abs(B).max(axis=1, initial=0.0))[1]
        B = np.ldexp(B, -powers[:, np.newaxis])
        for X, Y in self.pieces(self.some, tick):
            rows = np.hstack([X, np.ones((len(X), 1))])
            Z = product(np.ldexp(rows, powers), B)
            yield Z, (Y - self.y_mean) / self.y_deviation

    def triangle(self, T: Array, tick: Tick = no_tick) -> Array:
        """R of the rows [1, z, y], z in the directions of T, (rows, 1 + r + k)."""
        R: Array = np.empty((0, 1 + T.shape[1] + len(self.y_mean)))
        for Z, Y in self.blocks(T, tick):
            R = stacked([R, np.hstack([np.ones((len(Z), 1)), Z, Y])])
        return R


def whitened_root(
    root: Array,
    n: int,
    mean: Array,
    p: int,
    given: Given | None,
    tick: Tick = no_tick,
) -> tuple[Array, Array] | None:
    """Triangle of n centred rows in directions where X is orthonormal, and their T.

    From the rows themselves where the root is too blunt; None without directions, or
    where neither tells what there is.

    Parameters
    ----------
    root : see `Moments`
    mean : (p + k,), that of the columns and the target
    """
    # The first column of a root is 0 below its first row.
    Y = root[1:, 1 + p :]
    white = whitened(root[1:, 1 : 1 + p], n)
    r, share = white.T.shape[1], white.share * left_share(white.U, Y)
    if not r or (given is None and share < KNOWN):
        return None
    if given is not None and share < FINE:
        return given.scaled(mean, np.ones(len(mean))).triangle(white.T, tick), white.T
    whole = np.zeros((len(root), 1 + r + Y.shape[1]))
    whole[0, 0] = np.sqrt(n)
    whole[1:, 1:] = np.hstack([np.sqrt(n) * white.U, Y])
    return whole, white.T


def left_share(U: Array, Y: Array) -> float:
    """Length of what the directions of U leave of Y, as a share of that of Y."""
    whole = float(np.linalg.norm(Y))
    return float(np.linalg.norm(Y - U @ (U.T @ Y))) / whole if whole else 1.0


def product(A: Array, B: Array) -> Array:
    """AB as if computed with twice the digits and then rounded.

    The leading digits of A and B are parted from the rest so that sums of their
    products have no more digits than a float64, and are exact in any order.

    References
    ----------
    Ozaki, Ogita, Oishi & Rump (2012), Error-free transformations of matrix
    multiplication by using fast routines of matrix multiplication.
    """
    bits = (DIGITS - int(np.ceil(np.log2(max(A.shape[1], 2))))) // 2
    A1, A2, A3 = _parted(A.astype(float, copy=False), bits, axis=1)
    B1, B2, B3 = _parted(B, bits, axis=0)
    total, rest = A1 @ B1, A1 @ B3 + A2 @ (B2 + B3) + A3 @ B
    for part in (A1 @ B2, A2 @ B1):
        # Knuth's sum of two, with what rounding leaves of it.
        larger = total + part
        own = larger - total
        rest += (total - (larger - own)) + (part - own)
        total = larger
    exact: Array = total + rest
    return exact


def _parted(A: Array, bits: int, axis: int) -> tuple[Array, Array, Array]:
    """Leading digits along an axis, the next as many, and all others."""
    exponent = np.frexp(np.abs(A).max(axis=axis, keepdims=True, initial=0.0))[1]
    first = _leading(A, exponent, bits)
    second = _leading(A - first, exponent - bits, bits)
    return first, second, A - first - second


def _leading(A: Array, exponent: Integers, bits: int) -> Array:
    large = np.ldexp(0.75, exponent + DIGITS - bits)
    leading: Array = (A + large) - large
    return leading

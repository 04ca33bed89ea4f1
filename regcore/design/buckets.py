"""Places of keys by arithmetic alone: the same rows in NumPy and in any SQL.

A key becomes two whole numbers below 2³¹, and these a place, 0 … `P` − 1. What is
multiplied are remainders of primes below 2³¹, so that nothing passes 2⁶³ and nothing is
rounded; % is asked of positive numbers only, on which all engines agree.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, Self, TypeVar

import numpy as np

from regcore.model.losses import Array, Integers

P, Q = 2_147_483_647, 2_147_483_629
"""The two largest primes below 2³¹."""

BUCKETS = 200
"""Parts of the rows that are dealt out whole: folds, halves and splits are sums of
them."""

DIGITS = 5
"""Hexadecimal digits of a text's MD5 that make one number."""

_ZERO, _BASE, _FRACTION = ord("0"), ord("f") - ord("0") + 1, 2**31


@dataclass(frozen=True)
class Sql:
    """A whole number as SQL text that DuckDB, PostgreSQL and Spark take alike."""

    text: str

    def __add__(self, other: Self | int) -> "Sql":
        """Add a whole number."""
        return Sql(f"({self} + {other})")

    def __mul__(self, other: Self | int) -> "Sql":
        """Multiply by a whole number."""
        return Sql(f"({self} * {other})")

    def __mod__(self, other: int) -> "Sql":
        """Divide and keep the remainder, with the sign of the first."""
        return Sql(f"({self} % {other})")

    def __str__(self) -> str:
        return self.text


W = TypeVar("W", Integers, Sql)


class Key(NamedTuple, Generic[W]):
    """What a key is to its place: two numbers, 0 … 2³¹ − 1."""

    low: W
    high: W


class Roles(NamedTuple):
    """Places below `held_out` are held out, those from `locked` on are locked away."""

    held_out: int
    locked: int

    @classmethod
    def of(cls, validation_share: float, test_share: float) -> Self:
        """Return the roles that take these shares of all places."""
        return cls(round(validation_share * P), P - round(test_share * P))


def place(key: Key[W], seed: int) -> W:
    """Return the place of a key, 0 … `P` − 1; its bucket is that modulo `BUCKETS`.

    a = (48271·low + 69621·high + s) % P, b = (a² + low) % Q, c = (b² + a) % P and
    (16807·c + b) % P: the squares break the lines that products alone would leave.
    """
    low, high = key
    a = (low * 48_271 + high * 69_621 + (seed % P * 7_919 + 12_345) % P) % P
    b = (a * a + low) % Q
    c = (b * b + a) % P
    return (c * 16_807 + b) % P


def of_whole(value: W) -> Key[W]:
    """Return the key of whole numbers, by the same text whatever their sign."""
    return Key((value % P + P) % P, (value % Q + Q) % Q)


def of_numbers(values: Array | Integers) -> Key[Integers]:
    """Return the key of numbers between −2⁶³ and 2⁶³: 3 has that of 3.0."""
    if values.dtype.kind in "iu":
        return of_whole(values.astype(np.int64))
    values = values.astype(float)
    floor = np.floor(values)
    low, high = of_whole(floor.astype(np.int64))
    fraction = np.floor((values - floor) * _FRACTION).astype(np.int64)
    return Key(low, (high + fraction) % Q)


def of_texts(values: Iterable[str]) -> Key[Integers]:
    """Return the key of texts: digits of the MD5 of their UTF-8."""
    numbers = [
        [_number(digest[:DIGITS]), _number(digest[DIGITS : 2 * DIGITS])]
        for digest in map(_md5, values)
    ]
    low, high = np.array(numbers, dtype=np.int64).reshape(-1, 2).T
    return Key(low, high)


def sql_of_whole(column: str) -> Key[Sql]:
    """Do as `of_whole` does, for a column of whole numbers."""
    return of_whole(Sql(f"CAST({column} AS BIGINT)"))


def sql_of_number(column: str) -> Key[Sql]:
    """Do as `of_numbers` does, for a column of any numbers."""
    value = f"CAST({column} AS DOUBLE PRECISION)"
    low, high = of_whole(Sql(f"CAST(FLOOR({value}) AS BIGINT)"))
    rest = f"({value} - FLOOR({value}))"
    fraction = Sql(f"CAST(FLOOR({rest} * {float(_FRACTION)}) AS BIGINT)")
    return Key(low, (high + fraction) % Q)


def sql_of_text(column: str) -> Key[Sql]:
    """Do as `of_texts` does, for a column of texts."""
    return sql_of_digest(f"MD5({column})")


def sql_of_digest(digest: str) -> Key[Sql]:
    """Do as `sql_of_text` does, for a column of MD5 as hexadecimal text."""
    first, second = (
        " + ".join(
            f"(ASCII(SUBSTRING({digest}, {start + i}, 1)) - {_ZERO})"
            f" * {_BASE ** (DIGITS - i)}"
            for i in range(1, DIGITS + 1)
        )
        for start in (0, DIGITS)
    )
    return Key(Sql(f"CAST({first} AS BIGINT)"), Sql(f"CAST({second} AS BIGINT)"))


def _md5(text: str) -> str:
    # Half a pair of UTF-16 is no character, and yet may stand in a table.
    raw = text.encode("utf-8", "surrogatepass")
    return hashlib.md5(raw, usedforsecurity=False).hexdigest()


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = _BASE * number + ord(digit) - _ZERO
    return number

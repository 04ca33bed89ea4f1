"""A column of text by the shapes of its cells, so that few of them are looked at.

The shape of a cell is the cell with a 9 for every digit. What a number is, which unit
it has and where its digits stand depends on its shape alone; columns of millions of
numbers have a few hundred shapes.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regcore.intake.cells import MISSING_MARKS, MISSING_WORDS, shape, shapes_of
from regcore.intake.notation import FACTORS, PLAIN, Parts, take_apart
from regcore.intake.plain import LARGEST_EXACT, ZERO
from regcore.intake.texts import Bytes

NINES = bytes.maketrans(b"012345678", b"9" * 9)
MISSING = frozenset(shape(word) for word in MISSING_WORDS | MISSING_MARKS | {""})
"""Shapes of the words that mean «no value» among numbers."""


def share_of_numbers(sample: Iterable[str]) -> float:
    """Return which share of cells that say something are numbers in some notation."""
    shapes = shapes_of(sample)
    words = {kind: count for kind, count in shapes.items() if kind not in MISSING}
    good = sum(count for kind, count in words.items() if take_apart(kind) is not None)
    return good / max(1, sum(words.values()))


class Shapes:
    """The cells of a column by shape.

    Attributes
    ----------
    kinds : the different shapes, in the order in which they appear
    codes : which of them each cell has, -1 where there is no cell
    parts : those that are numbers in some notation, by position
    missing : positions of those that say that there is no value
    """

    def __init__(self, text: pa.LargeStringArray) -> None:
        self.text = text = _ascii(text)
        valid, offsets, data = text.buffers()
        nines = pa.py_buffer((data.to_pybytes() if data else b"").translate(NINES))
        shapes = pa.Array.from_buffers(
            text.type, len(text), [valid, offsets, nines], offset=text.offset
        ).dictionary_encode()
        self.kinds: list[str] = shapes.dictionary.to_pylist()
        self.codes: np.ndarray = shapes.indices.fill_null(-1).to_numpy()
        self.counts = np.bincount(self.codes + 1, minlength=len(self.kinds) + 1)[1:]
        self.missing = {at for at, kind in enumerate(self.kinds) if kind in MISSING}
        apart = {
            at: take_apart(kind)
            for at, kind in enumerate(self.kinds)
            if at not in self.missing
        }
        self.parts = {at: part for at, part in apart.items() if part is not None}
        self.present = int(sum(self.counts[at] for at in apart))

    def weight(self, places: Mapping[int, Parts]) -> int:
        """Count the cells of some shapes."""
        return int(sum(self.counts[at] for at in places))

    def rows(self, places: set[int]) -> np.ndarray:
        """Return the positions of the cells of some shapes."""
        # The code of no cell, -1, finds the last mark.
        marks = np.zeros(len(self.kinds) + 1, bool)
        marks[list(places)] = True
        return np.flatnonzero(marks[self.codes])

    @property
    def coded(self) -> int:
        """How many cells are whole numbers with a zero in front."""
        long = {
            at
            for at, kind in enumerate(self.kinds)
            if len(kind) > 1 and not kind.strip("9")
        }
        if not long:
            return 0
        first = Bytes.of(self.text).first[self.rows(long)]
        return int(np.count_nonzero(first == ZERO))

    def zero_led(self, places: Mapping[int, Parts], decimal: str) -> np.ndarray:
        """Positions of cells whose groups start with a zero: nobody groups so."""
        grouped: dict[int, set[int]] = {}
        for at, part in places.items():
            if part.has_groups(decimal):
                grouped.setdefault(part.start, set()).add(at)
        found = [np.array([], dtype=np.int64)]
        for start, alike in grouped.items():
            rows = self.rows(alike)
            texts = self.text.take(pa.array(rows))
            first = pc.utf8_slice_codeunits(texts, start, start + 1)
            zero = pc.equal(first, "0").to_numpy(zero_copy_only=False)
            found.append(rows[zero.astype(bool)])
        return np.concatenate(found)

    def values(
        self,
        numbers: Mapping[int, Parts],
        decimal: str,
        *,
        exact: bool = True,
        scaled: bool | None = None,
    ) -> np.ndarray | None:
        """Return the cells of some shapes as numbers, NaN for all others.

        They are int64 if all shapes are whole and no cell is left out. There are none
        if whole numbers that must be exact have more digits than can be kept. Without
        a word on it letters such as K and M are multiplied out where they tell numbers
        apart.
        """
        whole = exact and all(part.whole for part in numbers.values())
        values = np.full(len(self.codes), 0 if whole else np.nan)
        values = values.astype(np.int64) if whole else values
        scaled = has_factors(numbers.values()) if scaled is None else scaled
        for (start, stop, sign, marks), places in self._alike(numbers, scaled).items():
            rows = self.rows(places)
            texts = self.text.take(pa.array(rows))
            texts = pc.utf8_slice_codeunits(texts, start, stop or None)
            for mark in marks:
                new = "." if mark == decimal else ""
                texts = pc.replace_substring(texts, mark, new)
            try:
                found = pc.cast(texts, pa.int64() if whole else pa.float64())
            except pa.ArrowInvalid:
                return None
            values[rows] = found.to_numpy() * values.dtype.type(sign)
        if not whole:
            values[self.zero_led(numbers, decimal)] = np.nan
        if not whole or self.weight(numbers) == len(values):
            return values
        if np.abs(values).max() > LARGEST_EXACT:
            return None
        known = np.zeros(len(values), bool)
        known[self.rows(set(numbers))] = True
        return np.where(known, values, np.nan)

    def _alike(
        self, numbers: Mapping[int, Parts], scaled: bool
    ) -> dict[tuple[int, int, float, str], set[int]]:
        """Shapes whose digits stand at the same place and hold the same marks.

        The key is where they start, where they stop (from the end), what the number
        is multiplied by, and its marks but for those that decimals need anyway.
        """
        found: dict[tuple[int, int, float, str], set[int]] = {}
        for at, part in numbers.items():
            kind = self.kinds[at]
            marks = {*kind[part.start : part.stop]} & {*" '.,"}
            # Points between groups go before a decimal comma becomes a point.
            ordered = "".join(sorted(marks, key=".,".find))
            sign = -1.0 if part.negative else 1.0
            sign *= FACTORS.get(part.factor, 1.0) if scaled else 1.0
            key = part.start, part.stop - len(kind), sign, ordered
            found.setdefault(key, set()).add(at)
        return found


def has_factors(parts: Iterable[Parts]) -> bool:
    """Whether letters such as K and M tell numbers apart."""
    return len({FACTORS.get(part.factor, 1.0) for part in parts}) > 1


def _ascii(text: pa.LargeStringArray) -> pa.LargeStringArray:
    """Digits and marks of other alphabets as those of ASCII."""
    data = Bytes.of(text).data.tobytes()
    if data.isascii():
        return text
    for char in sorted({*data.decode()}):
        plain = PLAIN[ord(char)]
        if plain != char:
            text = pc.replace_substring(text, char, plain)
    return text

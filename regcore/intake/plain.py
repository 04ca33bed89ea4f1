"""Columns of numbers as every program writes them, which need no closer look."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regcore.intake.texts import PROBE, Bytes, Text

LARGEST_EXACT = 2**53
"""Whole numbers above this lose digits when a missing cell makes them decimal."""
ZERO, NINE = b"09"
PROBE_BYTES = 1 << 10
FEW = 50


class Plain:
    """Numbers of a column, part by part, while all are written as programs do.

    Parameters
    ----------
    most : how many are expected at most
    decimal : the sign

    Attributes
    ----------
    commas : whether a number has a comma for its decimal sign
    """

    def __init__(self, most: int, decimal: str) -> None:
        self._found: np.ndarray = np.empty(most, dtype=np.int64)
        self._size = 0
        self.decimal = decimal
        self.commas = False

    @property
    def values(self) -> np.ndarray:
        """The numbers, int64 or float64."""
        return self._found[: self._size]

    def add(self, text: pa.StringArray | pa.LargeStringArray) -> bool:
        """Take a part, and return whether none of its cells needs a closer look."""
        empty = text.null_count == len(text)
        values = np.full(len(text), np.nan) if empty else self._numbers(text)
        if values is None:
            return False
        start, self._size = self._size, self._size + len(text)
        found, kind = self._found, values.dtype
        if kind != found.dtype:
            # Whole numbers beside others must not lose digits.
            whole = found[:start] if kind == np.float64 else values
            if np.abs(whole).max(initial=0) > LARGEST_EXACT:
                return False
            kind = np.dtype(np.float64)
        if kind != found.dtype or self._size > len(found):
            more = 2 * self._size if self._size > len(found) else len(found)
            self._found = np.empty(more, kind)
            self._found[:start] = found[:start]
        self._found[start : self._size] = values
        return True

    def keep(self, rows: np.ndarray) -> None:
        """Keep the rows of a mask."""
        self._found = self.values[rows]
        self._size = len(self._found)

    def _numbers(self, text: pa.StringArray | pa.LargeStringArray) -> np.ndarray | None:
        held = Bytes.of(text)
        if _has_codes(held):
            return None
        if self.decimal == ",":
            if bool((held.data == ord(".")).any()):
                return None
            if bool((held.data == ord(",")).any()):
                self.commas, text = True, _with_points(text)
        # The first bytes tell of nearly all columns that they are not whole.
        whole = _is_whole(held.data[:PROBE_BYTES]) and _is_whole(held.data)
        values = _cast(text, whole=whole)
        if values is None or values.dtype == np.int64:
            return values
        # Comparisons with NaN are false, so this also tells infinite values.
        sound = int(np.count_nonzero(np.abs(values) <= LARGEST_EXACT))
        return values if sound + text.null_count == len(text) else None


def plain_column(text: pa.ChunkedArray, decimal: str) -> Plain | None:
    """Numbers of a column, or None if any of its cells needs a closer look."""
    if not may_be_plain(text, decimal):
        return None
    plain = Plain(len(text), decimal)
    return plain if all(map(plain.add, text.chunks)) else None


def may_be_plain(text: Text, decimal: str) -> bool:
    """Whether the first cells are numbers as programs write them.

    A cast that fails at every cell takes long.
    """
    first = text.slice(0, PROBE).drop_null().slice(0, FEW)
    cells = pa.array(first.to_pylist(), pa.string())
    plain = _cast(cells if decimal == "." else _with_points(cells), whole=False)
    return plain is not None and text.null_count < len(text)


def _cast(text: pa.LargeStringArray, *, whole: bool) -> np.ndarray | None:
    try:
        numbers = pc.cast(text, pa.int64() if whole else pa.float64())
    except pa.ArrowInvalid:
        return None
    values: np.ndarray = numbers.to_numpy(zero_copy_only=False)
    return values


def _with_points(text: pa.LargeStringArray) -> pa.LargeStringArray:
    """Return the cells with points for commas."""
    valid, offsets, data = text.buffers()
    if data is None:
        return text
    raw = np.frombuffer(data, np.uint8)
    points = (raw == ord(",")).view(np.uint8)
    # As a byte a point is two more than a comma.
    points <<= 1
    points += raw
    return pa.Array.from_buffers(
        text.type, len(text), [valid, offsets, pa.py_buffer(points)], offset=text.offset
    )


def _has_codes(held: Bytes) -> bool:
    """Whether a cell starts with a zero before another digit, or with a plus.

    Those may be codes and phone numbers.
    """
    if held.data.size == 0:
        return False
    starts = held.bounds[:-1].astype(np.intp)
    first = held.data.take(starts, mode="clip")
    starts += 1
    # What follows the last byte does not matter: an empty cell is no code.
    second = held.data.take(starts, mode="clip")
    zero = first == ZERO
    odd = (zero & (second >= ZERO) & (second <= NINE)) | (first == ord("+"))
    return bool(odd.any()) and bool((odd & (held.sizes > zero)).any())


def _is_whole(data: np.ndarray) -> bool:
    # What lies below the zero comes out above the nine.
    odd = np.count_nonzero(data - np.uint8(ZERO) > NINE - ZERO)
    return not odd or bool(odd == np.count_nonzero(data == ord("-")))

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


def plain_column(text: pa.ChunkedArray, decimal: str) -> np.ndarray | None:
    """Numbers of a column that holds nothing but numbers as programs write them.

    Returns
    -------
    np.ndarray | None
        int64 or float64; None if any cell needs a closer look.
    """
    if not _may_be_plain(text, decimal):
        return None
    found: np.ndarray = np.empty(len(text), dtype=np.int64)
    at = 0
    for part in text.chunks:
        empty = part.null_count == len(part)
        values = np.full(len(part), np.nan) if empty else _plain_part(part, decimal)
        if values is None:
            return None
        if values.dtype != found.dtype:
            # Whole numbers beside others must not lose digits.
            whole = values if found.dtype == np.float64 else found[:at]
            if np.abs(whole).max(initial=0) > LARGEST_EXACT:
                return None
            # At the start there is nothing to take over.
            found = found.astype(np.float64, copy=False) if at else np.empty(len(text))
        found[at : at + len(part)] = values
        at += len(part)
    return found


def _may_be_plain(text: Text, decimal: str) -> bool:
    """Whether the first cells are numbers as programs write them.

    A cast that fails at every cell takes long.
    """
    first = text.slice(0, PROBE).drop_null().slice(0, FEW)
    cells = pa.array(first.to_pylist(), pa.string())
    plain = _cast(cells if decimal == "." else _with_points(cells), whole=False)
    return plain is not None and text.null_count < len(text)


def _plain_part(
    text: pa.StringArray | pa.LargeStringArray, decimal: str
) -> np.ndarray | None:
    held = Bytes.of(text)
    if _has_codes(held):
        return None
    if decimal == ",":
        if bool((held.data == ord(".")).any()):
            return None
        text = _with_points(text)
    # The first bytes tell of nearly all columns that they are not whole.
    whole = _is_whole(held.data[:PROBE_BYTES]) and _is_whole(held.data)
    values = _cast(text, whole=whole)
    if values is None or values.dtype == np.int64:
        return values
    # Comparisons with NaN are false, so this also tells infinite values.
    sound = int(np.count_nonzero(np.abs(values) <= LARGEST_EXACT))
    return values if sound + text.null_count == len(text) else None


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
    first = held.data.take(held.bounds[:-1], mode="clip")
    led = np.flatnonzero((first == ZERO) | (first == ord("+")))
    starts, zero = held.bounds[led], first[led] == ZERO
    # What follows the last byte does not matter: an empty cell is no code.
    second = held.data.take(starts + 1, mode="clip")
    odd = ~zero | ((second >= ZERO) & (second <= NINE))
    return bool((odd & (held.bounds[led + 1] - starts > zero)).any())


def _is_whole(data: np.ndarray) -> bool:
    digits = (data >= ZERO) & (data <= NINE)
    return bool((digits | (data == ord("-"))).all())

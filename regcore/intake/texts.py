"""Columns of text as Arrow holds them: their cells, their bytes, some of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Text: TypeAlias = pa.ChunkedArray | pa.StringArray | pa.LargeStringArray
PROBE = 500
"""Cells that are looked at before all are."""

PIECE = 1 << 20
"""Bytes that are compared at once; they stay near to the processor."""


@dataclass(frozen=True)
class Bytes:
    """The bytes of a column of text, and where each cell starts and ends in them."""

    data: np.ndarray
    bounds: np.ndarray

    @classmethod
    def of(cls, text: pa.StringArray | pa.LargeStringArray) -> "Bytes":
        """Return a view of them."""
        _, offsets, data = text.buffers()
        kind = np.dtype(np.int32 if text.type == pa.string() else np.int64)
        skip = kind.itemsize * text.offset
        bounds = np.frombuffer(offsets, kind, len(text) + 1, skip)
        whole = np.frombuffer(data or b"", np.uint8)[bounds[0] : bounds[-1]]
        return cls(whole, bounds - bounds[0] if bounds[0] else bounds)

    @property
    def visible(self) -> bool:
        """Whether no byte can be one of white space; letters beyond ASCII may be."""
        if self.data.size == 0:
            return True
        return bool(self.data.min() > ord(" ") and self.data.max() <= ord("~"))

    @property
    def sizes(self) -> np.ndarray:
        """Bytes of each cell."""
        return np.diff(self.bounds)

    @property
    def first(self) -> np.ndarray:
        """The first byte of each cell, 0 where there is none."""
        if self.data.size == 0:
            return np.zeros(len(self.bounds) - 1, np.uint8)
        # Empty cells at the end start behind the last byte.
        at = np.minimum(self.bounds[:-1], self.data.size - 1)
        return np.where(self.sizes > 0, self.data[at], 0)


def count_byte(data: bytes | memoryview, byte: int) -> int:
    """Count a byte: where it comes often, far faster than `bytes.count`."""
    raw = np.frombuffer(data, np.uint8)
    pieces = (raw[at : at + PIECE] for at in range(0, len(raw), PIECE))
    return sum(int(np.count_nonzero(piece == byte)) for piece in pieces)


def pool() -> pa.MemoryPool:
    """Return memory that is cleared no sooner and held no longer than it is used.

    Arrow's first choice clears far more, and that of the system comes to pieces.
    """
    known = "jemalloc" in pa.supported_memory_backends()
    return pa.jemalloc_memory_pool() if known else pa.default_memory_pool()


def combined(text: pa.ChunkedArray) -> pa.LargeStringArray:
    """Return a column of text that was cut in one piece."""
    whole = text.combine_chunks(memory_pool=pool())
    return pc.cast(whole, pa.large_string(), memory_pool=pool())


def as_arrow(cells: pd.Series) -> pa.LargeStringArray:
    """Return a column of text in one piece, without a copy where it is in one."""
    text = pa.array(cells, type=pa.large_string(), from_pandas=True)
    if isinstance(text, pa.ChunkedArray):
        return text.chunk(0) if text.num_chunks == 1 else text.combine_chunks()
    return text


def arrow_text(cells: pd.Series) -> pa.LargeStringArray:
    """Return a column of text without white space around its cells."""
    return stripped(as_arrow(cells))


def stripped(text: pa.LargeStringArray) -> pa.LargeStringArray:
    """Return the cells without white space around them."""
    return text if Bytes.of(text).visible else pc.utf8_trim_whitespace(text)


def probe(text: Text, size: int) -> list[str]:
    """Return stripped cells from all over a column, without the missing ones."""
    found = _every(text, max(1, len(text) // size))
    if len(text) > len(found) and sum(cell is not None for cell in found) < 20:
        present = text.drop_null()
        found = _every(present, max(1, len(present) // size))
    cells = (cell.strip() for cell in found if cell is not None)
    return [cell for cell in cells if cell]


def spread(text: pa.StringArray, size: int) -> list[str]:
    """Return so many cells from all over a column, or some more, none missing."""
    present = text.drop_null() if text.null_count else text
    step = max(1, len(present) // size)
    found: list[str] = present.take(
        pa.array(np.arange(0, len(present), step))
    ).to_pylist()
    return found


def _every(text: Text, step: int) -> list[str | None]:
    return [text[at].as_py() for at in range(0, len(text), step)]


def without_words(
    text: pa.LargeStringArray, words: Collection[str]
) -> pa.LargeStringArray:
    """Return the cells, those that are one of some words missing."""
    found = pc.is_in(text, value_set=pa.array(sorted(words), text.type))
    return pc.if_else(found, pa.scalar(None, text.type), text)

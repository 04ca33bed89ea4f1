"""Text cut into columns of text part by part, by Arrow's CSV reader."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.csv

from regcore.intake.dialect import Dialect
from regcore.intake.texts import count_byte, pool

BLOCK = 1 << 21
FEW_ROWS = 1_000


@dataclass(frozen=True)
class Uncut:
    """Text in parts, each of so many rows that the time of a part does not count."""

    data: bytes | memoryview
    dialect: Dialect
    width: int
    quoted: bool

    @cached_property
    def most(self) -> int:
        """Rows that are expected at most, by the first bytes."""
        some = count_byte(self.data[:BLOCK], ord("\n")) + 1
        return some + some * len(self.data) // BLOCK

    @property
    def block(self) -> int:
        """Bytes of a part."""
        return max(BLOCK, FEW_ROWS * len(self.data) // self.most)

    @property
    def schema(self) -> pa.Schema:
        """All columns as text."""
        return pa.schema([(str(place), pa.string()) for place in range(self.width)])

    def parts(
        self, irregular: list[tuple[int, str]], places: Sequence[int] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the usual width; the others are put aside by their number.

        Of columns at some places, if there are any, else of all.
        """

        def put_aside(row: pa.csv.InvalidRow) -> str:
            irregular.append((row.number - 1, row.text))
            return "skip"

        if not len(self.data):
            return
        names = self.schema.names
        reader = pa.csv.open_csv(
            pa.BufferReader(pa.py_buffer(self.data)),
            # Only one thread knows the numbers of the rows.
            pa.csv.ReadOptions(
                use_threads=False, block_size=self.block, column_names=names
            ),
            pa.csv.ParseOptions(
                delimiter=self.dialect.separator,
                quote_char=self.dialect.quote if self.quoted else False,
                newlines_in_values=self.quoted,
                ignore_empty_lines=False,
                invalid_row_handler=put_aside,
            ),
            pa.csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                include_columns=[names[place] for place in places],
            ),
            memory_pool=pool(),
        )
        yield from reader

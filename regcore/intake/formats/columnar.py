"""Parquet and Feather: columns with types and names, which need no guess."""

import io
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regcore.intake.body import Body
from regcore.intake.cut import Cut
from regcore.intake.formats.packed import DAMAGED, refuse_bomb
from regcore.intake.limits import LONGEST_CELL, MOST_BYTES, refuse_shape
from regcore.intake.plan import Reading
from regcore.intake.refusals import IntakeError
from regcore.intake.watch import CUT, room_for_columns, told
from regcore.words import listed, named

MOST_TEXT = 5 * MOST_BYTES
"""Bytes of the cells, which stand closer in such a file than in one of text."""
_UTC = "Times with a time zone were read as UTC"
_INDEX = re.compile(r"__index_level_\d+__")


def read_parquet(raw: bytes, reading: Reading) -> Body:
    """Header and rows of a Parquet file."""

    def table() -> pa.Table:
        file = pq.ParquetFile(io.BytesIO(raw))
        refuse_shape(len(file.schema_arrow.names), file.metadata.num_rows)
        _refuse_nested(file.schema_arrow)
        groups = map(file.metadata.row_group, range(file.num_row_groups))
        size = sum(int(group.total_byte_size) for group in groups)
        if size > MOST_TEXT:
            refuse_bomb(MOST_TEXT)
        room_for_columns(size, file.metadata.num_rows * file.metadata.num_columns)
        # What repeats itself is unpacked once: a few bytes may stand for a great many.
        texts = [f.name for f in file.schema_arrow if _is_bytes(f.type)]
        return pq.ParquetFile(io.BytesIO(raw), read_dictionary=texts).read()

    return _body("Parquet", table, reading)


def read_feather(raw: bytes, reading: Reading) -> Body:
    """Header and rows of a Feather file, which is one of Arrow."""

    def table() -> pa.Table:
        file = pa.ipc.open_file(pa.py_buffer(raw))
        width = len(file.schema.names)
        refuse_shape(width, 0)
        _refuse_nested(file.schema)
        batches, rows, size = [], 0, 0
        for at in range(file.num_record_batches):
            batches.append(file.get_batch(at))
            rows, size = rows + len(batches[-1]), size + batches[-1].nbytes
            refuse_shape(width, rows)
            if size > MOST_TEXT:
                refuse_bomb(MOST_TEXT)
            room_for_columns(size, rows * width)
        return pa.Table.from_batches(batches, file.schema)

    return _body("Feather", table, reading)


def _body(kind: str, read: Callable[[], pa.Table], reading: Reading) -> Body:
    """Columns as text, as a file of text would have them."""
    try:
        table = read()
        table.validate(full=True)
    except IntakeError:
        raise
    except (pa.ArrowException, OSError, ValueError, LookupError) as error:
        raise IntakeError(f"The {kind} file is {DAMAGED}") from error
    if not table.num_rows or not table.num_columns:
        raise IntakeError("The file has names but no rows; upload one with data.")
    if sum(map(_repeated, table.columns)) > MOST_TEXT:
        refuse_bomb(MOST_TEXT)
    names = list(table.schema.names)
    columns = []
    for at, pair in enumerate(zip(table.columns, names, strict=True)):
        told(CUT * at / len(names))
        columns.append(Cut(_column(*pair).chunks))
    numbers = {at for at, f in enumerate(table.schema) if _is_number(f.type)}
    used = replace(reading, encoding=None, delimiter=None, sheet=None)
    return Body(
        columns,
        np.arange(1, table.num_rows + 1),
        # The index of a data frame has no name of its own.
        [_INDEX.sub("", name) for name in names],
        replace(used, header_row=None, header_rows=None, first_row=None, last_row=None),
        _notes(table.schema),
        repairs=[],
        place="row",
        exact=frozenset(numbers),
    )


def _refuse_nested(schema: pa.Schema) -> None:
    for field in schema:
        if pa.types.is_nested(field.type):
            raise IntakeError(
                f"Column {named(field.name)} holds several values in a cell "
                f"({named(field.type)}); leave it out or spread it over columns."
            )


def _notes(schema: pa.Schema) -> list[str]:
    kinds = (
        (pa.types.is_duration, "Durations were read in seconds"),
        (_has_zone, _UTC),
    )
    found = [(said, [f.name for f in schema if is_(f.type)]) for is_, said in kinds]
    return [
        f"{said}: {listed([*map(named, names)])}." for said, names in found if names
    ]


def _has_zone(kind: pa.DataType) -> bool:
    return pa.types.is_timestamp(kind) and kind.tz is not None


def _repeated(column: pa.ChunkedArray) -> int:
    """Count the bytes of texts that are held once, as often as they come."""
    kind = column.type
    if not pa.types.is_dictionary(kind) or not _is_bytes(kind.value_type):
        return 0
    lengths = (pc.binary_length(p.dictionary).take(p.indices) for p in column.chunks)
    return sum(pc.sum(part.cast(pa.int64())).as_py() or 0 for part in lengths)


def _column(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    try:
        text = _text(column)
    except pa.ArrowException as error:
        raise IntakeError(
            f"The values of column {named(name)} ({named(column.type)}) cannot be "
            "written as text; leave it out or save it as another type."
        ) from error
    if (pc.max(pc.binary_length(text)).as_py() or 0) > LONGEST_CELL:
        raise IntakeError(
            f"Column {named(name)} has a cell of more than {LONGEST_CELL:,} bytes, "
            "which is the limit; leave the column out."
        )
    return text


def _is_bytes(kind: pa.DataType) -> bool:
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    others = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    return any(test(kind) for test in (*texts, *others))


def _is_number(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(test(kind) for test in (*tests, pa.types.is_duration))


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write a column as text, dates as 2024-05-31 and what is no number as missing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        # Each is written once.
        parts = [
            _text(pa.chunked_array([part.dictionary]))
            .combine_chunks()
            .take(part.indices)
            for part in column.chunks
        ]
        return pa.chunked_array(parts, pa.large_string())
    if pa.types.is_floating(kind):
        wide = column.cast(pa.float32()) if pa.types.is_float16(kind) else column
        column = pc.if_else(pc.is_nan(wide), pa.scalar(None, wide.type), wide)
    elif pa.types.is_timestamp(kind):
        column = _moments(column)
    elif pa.types.is_time(kind):
        column = column.cast(pa.time32("s"), safe=False)
    elif pa.types.is_duration(kind):
        column = column.cast(pa.duration("s"), safe=False).cast(pa.int64())
    text = column.cast(pa.large_string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return days where all are, else seconds, those of a zone in UTC."""
    seconds = column.cast(pa.timestamp("s", column.type.tz), safe=False)
    seconds = seconds.cast(pa.timestamp("s"))
    days = seconds.cast(pa.date32(), safe=False)
    whole = pc.all(pc.equal(days.cast(pa.timestamp("s")), seconds)).as_py()
    return days if whole is not False else seconds

"""Text with separators between the cells, in any encoding."""

from dataclasses import replace

from regcore.intake.body import Body, read_body
from regcore.intake.decoding import as_utf8
from regcore.intake.dialect import split_lines
from regcore.intake.limits import refuse_wide_lines
from regcore.intake.plan import Reading
from regcore.intake.watch import room_for_text

OPENING_BYTES = 1 << 16
LONGEST_SHOWN = 200


def read_text_file(raw: bytes, reading: Reading) -> Body:
    """Header and rows of a CSV file and its like."""
    refuse_wide_lines(raw, reading.delimiter)
    room_for_text(raw)
    data, encoding, notes = as_utf8(raw, reading.encoding)
    body = read_body(data, reading)
    return replace(
        body,
        used=replace(body.used, encoding=encoding),
        notes=[*notes, *body.notes],
        opening=first_lines(raw, encoding),
    )


def first_lines(raw: bytes, encoding: str | None = None) -> tuple[str, ...]:
    """Lines within the first 64 KiB, cut to 200 characters; none of what is no text.

    Without the encoding that a file was read in, UTF-8 is tried.
    """
    head = raw[:OPENING_BYTES]
    if encoding is None and b"\0" in head:
        return ()
    text = head.decode(encoding or "utf-8", "replace").removeprefix("\ufeff")
    lines = (line.rstrip("\r\n").replace("\0", "") for line in split_lines(text))
    return tuple(
        line if len(line) <= LONGEST_SHOWN else line[:LONGEST_SHOWN] + "…"
        for line in lines
    )

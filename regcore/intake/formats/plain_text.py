"""Text with separators between the cells, in any encoding."""

from dataclasses import replace

from regcore.intake.body import Body, read_body
from regcore.intake.decoding import as_utf8
from regcore.intake.limits import refuse_wide_lines
from regcore.intake.opening import first_lines
from regcore.intake.plan import Reading
from regcore.intake.watch import room_for_text


def read_text_file(raw: bytes, reading: Reading) -> Body:
    """Header and rows of a CSV file and its like."""
    refuse_wide_lines(raw, reading.delimiter)
    room_for_text(raw)
    text = as_utf8(raw, reading.encoding)
    body = read_body(text.data, reading)
    used = replace(body.used, encoding=text.encoding)
    notes, opening = [*text.notes, *body.notes], first_lines(raw, text.encoding)
    return replace(body, used=used, notes=notes, opening=opening)

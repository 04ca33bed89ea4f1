"""Files that hold a table: each kind known by its first bytes, one reader for each."""

from collections.abc import Callable
from dataclasses import replace

from regcore.intake.body import Body
from regcore.intake.formats.columnar import read_feather, read_parquet
from regcore.intake.formats.packed import ZIP, unpack
from regcore.intake.formats.plain_text import read_text_file
from regcore.intake.formats.workbook import read_workbook
from regcore.intake.limits import refuse_size
from regcore.intake.plan import Reading
from regcore.intake.refusals import begins, refuse_other_files

FORMATS: tuple[tuple[bytes, Callable[[bytes, Reading], Body]], ...] = (
    (b"PAR1", read_parquet),
    (b"ARROW1", read_feather),
    # Other archives are unpacked or refused before.
    (ZIP, read_workbook),
)
"""Signatures and readers; what has none of them is text."""


def read_file(raw: bytes, reading: Reading) -> Body:
    """Header and rows of the table in a file, whatever kind of file it is."""
    refuse_size(raw)
    packed = unpack(raw, reading.sheet)
    if packed is None:
        return _read(raw, reading)
    refuse_size(packed.raw)
    body = _read(packed.raw, replace(reading, sheet=packed.sheet))
    used = body.used if body.sheets else replace(body.used, sheet=packed.name)
    sheets = body.sheets or packed.names
    notes = [*packed.notes, *body.notes]
    repairs = [
        replace(one, reading=replace(one.reading, sheet=reading.sheet))
        for one in body.repairs
    ]
    return replace(body, used=used, sheets=sheets, notes=notes, repairs=repairs)


def _read(raw: bytes, reading: Reading) -> Body:
    refuse_other_files(raw)
    readers = (reader for signature, reader in FORMATS if begins(raw, signature))
    return next(readers, read_text_file)(raw, reading)

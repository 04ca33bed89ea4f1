"""What is refused before it is read: files that are something other than a CSV."""

import json
import re
from collections.abc import Callable

from regcore.intake.dialect import SEPARATORS, Dialect, sample_rows, split_lines

HEAD = 4096
FIRST_LINES = 30


class IntakeError(ValueError):
    """A file that cannot be used; the message is one sentence for the user.

    Examples
    --------
    >>> import regcore
    >>> regcore.read(b"")
    Traceback (most recent call last):
        ...
    regcore.intake.refusals.IntakeError: The file is empty; upload a ...
    """


def _is_table(raw: bytes) -> bool:
    """Whether the first lines are cut alike, as under an odd name of a column."""
    head = raw[:HEAD]
    if re.search(rb"[\x00-\x08\x0e-\x1a]", head):
        return False
    lines = split_lines(head.decode("latin-1"))
    # The last line may be cut short.
    lines = (lines if len(raw) <= HEAD else lines[:-1])[:FIRST_LINES]
    return any(_cut_alike(lines, separator) for separator in SEPARATORS)


def _cut_alike(lines: list[str], separator: str) -> bool:
    rows = sample_rows(lines, Dialect(separator))
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    alike = sum(len(row) == len(rows[0]) for row in rows)
    markup = sum(row[0].lstrip().startswith("<") for row in rows[1:])
    return alike >= 0.9 * len(rows) and markup <= 0.5 * len(rows)


def _goes_on(raw: bytes) -> bool:
    """Whether more cells follow in the first line after a value in JSON."""
    line = raw[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    text = line.decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return re.match(r"\s*[,;\t|]\s*[^\s{\[]", text[end:]) is not None


def _ends_otherwise(raw: bytes) -> bool:
    """Whether the bytes lack the full stop that a pickle ends with."""
    return not raw[-80:].rstrip().endswith(b".")


# Only the first bytes are looked at: nothing is ever unpacked or opened.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "a gzip archive; unpack it and upload the CSV inside"),
    (b"BZh", "a bzip2 archive; unpack it and upload the CSV inside"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it and upload the CSV inside"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it and upload the CSV inside"),
    (b"\x04\x22\x4d\x18", "an LZ4 archive; unpack it and upload the CSV inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it and upload the CSV inside"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it and upload the CSV inside"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file, most likely an Excel workbook (xls), or a workbook with "
        "a password; save the sheet as CSV and upload that",
    ),
    (b"FEA1", "a Feather file of version 1; save it as Parquet and upload that"),
    (b"ORC", "an ORC file; export the table as CSV and upload that"),
    (b"Obj\x01", "an Avro file; export the table as CSV and upload that"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file; export the table as CSV and upload that"),
    (b"CDF\x01", "a NetCDF file; export the table as CSV and upload that"),
    (b"SQLite format 3\x00", "an SQLite database; export the table as CSV"),
    (b"\x00\x01\x00\x00Standard ", "an Access database; export the table as CSV"),
    (b"$FL2", "an SPSS file; export the table as CSV and upload that"),
    (b"<stata_dta>", "a Stata file; export the table as CSV and upload that"),
    (b"RDX2\n", "an R data file; export the table as CSV and upload that"),
    (b"RDX3\n", "an R data file; export the table as CSV and upload that"),
    (b"\x93NUMPY", "a NumPy array; export the table as CSV and upload that"),
    (b"%PDF-", "a PDF document; export the table as CSV and upload that"),
    (b"{\\rtf", "a rich text document; save the table as CSV and upload that"),
    (b"\x89PNG\r\n", "a PNG image, not a CSV file; upload a table"),
    (b"\xff\xd8\xff", "a JPEG image, not a CSV file; upload a table"),
    (b"GIF87a", "a GIF image, not a CSV file; upload a table"),
    (b"GIF89a", "a GIF image, not a CSV file; upload a table"),
    (b"II*\x00", "a TIFF image, not a CSV file; upload a table"),
    (b"MM\x00*", "a TIFF image, not a CSV file; upload a table"),
    (b"\x7fELF", "a program (ELF), not a CSV file; upload a table"),
    (b"MZ\x90\x00", "a Windows program, not a CSV file; upload a table"),
    (b"\xca\xfe\xba\xbe", "a compiled program, not a CSV file; upload a table"),
    (b"\xcf\xfa\xed\xfe", "a macOS program, not a CSV file; upload a table"),
    (b"ID3", "a sound file, not a CSV file; upload a table"),
    (b"OggS", "a sound file, not a CSV file; upload a table"),
    (b"RIFF", "a sound, image or video file, not a CSV file; upload a table"),
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer, not the data; fetch the file itself and upload that",
    ),
)
# Openings that a CSV could share need more than a prefix, and may be excused.
PATTERNS: tuple[tuple[str, Callable[[bytes], bool], tuple[bytes, ...]], ...] = (
    (
        "a Python pickle, which could run code; export the table as CSV",
        _ends_otherwise,
        # Protocol 2 and later start with a version byte and end with a full stop.
        (
            rb"(?s)\A\x80[\x02-\x05].*\.\Z",
            rb"\A(?:\(?c[\w.]+\n[\w.]+\n|\(dp0|\(lp0|ccopy_reg\n)",
        ),
    ),
    (
        "a web page (HTML), perhaps a sign-in page; download the CSV itself",
        _is_table,
        (rb"(?i)\A\s*(?:<!doctype html|<html\b|<head\b|<body\b)",),
    ),
    ("an SVG image, not a CSV file; upload a table", _is_table, (rb"(?i)\A\s*<svg\b",)),
    (
        "an XML document; export the table as CSV and upload that",
        _is_table,
        (rb"(?i)\A\s*<\?xml\b",),
    ),
    (
        "JSON data; export the table as CSV and upload that",
        _goes_on,
        (
            rb'\A\s*(?:\[\s*)?\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\})',
            rb'(?s)\A\s*\[\s*(?:\[|"[^"]*"\s*,|-?\d+\s*,).*\]\s*\Z',
        ),
    ),
)
WORKBOOKS = (b"xl/", b"mimetype")
ZIP_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"xl/workbook.bin", "a binary Excel workbook (xlsb); save it as xlsx"),
    (b"word/", "a Word document; save the table as CSV and upload that"),
    (b"ppt/", "a PowerPoint file; save the table as CSV and upload that"),
    (b"opendocument.text", "an OpenDocument text; save the table as CSV"),
)


def refuse_other_files(raw: bytes) -> None:
    """Name the file for what it is, by its content, if it is not text."""
    for signature, what in SIGNATURES:
        if begins(raw, signature):
            raise IntakeError(f"This is {what}.")
    if raw.startswith(b"PK") and raw[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08"):
        _refuse_archive(raw)
    # A byte order mark may stand before markup.
    head = raw[:HEAD].removeprefix(b"\xef\xbb\xbf")
    whole = raw if len(raw) < 1 << 20 else head
    for what, excused, patterns in PATTERNS:
        if any(re.search(one, whole) for one in patterns) and not excused(raw):
            raise IntakeError(f"This is {what}.")
    if _looks_like_ebcdic(head):
        raise IntakeError(
            "This looks like EBCDIC text from a mainframe; "
            "convert it to UTF-8 and upload that."
        )


def begins(raw: bytes, signature: bytes) -> bool:
    """Whether a file is of the kind that a signature stands for."""
    return raw.startswith(signature) and not _is_text(raw, signature)


def _is_text(raw: bytes, signature: bytes) -> bool:
    """Whether a signature is the start of a name, not that of another kind of file."""
    if any(byte > 126 or byte < 9 for byte in signature):
        return False
    plain = b"\x00" not in raw[:HEAD] and raw[:HEAD].isascii()
    return (plain and len(signature) <= 4) or _is_table(raw)


def _refuse_archive(raw: bytes) -> None:
    # Member names stand in clear text near the start or in the directory at the end.
    names = raw[:65536] + raw[-65536:]
    for mark, what in ZIP_KINDS:
        if mark in names:
            raise IntakeError(f"This is {what}.")
    if not any(mark in names for mark in WORKBOOKS):
        raise IntakeError("This is a ZIP archive; unpack it and upload the CSV inside.")


def _looks_like_ebcdic(head: bytes) -> bool:
    """Whether digits, spaces and commas stand where EBCDIC puts them."""
    if len(head) < 16 or b"\n" in head or b"\r" in head:
        return False
    marks = (0x15, 0x25, 0x40, 0x4B, 0x60, 0x6B, 0x7F)
    letters = (*range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA))
    capitals = (*range(0xC1, 0xCA), *range(0xD1, 0xDA), *range(0xE2, 0xEA))
    usual = (*range(0xF0, 0xFA), *marks, *letters, *capitals)
    return sum(map(head.count, usual)) > 0.95 * len(head) and 0x6B in head

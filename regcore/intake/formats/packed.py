"""A gzip or a zip archive with a table in it; what is unpacked is bounded."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, NoReturn

from regcore.intake.limits import MOST_BYTES
from regcore.intake.refusals import IntakeError
from regcore.words import counted, listed, named

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
DAMAGED = "damaged or cut off; download or save it again."
_DOCUMENTS = ("xl/", "word/", "ppt/", "[Content_Types].xml", "mimetype")
# What archives hold beside the files that somebody put into them.
_ASIDE = ("__MACOSX/", ".", "~$")
CHUNK = 1 << 20

UNPACKED = "The file is a {} archive; the table inside was read."

ERRORS = (
    *(OSError, EOFError, ValueError, LookupError, NotImplementedError, RuntimeError),
    *(zlib.error, zipfile.BadZipFile),
)
"""What comes of a damaged archive."""


@dataclass(frozen=True)
class Packed:
    """A file out of an archive.

    Attributes
    ----------
    name, names : which one it is, and those it was chosen from, if there are several
    sheet : the sheet that is asked for within it
    """

    raw: bytes
    name: str | None = None
    names: tuple[str, ...] = ()
    sheet: str | None = None
    notes: tuple[str, ...] = ()


def unpack(raw: bytes, sheet: str | None) -> Packed | None:
    """Take the file out of an archive; None if the bytes are none.

    Of several files the largest is taken, with a note, unless `sheet` names another.
    """
    if raw.startswith(GZIP):
        with (
            damage_said("gzip archive"),
            gzip.GzipFile(fileobj=io.BytesIO(raw)) as file,
        ):
            notes = (UNPACKED.format("gzip"),)
            return Packed(bounded(file), sheet=sheet, notes=notes)
    if not raw.startswith(ZIP) or is_document(raw):
        return None
    with damage_said("ZIP archive or Excel workbook"):
        return _unzipped(raw, sheet)


def is_document(raw: bytes) -> bool:
    """Whether a zip archive is that of an Office document."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return any(name.startswith(_DOCUMENTS) for name in archive.namelist())
    except ERRORS:
        return False


def bounded(file: IO[bytes] | gzip.GzipFile, most: int = MOST_BYTES) -> bytes:
    """Read to the end; refuse more than so many bytes."""
    size = 0
    # Counted before it is kept: a bomb takes no more memory than a chunk of it.
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > most:
            refuse_bomb(most)
    file.seek(0)
    return file.read()


def refuse_bomb(most: int) -> NoReturn:
    """Refuse an archive for what comes out of it."""
    raise IntakeError(
        f"The file unpacks to more than {most / 1e6:,.0f} MB, which is the limit; "
        "leave out rows or columns you do not need."
    )


@contextmanager
def damage_said(what: str) -> Iterator[None]:
    """Refuse a file as damaged, in place of what unpacking it raises."""
    try:
        yield
    except IntakeError:
        raise
    except ERRORS as error:
        raise IntakeError(f"The {what} is {DAMAGED}") from error


def _unzipped(raw: bytes, sheet: str | None) -> Packed:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = [file for file in archive.infolist() if _is_own(file)]
        if not files:
            raise IntakeError("The ZIP archive holds no file; put the table into it.")
        names = tuple(dict.fromkeys(file.filename for file in files))
        several = len(names) > 1
        chosen = max(files, key=lambda file: file.file_size)
        if several and sheet is not None:
            chosen = archive.getinfo(one_of(names, sheet))
        if chosen.flag_bits & 1:
            raise IntakeError(
                "The ZIP archive has a password; unpack it and upload the table inside."
            )
        if chosen.file_size > MOST_BYTES:
            refuse_bomb(MOST_BYTES)
        with archive.open(chosen) as file:
            inside = bounded(file)
    if not several:
        return Packed(inside, sheet=sheet, notes=(UNPACKED.format("ZIP"),))
    notes = () if sheet else (several_note("archive", "file", names, chosen.filename),)
    return Packed(inside, chosen.filename, names, notes=notes)


def _is_own(file: zipfile.ZipInfo) -> bool:
    last = file.filename.rpartition("/")[2]
    aside = file.filename.startswith(_ASIDE) or last.startswith(_ASIDE)
    return not file.is_dir() and not aside


def one_of(names: Sequence[str], asked: str) -> str:
    """Return the name that was asked for; refuse one that is not there."""
    if asked not in names:
        raise IntakeError(
            f"The file holds no {named(asked)} but {listed([*map(named, names)])}; "
            "choose one of them."
        )
    return asked


def several_note(whole: str, part: str, names: Sequence[str], chosen: str) -> str:
    """Say which of several was read."""
    return (
        f"The {whole} holds {counted(len(names), part)}; {named(chosen)}, the largest, "
        "was read."
    )

"""The first lines of a file, as they are."""

from regcore.intake.dialect import split_lines

OPENING_BYTES = 1 << 16
LONGEST_SHOWN = 200


def first_lines(raw: bytes, encoding: str | None = None) -> tuple[str, ...]:
    """Lines within the first 64 KiB, cut to 200 characters; none of what is no text.

    Parameters
    ----------
    encoding : the one the file was read in; UTF-8 if it was not read
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

"""Tables to CSV that a spreadsheet opens without running a cell."""

import re

import pandas as pd

_RISKY = re.compile(r"\s*[=+\-@＝＋－＠−]|[\t\r\n\0]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")


def neutralise(cell: object) -> object:
    """Return a text cell with an apostrophe before what a spreadsheet would run.

    A cell that starts with = + - @, a tab, a line end or one of their full-width forms
    is taken for a formula, unless it is a plain number.

    References
    ----------
    OWASP ASVS 5.0, 1.2.10
    """
    if not isinstance(cell, str):
        return cell
    if _RISKY.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def to_csv(frame: pd.DataFrame, *, index: bool = False) -> bytes:
    """Return a frame as CSV in UTF-8, every text neutralised, names included.

    The byte order mark tells spreadsheets that it is UTF-8.
    """
    safe = frame.copy()
    if index:
        names = ["" if name is None else name for name in frame.index.names]
        safe = frame.reset_index(allow_duplicates=True, names=names)
    for at in range(safe.shape[1]):
        column = safe.iloc[:, at]
        if not pd.api.types.is_numeric_dtype(column):
            safe.isetitem(at, column.astype(object).map(neutralise).array)
    safe.columns = [neutralise(_joined(name)) for name in safe.columns]
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _joined(name: object) -> str:
    """Write a name of several levels as one."""
    if isinstance(name, tuple):
        return " · ".join(str(part) for part in name if str(part))
    return str(name)

"""Any CSV file to a table: the order of the steps, and the notes."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.intake.body import read_body
from regcore.intake.decoding import as_utf8
from regcore.intake.limits import refuse_size, refuse_wide_lines
from regcore.intake.number_notes import describe
from regcore.intake.numbers import guess_decimal, read_text
from regcore.intake.plan import Reading
from regcore.intake.ragged import unique_names
from regcore.intake.refusals import IntakeError, refuse_other_files

__all__ = ["Intake", "IntakeError", "Reading", "read"]
from regcore.shown import Shown


@dataclass(frozen=True, repr=False)
class Intake(Shown):
    r"""A table, what was guessed or changed on the way, and the reading used.

    Examples
    --------
    >>> read(b"size,price\n50,120\n61,155\n")
    2 rows × 2 columns
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    reading: Reading


def read(raw: bytes, filename: str = "", reading: Reading | None = None) -> Intake:
    r"""Table from the bytes of any CSV file.

    Parameters
    ----------
    raw : the whole file
    filename : what the file is called; how it is read follows from its content alone
    reading : what is known; the rest is guessed

    Returns
    -------
    Intake
        Its table has different text names, int64, float64 and text columns.

    Raises
    ------
    IntakeError
        One sentence, if the file is no table or over a limit.

    Examples
    --------
    >>> intake = read(b"size;price\n50,5;120\n61;155,2\n")
    >>> intake.reading.delimiter, intake.reading.decimal
    (';', ',')
    >>> intake.table["price"].tolist()
    [120.0, 155.2]
    """
    reading = reading or Reading()
    refuse_size(raw)
    refuse_other_files(raw)
    refuse_wide_lines(raw, reading.delimiter)
    text = as_utf8(raw, reading.encoding)
    body = read_body(text.data, reading)
    names, renamed = unique_names(body.header)
    decimal = reading.decimal or guess_decimal(body.columns, body.used.delimiter or ",")
    order = None if (np.diff(body.lines) > 0).all() else np.argsort(body.lines)
    columns = []
    while body.columns:
        # The text of a column is let go of as soon as its numbers are there.
        columns.append(read_text(body.columns.pop(0), decimal, body.lines))
    notes = [*text.notes, *body.notes, *(renamed if body.used.header_row else [])]
    notes += describe(columns, lambda at: f"line {body.lines[at]}", names)
    pairs = zip(names, columns, strict=True)
    table = pd.DataFrame({n: _ordered(c.cells, order) for n, c in pairs}, copy=False)
    used = replace(body.used, encoding=text.encoding, decimal=decimal)
    return Intake(table, tuple(notes), used)


def _ordered(cells: pd.Series, order: np.ndarray | None) -> pd.Series:
    return cells if order is None else pd.Series(cells.array.take(order))

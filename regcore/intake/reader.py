"""Any file of a table to a table: the order of the steps, and the notes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.intake.absent import settle_stand_ins, without_stand_ins
from regcore.intake.body import Body
from regcore.intake.column import Column
from regcore.intake.cut import Cut
from regcore.intake.formats import read_file
from regcore.intake.labels import settle_levels
from regcore.intake.number_notes import describe
from regcore.intake.numbers import read_text, weigh_decimal
from regcore.intake.plan import Reading
from regcore.intake.points import Trust
from regcore.intake.ragged import unique_names
from regcore.intake.refusals import IntakeError
from regcore.intake.repairs import Repair, find_repairs
from regcore.intake.watch import CUT, UNWATCHED, Watch, told, watched

__all__ = ["Intake", "IntakeError", "Reading", "read"]
from regcore.shown import Shown


@dataclass(frozen=True, repr=False)
class Intake(Shown):
    r"""A table, what was guessed or changed on the way, and the reading used.

    Attributes
    ----------
    repairs : guesses on single columns, each with the reading that does without it
    missing : the words and the numbers that stood for no value
    sheets : what the table was chosen from, if there are several in the file
    opening : the first lines, if there are lines

    Examples
    --------
    >>> read(b"size,price\n50,120\n61,155\n")
    2 rows × 2 columns
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    reading: Reading
    repairs: tuple[Repair, ...] = ()
    missing: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()


def read(
    raw: bytes,
    filename: str = "",
    reading: Reading | None = None,
    watch: Watch | None = None,
) -> Intake:
    r"""Table from the bytes of any CSV file, and of some others that hold a table.

    Those are Parquet, Feather, workbooks (.xlsx, .ods), and a gzip or zip around one.

    Parameters
    ----------
    raw : the whole file
    filename : what the file is called; how it is read follows from its content alone
    reading : what is known; the rest is guessed
    watch : told how much is done and how much memory it takes; what it raises ends it

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
    with watched(watch or UNWATCHED):
        return _read(raw, reading or Reading())


def _read(raw: bytes, reading: Reading) -> Intake:
    body = read_file(raw, reading)
    names, renamed = unique_names(body.header)
    samples = [column.text for column in body.columns]
    decimal, trust = weigh_decimal(samples, body.used.delimiter or ",")
    if reading.decimal is not None:
        decimal, trust = reading.decimal, Trust.SAID
    said = dict(reading.decimals)
    signs = [
        (".", Trust.SAID)
        if at in body.exact
        else (said.get(name, decimal), Trust.SAID if name in said else trust)
        for at, name in enumerate(names)
    ]
    cut = _complete(body, signs)
    body = replace(body, columns=[], again=Body.again)
    order = (
        None
        if (np.diff(body.lines) > 0).all()
        else np.argsort(body.lines, kind="stable")
    )
    columns = []
    for at in range(len(names)):
        told(CUT + (1 - CUT) * at / len(names))
        # The text of a column is let go of as soon as its numbers are there.
        sign, known = signs[at]
        column = read_text(cut.pop(0), sign, body.lines, reading, known)
        columns.append(without_stand_ins(column, reading))
    columns = settle_stand_ins(settle_levels(columns), reading)
    repairs = (*body.repairs, *find_repairs(columns, names, reading))
    notes = [*body.notes, *(renamed if body.used.header_row != 0 else [])]
    notes += describe(columns, lambda at: f"{body.place} {body.lines[at]}", names)
    notes += [repair.note for repair in repairs if repair.said]
    used, missing = replace(body.used, decimal=decimal), _missing(columns)
    # The memory of each column is that of the next one.
    table = {name: _ordered(columns.pop(0).cells, order) for name in names}
    return Intake(
        pd.DataFrame(table, copy=False),
        tuple(notes),
        used,
        repairs,
        missing,
        body.sheets,
        body.opening,
    )


def _complete(body: Body, signs: Sequence[tuple[str, Trust]]) -> list[Cut]:
    """Return the columns; where numbers alone do not do, the text that they are in."""
    pairs = enumerate(zip(body.columns, signs, strict=True))
    lost = [at for at, (column, sign) in pairs if not column.fits(*sign)]
    anew = dict(zip(lost, body.again(lost) if lost else [], strict=True))
    return [anew.get(at, column) for at, column in enumerate(body.columns)]


def _missing(columns: list[Column]) -> tuple[str, ...]:
    found = {w for c in columns for w, _ in (*c.absent, *c.gaps, *c.stand_ins)}
    return tuple(sorted(found))


def _ordered(cells: pd.Series, order: np.ndarray | None) -> pd.Series:
    if order is None:
        return cells
    return pd.Series(cells.array.take(order), copy=False)

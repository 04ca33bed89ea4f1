"""What became of every column of a table on its way into the design matrix."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.design.columns import CategoryColumn, NumberColumn, level_codes
from regcore.design.copies import Copies
from regcore.design.dates import DateColumn
from regcore.design.roles import NOT_CHOSEN, ColumnRole
from regcore.settings import ColumnType
from regcore.words import listed, named

ColumnEncoding = NumberColumn | CategoryColumn | DateColumn


@dataclass(frozen=True)
class LedgerEntry:
    """What became of one column of the table.

    Attributes
    ----------
    type, role : what it is, and whether it is a feature, the target or left out
    filled, fill : training rows without a value, and what was put there, as text
    merged : levels of a category that share a column, counted in the training rows
    features : names of the design columns made from it
    reason : a clause, why it has this type and role
    note : what was filled, merged, or why it was left out; empty if nothing
    """

    column: str
    type: ColumnType
    role: str
    filled: int
    fill: str
    merged: int
    features: tuple[str, ...]
    reason: str
    note: str

    @property
    def sentence(self) -> str:
        """The note as a sentence; empty where there is none."""
        return f"{named(self.column)}: {self.note}." if self.note else ""


def left_out(role: ColumnRole) -> LedgerEntry:
    """Return the entry of a column that was never looked at, or of the target."""
    # What the user chose not to use needs no note; the reason says it.
    silent = role.role != "left out" or role.reason.endswith(NOT_CHOSEN)
    note = "" if silent else f"left out: {role.reason}"
    return LedgerEntry(
        role.column, role.type, role.role, 0, "", 0, (), role.reason, note
    )


def entry(
    role: ColumnRole, training: pd.Series, encoding: ColumnEncoding | None, note: str
) -> LedgerEntry:
    """Return the entry of a feature, with its figures from the training rows."""
    if encoding is None:
        kind = ColumnType.EMPTY if training.isna().all() else ColumnType.CONSTANT
        reason = note.removeprefix("left out: ")
        return LedgerEntry(role.column, kind, "left out", 0, "", 0, (), reason, note)
    filled, fill = _filled(training, encoding)
    merged = _merged(training, encoding)
    return entry_of(role, encoding, note, filled=filled, fill=fill, merged=merged)


def entry_of(
    role: ColumnRole,
    encoding: ColumnEncoding,
    note: str,
    *,
    filled: int = 0,
    fill: str = "",
    merged: int = 0,
) -> LedgerEntry:
    """Return the entry of a feature of which the figures are known."""
    return LedgerEntry(
        role.column,
        role.type,
        role.role,
        filled,
        fill,
        merged,
        encoding.names,
        role.reason,
        note,
    )


def with_features(
    ledger: Sequence[LedgerEntry],
    encodings: Sequence[ColumnEncoding],
    names: Sequence[str],
    features: dict[int, str],
    copies: Copies,
) -> tuple[LedgerEntry, ...]:
    """Return the ledger with the features that came of each column, and its copies.

    Parameters
    ----------
    names : of all columns of the design
    features : of those that are features
    """
    ends = np.cumsum([len(encoding.names) for encoding in encodings])
    made = {
        encoding.column: range(end - len(encoding.names), end)
        for encoding, end in zip(encodings, ends.tolist(), strict=True)
    }
    lines = []
    for line in ledger:
        columns = made.get(line.column)
        if columns is not None:
            notes = [note for note in (line.note,) if note]
            notes += _copies_in_words(columns, names, copies)
            gone = [j for j in columns if copies.first[j] not in features]
            if gone:
                out = listed([named(names[j]) for j in gone])
                notes.append(f"{out} left out, as chosen")
            own = tuple(features[j] for j in columns if j in features)
            line = replace(line, features=own, note="; ".join(notes))
        lines.append(line)
    return tuple(lines)


def _copies_in_words(
    columns: Sequence[int], names: Sequence[str], copies: Copies
) -> Iterator[str]:
    """Clauses on the columns that have copies, and on those that are some."""
    for first in columns:
        if first in copies.of:
            others = listed([named(names[j]) for j in copies.of[first]])
            yield (
                f"{named(names[first])} stands for {others} too, and counts in rows "
                "where they differ"
            )
    clauses = [
        f"{named(names[j])} is {'the mirror' if copies.mirrored[j] else 'a copy'} of "
        f"{named(names[copies.first[j]])}"
        for j in columns
        if copies.first[j] != j
    ]
    if clauses:
        yield f"{listed(clauses)} in every training row, as they enter the model"


def ledger_table(ledger: Sequence[LedgerEntry]) -> pd.DataFrame:
    """Return the ledger as a table, one row a column, every cell a text or a count."""
    return pd.DataFrame(
        {
            "column": [str(entry.column) for entry in ledger],
            "type": [str(entry.type) for entry in ledger],
            "role": [entry.role for entry in ledger],
            "filled": [entry.filled for entry in ledger],
            "filled with": [entry.fill for entry in ledger],
            "merged levels": [entry.merged for entry in ledger],
            "design columns": [len(entry.features) for entry in ledger],
            "names of the design columns": [
                ", ".join(entry.features) for entry in ledger
            ],
            "why": [entry.reason for entry in ledger],
            "what was done": [entry.note for entry in ledger],
        }
    )


def _filled(training: pd.Series, encoding: ColumnEncoding) -> tuple[int, str]:
    """Return how many gaps were filled, and with what; a category's are a level."""
    if isinstance(encoding, NumberColumn):
        gaps = int(training.isna().sum())
        return gaps, f"{encoding.fill:g}" if gaps else ""
    if isinstance(encoding, DateColumn):
        gaps = encoding.gaps(training)
        return gaps, encoding.fill if gaps else ""
    return 0, ""


def _merged(training: pd.Series, encoding: ColumnEncoding) -> int:
    if not isinstance(encoding, CategoryColumn) or not encoding.other:
        return 0
    return len(level_codes(training)[1]) - len(encoding.levels)

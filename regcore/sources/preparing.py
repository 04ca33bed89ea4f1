"""A table and settings to encodings and sums: what is read, in what order."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from regcore.design.buckets import BUCKETS
from regcore.design.chosen import ChosenNumber, take_chosen
from regcore.design.holdout import refuse_few, refuse_few_locked
from regcore.design.keys import refuse_one_side
from regcore.design.ledger import LedgerEntry, left_out
from regcore.design.preparation import nothing_left
from regcore.design.roles import ColumnRole, assign_roles, looks_in_words
from regcore.model.blocks import Tick
from regcore.model.losses import Integers
from regcore.model.moments import Moments
from regcore.settings import (
    AUTO,
    ColumnType,
    DesignError,
    Missing,
    NotNowError,
    Preparation,
    Task,
)
from regcore.sources.classes import Outcome, classes_of
from regcore.sources.encoded import TARGET, Counts, count, encode, ranges
from regcore.sources.engine import A_PIECE
from regcore.sources.fields import Reader
from regcore.sources.fitting import Fitted, Fitter
from regcore.sources.sums import Columns, sums
from regcore.sources.table import Table, part_of
from regcore.words import counted, listed, named, one_or_many

MOST_COLUMNS = 600
"""Columns of the design: each of 400 parts has their square in numbers."""

CHANGED = (
    "The table has changed while it was read ({what}); connect it again, or a copy "
    "that nobody writes to."
)

COPIES = 3.5
"""Times what the sums of all parts take that there is of them at once: measured for 62,
202 and 352 columns, and for 292 of which 200 are levels, with roots beside the sums."""

PIECES = 3.5
"""Times what a piece of the rows takes that there is of it while it is added up; then
there are the sums once."""

READS = 3
"""How often the table is read."""

LEVELS, NUMBERS = 2.5, 5.0
"""What the levels of a category and the numbers of a feature take, as so many times
what the first read took for a column: measured on a million rows × 18."""


@dataclass(frozen=True)
class Read:
    """One reading of the whole table.

    Attributes
    ----------
    number : of `READS`
    what : it is read for, as a clause
    expected : seconds that each read takes; none where that is not known
    begun : by the clock that counts them
    """

    number: int
    what: str
    expected: tuple[float, ...] = ()
    begun: float = field(default_factory=time.monotonic, compare=False)

    @property
    def in_words(self) -> str:
        """What is done, for a page that waits."""
        return f"Reads the table, {self.number} of {READS}: {self.what}."

    @property
    def share(self) -> float:
        """Of all that is to be read, how much is done by what was expected."""
        if not self.seconds:
            return 0.0
        passed = time.monotonic() - self.begun
        done = sum(self.expected[: self.number - 1])
        # What takes longer than was expected is not over.
        own = min(passed, 0.99 * self.expected[self.number - 1])
        return (done + own) / self.seconds

    @property
    def seconds(self) -> float:
        """Seconds that all of it is expected to take; 0 where that is not known."""
        return sum(self.expected)


Told = Callable[[Read], None]

Room = Callable[[int], None]


def any_room(need: int) -> None:
    """Refuse nothing: the room of a caller who has no limit."""


@dataclass(frozen=True)
class Summed:
    """What was fitted on the training rows, and the sums over every part.

    Attributes
    ----------
    name : the encoded table
    table : the sample, its text read as numbers where these were chosen
    ledger : of every column of the table
    fitted : the features that are used, in order
    parts : sums over each part, of all columns of the design in their own units
    needed : cells in SQL without which a row cannot be used
    dropped : sentences on rows that were left out, and on cells that became missing
    outcome : what is predicted
    """

    name: str
    table: pd.DataFrame
    chosen: tuple[ChosenNumber, ...]
    ledger: tuple[LedgerEntry, ...]
    fitted: tuple[Fitted, ...]
    columns: Columns
    counts: Counts
    parts: dict[int, Moments]
    needed: tuple[str, ...]
    dropped: tuple[str, ...]
    outcome: Outcome


def summed(
    table: Table, settings: Preparation, name: str, tick: Tick, told: Told, room: Room
) -> Summed:
    """Read the table and sum it up.

    Parameters
    ----------
    name : of the encoded table to be kept
    room : see `Source.pose`

    Raises
    ------
    DesignError
        one sentence, if it cannot be trained on or has changed meanwhile
    """
    engine, sheet = table.engine, table.sheet
    roles = assign_roles(sheet, settings)
    used = [role for role in roles if role.role == "feature"]
    sample, chosen, taken = take_chosen(sheet.table, roles)
    needed = [table.columns[settings.target].cell]
    if settings.missing is Missing.DROP:
        # Not by the cells of the sample: of few values it may have none.
        known = [c for c in used if sheet.types[c.column].type is not ColumnType.EMPTY]
        needed += [table.columns[role.column].cell for role in known]
    rows, place = table.placed(settings)
    part = part_of(f"t.{place}", settings, needed)
    how = {one.column: one for one in chosen}
    reader = Reader(engine, table.columns, rows, part, sample, how, settings)
    expected = _expected(table, used)
    told(Read(2, "the levels of its categories", expected))
    fields = [reader.field(role, at, tick) for at, role in enumerate(used)]
    told(Read(3, "its numbers", expected))
    outcome = _outcome(table, settings, reader, tick)
    encode(engine, name, rows, part, outcome, fields, tick)
    counts = count(engine, name, tick)
    dropped = _dropped(counts, table, settings)
    behind = {c: f.role.column for f in fields for c in f.measures.values()}
    spans = ranges(engine, name, {TARGET: settings.target, **behind}, tick)
    fitter = Fitter(engine, name, counts.training, spans)
    made = {field.role.column: fitter.fit(field, tick) for field in fields}
    ledger = tuple(
        made[role.column].entry if role.column in made else left_out(role)
        for role in roles
    )
    order = [c for c in settings.features or made if c in made and made[c].encoding]
    fitted = tuple(made[column] for column in order)
    _refuse_width(fitted, ledger)
    columns = Columns.of(fitted, outcome.terms(TARGET, sample[settings.target]))
    room(_bytes(counts, columns))
    parts, levels = sums(engine, name, columns, tick)
    _refuse_changed(fitted, levels)
    if engine.changed():
        raise NotNowError(CHANGED.format(what="a file was written to"))
    return Summed(
        name,
        sample,
        chosen,
        ledger,
        fitted,
        columns,
        counts,
        parts,
        tuple(needed),
        (
            *_looked_at(table),
            *looks_in_words(roles),
            *taken,
            *dropped,
            *outcome.merged,
        ),
        outcome,
    )


def _bytes(counts: Counts, columns: Columns) -> int:
    """What the sums of every bucket take, of the rows that train, and of others."""
    sides = counts.training, counts.held_out, counts.locked
    parts = BUCKETS * np.count_nonzero(sides) * columns.width
    piece = PIECES * min(A_PIECE, counts.usable)
    return round(8 * columns.width * max(COPIES * parts, parts + piece))


def _expected(table: Table, used: Sequence[ColumnRole]) -> tuple[float, ...]:
    """Seconds that the reads take, by how fast the first was."""
    levels = sum(role.type is ColumnType.CATEGORY for role in used)
    column = table.seconds / len(table.columns)
    return 0.0, LEVELS * levels * column, NUMBERS * (1 + len(used)) * column


def task_of(table: Table, settings: Preparation) -> Task:
    """Return the task that is set, or else that of the sample."""
    auto = settings.task == AUTO
    return table.sheet.task(settings.target)[0] if auto else Task.of(settings.task)


def _outcome(
    table: Table, settings: Preparation, reader: Reader, tick: Tick
) -> Outcome:
    """Return what is predicted, of every row."""
    cells, task = table.columns[settings.target], task_of(table, settings)
    if not task.loss.classes:
        return Outcome(task, cells.number())
    return classes_of(table.engine, reader.different(cells, tick), task)


def _looked_at(table: Table) -> list[str]:
    """Sentences on what was not looked at."""
    said = []
    if len(table.sheet.table) < table.length:
        said.append(
            f"What each column is was read off a sample of {len(table.sheet.table):,} "
            f"of the {counted(table.length, 'row')}."
        )
    if table.unread:
        columns = listed([named(column) for column in table.unread])
        many = one_or_many(len(table.unread), "holds", "hold")
        said.append(f"{columns} {many} no single number, text or date: left out.")
    return said


def _dropped(counts: Counts, table: Table, settings: Preparation) -> list[str]:
    """Sentences on rows that cannot be used.

    Raises
    ------
    DesignError
        if too few are left, or there are more or fewer than when it was connected
    """
    if counts.rows != table.length:
        what = f"it had {counted(table.length, 'row')}, and has {counts.rows:,}"
        raise NotNowError(CHANGED.format(what=what))
    without, incomplete = counts.rows - counts.targets, counts.targets - counts.usable
    said = []
    if without:
        said.append(f"{counted(without, 'row')} without a target left out.")
    if incomplete:
        said.append(f"{counted(incomplete, 'row')} with a missing feature dropped.")
    refuse_few(counts.usable, said)
    refuse_one_side(counts.training, counts.held_out, settings)
    refuse_few_locked(counts.usable, counts.locked, settings)
    return said


def _refuse_width(fitted: Sequence[Fitted], ledger: Sequence[LedgerEntry]) -> None:
    """Refuse a table without features, and one with so many that sums are too large."""
    if not fitted:
        raise DesignError(nothing_left(ledger))
    width = sum(len(one.encoding.names) for one in fitted if one.encoding)
    if width > MOST_COLUMNS:
        raise DesignError(
            f"The features make {width:,} columns and the limit for a table behind an "
            f"engine is {MOST_COLUMNS:,}; choose fewer features."
        )


def _refuse_changed(fitted: Sequence[Fitted], levels: Sequence[Integers]) -> None:
    """Refuse levels that come in other numbers than when they were counted first."""
    categories = [one for one in fitted if one.levels is not None]
    for one, counts in zip(categories, levels, strict=True):
        assert one.levels is not None
        if not np.array_equal(one.levels.rows, counts):
            what = f"the levels of {named(one.entry.column)} come in other numbers"
            raise NotNowError(CHANGED.format(what=what))

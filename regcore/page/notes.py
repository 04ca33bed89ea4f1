"""Notes on a table: those that change the result most stand open, with their repair."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import streamlit as st

from regcore.design import Design
from regcore.design.columns import is_number
from regcore.design.ledger import LedgerEntry
from regcore.design.roles import NOT_CHOSEN
from regcore.page.columns import offer_types, task_key, use
from regcore.page.dataset import Dataset
from regcore.page.remarks import remark
from regcore.page.repairs import offer_repairs
from regcore.page.text import literal
from regcore.settings import ColumnType, Settings, Task
from regcore.words import counted, named

OPEN = 3
"""Notes that stand open."""

MANY = 10
"""Columns of the design that come of one column of the table, from which it is told."""

NOTHING = (ColumnType.CONSTANT, ColumnType.EMPTY)
"""What no choice makes a feature of."""


@dataclass(frozen=True)
class Note:
    """A sentence on the table, and what would undo what it says.

    Attributes
    ----------
    label, repair : of the button, and what it does; empty where a control does it
    """

    text: str
    label: str = ""
    repair: Callable[[], None] | None = None


def weighty(dataset: Dataset, settings: Settings, design: Design) -> tuple[Note, ...]:
    """Find what changes the result, the most first.

    Rows that were lost; columns that were left out, and those that were turned into
    many; a target of numbers that is taken as classes.
    """
    entries = sorted(design.ledger, key=lambda entry: -len(entry.features))
    types = dataset.sheet.types
    offered = {t.looks.in_words(name) for name, t in types.items() if t.looks}
    lost = (Note(text) for text in design.dropped if text not in offered)
    columns = (_column(entry, dataset, settings) for entry in design.ledger)
    wide = (_wide(entry, dataset, settings) for entry in entries)
    found = (*lost, *columns, *wide, *_task(dataset, settings, design))
    return tuple(note for note in found if note is not None)


def draw_open(dataset: Dataset, settings: Settings, design: Design) -> None:
    """Draw three: guesses that may be wrong, then what changes the result most."""
    with st.container(horizontal=True, gap="small", key="remarks"):
        left = OPEN - offer_repairs(dataset, settings.target)
        left -= offer_types(dataset, left)
        for place, note in enumerate(weighty(dataset, settings, design)[:left]):
            row = remark(note.text)
            if note.repair is not None:
                row.button(
                    literal(note.label),
                    key=f"note {place} of {dataset.digest[:16]}",
                    type="tertiary",
                    on_click=note.repair,
                )


def _column(entry: LedgerEntry, dataset: Dataset, settings: Settings) -> Note | None:
    offered = dataset.sheet.types[entry.column].looks is not None
    chosen = not entry.note or entry.reason.endswith(NOT_CHOSEN)
    if entry.role != "left out" or offered or chosen:
        return None
    if entry.type in NOTHING:
        return Note(entry.sentence)
    again = partial(use, dataset, settings, (entry.column,), used=True)
    return Note(entry.sentence, "Use it", again)


def _wide(entry: LedgerEntry, dataset: Dataset, settings: Settings) -> Note | None:
    count = len(entry.features)
    if count < MANY:
        return None
    out = partial(use, dataset, settings, (entry.column,), used=False)
    told = f"{named(entry.column)} became {counted(count, 'feature')}."
    return Note(told, "Leave it out", out)


def _task(dataset: Dataset, settings: Settings, design: Design) -> Iterator[Note]:
    target = design.target
    proposed, reason = dataset.sheet.task(target)
    numbers = is_number(dataset.table[target])
    if not (design.classes and proposed is settings.task and numbers):
        return
    key = task_key(dataset, target)
    text = f"{named(target)} is taken as {len(design.classes)} classes, for {reason}."
    yield Note(text, "Take it as a number", partial(_take_task, key))


def _take_task(key: str) -> None:
    st.session_state[key] = Task.REGRESSION

"""Where the key of each row of a table stands, so that the same rows are held out."""

import numpy as np
import pandas as pd

from regcore.design.buckets import BUCKETS, Roles, of_numbers, of_texts, place
from regcore.design.columns import is_number, label
from regcore.design.split import Rows
from regcore.model.losses import Integers
from regcore.settings import DesignError, Preparation, Split
from regcore.words import named

FARTHEST = 2.0**63
"""Whole numbers from here on are none of 64 bits."""


def row_places(
    table: pd.DataFrame, positions: np.ndarray, settings: Preparation
) -> Integers | None:
    """Return the place of each row's key, (n,); None where rows are not held out by it.

    Without a column the key is the number of the row in the table, from 0. Numbers are
    told apart as numbers, and all other cells as their texts.

    Raises
    ------
    DesignError
        if a cell of the key is missing or too large
    """
    if settings.split is not Split.HASH:
        return None
    if settings.key is None:
        return place(of_numbers(positions), settings.seed)
    column = table[settings.key].iloc[positions]
    codes, values = pd.factorize(column)
    _refuse(column, codes < 0, "is empty and names no row")
    if is_number(column):
        cells = np.asarray(values)
        far = np.abs(cells.astype(float)) >= FARTHEST
        _refuse(column, far[codes], "is too large to name a row")
        key = of_numbers(cells)
    else:
        key = of_texts(map(_text, values))
    places: Integers = place(key, settings.seed)[codes]
    return places


def split_by_place(places: Integers, settings: Preparation) -> tuple[Rows, Rows, Rows]:
    """Return which rows train, are held out and are locked away.

    Raises
    ------
    DesignError
        if no row trains, or none is held out though some are to be
    """
    roles = Roles.of(settings.validation_share, settings.test_share)
    held_out, locked = places < roles.held_out, places >= roles.locked
    trains = ~(held_out | locked)
    refuse_one_side(int(trains.sum()), int(held_out.sum()), settings)
    return np.flatnonzero(trains), np.flatnonzero(held_out), np.flatnonzero(locked)


def refuse_one_side(trains: int, held_out: int, settings: Preparation) -> None:
    """Refuse that no row trains, or none is held out though some are to be."""
    if not trains or (settings.validation_share > 0 and not held_out):
        what = "held out" if trains else "left to train on"
        raise DesignError(
            f"By the hash of the key no row is {what}; choose another seed, another "
            "share or a key with more values."
        )


def buckets(places: Integers) -> Integers:
    """Return the bucket of each place, 0 … `BUCKETS` − 1."""
    return places % BUCKETS


def _text(cell: object) -> str:
    """A cell as SQL writes it."""
    if isinstance(cell, bool | np.bool_):
        return str(cell).lower()
    if isinstance(cell, pd.Timestamp):
        cell = cell if cell.tz is None else cell.tz_convert("UTC").tz_localize(None)
        return str(cell).rstrip("0") if cell.microsecond else str(cell)
    return label(cell)


def _refuse(column: pd.Series, wrong: np.ndarray, what: str) -> None:
    if wrong.any():
        row = column.index[np.flatnonzero(wrong)[0]] + 1
        raise DesignError(
            f"Column {named(column.name)}, row {row}: the cell {what}; correct it or "
            "choose another key."
        )

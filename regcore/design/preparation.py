"""A table to the columns of the design matrix, fitted on training rows."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from regcore.design.columns import (
    MOST_LEVELS,
    CategoryColumn,
    coded,
    fit_category,
    fit_number,
)
from regcore.design.date_fits import fit_dates
from regcore.design.dates import forced_order
from regcore.design.datetexts import DateOrder
from regcore.design.encoded import Encoded
from regcore.design.ledger import ColumnEncoding, LedgerEntry, entry, left_out
from regcore.design.roles import ColumnRole
from regcore.model.blocks import Tick, no_tick
from regcore.settings import ColumnType, DesignError, Preparation

MOST_COLUMNS = 2_000
"""Columns of the design matrix; its curvature takes their square in memory."""

MOST_CELLS = 50_000_000
"""Cells of the design matrix, all rows together."""

Fitted = tuple[LedgerEntry, ColumnEncoding | None]
Fit = Callable[[pd.Series, int], tuple[ColumnEncoding | None, str]]


def plan_fits(
    table: pd.DataFrame, roles: Sequence[ColumnRole], settings: Preparation
) -> dict[str, Fit]:
    """Return how each feature is to be fitted.

    Raises
    ------
    DesignError
        if a column without a date was made one
    """
    return {
        role.column: _fit_of(table[role.column], role, settings)
        for role in roles
        if role.role == "feature"
    }


def feature_columns(
    table: pd.DataFrame, roles: Sequence[ColumnRole], tick: Tick = no_tick
) -> dict[str, pd.Series]:
    """Return the column of each feature: its numbers, or its cells as codes."""
    columns = {}
    for role in roles:
        if role.role != "feature":
            continue
        column = table[role.column]
        columns[role.column] = (
            column if role.type is ColumnType.NUMBER else coded(column)
        )
        tick()
    return columns


def fit_columns(
    columns: Mapping[str, pd.Series],
    roles: Sequence[ColumnRole],
    fits: Mapping[str, Fit],
    train: np.ndarray,
    rows: int,
    tick: Tick = no_tick,
) -> tuple[tuple[LedgerEntry, ...], tuple[ColumnEncoding, ...], tuple[str, ...]]:
    """Fit every feature on the training rows.

    Parameters
    ----------
    columns : of the features, with all rows of the table
    train : row numbers of the training rows
    rows : how many of training and held-out rows there are together

    Returns
    -------
    the ledger of every column, the encodings, sentences on levels that were merged
    so that the design matrix stays below its limits

    Raises
    ------
    DesignError
        if no feature can be used, or too many columns come of them
    """
    fitted = []
    for role in roles:
        fitted.append(_fit(columns, train, role, fits, MOST_LEVELS))
        tick()
    encodings = [encoding for _, encoding in fitted if encoding is not None]
    if not encodings:
        raise DesignError(nothing_left([line for line, _ in fitted]))
    limit = max(1, min(MOST_COLUMNS, MOST_CELLS // rows))
    width = sum(len(encoding.names) for encoding in encodings)
    notes: tuple[str, ...] = ()
    if width > limit:
        most = _levels_that_fit(fitted, limit)
        fitted = [
            _fit(columns, train, role, fits, most)
            if isinstance(encoding, CategoryColumn)
            else (line, encoding)
            for role, (line, encoding) in zip(roles, fitted, strict=True)
        ]
        notes = (
            f"The features would make {width:,} columns and the limit is {limit:,}, so "
            f"that each category keeps its {most} most frequent levels at most.",
        )
    ledger = tuple(line for line, _ in fitted)
    return ledger, tuple(e for _, e in fitted if e is not None), notes


def encode(
    columns: Mapping[str, pd.Series] | pd.DataFrame,
    encodings: Sequence[ColumnEncoding],
    rows: np.ndarray,
    tick: Tick = no_tick,
) -> tuple[Encoded, ...]:
    """Return the columns ready to be written.

    Parameters
    ----------
    rows : those whose numbers nobody has looked at
    """
    parts: list[Encoded] = []
    for encoding in encodings:
        parts.append(encoding.encode(columns[encoding.column], rows))
        tick()
    return tuple(parts)


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Number the second and later of equal names.

    Charts look rows up by name, and "__proto__" is the one that scripts do not take for
    a key: a character without width in its midst makes it an ordinary one.
    """
    names_so_far: dict[str, None] = {}
    for name in names:
        name = "__pro\u2060to__" if name == "__proto__" else name
        numbered = (f"{name} ({i})" for i in itertools.count(2))
        candidates = itertools.chain([name], numbered)
        free = next(free for free in candidates if free not in names_so_far)
        names_so_far[free] = None
    return tuple(names_so_far)


def _fit(
    columns: Mapping[str, pd.Series],
    train: np.ndarray,
    role: ColumnRole,
    fits: Mapping[str, Fit],
    most: int,
) -> Fitted:
    if role.role != "feature":
        return left_out(role), None
    column = columns[role.column].iloc[train]
    encoding, note = fits[role.column](column, most)
    return entry(role, column, encoding, note), encoding


def order_of(column: pd.Series, role: ColumnRole, settings: Preparation) -> DateOrder:
    """Return how the dates of a column are read.

    Raises
    ------
    DesignError
        if a column without a date was made one
    """
    order = role.order or forced_order(column)
    last = dict(settings.centuries).get(role.column, order.last)
    return replace(order, last=last)


def _fit_of(column: pd.Series, role: ColumnRole, settings: Preparation) -> Fit:
    if role.type is ColumnType.DATE:
        order = order_of(column, role, settings)
        return lambda training, _: fit_dates(training, order, settings.dates)
    if role.type is ColumnType.NUMBER:
        return lambda training, _: fit_number(training)
    return fit_category


def nothing_left(ledger: Sequence[LedgerEntry]) -> str:
    """Say why no column can be used, with the reasons of the first few."""
    lines = [line for line in ledger if line.role == "left out"]
    reasons = "; ".join(f"«{line.column}»: {line.reason}" for line in lines[:3])
    more = ", and so on" if len(lines) > 3 else ""
    return (
        f"No feature can be used ({reasons}{more}); choose other columns or give one "
        "of them another type."
    )


def _levels_that_fit(fitted: Sequence[Fitted], limit: int) -> int:
    """Return the most levels a category may keep."""
    widths = [
        (len(encoding.names), isinstance(encoding, CategoryColumn))
        for _, encoding in fitted
        if encoding is not None
    ]
    for most in range(MOST_LEVELS - 1, 0, -1):
        # The levels that are kept, and one column for the others.
        capped = [min(width, most + 1) if levels else width for width, levels in widths]
        if sum(capped) <= limit:
            return most
    total = sum(width for width, _ in widths)
    raise DesignError(
        f"The features make {total:,} columns and the limit for this many rows is "
        f"{limit:,}; choose fewer features."
    )

"""Which rows of a table can be used, which train, and which are kept from training."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regcore.design.columns import level_codes
from regcore.design.keys import split_by_place
from regcore.design.split import Rows, split, split_groups, split_in_order
from regcore.design.target import Target
from regcore.model.scores import ENOUGH
from regcore.settings import DesignError, Missing, Preparation, Split, Totals
from regcore.words import counted, one_or_many

FEWEST_ROWS = 8
"""Fewest rows that can be used; below it no number means anything."""

UNBALANCED = {Split.ORDER: "in order", Split.HASH: "by the hash of a key"}
"""Splits beside that by groups that can leave a class without a training row."""


def usable_rows(
    table: pd.DataFrame,
    settings: Preparation,
    features: Sequence[str],
    totals: Sequence[int],
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the positions of the rows that can be used, and what was dropped.

    Raises
    ------
    DesignError
        if too few rows are left
    """
    dropped = []
    usable = table[settings.target].notna().to_numpy(copy=True)
    if not usable.all():
        count = int((~usable).sum())
        dropped.append(f"{counted(count, 'row')} without a target left out.")
    left = [at for at in totals if usable[at] and settings.totals is Totals.LEAVE_OUT]
    if left:
        named = ", ".join(str(at + 1) for at in left)
        which = one_or_many(len(left), "a total (row", "totals (rows")
        dropped.append(f"{counted(len(left), 'row')} left out as {which} {named}).")
        usable[left] = False
    if settings.missing is Missing.DROP:
        known = [name for name in features if table[name].notna().any()]
        complete = table[known].notna().all(axis=1).to_numpy()
        count = int((usable & ~complete).sum())
        if count:
            dropped.append(f"{counted(count, 'row')} with a missing feature dropped.")
        usable = usable & complete
    positions = np.flatnonzero(usable)
    refuse_few(len(positions), dropped)
    return positions, tuple(dropped)


def refuse_few(rows: int, dropped: Sequence[str]) -> None:
    """Refuse so few usable rows that no number means anything.

    Parameters
    ----------
    dropped : sentences on those that cannot be used
    """
    if rows < FEWEST_ROWS:
        why = f" ({' '.join(dropped).rstrip('.')})" if dropped else ""
        raise DesignError(
            f"Only {counted(rows, 'row')} can be used{why}, and at least "
            f"{FEWEST_ROWS} are needed; choose another target or a longer file."
        )


def row_groups(
    table: pd.DataFrame, positions: np.ndarray, settings: Preparation
) -> np.ndarray | None:
    """Return codes of the groups whose rows stay together; None where rows are alone.

    Rows with an equal cell in the group column are a group; so are all without one.

    Raises
    ------
    DesignError
        if rows are to be kept from training and there is one group only
    """
    if not settings.grouped_by:
        return None
    column = table[settings.grouped_by[0]].iloc[positions]
    codes, levels = level_codes(column)
    away = settings.validation_share > 0 or settings.test_share > 0
    if len(levels) < 2 and away:
        raise DesignError(
            f"Column «{column.name}» puts all rows into one group, so that none can be "
            "held out; choose another column, or split at random."
        )
    return codes


def hold_out(
    groups: np.ndarray | None,
    target: Target,
    settings: Preparation,
    hashes: np.ndarray | None = None,
    places: np.ndarray | None = None,
) -> tuple[Rows, Rows, Rows]:
    """Return which of the usable rows train, are held out, and are locked away.

    At random, classes keep their shares in all three. In order, the last rows are
    locked away, and those before them held out. By groups, rows of one group stay
    together. By the hash of a key, its place decides. What is locked away does not
    depend on how many rows are held out.

    Parameters
    ----------
    hashes : of rows that stay on one side if they have the same; None for no such rows
    places : of the rows' keys, where these decide

    Raises
    ------
    DesignError
        if a class has no training row, there are too few groups, or fewer rows are
        locked away than can judge
    """
    share, locked = settings.validation_share, settings.test_share
    every = np.arange(len(target.values))
    codes = None if hashes is None else np.unique(hashes, return_inverse=True)[1]

    def apart(rows: Rows, share: float) -> tuple[Rows, Rows]:
        if codes is None:
            return _apart(rows, groups, target, settings, share)
        # Each such row stands for those that follow it.
        first = np.sort(np.unique(codes[rows], return_index=True)[1])
        rest, _ = _apart(rows[first], groups, target, settings, share)
        trains = np.isin(codes[rows], codes[rest])
        return rows[trains], rows[~trains]

    if places is None:
        rest, test = apart(every, locked)
        train, held_out = apart(rest, share / (1.0 - locked))
    else:
        train, held_out, test = split_by_place(places, settings)
    refuse_few_locked(len(every), len(test), settings)
    if groups is not None and share > 0 and not len(held_out):
        raise DesignError(
            "There are too few groups to train on some, hold some out and lock some "
            "away; choose another group column, or split at random."
        )
    if target.classes:
        _refuse_untrained_class(target, train, settings)
    return train, held_out, test


def refuse_few_locked(rows: int, locked: int, settings: Preparation) -> None:
    """Refuse to lock away fewer of the usable rows than can judge."""
    if settings.test_share > 0 and locked < ENOUGH:
        raise DesignError(
            f"{100 * settings.test_share:.2g} % of {counted(rows, 'row')} lock "
            f"{counted(locked, 'row')} away, and at least {ENOUGH} are needed to judge "
            "by; lock away a larger share, or none."
        )


def _apart(
    rows: Rows,
    groups: np.ndarray | None,
    target: Target,
    settings: Preparation,
    share: float,
) -> tuple[Rows, Rows]:
    """Take a share of these rows away as the settings say: the rest, and those."""
    if groups is not None:
        codes = np.unique(groups[rows], return_inverse=True)[1]
        rest, away = split_groups(codes, share, settings.seed)
    elif settings.split is Split.ORDER:
        rest, away = split_in_order(len(rows), share)
    else:
        strata = target.values[rows] if target.classes else np.zeros(len(rows))
        rest, away = split(strata, share, settings.seed)
    return rows[rest], rows[away]


def _refuse_untrained_class(target: Target, train: Rows, settings: Preparation) -> None:
    trained = set(target.values[train].astype(int))
    for code, label in enumerate(target.classes):
        if code not in trained:
            raise untrained(label, settings)


def untrained(label: str, settings: Preparation) -> DesignError:
    """Say that no training row is of a class."""
    how = UNBALANCED.get(settings.split, "by groups")
    return DesignError(
        f"No training row is of the class «{label}» when rows are held out {how}; hold "
        "out fewer rows, or split at random."
    )

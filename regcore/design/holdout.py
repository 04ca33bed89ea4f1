"""Which rows of a table can be used, which of them train, and which are held out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regcore.design.columns import level_codes
from regcore.design.split import Rows, split, split_groups, split_in_order
from regcore.design.target import Target
from regcore.settings import DesignError, Missing, Preparation, Split, Totals
from regcore.words import counted

FEWEST_ROWS = 8
"""Fewest rows that can be used; below it no number means anything."""


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
        dropped.append(
            f"{counted(len(left), 'row')} left out as a total (row {named})."
        )
        usable[left] = False
    if settings.missing is Missing.DROP:
        known = [name for name in features if table[name].notna().any()]
        complete = table[known].notna().all(axis=1).to_numpy()
        count = int((usable & ~complete).sum())
        if count:
            dropped.append(f"{counted(count, 'row')} with a missing feature dropped.")
        usable = usable & complete
    positions = np.flatnonzero(usable)
    if len(positions) < FEWEST_ROWS:
        why = f" ({' '.join(dropped).rstrip('.')})" if dropped else ""
        raise DesignError(
            f"Only {counted(len(positions), 'row')} can be used{why}, and at least "
            f"{FEWEST_ROWS} are needed; choose another target or a longer file."
        )
    return positions, tuple(dropped)


def row_groups(
    table: pd.DataFrame, positions: np.ndarray, settings: Preparation
) -> np.ndarray | None:
    """Return codes of the groups whose rows stay together; None where rows are alone.

    Rows with an equal cell in the group column are a group; so are all without one.

    Raises
    ------
    DesignError
        if rows are to be held out and there is one group only
    """
    if settings.split is not Split.GROUPS:
        return None
    column = table[settings.group].iloc[positions]
    codes, levels = level_codes(column)
    if len(levels) < 2 and settings.validation_share > 0:
        raise DesignError(
            f"Column «{column.name}» puts all rows into one group, so that none can be "
            "held out; choose another column, or split at random."
        )
    return codes


def hold_out(
    groups: np.ndarray | None, target: Target, settings: Preparation
) -> tuple[Rows, Rows]:
    """Return which of the usable rows train, and which are held out.

    At random, classes keep their shares on both sides. In order, the last rows are
    held out. By groups, rows of one group stay together.

    Raises
    ------
    DesignError
        if a class has no training row
    """
    n, share = len(target.values), settings.validation_share
    if settings.split is Split.RANDOM:
        strata = target.values if target.classes else np.zeros(n)
        return split(strata, share, settings.seed)
    if groups is None:
        train, held_out = split_in_order(n, share)
    else:
        train, held_out = split_groups(groups, share, settings.seed)
    if target.classes:
        _refuse_untrained_class(target, train, settings)
    return train, held_out


def _refuse_untrained_class(target: Target, train: Rows, settings: Preparation) -> None:
    trained = set(target.values[train].astype(int))
    for code, label in enumerate(target.classes):
        if code not in trained:
            how = "in order" if settings.split is Split.ORDER else "by groups"
            raise DesignError(
                f"No training row is of the class «{label}» when rows are held out "
                f"{how}; hold out fewer rows, or split at random."
            )

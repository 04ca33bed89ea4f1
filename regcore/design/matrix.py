"""Table → design matrix: rows chosen, split, encoded and standardised.

Every figure that is fitted here (fill values, levels, means, standard deviations) comes
from training rows only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.blocks import Tick, no_tick
from regcore.design.columns import plain, varies
from regcore.design.holdout import hold_out, usable_rows
from regcore.design.ledger import ColumnEncoding, LedgerEntry, ledger_table
from regcore.design.preparation import fit_columns, matrix, plan_fits, unique
from regcore.design.roles import Guess, assign_roles
from regcore.design.target import Target, merge_spellings, propose_task, read_target
from regcore.losses import Array
from regcore.settings import DesignError, Settings, Task

FARTHEST = 1e120
"""Largest standardised number held out whose loss is still a number."""


@dataclass(frozen=True)
class Scale:
    """An affine map to mean 0 and standard deviation 1, and back.

    Attributes
    ----------
    mean, deviation : (p,) of the training rows; the deviation is the population's (1/n)
    """

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, V: Array, *, divide: bool = True) -> "Scale":
        """Fit on V (n, p); without `divide` the map only centres."""
        mean, deviation = V.mean(axis=0), np.ones(V.shape[1])
        if divide:
            # Column by column: V.std would hold a second copy of the whole matrix.
            deviation = np.array([V[:, j].std() for j in range(V.shape[1])])
        return cls(mean, deviation)

    def apply(self, V: Array) -> Array:
        """Overwrite V (n, p) with (V − mean) / deviation, and return it."""
        V -= self.mean
        V /= self.deviation
        return V


@dataclass(frozen=True)
class Design:
    """The design matrix, and the way back to the table.

    Attributes
    ----------
    target, task, classes : what is predicted; of two classes the second is modelled
    X, Y : (n, p) and (n, k), the training rows, standardised
    X_validation, Y_validation : the same for the rows held out
    rows, validation_rows : their row numbers in the table
    features, sources : (p,) names, and the table's column behind each
    x_scale, y_scale : back to original units; a class target is not scaled
    encodings : how each used column becomes columns of the matrix
    ledger : what became of every column
    dropped : sentences on rows that were left out
    """

    target: str
    task: Task
    classes: tuple[str, ...]
    X: Array
    Y: Array
    X_validation: Array
    Y_validation: Array
    rows: np.ndarray
    validation_rows: np.ndarray
    features: tuple[str, ...]
    sources: tuple[str, ...]
    x_scale: Scale
    y_scale: Scale
    encodings: tuple[ColumnEncoding, ...]
    ledger: tuple[LedgerEntry, ...]
    dropped: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on everything that was filled, merged, left out or dropped."""
        columns = [f"«{e.column}»: {e.note}." for e in self.ledger if e.note]
        return (*self.dropped, *columns)

    @property
    def ledger_table(self) -> pd.DataFrame:
        """What became of every column, one row a column."""
        return ledger_table(self.ledger)

    def encode(self, table: pd.DataFrame) -> Array:
        """Return the standardised design matrix of any table with these columns.

        Raises
        ------
        DesignError
            if the table lacks a column, or has text where there were numbers
        """
        _refuse_unclear_names(table)
        for encoding in self.encodings:
            if encoding.column not in table.columns:
                raise DesignError(f"The table has no column «{encoding.column}».")
        return self.x_scale.apply(matrix(plain(table), self.encodings))


def build_design(
    table: pd.DataFrame,
    settings: Settings,
    tick: Tick = no_tick,
    guesses: Mapping[str, Guess] | None = None,
) -> Design:
    """Build the design matrix that the settings ask for.

    Parameters
    ----------
    tick : called between columns; what it raises ends the work
    guesses : what `guess_types` returned for this table, to save its time

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    _check_names(table, settings)
    table = plain(table)
    roles = assign_roles(table, settings, guesses)
    features = [role.column for role in roles if role.role == "feature"]
    fits = plan_fits(table, roles, settings)
    positions, dropped = usable_rows(table, settings, features)
    # Copies of a large table are spared: of all its rows, and of columns not used.
    usable = table if len(positions) == len(table) else table.iloc[positions]
    target, merged = _target(usable[settings.target], settings)
    train, held_out = hold_out(usable, target, settings)
    y_scale, Y, Y_validation = _target_matrices(target, train, held_out)
    ledger, encodings, capped = fit_columns(
        usable[features].iloc[train], roles, fits, rows=len(usable), tick=tick
    )
    if settings.features is not None:
        encodings = tuple(
            sorted(encodings, key=lambda e: settings.features.index(e.column))
        )
    X = matrix(usable, encodings, tick, train)
    x_scale = Scale.of(X, divide=settings.standardise)
    X_validation = x_scale.apply(matrix(usable, encodings, tick, held_out))
    sources = tuple(e.column for e in encodings for _ in e.names)
    _refuse_far(X_validation, positions[held_out], sources)
    _refuse_far(Y_validation, positions[held_out], (settings.target,) * Y.shape[1])
    return Design(
        target=settings.target,
        task=target.task,
        classes=target.classes,
        X=x_scale.apply(X),
        Y=Y,
        X_validation=X_validation,
        Y_validation=Y_validation,
        rows=positions[train],
        validation_rows=positions[held_out],
        features=unique([name for e in encodings for name in e.names]),
        sources=sources,
        x_scale=x_scale,
        y_scale=y_scale,
        encodings=encodings,
        ledger=ledger,
        dropped=(*dropped, *merged, *capped),
    )


def _refuse_unclear_names(table: pd.DataFrame) -> None:
    """Refuse names that do not stand for one column each."""
    if table.columns.nlevels > 1:
        raise DesignError("The table has more than one line of names; keep one.")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise DesignError(f"Two columns are named «{twice[0]}»; rename one of them.")


def _refuse_far(V: Array, rows: np.ndarray, sources: Sequence[str]) -> None:
    """Refuse held-out numbers so far from the training rows that a loss overflows."""
    far = np.argwhere(np.abs(V) > FARTHEST)
    if len(far):
        row, column = far[0]
        raise DesignError(
            f"Column «{sources[column]}», row {rows[row] + 1}: the number is too far "
            "from those of the training rows; correct it or leave the column out."
        )


def _check_names(table: pd.DataFrame, settings: Settings) -> None:
    """Refuse names that the table lacks, or that are used twice."""
    _refuse_unclear_names(table)
    target, chosen = settings.target, settings.features
    named = [target, *(chosen or ()), *dict(settings.types)]
    if settings.split == "groups":
        named.append(settings.group)
    for name in named:
        if name not in table.columns:
            raise DesignError(f"The table has no column «{name}».")
    if chosen is None and len(table.columns) == 1:
        raise DesignError(
            f"The table has no column but the target «{target}»; at least "
            "one more is needed to predict it from."
        )
    if chosen is not None and not chosen:
        raise DesignError("No feature is chosen; choose at least one column.")
    if target in (chosen or ()):
        raise DesignError(
            f"«{target}» is the target and cannot be a feature as well; take it out "
            "of one of the two."
        )
    if settings.split == "groups" and settings.group == target:
        raise DesignError(
            f"«{target}» is the target and cannot say as well which rows belong "
            "together; choose another group column."
        )


def _target(column: pd.Series, settings: Settings) -> tuple[Target, tuple[str, ...]]:
    """Read the target as the task that is set, or proposed."""
    merged, note = merge_spellings(column)
    auto = settings.task == "auto"
    task = propose_task(merged)[0] if auto else Task(settings.task)
    return read_target(merged, task), note


def _target_matrices(
    target: Target, train: np.ndarray, held_out: np.ndarray
) -> tuple[Scale, Array, Array]:
    """Y of the training rows and of the rows held out, with the scale of Y."""
    if target.task is Task.MULTICLASS:
        Y = np.eye(len(target.classes))[target.values.astype(int)]
    else:
        Y = target.values[:, np.newaxis]
    if target.task is not Task.REGRESSION:
        unscaled = Scale(np.zeros(Y.shape[1]), np.ones(Y.shape[1]))
        return unscaled, Y[train], Y[held_out]
    y_scale = Scale.of(Y[train])
    if not varies(Y[train]):
        raise DesignError(
            "The target has the same value in every training row, or values too close "
            "together to be scaled; hold out fewer rows or choose another target."
        )
    return y_scale, y_scale.apply(Y[train]), y_scale.apply(Y[held_out])

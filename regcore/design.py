"""Table → design matrix: rows chosen, split, encoded and standardised.

Every figure that is fitted here (fill values, levels, means, standard deviations) comes
from training rows only.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.columns import (
    ColumnEncoding,
    fit_category,
    fit_number,
    is_free_text,
    is_number,
    plain,
    varies,
)
from regcore.losses import Array
from regcore.settings import DesignError, Settings, Task
from regcore.split import split
from regcore.target import Target, propose_task, read_target

FEWEST_ROWS = 8
"""Fewest rows that can be used; below it no number means anything."""

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
class LedgerEntry:
    """What became of one column of the table.

    Attributes
    ----------
    kind : "number", "category" or "left out"
    features : names of the design columns made from it
    note : what was filled, merged, or why it was left out; empty if nothing
    """

    column: str
    kind: str
    features: tuple[str, ...]
    note: str


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
        return self.x_scale.apply(_matrix(plain(table), self.encodings))


def build_design(table: pd.DataFrame, settings: Settings) -> Design:
    """Build the design matrix that the settings ask for.

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    chosen = _chosen_features(table, settings)
    table = plain(table[[*chosen, settings.target]])
    positions, dropped = _usable_rows(table, settings, chosen)
    column = table[settings.target].iloc[positions]
    task = propose_task(column)[0] if settings.task == "auto" else Task(settings.task)
    target = read_target(column, task)
    strata = np.zeros(len(column)) if task is Task.REGRESSION else target.values
    train, held_out = split(strata, settings.validation_share, settings.seed)
    y_scale, Y, Y_validation = _target_matrices(target, train, held_out)
    training = table.iloc[positions[train]]
    ledger, encodings = _fit_columns(
        training[list(chosen)], skip_text=settings.features is None
    )
    X = _matrix(training, encodings)
    x_scale = Scale.of(X, divide=settings.standardise)
    X_validation = x_scale.apply(_matrix(table.iloc[positions[held_out]], encodings))
    sources = tuple(e.column for e in encodings for _ in e.names)
    _refuse_far(X_validation, positions[held_out], sources)
    _refuse_far(Y_validation, positions[held_out], (settings.target,) * Y.shape[1])
    return Design(
        target=settings.target,
        task=task,
        classes=target.classes,
        X=x_scale.apply(X),
        Y=Y,
        X_validation=X_validation,
        Y_validation=Y_validation,
        rows=positions[train],
        validation_rows=positions[held_out],
        features=_unique([name for e in encodings for name in e.names]),
        sources=sources,
        x_scale=x_scale,
        y_scale=y_scale,
        encodings=encodings,
        ledger=ledger,
        dropped=dropped,
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


def _chosen_features(table: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    """Names of the columns to look at, checked against the table."""
    _refuse_unclear_names(table)
    if settings.target not in table.columns:
        raise DesignError(f"The table has no column «{settings.target}».")
    if settings.features is None:
        if len(table.columns) == 1:
            raise DesignError(
                f"The table has no column but the target «{settings.target}»; at least "
                "one more is needed to predict it from."
            )
        return tuple(name for name in table.columns if name != settings.target)
    for name in settings.features:
        if name not in table.columns:
            raise DesignError(f"The table has no column «{name}».")
        if name == settings.target:
            raise DesignError(
                f"«{name}» is the target and cannot be a feature as well; take it out "
                "of one of the two."
            )
    if not settings.features:
        raise DesignError("No feature is chosen; choose at least one column.")
    return settings.features


def _usable_rows(
    table: pd.DataFrame, settings: Settings, chosen: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Positions of the rows that can be used, and what was dropped."""
    dropped = []
    usable = table[settings.target].notna().to_numpy()
    if not usable.all():
        count = int((~usable).sum())
        dropped.append(f"{_rows(count)} without a target left out.")
    if settings.missing == "drop":
        features = [name for name in chosen if table[name].notna().any()]
        complete = table[features].notna().all(axis=1).to_numpy()
        count = int((usable & ~complete).sum())
        if count:
            dropped.append(f"{_rows(count)} with a missing feature dropped.")
        usable = usable & complete
    positions = np.flatnonzero(usable)
    if len(positions) < FEWEST_ROWS:
        why = f" ({' '.join(dropped).rstrip('.')})" if dropped else ""
        raise DesignError(
            f"Only {_rows(len(positions))} can be used{why}, and at least "
            f"{FEWEST_ROWS} are needed; choose another target or a longer file."
        )
    return positions, tuple(dropped)


def _fit_columns(
    training: pd.DataFrame, *, skip_text: bool
) -> tuple[tuple[LedgerEntry, ...], tuple[ColumnEncoding, ...]]:
    """Fit every column on the training rows; free text is left out unless asked for."""
    ledger, encodings = [], []
    for name in training.columns:
        column = training[name]
        if is_number(column):
            kind, (encoding, note) = "number", fit_number(column)
        elif skip_text and is_free_text(column):
            kind, encoding = "text", None
            note = "left out: nearly every row has a value of its own"
        else:
            kind, (encoding, note) = "category", fit_category(column)
        names = () if encoding is None else encoding.names
        ledger.append(LedgerEntry(name, kind if encoding else "left out", names, note))
        if encoding is not None:
            encodings.append(encoding)
    if not encodings:
        raise DesignError(
            "No feature can be used: every column is constant, empty or free text in "
            "the training rows; choose other columns."
        )
    return tuple(ledger), tuple(encodings)


def _matrix(table: pd.DataFrame, encodings: Sequence[ColumnEncoding]) -> Array:
    """Encode a table, (n, p), rows contiguous."""
    X = np.empty((len(table), sum(len(e.names) for e in encodings)))
    first = 0
    for encoding in encodings:
        last = first + len(encoding.names)
        X[:, first:last] = encoding.encode(table[encoding.column])
        first = last
    return X


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


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Number the second and later of equal names."""
    unique: dict[str, None] = {}
    for name in names:
        numbered = (f"{name} ({i})" for i in itertools.count(2))
        candidates = itertools.chain([name], numbered)
        unique[next(free for free in candidates if free not in unique)] = None
    return tuple(unique)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"

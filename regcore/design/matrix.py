"""Table → design matrix: rows chosen, split, encoded and standardised.

Every figure that is fitted here (fill values, levels, means, standard deviations) comes
from training rows only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from regcore.design.chosen import ChosenNumber, read_chosen, take_chosen
from regcore.design.columns import plain, refuse_unclear_names, varies
from regcore.design.copies import Copies, find_copies
from regcore.design.encoded import EncodedRows
from regcore.design.holdout import hold_out, row_groups, usable_rows
from regcore.design.ledger import (
    ColumnEncoding,
    LedgerEntry,
    ledger_table,
    with_features,
)
from regcore.design.preparation import (
    encode,
    feature_columns,
    fit_columns,
    plan_fits,
    unique,
)
from regcore.design.roles import assign_roles, looks_in_words
from regcore.design.scale import Scale
from regcore.design.sheet import Sheet
from regcore.design.target import Target, merge_spellings, propose_task, read_target
from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array
from regcore.model.readable import Readable
from regcore.settings import AUTO, DesignError, Preparation, Task
from regcore.words import counted, named

FARTHEST = 1e120
"""Largest standardised number held out whose loss is still a number."""


@dataclass(frozen=True)
class Design:
    """The design matrix, and the way back to the table.

    Attributes
    ----------
    target, task, classes : what is predicted; of two classes the second is modelled
    training, Y : (n, p) and (n, k), the training rows, standardised; of the first,
        rows are made when they are asked for
    validation, Y_validation : the same for the rows held out
    test, Y_test : the same for the rows locked away, which nothing has looked at
    rows, validation_rows, test_rows : their row numbers in the table
    groups, validation_groups : codes of the groups whose rows stay together, if the
        rows are split by groups
    features, sources : (p,) names, and the table's column behind each; columns of the
        design that are copies or mirrors of each other are one feature, named after the
        first
    names : of all columns of the design, copies and all, in the order of `encodings`
    copies : which of these columns are the same
    x_scale, y_scale : back to original units; a class target is not scaled
    encodings : how each used column becomes columns of the matrix
    ledger : what became of every column
    chosen : how columns of text were read that the user made numbers
    dropped : sentences on rows that were left out, and on cells that became missing
    """

    target: str
    task: Task
    classes: tuple[str, ...]
    training: EncodedRows
    Y: Array
    validation: EncodedRows
    Y_validation: Array
    test: EncodedRows
    Y_test: Array
    rows: np.ndarray
    validation_rows: np.ndarray
    test_rows: np.ndarray
    groups: np.ndarray | None
    validation_groups: np.ndarray | None
    features: tuple[str, ...]
    sources: tuple[str, ...]
    names: tuple[str, ...]
    copies: Copies
    x_scale: Scale
    y_scale: Scale
    encodings: tuple[ColumnEncoding, ...]
    ledger: tuple[LedgerEntry, ...]
    chosen: tuple[ChosenNumber, ...]
    dropped: tuple[str, ...]

    @cached_property
    def X(self) -> Array:
        """The training rows, (n, p): made when first asked for, and then kept."""
        return self.training.matrix()

    @cached_property
    def X_validation(self) -> Array:
        """The rows held out, (n, p): made when first asked for, and then kept."""
        return self.validation.matrix()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on everything that was filled, merged, left out or dropped."""
        columns = [f"«{e.column}»: {e.note}." for e in self.ledger if e.note]
        return (*self.dropped, *columns, *self._held_out_apart)

    @cached_property
    def _held_out_apart(self) -> tuple[str, ...]:
        """Sentences on copies that rows held out tell apart."""
        apart = self._named(self.copies.apart(self.validation))
        total = counted(len(self.validation_rows), "row")
        return tuple(
            f"{named(feature)}: the copies differ in {rows:,} of the {total} held out."
            for feature, rows in apart.items()
            if rows
        )

    def _named(self, apart: dict[int, int]) -> dict[str, int]:
        place = self.place
        return {
            self.features[place[j]]: rows for j, rows in apart.items() if place[j] >= 0
        }

    @cached_property
    def kept(self) -> np.ndarray:
        """Which columns of the design are features, as a mask."""
        kept = self.training.kept
        assert kept is not None
        return kept

    @cached_property
    def place(self) -> np.ndarray:
        """Place among the features of each column of the design; −1 if left out.

        Copies share one.
        """
        place = np.where(self.kept, np.cumsum(self.kept) - 1, -1)
        return place[self.copies.first]

    @property
    def ledger_table(self) -> pd.DataFrame:
        """What became of every column, one row a column."""
        return ledger_table(self.ledger)

    @property
    def _chosen_features(self) -> tuple[ChosenNumber, ...]:
        used = {encoding.column for encoding in self.encodings}
        return tuple(how for how in self.chosen if how.column in used)

    def encode(self, table: pd.DataFrame) -> Array:
        """Return the standardised design matrix of any table with these columns.

        Of copies the first column counts, also in rows where they differ; see
        `copies_apart`.

        Raises
        ------
        DesignError
            if the table lacks a column, or has text where there were numbers
        """
        return self._encoded(table).matrix()

    def copies_apart(self, table: pd.DataFrame) -> pd.Series:
        """In how many rows of a table the copies of a feature differ from it.

        One number a feature that has copies. Raises as `encode` does.
        """
        apart = self._named(self.copies.apart(self._encoded(table)))
        return pd.Series(apart, name="rows", dtype=int).rename_axis("feature")

    def _encoded(self, table: pd.DataFrame) -> EncodedRows:
        refuse_unclear_names(table)
        for encoding in self.encodings:
            if encoding.column not in table.columns:
                raise DesignError(f"The table has no column «{encoding.column}».")
        table = read_chosen(plain(table), self._chosen_features)
        rows = np.arange(len(table))
        encoded = EncodedRows(encode(table, self.encodings, rows), rows)
        return encoded.scaled(self.training.scale).keep(self.kept)


def build_design(
    table: pd.DataFrame,
    settings: Preparation,
    tick: Tick = no_tick,
    sheet: Sheet | None = None,
) -> Design:
    """Build the design matrix that the settings ask for.

    Parameters
    ----------
    tick : called between columns; what it raises ends the work
    sheet : what is known of this table, if that was looked at before

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    sheet = Sheet.of(table) if sheet is None else sheet
    table = sheet.table
    _check_names(table, settings)
    roles = assign_roles(sheet, settings)
    features = [role.column for role in roles if role.role == "feature"]
    table, chosen, taken = take_chosen(table, roles)
    fits = plan_fits(table, roles, settings)
    positions, dropped = usable_rows(table, settings, features, sheet.totals)
    target, merged = _target(table[settings.target].iloc[positions], settings)
    groups = row_groups(table, positions, settings)
    train, held_out, locked = hold_out(groups, target, settings)
    y_scale, Y, Y_validation, Y_test = _target_matrices(target, train, held_out, locked)
    apart = (None, None) if groups is None else (groups[train], groups[held_out])
    train, held_out, locked = positions[train], positions[held_out], positions[locked]
    columns = feature_columns(table, roles, tick)
    ledger, encodings, capped = fit_columns(
        columns, roles, fits, train, rows=len(positions), tick=tick
    )
    if settings.features is not None:
        encodings = tuple(
            sorted(encodings, key=lambda e: settings.features.index(e.column))
        )
    # The training rows were looked at when the encodings were fitted.
    away = np.concatenate([held_out, locked])
    training = EncodedRows(encode(columns, encodings, away, tick), train)
    scale = training.fit_scale(divide=settings.standardise, tick=tick)
    training = training.scaled(scale)
    copies = find_copies(training, tick)
    names = unique([name for e in encodings for name in e.names])
    left_out = _left_out(names, copies, settings.without)
    training = training.keep(copies.is_first & ~left_out)
    validation = replace(training, rows=held_out)
    test = replace(training, rows=locked)
    kept = np.flatnonzero(copies.is_first & ~left_out).tolist()
    features = unique([copies.name(j, names[j]) for j in kept])
    behind = [e.column for e in encodings for _ in e.names]
    sources = tuple(behind[j] for j in kept)
    targets = (settings.target,) * Y.shape[1]
    for rows, V, outcome in (
        (held_out, validation, Y_validation),
        (locked, test, Y_test),
    ):
        _refuse_far(V, rows, sources)
        _refuse_far(outcome, rows, targets)
    return Design(
        target=settings.target,
        task=target.task,
        classes=target.classes,
        training=training,
        Y=Y,
        validation=validation,
        Y_validation=Y_validation,
        test=test,
        Y_test=Y_test,
        rows=train,
        validation_rows=held_out,
        test_rows=locked,
        groups=apart[0],
        validation_groups=apart[1],
        features=features,
        sources=sources,
        names=names,
        copies=copies,
        x_scale=scale.part(copies.is_first & ~left_out),
        y_scale=y_scale,
        encodings=encodings,
        ledger=with_features(
            ledger, encodings, names, dict(zip(kept, features, strict=True)), copies
        ),
        chosen=chosen,
        dropped=(
            *looks_in_words(roles),
            *taken,
            *dropped,
            *merged,
            *capped,
            *_unknown(names, settings.without),
        ),
    )


def _left_out(
    names: Sequence[str], copies: Copies, without: Sequence[str]
) -> np.ndarray:
    """Which columns of the design are left out, with their copies, as a mask.

    Raises
    ------
    DesignError
        if none is left
    """
    out = copies.sets_of([j for j, name in enumerate(names) if name in without])
    if out.all():
        raise DesignError("Every feature is left out; take one of them back.")
    return out


def _unknown(names: Sequence[str], without: Sequence[str]) -> list[str]:
    """Sentences on names that were to be left out and are none."""
    return [
        f"No feature is called {named(name)}, so that there is none to leave out."
        for name in without
        if name not in names
    ]


def _refuse_far(V: Readable, rows: np.ndarray, sources: Sequence[str]) -> None:
    """Refuse held-out numbers so far from the training rows that a loss overflows."""
    for first in range(0, len(V), BLOCK):
        far = np.argwhere(np.abs(V[first : first + BLOCK]) > FARTHEST)
        if len(far):
            row, column = far[0]
            raise DesignError(
                f"Column «{sources[column]}», row {rows[first + row] + 1}: the number "
                "is too far from those of the training rows; correct it or leave the "
                "column out."
            )


def _check_names(table: pd.DataFrame, settings: Preparation) -> None:
    """Refuse names that the table lacks, or that are used twice."""
    target, chosen = settings.target, settings.features
    named = [target, *(chosen or ()), *dict(settings.types)]
    named += settings.grouped_by
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
    if target in settings.grouped_by:
        raise DesignError(
            f"«{target}» is the target and cannot say as well which rows belong "
            "together; choose another group column."
        )


def _target(column: pd.Series, settings: Preparation) -> tuple[Target, tuple[str, ...]]:
    """Read the target as the task that is set, or proposed."""
    merged, note = merge_spellings(column)
    auto = settings.task == AUTO
    task = propose_task(merged)[0] if auto else Task.of(settings.task)
    return read_target(merged, task), note


def _target_matrices(
    target: Target, train: np.ndarray, held_out: np.ndarray, locked: np.ndarray
) -> tuple[Scale, Array, Array, Array]:
    """Y of the rows that train, are held out and are locked away, after its scale."""
    if target.task is Task.MULTICLASS:
        Y = np.eye(len(target.classes))[target.values.astype(int)]
    else:
        Y = target.values[:, np.newaxis]
    if target.classes:
        return Scale.none(Y.shape[1]), Y[train], Y[held_out], Y[locked]
    y_scale = Scale.of(Y[train])
    if not varies(Y[train]):
        raise DesignError(
            "The target has the same value in every training row, or values too close "
            "together to be scaled; hold out fewer rows or choose another target."
        )
    apart = [y_scale.apply(Y[rows]) for rows in (train, held_out, locked)]
    return y_scale, apart[0], apart[1], apart[2]

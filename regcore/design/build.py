"""Table → design matrix: rows chosen, split, encoded and standardised.

Every figure that is fitted here (fill values, levels, means, standard deviations) comes
from training rows only.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from regcore.design.chosen import take_chosen
from regcore.design.columns import varies
from regcore.design.copies import Copies, find_copies
from regcore.design.encoded import EncodedRows
from regcore.design.holdout import hold_out, row_groups, usable_rows
from regcore.design.keys import buckets, row_places
from regcore.design.ledger import (
    with_features,
)
from regcore.design.matrix import Design
from regcore.design.preparation import (
    encode,
    feature_columns,
    fit_columns,
    plan_fits,
    unique,
)
from regcore.design.repeats import find_repeats, row_hashes
from regcore.design.roles import assign_roles, looks_in_words
from regcore.design.scale import Scale
from regcore.design.sheet import Sheet
from regcore.design.target import Target, merge_spellings, propose_task, read_target
from regcore.model.blocks import BLOCK, Tick, no_tick
from regcore.model.losses import Array
from regcore.model.readable import Readable
from regcore.settings import AUTO, DesignError, Preparation, Repeats, Task
from regcore.words import named

FARTHEST = 1e120
"""Largest standardised number held out whose loss is still a number."""


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
    sheet = Sheet.of(table, tick) if sheet is None else sheet
    table = sheet.table
    check_names(table, settings)
    roles = assign_roles(sheet, settings)
    used = [role.column for role in roles if role.role == "feature"]
    table, chosen, taken = take_chosen(table, roles)
    fits = plan_fits(table, roles, settings)
    positions, dropped = usable_rows(table, settings, used, sheet.totals)
    target, merged = _target(table[settings.target].iloc[positions], settings)
    places = row_places(table, positions, settings)
    if places is None:
        groups = row_groups(table, positions, settings)
    else:
        groups = buckets(places)
    columns = feature_columns(table, roles, tick)
    together = settings.repeats is Repeats.TOGETHER
    hashes = row_hashes(columns, target.values, positions)
    tick()
    train, held_out, locked = hold_out(
        groups, target, settings, hashes if together else None, places
    )
    repeated = find_repeats(hashes, columns, target.values, positions, train, held_out)
    if together and groups is None:
        groups = np.unique(hashes, return_inverse=True)[1]
    y_scale, Y, Y_validation, Y_test = _target_matrices(target, train, held_out, locked)
    apart = (None, None) if groups is None else (groups[train], groups[held_out])
    train, held_out, locked = positions[train], positions[held_out], positions[locked]
    ledger, encodings, capped = fit_columns(
        columns, roles, fits, train, rows=len(positions), tick=tick
    )
    if settings.features is not None:
        place = {name: at for at, name in enumerate(settings.features)}
        encodings = tuple(sorted(encodings, key=lambda e: place[e.column]))
    # The training rows were looked at when the encodings were fitted.
    away = np.concatenate([held_out, locked])
    training = EncodedRows(encode(columns, encodings, away, tick), train)
    scale = training.fit_scale(divide=settings.standardise, tick=tick)
    training = training.scaled(scale)
    copies = find_copies(training, tick)
    names = unique([name for e in encodings for name in e.names])
    left_out = columns_left_out(names, copies, settings.without)
    features = copies.is_first & ~left_out
    training = training.keep(features)
    validation = replace(training, rows=held_out)
    test = replace(training, rows=locked)
    kept = np.flatnonzero(features).tolist()
    with_copies = unique([copies.name(j, names[j]) for j in kept])
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
        repeated=repeated,
        features=with_copies,
        sources=sources,
        names=names,
        copies=copies,
        kept=features,
        scale=scale,
        y_scale=y_scale,
        encodings=encodings,
        ledger=with_features(
            ledger, encodings, names, dict(zip(kept, with_copies, strict=True)), copies
        ),
        chosen=chosen,
        dropped=(
            *looks_in_words(roles),
            *taken,
            *dropped,
            *merged,
            *capped,
            *unknown_names(names, settings.without),
        ),
    )


def columns_left_out(
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


def unknown_names(names: Sequence[str], without: Sequence[str]) -> list[str]:
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


def check_names(table: pd.DataFrame, settings: Preparation) -> None:
    """Refuse names that the table lacks, or that are used twice."""
    target, chosen = settings.target, settings.features
    told = (*dict(settings.types), *dict(settings.centuries))
    named = [target, *(chosen or ()), *told]
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
            "together; choose another column for that."
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

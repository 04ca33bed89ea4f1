"""From what was summed to a problem: features, scales, copies, parts."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

import numpy as np
import pandas as pd

from regcore.design.build import columns_left_out, unknown_names
from regcore.design.columns import label
from regcore.design.copies import Copies
from regcore.design.holdout import untrained
from regcore.design.ledger import with_features
from regcore.design.matrix import Design
from regcore.design.preparation import unique
from regcore.design.prepared import Prepared
from regcore.design.scale import Scale
from regcore.design.spellings import bare
from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.moments import Moments
from regcore.model.parts import Parts, Refill, total
from regcore.problem import Problem
from regcore.settings import DesignError, Preparation
from regcore.solve.passes import heard
from regcore.sources.alike import find_alike
from regcore.sources.classes import Outcome
from regcore.sources.fields import LOCKED
from regcore.sources.medians import Middle
from regcore.sources.preparing import Summed
from regcore.sources.roots import Rows, sharpened
from regcore.sources.table import Table


def pose(table: Table, settings: Preparation, answer: Summed, tick: Tick) -> Problem:
    """Pose the problem of the sums.

    Raises
    ------
    DesignError
        if the target does not vary, or every feature is left out
    """
    training = total(m for part, m in answer.parts.items() if 0 <= part < LOCKED)
    outcome = answer.outcome
    p, k = training.p, outcome.outputs
    if outcome.classes:
        _refuse_untrained(training, outcome, settings)
    elif not training.varies[-1]:
        raise DesignError(
            "The target has the same value in every training row, or values too close "
            "together to be scaled; hold out fewer rows or choose another target."
        )
    mean, deviation = training.scale(divide=settings.standardise)
    if outcome.classes:
        mean[p:], deviation[p:] = 0.0, 1.0
    both = Scale(mean, deviation)
    scale, y_scale = both.part(slice(0, p)), both.part(slice(p, None))
    engine, name = table.engine, answer.name
    copies = find_alike(engine, name, answer.columns, training, scale, tick)
    prepared = prepared_by(answer, settings, copies, scale, y_scale)
    kept = np.flatnonzero(prepared.kept)
    sums = {}
    for bucket, moments in answer.parts.items():
        tick()
        sums[bucket] = moments.standardised_by(mean, deviation).restrict(kept)
    trained = {part: own for part, own in sums.items() if 0 <= part < LOCKED}
    held_out = {-1 - part: own for part, own in sums.items() if part < 0}
    locked = {part - LOCKED: own for part, own in sums.items() if part >= LOCKED}
    places = np.r_[0, 1 + kept, 1 + p : 1 + p + k]
    rows = Rows(engine, name, answer.columns, places, deviation)
    given = None
    if not outcome.classes:
        trained = sharpened(trained, prepared, rows, tick)
        blunt = any(part.root is not None for part in trained.values())
        given = rows.given(mean) if blunt else None
    parts = Parts(trained, held_out, _refill(prepared, answer), locked, given)
    parts.add_up(tick)
    part = table.sampled(settings, answer.needed, tick)
    side = part.to_numpy(dtype=float, na_value=np.nan)
    used = np.flatnonzero(~np.isnan(side))
    cells, side = spelled(answer.table.iloc[used], prepared), side[used]
    design = Design.of(prepared, cells, side < 0, side >= LOCKED)
    design = replace(
        design,
        rows=used[design.rows],
        validation_rows=used[design.validation_rows],
        test_rows=used[design.test_rows],
    )
    if outcome.classes:
        problem = Problem.of_passes(design, parts, rows.stream(mean))
        with heard(problem.passes, tick):
            # Corrected by all rows now, and not when λ is first asked about.
            _ = problem.oracle
        return problem
    return Problem.of_parts(design, parts)


def _refuse_untrained(
    training: Moments, outcome: Outcome, settings: Preparation
) -> None:
    """Refuse a class without a training row."""
    shares = training.y_mean[0]
    if len(shares) == 1:
        shares = np.r_[1.0 - shares, shares]
    for name, share in zip(outcome.classes, shares, strict=True):
        if round(training.n * share) == 0:
            raise untrained(name, settings)


def spelled(table: pd.DataFrame, prepared: Prepared) -> pd.DataFrame:
    """Return a table with its classes spelled as those of the design."""
    if not prepared.classes:
        return table
    names = {bare(name): name for name in prepared.classes}
    column = table[prepared.target].astype("object")
    found = column.map(lambda cell: names[bare(label(cell))])
    return table.assign(**{prepared.target: found})


def prepared_by(
    answer: Summed,
    settings: Preparation,
    copies: Copies,
    scale: Scale,
    y_scale: Scale,
) -> Prepared:
    """Return the columns of the design, which of them are features, and their names."""
    encodings = tuple(one.encoding for one in answer.fitted if one.encoding)
    names = unique([name for e in encodings for name in e.names])
    kept = copies.is_first & ~columns_left_out(names, copies, settings.without)
    at = np.flatnonzero(kept).tolist()
    features = unique([copies.name(j, names[j]) for j in at])
    made = dict(zip(at, features, strict=True))
    behind = [e.column for e in encodings for _ in e.names]
    return Prepared(
        target=settings.target,
        task=answer.outcome.task,
        classes=answer.outcome.classes,
        features=features,
        sources=tuple(behind[j] for j in at),
        names=names,
        copies=copies,
        kept=kept,
        scale=scale,
        y_scale=y_scale,
        encodings=encodings,
        ledger=with_features(answer.ledger, encodings, names, made, copies),
        chosen=answer.chosen,
        dropped=(*answer.dropped, *unknown_names(names, settings.without)),
    )


def _refill(prepared: Prepared, answer: Summed) -> Refill | None:
    """Return what tells the medians without some buckets; None without marked gaps."""
    fills = list(_fills(prepared, answer))
    if not fills:
        return None
    deviation = prepared.scale.deviation

    def refill(without: Sequence[Set[int]]) -> Array:
        change = np.zeros((len(without), len(fills)))
        for i, (column, mark, fill, middle) in enumerate(fills):
            medians = np.array([middle.median(buckets) for buckets in without])
            change[:, i] = (medians - fill) / deviation[column] * deviation[mark]
        # Where no training row has a value, it stays as it is.
        return np.nan_to_num(change)

    return refill


def _fills(
    prepared: Prepared, answer: Summed
) -> Iterator[tuple[int, int, float, Middle]]:
    """Features whose gaps were filled: the column, its mark, its fill, its middle."""
    first = 0
    for fitted in answer.fitted:
        assert fitted.encoding is not None
        mark = first + len(fitted.encoding.names) - 1
        if fitted.middles and prepared.place[mark] >= 0:
            fills = [fill for _, fill in fitted.encoding.measures]
            for i, middle in enumerate(fitted.middles):
                if prepared.kept[first + i]:
                    yield first + i, mark, fills[i], middle
        first = mark + 1

"""Copies and mirrors among the columns, found in sums and then checked."""

from collections.abc import Sequence

import numpy as np

from regcore.design.copies import Copies, rounding
from regcore.design.scale import Scale
from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.moments import Moments
from regcore.sources.encoded import some_of
from regcore.sources.engine import Engine
from regcore.sources.fields import trains
from regcore.sources.sums import Columns

NEARLY = 1e-9
"""1 less the correlation of columns that are looked at."""

A_QUERY = 100
"""Pairs that one query compares."""


def find_alike(
    engine: Engine,
    name: str,
    columns: Columns,
    training: Moments,
    scale: Scale,
    tick: Tick,
) -> Copies:
    """Find columns that are equal, or mirrors of each other, but for rounding.

    The rule is that of `find_copies`; which pairs are asked for, the sums say.

    Parameters
    ----------
    training : sums over the training rows
    scale : of the columns
    """
    width = training.p
    copies = Copies(np.arange(width), np.zeros(width, dtype=bool))
    C = training.standardised().moments.S[1 : 1 + width, 1 : 1 + width] / training.n
    pairs = np.argwhere(np.triu(np.abs(C) > 1.0 - NEARLY, 1)).tolist()
    for some in some_of(pairs, A_QUERY):
        _compare(engine, name, columns, scale, some, C, copies, tick)
    return copies


def _compare(
    engine: Engine,
    name: str,
    columns: Columns,
    scale: Scale,
    pairs: Sequence[Sequence[int]],
    C: Array,
    copies: Copies,
    tick: Tick,
) -> None:
    """Compare the columns of each pair in all training rows; enter those alike."""
    asked = []
    for one, other in pairs:
        v, w = (columns.standardised(j, scale) for j in (one, other))
        off = f"{w} {'+' if C[one, other] < 0 else '-'} {v}"
        asked.append(f"MAX({off}) - MIN({off}), MAX(ABS({v}))")
    query = (
        f"SELECT {', '.join(asked)} FROM {columns.rows(name)} WHERE {trains('part')}"
    )
    found = [column[0].as_py() for column in engine.ask(query, tick).columns]
    for at, (one, other) in enumerate(pairs):
        width, largest = found[2 * at : 2 * at + 2]
        most = sum(rounding(scale, np.array([j]), largest)[0] for j in (one, other))
        if width <= most and copies.first[other] == other and copies.is_first[one]:
            copies.first[other] = one
            copies.mirrored[other] = C[one, other] < 0

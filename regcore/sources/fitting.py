"""Encodings from aggregations over the training rows of the encoded table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from regcore.design.columns import EVERY_ROW_EMPTY, number_of
from regcore.design.date_fits import dates_of
from regcore.design.figures import Figures
from regcore.design.ledger import ColumnEncoding, LedgerEntry, entry_of
from regcore.model.blocks import Tick
from regcore.settings import ColumnType
from regcore.sources.engine import Engine, real, whole
from regcore.sources.fields import EPOCH, Field, trains
from regcore.sources.levels import Levels, levels_of
from regcore.sources.medians import TENTH, Column, Middle

A_DAY = 86_400.0

A_QUERY = 200
"""Columns that one query measures."""


@dataclass(frozen=True)
class Term:
    """A column of the design that is a number.

    Attributes
    ----------
    value : of a row of the encoded table, in SQL; NULL in a gap
    typical : taken off before it is squared; it stands in gaps
    """

    value: str
    typical: float


@dataclass(frozen=True)
class Fitted:
    """What a feature came to.

    Attributes
    ----------
    terms : its columns of the design where they are numbers, the mark of gaps last
    middles : what the medians of its measures are told from, where gaps are marked
    levels : its columns where they are levels
    """

    entry: LedgerEntry
    encoding: ColumnEncoding | None = None
    terms: tuple[Term, ...] = ()
    middles: tuple[Middle, ...] = ()
    levels: Levels | None = None


@dataclass(frozen=True)
class Fitter:
    """Fits features on the training rows of an encoded table.

    Attributes
    ----------
    rows : the encoded table
    n : training rows
    ranges : known training cells of each of its columns, the least and the largest
    """

    engine: Engine
    rows: str
    n: int
    ranges: Mapping[str, tuple[int, float, float]]

    def fit(self, field: Field, tick: Tick) -> Fitted:
        """Fit one feature."""
        if field.levels is not None:
            return self._category(field, field.levels)
        known = {what: c for what, c in field.measures.items() if self.ranges[c][0]}
        if not known:
            return _left_out(field, ColumnType.EMPTY, EVERY_ROW_EMPTY)
        if field.order is not None:
            return self._date(field, known, tick)
        (column,) = known.values()
        figures, middle = self._figures(column, tick)
        if figures.gaps and not figures.varies:
            return self._category(field, self._levels(field, column, tick))
        encoding, note = number_of(field.role.column, figures)
        if encoding is None:
            return _left_out(field, ColumnType.CONSTANT, note)
        terms = [Term(column, figures.median)]
        fill = f"{figures.median:g}" if figures.gaps else ""
        filled = figures.gaps
        entry = entry_of(field.role, encoding, note, filled=filled, fill=fill)
        return _marked(Fitted(entry, encoding), terms, [middle], column)

    def _figures(
        self, column: str, tick: Tick, *, days: bool = False
    ) -> tuple[Figures, Middle]:
        """Range and median of a column; of seconds, in days since the first."""
        known, low, high = self.ranges[column]
        rows = f"(SELECT part, {column} FROM {self.rows} WHERE {trains('part')}) AS t"
        shares = TENTH if known < self.n else (0.5, 0.5)
        found = Column(self.engine, rows, column, known, low, high)
        middle = found.middle(tick, shares)
        if days:
            middle, low, high = middle.since(low, A_DAY), 0.0, (high - low) / A_DAY
        return Figures(self.n - known, low, high, middle.median()), middle

    def _date(self, field: Field, known: Mapping[str, str], tick: Tick) -> Fitted:
        assert field.order is not None
        found = {
            part: self._figures(column, tick, days=part == "days")
            for part, column in known.items()
        }
        first = self.ranges[known["days"]][1] if "days" in known else 0.0
        encoding, note = dates_of(
            field.role.column,
            field.order,
            EPOCH + np.timedelta64(int(first), "s"),
            {part: figures for part, (figures, _) in found.items()},
            field.wrong,
        )
        if encoding is None:
            return _left_out(field, ColumnType.CONSTANT, note)
        terms = []
        for part, fill in encoding.measures:
            value = known[part]
            if part == "days":
                value = f"(({value} - {real(first)}) / {real(A_DAY)})"
            terms.append(Term(value, fill))
        gaps = found[encoding.parts[0]][0].gaps
        filled_by = encoding.fill if gaps else ""
        entry = entry_of(field.role, encoding, note, filled=gaps, fill=filled_by)
        middles = [found[part][1] for part in encoding.parts]
        column = known[encoding.parts[0]]
        return _marked(Fitted(entry, encoding), terms, middles, column)

    def _levels(self, field: Field, column: str, tick: Tick) -> Levels:
        """The one number of a column, and its gaps, as levels."""
        found = self.engine.ask(
            f"SELECT {column} AS value, COUNT(*) AS n, "
            f"COUNT(CASE WHEN {trains('part')} THEN 1 END) AS trains FROM {self.rows} "
            f"WHERE part IS NOT NULL GROUP BY {column}",
            tick,
        )
        values = found["value"].to_pandas().rename(field.role.column)
        rows, trained = whole(found["n"]), whole(found["trains"])
        levels, codes = levels_of(values, rows, trained, "")
        cases = [
            f"WHEN {column} IS NULL THEN {code}"
            if np.isnan(value)
            else f"WHEN {column} = {real(value)} THEN {code}"
            for value, code in zip(values, codes, strict=True)
            if code < len(levels.lines) - 1
        ]
        code = f"CASE {' '.join(cases)} ELSE {len(levels.lines) - 1} END"
        return replace(levels, code=code)

    def _category(self, field: Field, levels: Levels) -> Fitted:
        if levels.encoding is None:
            kind = ColumnType.CONSTANT if levels.trains else ColumnType.EMPTY
            return _left_out(field, kind, levels.note)
        found, merged = levels.encoding, levels.merged
        entry = entry_of(field.role, found, levels.note, merged=merged)
        return Fitted(entry, levels.encoding, levels=levels)


def _left_out(field: Field, kind: ColumnType, note: str) -> Fitted:
    reason = note.removeprefix("left out: ")
    column = field.role.column
    entry = LedgerEntry(column, kind, "left out", 0, "", 0, (), reason, note)
    return Fitted(entry)


def _marked(
    fitted: Fitted,
    terms: Sequence[Term],
    middles: Sequence[Middle],
    column: str,
) -> Fitted:
    """Add the terms, and one that marks the gaps of a column if they are marked."""
    if not getattr(fitted.encoding, "marked", False):
        return replace(fitted, terms=tuple(terms))
    mark = Term(f"CASE WHEN {column} IS NULL THEN {real(1)} ELSE {real(0)} END", 0.0)
    return replace(fitted, terms=(*terms, mark), middles=tuple(middles))

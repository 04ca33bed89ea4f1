"""Exact medians of a column, over all training rows or without some of the buckets.

The rows are counted by bins, those bins again that hold the middle, until few enough
values are left to be brought here; of the others it is enough how many are below.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from regcore.design.buckets import BUCKETS
from regcore.model.blocks import Tick
from regcore.model.losses import Array, Integers
from regcore.sources.engine import Engine, real, whole

BINS = 4096

FEW = 200_000
"""Values that it takes no time to bring here."""

ENOUGH = 1.1
"""Times what must be brought that it takes no time to bring."""

TENTH = (0.44, 0.56)
"""Ranks among which the median is without any tenth of the rows."""


@dataclass(frozen=True)
class Middle:
    """The values about the median, and how many rows are below them.

    Attributes
    ----------
    values, buckets, times : (different values of each bucket,), sorted by value
    below, known : (buckets,), rows below these values, and rows with a value
    everything : brings all values here, where the median is not among these
    """

    values: Array
    buckets: Integers
    times: Integers
    below: Integers
    known: Integers

    everything: Callable[[], "Middle"]

    def median(self, without: Iterable[int] = ()) -> float:
        """Return the median without some of the buckets; NaN where no row is left."""
        left = np.ones(len(self.known), dtype=bool)
        left[list(without)] = False
        n, below = int(self.known[left].sum()), int(self.below[left].sum())
        if not n:
            return float("nan")
        up_to = below + np.cumsum(np.where(left[self.buckets], self.times, 0))
        ranks = np.array([(n - 1) // 2, n // 2])
        if ranks[0] < below or ranks[1] >= up_to[-1]:
            return self.everything().median(without)
        return float(self.values[np.searchsorted(up_to, ranks, side="right")].mean())

    def since(self, first: float, unit: float) -> "Middle":
        """The same with the values less the first, in other units."""
        return replace(
            self,
            values=(self.values - first) / unit,
            everything=lambda: self.everything().since(first, unit),
        )


@dataclass(frozen=True)
class Cut:
    """The rows whose values lie between two of them.

    Attributes
    ----------
    below, inside : how many rows are below the first, and how many between
    """

    low: float
    high: float
    below: int
    inside: int


@dataclass(frozen=True)
class Column:
    """A column of numbers whose median is wanted.

    Attributes
    ----------
    rows : what stands after FROM, with the bucket of each row as `part`
    name : of the column
    known, low, high : cells that are no gap, the least and the largest
    """

    engine: Engine
    rows: str
    name: str
    known: int
    low: float
    high: float

    def middle(self, tick: Tick, shares: tuple[float, float] = (0.5, 0.5)) -> Middle:
        """Bring the values between two ranks here, given as shares of all.

        Those of a tenth about the half also tell the median without some buckets.
        """
        cut = Cut(self.low, self.high, 0, self.known)
        # No finer bins hold less than what lies between the ranks.
        most = max(FEW, ENOUGH * (shares[1] - shares[0]) * self.known)
        while cut.inside > most and cut.low < cut.high:
            finer = self._finer(cut, shares, tick)
            if finer == cut:
                break
            cut = finer
        return self._brought(cut, tick)

    def _finer(self, cut: Cut, shares: tuple[float, float], tick: Tick) -> Cut:
        width = real((cut.high - cut.low) / BINS or 1.0)
        bins = self.engine.ask(
            f"SELECT bin, COUNT(*) AS n, MIN(v) AS low, MAX(v) AS high FROM (SELECT "
            f"CAST(FLOOR(({self.name} - {real(cut.low)}) / {width}) AS BIGINT) AS bin, "
            f"{self.name} AS v FROM {self._between(cut)}) AS binned "
            "GROUP BY bin ORDER BY bin",
            tick,
        )
        counts, lows, highs = (bins[name].to_numpy() for name in ("n", "low", "high"))
        up_to = cut.below + np.cumsum(counts)
        # Of an even count the median lies between two ranks.
        ranks = (self.known - 1) * np.array(shares)
        ranks = np.array([np.floor(ranks[0]), np.ceil(ranks[1])])
        first, last = np.searchsorted(up_to, ranks, side="right").tolist()
        return Cut(
            float(lows[first]),
            float(highs[last]),
            int(up_to[first] - counts[first]),
            int(counts[first : last + 1].sum()),
        )

    def _brought(self, cut: Cut, tick: Tick) -> Middle:
        values = self.engine.ask(
            f"SELECT {self.name} AS v, part, COUNT(*) AS n FROM {self._between(cut)} "
            f"GROUP BY {self.name}, part ORDER BY v",
            tick,
        )
        # As few bytes as the engine has: of many rows these are many.
        buckets, times = values["part"].to_numpy(), whole(values["n"])
        known = np.bincount(buckets, times, BUCKETS).astype(int)
        below = np.zeros(BUCKETS, dtype=int)
        if cut.inside < self.known:
            counts = self.engine.ask(
                f"SELECT part, COUNT({self.name}) AS known, "
                f"COUNT(CASE WHEN {self.name} < {real(cut.low)} THEN 1 END) AS below "
                f"FROM {self.rows} GROUP BY part",
                tick,
            )
            part = counts["part"].to_numpy()
            known[part], below[part] = counts["known"].to_numpy(), counts["below"]
        every = Cut(self.low, self.high, 0, self.known)
        return Middle(
            values["v"].to_numpy(),
            buckets,
            times,
            below,
            known,
            lambda: self._brought(every, tick),
        )

    def _between(self, cut: Cut) -> str:
        span = f"BETWEEN {real(cut.low)} AND {real(cut.high)}"
        return f"{self.rows} WHERE {self.name} {span}"

"""Some of the rows as a problem of their own, standardised on themselves."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from regcore.design.scale import Scale
from regcore.design.split import choose_groups, split, split_groups
from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Loss
from regcore.model.oracle import Moments, Oracle, Rows
from regcore.solve.optimum import Optimum, Status

CONSTANT = 1e-9
"""A column of the design that varies less than this within a part is constant there."""

PASSES = 3e9
"""Numbers that may be multiplied for all parts together, where rows are read again and
again: some seconds."""

MOMENTS = 1e11
"""The same where the rows of a part are read once and then solved from their sums."""

FEWEST = 20
"""Fewest parts from which a share means anything."""

FEW = 10
"""Fewer different draws than this, as few groups give, bear no verdict."""


@dataclass(frozen=True)
class Part:
    """A part of the rows, ready to be solved.

    Attributes
    ----------
    oracle : answers for the rows of this part
    start : weights 0 and the best constant
    x_scale, y_scale : from this part's units back to those of the design
    sums : the oracle, where it is made of them
    """

    oracle: Oracle
    start: tuple[Array, Array]
    x_scale: Scale
    y_scale: Scale
    sums: Moments | None = None

    @property
    def lasting(self) -> "Part | None":
        """The same without the rows behind the sums, if there are sums."""
        if self.sums is None:
            return None
        bare = replace(self.sums, given=None)
        return replace(self, oracle=bare, sums=bare)

    def in_design_units(self, W: Array, b: Array) -> tuple[Array, Array]:
        """Give weights (…, p, k) and biases (…, 1, k) for the design's X and Y."""
        W = W / self.x_scale.deviation[:, np.newaxis] * self.y_scale.deviation
        b = b * self.y_scale.deviation + self.y_scale.mean
        return W, b - self.x_scale.mean[np.newaxis] @ W


def unknown(optimum: Optimum) -> bool:
    """Whether solving has stopped before it was known if there is an optimum."""
    return not optimum.exists and optimum.status is Status.STOPPED


def part(X: Array, Y: Array, loss: Loss, *, divide: bool, tick: Tick = no_tick) -> Part:
    """Pose the problem of these rows alone.

    Features, and a numeric target, are centred and divided by their deviation in these
    rows, as the whole is in its own. Fill values and levels stay those of the design.

    Parameters
    ----------
    X, Y : (n, p) and (n, k), rows of a design
    divide : whether features are divided by their deviation
    """
    p, k = X.shape[1], Y.shape[1]
    if not loss.quadratic:
        x_scale = Scale.of(X, divide=divide)
        varies = x_scale.deviation > CONSTANT
        x_scale = Scale(x_scale.mean, np.where(varies, x_scale.deviation, 1.0))
        X = x_scale.apply(X.copy())
        X[:, ~varies] = 0.0
        start = np.zeros((p, k)), loss.link(Y.mean(axis=0, keepdims=True))
        unscaled = Scale(np.zeros(k), np.ones(k))
        return Part(Rows(X, Y, loss), start, x_scale, unscaled)
    return part_of_sums(Moments.of(X, Y, tick).sharpened(X, Y, tick), divide=divide)


def part_of_sums(sums: Moments, *, divide: bool) -> Part:
    """Do as `part` for squared error, from sums over the rows."""
    own, k = sums.standardised(divide=divide), sums.y_mean.size
    return Part(
        own.moments,
        (np.zeros((sums.p, k)), np.zeros((1, k))),
        Scale(own.x_mean, own.x_deviation),
        Scale(own.y_mean, own.y_deviation),
        own.moments,
    )


def draw(
    codes: np.ndarray,
    share: float,
    seed: int,
    count: int,
    groups: np.ndarray | None = None,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split the rows at random, at most `count` times; `share` of each stratum is out.

    With groups, whole groups are left out, but for those without which a stratum would
    not train. A split that comes up again is dropped: it says nothing new, and few
    groups have few splits.
    """
    if groups is None:
        return _different(split(codes, share, one) for one in _seeds(seed, count))
    return _different(
        _split_groups(codes, groups, share, one) for one in _seeds(seed, count)
    )


def draw_groups(
    sizes: np.ndarray, share: float, seed: int, count: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Do as `draw`, for groups with so many rows; 0 for one that is not there."""
    every = np.arange(len(sizes))
    out = (np.isin(every, choose_groups(sizes, share, s)) for s in _seeds(seed, count))
    there = sizes > 0
    return _different((every[there & ~o], every[there & o]) for o in out)


def _seeds(seed: int, count: int) -> list[int]:
    drawn: list[int] = (
        np.random.default_rng([seed, count]).integers(2**32, size=count).tolist()
    )
    return drawn


def _different(
    drawn: Iterable[tuple[np.ndarray, np.ndarray]],
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each pair once, by what it leaves out."""
    return list({out.tobytes(): (kept, out) for kept, out in drawn}.values())


def _split_groups(
    codes: np.ndarray, groups: np.ndarray, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    training, left_out = split_groups(groups, share, seed)
    lacking = ~np.isin(codes[left_out], codes[training])
    back = np.isin(groups, groups[left_out[lacking]])
    trains = np.isin(np.arange(len(codes)), training) | back
    return np.flatnonzero(trains), np.flatnonzero(~trains)


def affordable(wanted: int, loss: Loss, shape: tuple[int, int], outputs: int) -> int:
    """How many parts of so many rows and features take seconds, not minutes.

    The number follows from the sizes alone, never from the clock, so that the same file
    gives the same answer on every machine.
    """
    n, p = shape
    work = (n + 10 * p) * (outputs * (p + 1)) ** 2
    budget = MOMENTS if loss.quadratic else PASSES
    return max(min(wanted, int(budget / work)), min(wanted, FEWEST))

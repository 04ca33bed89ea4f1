"""Exact answers over rows that are only streamed: a sample, corrected by all of them.

What a pass over all rows costs does not depend on how many models it answers for. So
the three are solved on a sample, which a pass then corrects at each of their optima,
and solved again; a last pass certifies them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from regcore.model.blocks import Tick, columns, no_tick
from regcore.model.corrected import Corrected
from regcore.model.losses import Array, Loss
from regcore.model.moments import Moments
from regcore.model.oracle import Evaluation
from regcore.model.penalties import Penalty
from regcore.model.rows import Rows
from regcore.model.strata import KEPT, Farthest
from regcore.settings import NotNowError
from regcore.solve.certificate import Certificate, certify
from regcore.solve.optimum import UNKNOWN, Optimum, Status, solve

Which = Literal["training", "held out", "locked away"]

Stream = Callable[[Which, Tick], Iterable[tuple[Array, Array]]]
"""Which rows → a fresh stream of them, in pieces X (n, p) and Y (n, k) of any size.

The tick is called every moment while pieces are made; what it raises ends the stream.
"""

WEAK = 1e-4
"""The l2 of the place where a sample is corrected before any λ is known."""

UNSEEN = 1e-9
"""Share of the variance of all rows that a sample may not see."""

PRODUCTS = 4e11
"""Multiplications that a curvature may take: some minutes."""

FAR = (1.0, 10.0, 100.0, 1000.0)
"""How many times weights are made larger to see whether all rows are separated."""


@dataclass(frozen=True)
class Passes:
    """All rows, as often as they are asked for.

    Attributes
    ----------
    rows : streams those that train, and the others
    sums : over the training rows
    sample : some of them, drawn uniformly
    done : one entry a pass that was made
    """

    rows: Stream
    loss: Loss
    sums: Moments
    sample: Rows
    done: list[str] = field(default_factory=list)
    _ticks: list[Tick] = field(default_factory=lambda: [no_tick], repr=False)

    def stream(self, which: Which) -> Iterable[tuple[Array, Array]]:
        """Stream the rows anew, for whoever listens; see `heard`."""
        return self.rows(which, self.listener())

    def listener(self, tick: Tick = no_tick) -> Tick:
        """Return who listens, where the caller is nobody who does."""
        return self._ticks[-1] if tick is no_tick else tick

    @property
    def n(self) -> int:
        """Number of training rows."""
        return self.sums.n

    def look(
        self,
        V: Array,
        why: str,
        bends: Sequence[tuple[Array, Array]] = (),
        tick: Tick = no_tick,
        hear: Callable[[Array, Array], None] | None = None,
    ) -> tuple[Array, Array, list[Array]]:
        """Loss (m,) and gradient (p + 1, m·k) at V, and the curvature at some places.

        Raises
        ------
        NotNowError
            if the rows are not as many as they were
        """
        tick = self.listener(tick)
        G, n = np.zeros_like(V), 0
        side = len(V) * self.sums.y_mean.size
        H, step = [np.zeros((side, side)) for _ in bends], self._step(side)
        total: Array = np.zeros(V.shape[1] // self.sums.y_mean.size)
        for X, Y in self.rows("training", tick):
            rows = Rows(X, Y, self.loss)
            own, own_G = rows.of_columns(V, tick)
            total += len(X) * own
            G += len(X) * own_G
            some = rows if step == 1 else Rows(X[::step].copy(), Y[::step], self.loss)
            for bent, bend in zip(H, bends, strict=True):
                bent += len(X) * some.hessian(*bend, tick)
            if hear is not None:
                hear(X, Y)
            n += len(X)
            tick()
        if n != self.n:
            raise NotNowError(
                f"The table has changed while it was read: {n:,} training rows instead "
                f"of {self.n:,}; train on it again."
            )
        self.done.append(why)
        return total / n, G / n, [bent / n for bent in H]

    def _step(self, side: int) -> int:
        """One of so many rows tells a curvature (side, side) of all of them."""
        return 1 + int(self.n * side**2 / PRODUCTS)


@contextmanager
def heard(passes: Passes | None, tick: Tick) -> Iterator[None]:
    """Let `tick` be called by all that streams rows within the block.

    What is known once, such as a loss, is asked for without one.
    """
    if passes is None:
        yield
        return
    passes._ticks.append(tick)
    try:
        yield
    finally:
        passes._ticks.pop()


def surrogate(
    passes: Passes, start: tuple[Array, Array], tick: Tick = no_tick
) -> tuple[Corrected, Corrected]:
    """Return the sample, corrected where hardly any penalty leads on it: one pass.

    First for descents, which stay where the whole of it is closer to all rows, and then
    a share of it for what goes on until a minimum is found.
    """
    tick = passes.listener(tick)
    best = solve(passes.sample, Penalty(l2=WEAK), start, tick=tick)
    at = best.W, best.b
    why = "a place to start from"
    sums = passes.sums
    farthest = Farthest(sums, int(KEPT * passes.sample.n))
    loss, G, (H,) = passes.look(columns(*at), why, [at], tick, farthest.hear)
    sample = farthest.beside(passes.sample)
    known = sample, sums, at, float(loss[0]), G, H, tick
    b = start[1]
    first = float(passes.loss.value(b, sums.y_mean)[0])
    slope = np.concatenate([-sums.covariance, np.zeros_like(b)])
    descents = Corrected.at(*known, share=1.0).through(at, start, first, slope)
    return descents, Corrected.at(*known)


def solve_all(
    passes: Passes,
    near: Corrected,
    penalties: Sequence[Penalty],
    start: tuple[Array, Array],
    *,
    tolerance: float = 1e-8,
    most: int = 8,
    tick: Tick = no_tick,
) -> tuple[Optimum, ...]:
    """Minimise loss + penalty over all rows, for each of the penalties.

    What is solved on the corrected sample is looked at over all rows, which certifies
    it, or corrects the sample there, to be solved again.

    Parameters
    ----------
    near : see `surrogate`
    tolerance : largest relative duality gap, over all rows
    most : passes at most
    """
    found = [solve(near, penalty, start, tick=tick) for penalty in penalties]
    here = [near] * len(found)
    for left in reversed(range(most)):
        there = [i for i, best in enumerate(found) if best.exists]
        if not there:
            break
        V = np.concatenate([columns(found[i].W, found[i].b) for i in there], axis=1)
        places = [(found[i].W, found[i].b) for i in there]
        # Where few rows bend the loss most, it bends otherwise there than at the start.
        bends = places if left == most - 1 else []
        loss, G, H = passes.look(V, "the optima", bends, tick)
        parts = np.split(G, len(there), axis=1)
        known = zip(there, places, loss.tolist(), parts, strict=True)
        for j, (i, place, own, g) in enumerate(known):
            if bends:
                sample, sums = near.sample, near.sums
                here[i] = Corrected.at(sample, sums, place, own, g, H[j], tick)
            else:
                here[i] = here[i].moved(place, own, g)
            at = Evaluation(*place, own, g[:-1], g[-1:])
            found[i] = _judged(here[i], penalties[i], found[i], at, tolerance, tick)
        wide = [i for i in there if found[i].gap > tolerance]
        if not wide or not left:
            break
        for i in wide:
            again = (found[i].W, found[i].b)
            found[i] = solve(here[i], penalties[i], again, tick=tick)
    told = map(_known, found, penalties)
    return tuple(
        best if best.exists else _without(passes, best, start, tick) for best in told
    )


def _known(best: Optimum, penalty: Penalty) -> Optimum:
    """Without a penalty and far from certain, no weights are told, as in `solve`."""
    if penalty.absent and best.status is Status.STOPPED and best.gap > UNKNOWN:
        nothing = np.full_like(best.W, np.nan), np.full_like(best.b, np.nan)
        return replace(best, W=nothing[0], b=nothing[1], bound=0.0)
    return best


def _judged(
    here: Corrected,
    penalty: Penalty,
    best: Optimum,
    at: Evaluation,
    tolerance: float,
    tick: Tick,
) -> Optimum:
    """Certify an answer by the loss and gradient of all rows."""
    certificate = _certificate(here, penalty, at, tick)
    sure = certificate.gap <= tolerance and not certificate.nullity
    many = best.status is Status.NOT_UNIQUE
    status = Status.NOT_UNIQUE if many else Status.OPTIMAL
    return replace(
        best,
        objective=certificate.objective,
        bound=certificate.bound,
        status=status if sure else Status.STOPPED,
    )


def _certificate(
    here: Corrected, penalty: Penalty, at: Evaluation, tick: Tick
) -> Certificate:
    """The dual point differs from the residuals of all rows on those of the sample."""
    white = here.whitened(tick) if penalty.absent else None
    if white is None:
        return certify(here, penalty, at, tick, dual_rows=here.sample, newton_step=True)
    within, T, mean = white
    if _unseen(here.sums, T) > UNSEEN:
        return Certificate(at.loss, 0.0)
    W = np.linalg.lstsq(T, at.W, rcond=None)[0]
    GW = T.T @ (at.GW - mean.T @ at.Gb)
    inside = Evaluation(W, at.b + mean @ at.W, at.loss, GW, at.Gb)
    return certify(within, penalty, inside, tick, dual_rows=within.sample)


def _unseen(sums: Moments, T: Array) -> float:
    """Share of the variance of all rows in directions that a sample has not."""
    C = sums.XX - sums.x_mean.T * sums.x_mean
    Q = np.linalg.qr(T)[0]
    outside = C - Q @ (Q.T @ C)
    outside -= (outside @ Q) @ Q.T
    return float(np.trace(outside) / np.trace(C))


def _without(
    passes: Passes, best: Optimum, start: tuple[Array, Array], tick: Tick
) -> Optimum:
    """Whether classes that can be separated in the sample can be so in all rows.

    Where these are the sample, what was said of it holds. Else they are so in part if
    weights grow for ever along what a tenth of a weak penalty changes: a single row on
    the wrong side would pay for it.
    """
    if passes.sample.n == passes.n:
        return best
    sample, strengths = passes.sample, (WEAK * WEAK, 0.1 * WEAK * WEAK)
    weak, weaker = (solve(sample, Penalty(l2=l2), start, tick=tick) for l2 in strengths)
    V = columns(weak.W, weak.b)
    along = columns(weaker.W, weaker.b) - V
    places = [*(far * V for far in FAR), V + FAR[-1] * along]
    why = "whether the classes can be separated"
    loss = passes.n * passes.look(np.concatenate(places, axis=1), why, tick=tick)[0]
    if float(loss.min()) < np.log(2.0):
        return replace(best, status=Status.SEPARABLE, objective=0.0, bound=0.0)
    moved = sample.predictor_range(weaker.W - weak.W, weaker.b - weak.b, tick)
    partly = moved > 1.0 and loss[-1] - loss[0] < 1.0
    status = Status.PARTLY_SEPARABLE if partly else Status.STOPPED
    return replace(best, status=status, bound=0.0)

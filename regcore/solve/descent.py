"""Gradient descent with a penalty: one loop for all models, its history and outcome."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np

from regcore.model.blocks import columns, models
from regcore.model.losses import Array, Integers
from regcore.model.oracle import Oracle, Rows, Tick
from regcore.model.penalties import Penalty, stack
from regcore.solve.walks import descend_on_sums, pass_of_batches

SNAPSHOTS = 500
"""Most epochs whose weights are kept, for each model."""

EARLY = 32
"""The first epochs, where most happens, are kept however long the run is."""

BLOW_UP = 1e3
"""A run whose objective passes this many times its first value has diverged."""

UNSETTLED = 500
"""Epochs of a run that can settle nowhere, where the others need fewer to converge."""

BLOCK_SECONDS = 0.05
"""A block of epochs is grown or cut towards this time."""

BLOCK_NUMBERS = 2_000_000
"""Most weights that a block of epochs may hold."""

Progress = Callable[[float], None]


def no_progress(share: float) -> None:
    """Do nothing with the share of the work that is done."""


class Outcome(StrEnum):
    """How a run ended."""

    CONVERGED = "converged"
    EPOCH_LIMIT = "epoch limit"
    TIME_LIMIT = "time limit"
    DIVERGED = "diverged"


@dataclass(frozen=True)
class Schedule:
    """How to descend.

    Attributes
    ----------
    rate : learning rate η > 0
    epochs : most epochs; in each, every training row counts once
    seconds : most seconds, or None for no such bound. With it the descent ends as soon
        as the runs that can settle have converged; the others take as many epochs,
        but at least `UNSETTLED`
    tolerance : converged when no optimality condition is off by more than this share
        of the largest gradient at the start
    batch_size : rows a step, or None for all of them
    seed : order of the batches, the same for every model
    """

    rate: float
    epochs: int = 500
    tolerance: float = 1e-6
    batch_size: int | None = None
    seed: int = 0
    seconds: float | None = None

    def hovers(self, n: int) -> bool:
        """Whether a step sees some of n rows alone, so that a run need not settle."""
        return self.batch_size is not None and self.batch_size < n


@dataclass(frozen=True)
class Run:
    """One model's way down: epoch 0 is the start, the last is where it ended.

    Attributes
    ----------
    W, b : (p, k) and (1, k); after a divergence the last state before it
    objective, train_loss, validation_loss : (epochs + 1,)
    nonzero : (epochs + 1,), weights that are not exactly 0
    snapshot_epochs : (s,), at most `SNAPSHOTS` and the last
    snapshot_W, snapshot_b : (s, p, k) and (s, 1, k), the states at these epochs
    last_nonzero : (p, k), the last epoch at which each weight was not exactly 0; −1
        where there is none
    activations : (p, k), how often each weight left 0
    """

    outcome: Outcome
    W: Array
    b: Array
    objective: Array
    train_loss: Array
    validation_loss: Array
    nonzero: Array
    snapshot_epochs: Integers
    snapshot_W: Array
    snapshot_b: Array
    last_nonzero: Array
    activations: Array

    @property
    def epochs(self) -> int:
        """Number of epochs that were run."""
        return len(self.objective) - 1


@dataclass(frozen=True)
class _Block:
    """A few epochs of the models still running: states, and what the oracle said."""

    W: Array
    b: Array
    loss: Array
    GW: Array
    Gb: Array


_Snapshots = tuple[Integers, Array, Array]
"""Epochs, and W and b at each."""


class _Log:
    """What is kept of one model while it runs."""

    def __init__(self, start: tuple[Array, Array]) -> None:
        self.outcome = Outcome.EPOCH_LIMIT
        self._last = start
        self._curves: list[Array] = []
        self._snapshots: list[_Snapshots] = []
        self._stride = 1
        self._alive = start[0] != 0
        self._last_nonzero = np.full(start[0].shape, -1)
        self._activations = np.zeros(start[0].shape, dtype=int)

    def add(self, epoch: int, W: Array, b: Array, curves: Array) -> None:
        """Keep the curves (epochs, 4) and some of the states, from this epoch on."""
        if not len(curves):
            return
        self._curves.append(curves)
        self._last = W[-1].copy(), b[-1].copy()
        self._follow_zeros(epoch, W != 0)
        epochs = np.arange(epoch, epoch + len(W))
        wanted = self._wanted(epochs, W, b)
        if len(wanted[0]):
            self._snapshots.append(wanted)
        while sum(len(part[0]) for part in self._snapshots) >= SNAPSHOTS:
            self._stride *= 2
            self._snapshots = [self._wanted(*self._joined())]

    def _wanted(self, epochs: Integers, W: Array, b: Array) -> _Snapshots:
        """Of these states, those that are kept, as copies."""
        kept = (epochs % self._stride == 0) | (epochs <= EARLY)
        return epochs[kept], W[kept], b[kept]

    def _joined(self) -> _Snapshots:
        """All snapshots: epochs, W and b."""
        epochs, W, b = zip(*self._snapshots, strict=True)
        return np.concatenate(epochs), np.concatenate(W), np.concatenate(b)

    def _follow_zeros(self, epoch: int, alive: Array) -> None:
        """Note which weights (epochs, p, k) are not 0, and which have just left it."""
        before = np.concatenate([self._alive[np.newaxis], alive[:-1]])
        self._activations += (alive & ~before).sum(axis=0)
        last = epoch + len(alive) - 1 - alive[::-1].argmax(axis=0)
        self._last_nonzero = np.where(alive.any(axis=0), last, self._last_nonzero)
        self._alive = alive[-1]

    def run(self) -> Run:
        """Return the record of the whole run."""
        curves = np.concatenate(self._curves)
        W, b = self._last
        epochs, Ws, bs = self._joined()
        if epochs[-1] != len(curves) - 1:
            epochs = np.append(epochs, len(curves) - 1)
            Ws, bs = np.concatenate([Ws, W[None]]), np.concatenate([bs, b[None]])
        return Run(
            outcome=self.outcome,
            W=W,
            b=b,
            objective=curves[:, 0],
            train_loss=curves[:, 1],
            validation_loss=curves[:, 2],
            nonzero=curves[:, 3].astype(int),
            snapshot_epochs=epochs,
            snapshot_W=Ws,
            snapshot_b=bs,
            last_nonzero=self._last_nonzero,
            activations=self._activations,
        )


def descend(
    oracle: Oracle,
    penalties: Sequence[Penalty],
    start: tuple[Array, Array],
    schedule: Schedule,
    *,
    batches: Rows | None = None,
    validation: Oracle | None = None,
    settles: Sequence[bool] | None = None,
    progress: Progress = no_progress,
) -> tuple[Run, ...]:
    """Train one model a penalty, all from the same start, rows, batches and rate.

    Parameters
    ----------
    start : W (p, k) and b (1, k)
    batches : the rows that mini-batches are drawn from; needed with a batch size
    validation : the rows held out; without it the validation loss is NaN
    settles : whether each run can converge at all; without it, all can
    progress : told the share done every few milliseconds; what it raises ends the run

    Returns
    -------
    one `Run` a penalty; each is what training with that penalty alone would give
    """
    logs = [_Log(start) for _ in penalties]
    alive = list(range(len(penalties)))
    W, b = (np.repeat(part[np.newaxis], len(alive), axis=0) for part in start)
    thresholds = _thresholds(oracle, penalties, W, b, schedule)
    awaited = np.ones(len(penalties)) if settles is None else np.array(settles)
    clock, epoch, size = _Clock(schedule), 0, 8
    while len(alive) and not clock.is_over(epoch, waits=bool(np.any(awaited[alive]))):
        block_start = time.perf_counter()
        tick = partial(progress, clock.share(epoch))
        size = clock.cut(epoch, min(size, BLOCK_NUMBERS // W.size))
        penalty = stack([penalties[m] for m in alive])
        # A run that diverges may overflow before its block is looked at.
        with np.errstate(over="ignore", invalid="ignore"):
            epochs = range(epoch, epoch + size)
            block, W, b = _walk(
                oracle, penalty, schedule, batches, (W, b), epochs, tick
            )
            curves = _curves(block, penalty, validation, tick)
            residual = _residual(block, penalty)
        running = []
        for i, m in enumerate(alive):
            end, outcome = _end(curves[:, i, 0], residual[:, i], *thresholds[m])
            logs[m].add(epoch, block.W[:end, i], block.b[:end, i], curves[:end, i])
            if outcome is None:
                running.append(i)
            else:
                logs[m].outcome = outcome
        alive, W, b = [alive[i] for i in running], W[running], b[running]
        epoch += size
        size = _next_size(size, time.perf_counter() - block_start)
    for m in alive:
        logs[m].outcome = clock.outcome
    return tuple(log.run() for log in logs)


class _Clock:
    """When a descent ends, whatever its runs have come to."""

    def __init__(self, schedule: Schedule) -> None:
        self._start, self._schedule = time.perf_counter(), schedule
        self._last = schedule.epochs
        self.outcome = Outcome.EPOCH_LIMIT

    def is_over(self, epoch: int, *, waits: bool) -> bool:
        """Whether no epoch is left, no second, or no run that is waited for."""
        if self._schedule.seconds is not None and epoch > 0:
            if self._seconds() > self._schedule.seconds:
                self.outcome = Outcome.TIME_LIMIT
                return True
            if not waits:
                self._last = min(self._last, max(UNSETTLED, epoch - 1))
        return epoch > self._last

    def share(self, epoch: int) -> float:
        """Share of the descent that is done, at least."""
        done = epoch / (self._last + 1)
        if self._schedule.seconds is None:
            return done
        return max(done, min(self._seconds() / self._schedule.seconds, 1.0))

    def cut(self, epoch: int, size: int) -> int:
        """Cut a block of epochs where the descent ends."""
        return max(1, min(size, self._last + 1 - epoch))

    def _seconds(self) -> float:
        return time.perf_counter() - self._start


def _thresholds(
    oracle: Oracle, penalties: Sequence[Penalty], W: Array, b: Array, schedule: Schedule
) -> list[tuple[float, float]]:
    """For each model: the objective that means diverged, the residual converged."""
    loss, GW, _ = oracle.loss_and_gradient(W, b)
    objective = loss + stack(penalties).value(W)
    residual = schedule.tolerance * np.abs(GW).max(axis=(-2, -1))
    return list(zip(BLOW_UP * objective, residual, strict=True))


def _walk(
    oracle: Oracle,
    penalty: Penalty,
    schedule: Schedule,
    batches: Rows | None,
    state: tuple[Array, Array],
    epochs: range,
    tick: Tick,
) -> tuple[_Block, Array, Array]:
    """Go through these epochs; return their states and the one after them."""
    m, p, k = state[0].shape
    V, step = columns(*state), penalty.columns(m, p, k).step(schedule.rate)
    if schedule.batch_size is not None and batches is None:
        raise ValueError("Mini-batches need the rows to draw them from.")
    sums = oracle.affine() if schedule.batch_size is None else None
    if sums is not None:
        H, q = sums[0], np.tile(sums[1], m)
        states, gradients = descend_on_sums(H, q, V, step, len(epochs), tick)
        W, b = models(states[:-1], m)
        block = _Block(W, b, oracle.loss(W, b, tick), *models(gradients, m))
        return block, *models(states[-1], m)
    states, losses = np.empty((len(epochs) + 1, *V.shape)), np.empty((len(epochs), m))
    gradients = np.empty_like(states[:-1])
    states[0] = V
    for i, epoch in enumerate(epochs):
        V, new = states[i], states[i + 1]
        losses[i], gradients[i] = oracle.of_columns(V, tick)
        if schedule.batch_size is None or batches is None:
            step.write(V, step.rate * gradients[i], new)
            continue
        new[:] = V
        order = np.random.default_rng([schedule.seed, epoch]).permutation(batches.n)
        pass_of_batches(batches, new, step, schedule.batch_size, order, tick)
    block = _Block(*models(states[:-1], m), losses, *models(gradients, m))
    return block, *models(states[-1], m)


def _curves(
    block: _Block, penalty: Penalty, validation: Oracle | None, tick: Tick
) -> Array:
    """Objective, training loss, validation loss, non-zeros: (epochs, models, 4)."""
    objective = block.loss + penalty.value(block.W)
    held_out = np.full_like(block.loss, np.nan)
    if validation is not None:
        held_out = validation.loss(block.W, block.b, tick)
    nonzero = np.count_nonzero(block.W, axis=(-2, -1))
    return np.stack([objective, block.loss, held_out, nonzero], axis=-1)


def _residual(block: _Block, penalty: Penalty) -> Array:
    """Largest of what still moves weights and biases, (epochs, models)."""
    weights = penalty.fixed_point_residual(block.W, block.GW).max(axis=(-2, -1))
    residual: Array = np.maximum(weights, np.abs(block.Gb).max(axis=(-2, -1)))
    return residual


def _end(
    objective: Array, residual: Array, too_large: float, small_enough: float
) -> tuple[int, Outcome | None]:
    """How many epochs of a block count, and how the run ended if it did."""
    diverged = ~(objective <= too_large)
    done = np.flatnonzero(diverged | (residual <= small_enough))
    if not len(done):
        return len(objective), None
    end = int(done[0])
    if diverged[end]:
        return end, Outcome.DIVERGED
    return end + 1, Outcome.CONVERGED


def _next_size(size: int, seconds: float) -> int:
    """Epochs of the next block; the block's size changes no result."""
    if seconds < BLOCK_SECONDS / 2:
        return 2 * size
    return max(1, size // 2) if seconds > 2 * BLOCK_SECONDS else size

"""Gradient descent with a penalty: one loop for all models."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from regcore.model.blocks import columns, models
from regcore.model.losses import Array
from regcore.model.oracle import Oracle, Rows, Tick
from regcore.model.penalties import Penalty, stack
from regcore.solve.effort import Work
from regcore.solve.runs import Log, Outcome, Run
from regcore.solve.walks import descend_on_sums, pass_of_batches

BLOW_UP = 1e3
"""A run whose objective passes this many times its first value has diverged."""

UNSETTLED = 500
"""Epochs of a run that can settle nowhere, where the others need fewer to converge."""

BLOCK_WORK = 100_000_000
"""Multiplications of a block of epochs, a few hundredths of a second. Never the clock:
sums are rounded otherwise where blocks end elsewhere, and a run is to be repeatable to
the last bit."""

STEP_WORK = 20_000
"""What a step costs beside its multiplications."""

BLOCK_NUMBERS = 2_000_000
"""Most weights that a block of epochs may hold."""

Progress = Callable[[float], None]


def no_progress(share: float) -> None:
    """Do nothing with the share of the work that is done."""


@dataclass(frozen=True)
class Schedule:
    """How to descend.

    Attributes
    ----------
    rate : learning rate η > 0
    epochs : most epochs; in each, every training row counts once
    seconds : most seconds of work, or None for no such bound. With it the descent ends
        as soon as the runs that can settle have converged; the others take as many
        epochs, but at least `UNSETTLED`
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
class _Block:
    """A few epochs of the models still running: states, and what the oracle said."""

    W: Array
    b: Array
    loss: Array
    GW: Array
    Gb: Array


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
    logs = [Log(start) for _ in penalties]
    alive = list(range(len(penalties)))
    W, b = (np.repeat(part[np.newaxis], len(alive), axis=0) for part in start)
    thresholds = _thresholds(oracle, penalties, W, b, schedule)
    awaited = np.ones(len(penalties)) if settles is None else np.array(settles)
    work, epoch, size = Work(progress), 0, 8
    clock = _Clock(schedule, work)
    most = max(
        1, BLOCK_WORK // epoch_work(oracle, W.shape, schedule.batch_size, validation)
    )
    while len(alive) and not clock.is_over(epoch, waits=bool(np.any(awaited[alive]))):
        tick = partial(work, clock.share(epoch))
        size = clock.cut(epoch, min(size, most, BLOCK_NUMBERS // W.size))
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
        size *= 2
    for m in alive:
        logs[m].outcome = clock.outcome
    return tuple(log.run() for log in logs)


class _Clock:
    """When a descent ends, whatever its runs have come to."""

    def __init__(self, schedule: Schedule, work: Work) -> None:
        self._work, self._schedule = work, schedule
        self._last = schedule.epochs
        self.outcome = Outcome.EPOCH_LIMIT

    def is_over(self, epoch: int, *, waits: bool) -> bool:
        """Whether no epoch is left, no second, or no run that is waited for."""
        if self._schedule.seconds is not None and epoch > 0:
            if self._work.seconds > self._schedule.seconds:
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
        return max(done, min(self._work.seconds / self._schedule.seconds, 1.0))

    def cut(self, epoch: int, size: int) -> int:
        """Cut a block of epochs where the descent ends."""
        return max(1, min(size, self._last + 1 - epoch))


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


def epoch_work(
    oracle: Oracle,
    shape: tuple[int, ...],
    batch_size: int | None,
    validation: Oracle | None,
) -> int:
    """Multiplications of one epoch of all models, on training rows and held-out ones.

    Parameters
    ----------
    shape : of the weights of m models, (m, p, k)
    """
    m, p, k = shape
    steps = -(-oracle.n // batch_size) if batch_size else 1
    summed = batch_size is None and oracle.affine() is not None
    rows = p + 1 if summed else oracle.n
    if validation is not None and not summed:
        rows += validation.n
    return int(rows * (p + 1) * k * m + steps * STEP_WORK)

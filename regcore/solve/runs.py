"""One model's way down: how it ended, and what is kept of it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from regcore.model.losses import Array, Integers

SNAPSHOTS = 500
"""Most epochs whose weights are kept, for each model."""

EARLY = 32
"""The first epochs, where most happens, are kept however long the run is."""


class Outcome(StrEnum):
    """How a run ended."""

    CONVERGED = "converged"
    EPOCH_LIMIT = "epoch limit"
    TIME_LIMIT = "time limit"
    DIVERGED = "diverged"


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


_Snapshots = tuple[Integers, Array, Array]
"""Epochs, and W and b at each."""


class Log:
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

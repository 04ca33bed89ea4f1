"""Any loss of all folds: one pass over the rows answers for every model."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from regcore.model.blocks import Tick, block_rows, no_tick
from regcore.model.losses import Array, Loss
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty
from regcore.solve.cut import Cut
from regcore.solve.folds import Answer
from regcore.solve.optimum import Status, solve


class FoldRows:
    """Any loss of all models, from passes over the rows."""

    def __init__(self, rows: Cut, loss: Loss) -> None:
        self.rows, self.kind = rows, loss
        self.constant = loss.quadratic
        p, k = rows.X.shape[1], rows.Y.shape[1]
        self._ranges = list(pairwise(rows.edges))
        # Σ [x 1]ᵀy over every part, (parts, p + 1, k), and Σ base(y), (parts,).
        self._XY = np.zeros((len(self._ranges), p + 1, k))
        self._base = np.zeros(len(self._ranges))
        for i, (a, b) in enumerate(self._ranges):
            self._XY[i, :p] = rows.X[a:b].T @ rows.Y[a:b]
            self._XY[i, p] = rows.Y[a:b].sum(axis=0)
            self._base[i] = loss.base(rows.Y[a:b]).sum()
        counts = self._XY[:, p].sum(axis=0) - np.r_[self._XY[:-1, p], np.zeros((1, k))]
        self.start = np.zeros((rows.m, p + 1, k))
        self.start[:, p] = loss.link(counts / rows.sizes[:, None])

    def answer(self, V: Array, tick: Tick = no_tick) -> Answer:
        """See `Folds.answer`: one pass over the rows for all models."""
        m, _, k = V.shape
        p = self.rows.X.shape[1]
        C = self.rows.maps @ V
        # See `Rows`: columns that lie one after the other make the product slow.
        flat = np.ascontiguousarray(C.transpose(1, 0, 2).reshape(p + 1, m * k))
        total = np.zeros((len(self._ranges), m))
        M = np.zeros((len(self._ranges), p + 1, m * k))
        W, size = flat[:p], block_rows(p, m * k)
        biases, every = np.repeat(flat[p:], size, axis=0), np.ones(size)
        for i, block in self._blocks(size):
            ones = every[: len(block)]
            Z = block @ W
            Z += biases[: len(block)]
            A, mean = self.kind.cumulant(Z.reshape(-1, m, k))
            mean = mean.reshape(Z.shape)
            total[i] += ones @ A
            M[i, :p] += block.T @ mean
            M[i, p] += ones @ mean
            tick()
        parts = total - np.einsum("mjk,ijk->im", C, self._XY) + self._base[:, None]
        G = M.reshape(-1, p + 1, m, k).transpose(0, 2, 1, 3) - self._XY[:, None]
        loss, G = parts.sum(axis=0), G.sum(axis=0) - self._own(G)
        held_out = np.r_[np.diagonal(parts)[:-1], np.nan]
        loss = np.maximum(loss - np.r_[held_out[:-1], 0.0], 0.0) / self.rows.sizes
        G = self.rows.maps.transpose(0, 2, 1) @ G / self.rows.sizes[:, None, None]
        return Answer(loss, G, np.maximum(held_out, 0.0) / self.rows.own_sizes)

    def hessian(self, V: Array, tick: Tick = no_tick, *, shared: bool = True) -> Array:
        """See `Folds.hessian`: shared, a fold's is the whole's less its own."""
        C = self.rows.maps @ V
        if shared:
            parts = np.array([self._part(i, C[-1], tick) for i in self._parts()])
            own = parts.copy()
            own[-1] = 0.0
            H = parts.sum(axis=0) - own
        else:
            H = np.array([self._training(f, C[f], tick) for f in range(len(C))])
        p, k = V.shape[1] - 1, V.shape[2]
        blocks = H.reshape(-1, k, p + 1, k, p + 1).transpose(0, 1, 3, 2, 4)
        A = self.rows.maps[:, None, None]
        blocks = A.transpose(0, 1, 2, 4, 3) @ blocks @ A
        H = blocks.transpose(0, 1, 3, 2, 4).reshape(H.shape)
        hessian: Array = H / self.rows.sizes[:, None, None]
        return hessian

    def _training(self, f: int, C: Array, tick: Tick) -> Array:
        """Sum of the second derivatives at C over the training rows of model f."""
        own = f if f < self.rows.m - 1 else None
        parts = (self._part(i, C, tick) for i in self._parts() if i != own)
        return sum(parts, np.zeros((C.size, C.size)))

    def _part(self, i: int, C: Array, tick: Tick) -> Array:
        a, b = self._ranges[i]
        if a == b:
            return np.zeros((C.size, C.size))
        part = Rows(self.rows.X[a:b], self.rows.Y[a:b], self.kind)
        hessian: Array = (b - a) * part.hessian(C[:-1], C[-1:], tick)
        return hessian

    def _parts(self) -> range:
        return range(len(self._ranges))

    def without_penalty(self, f: int, tick: Tick = no_tick) -> float:
        """See `Folds.without_penalty`: solved for on the training rows of this fold."""
        a, b = self._ranges[f]
        A, p = self.rows.maps[f], self.rows.X.shape[1]
        X, Y = self.rows.X @ A[:p, :p] + A[p, :p], self.rows.Y
        out = np.zeros(len(X), dtype=bool)
        out[a:b] = True
        start = np.zeros_like(self.start[f, :p]), self.start[f, p:]
        training = Rows(X[~out], Y[~out], self.kind)
        best = solve(training, Penalty(), start, tick=tick)
        if best.status not in (Status.OPTIMAL, Status.NOT_UNIQUE):
            return np.nan
        held_out = Rows(X[out], Y[out], self.kind)
        return float(held_out.loss(best.W[np.newaxis], best.b[np.newaxis])[0])

    def sharpened(self, V: Array, l1s: Array, l2s: Array, tick: Tick = no_tick) -> None:
        """See `Folds.sharpened`: rows lose none."""

    def paths(self, l1s: Array, l2s: Array, tick: Tick = no_tick) -> None:
        """See `Folds.paths`: no formula for these."""

    def _own(self, G: Array) -> Array:
        """From what every part says to every model, what its own fold says; else 0."""
        m = self.rows.m
        own = G[np.arange(m), np.arange(m)]
        own[-1] = 0.0
        return own

    def _blocks(self, size: int) -> Iterator[tuple[int, Array]]:
        for i, (a, b) in enumerate(self._ranges):
            for first in range(a, b, size):
                yield i, self.rows.X[first : min(first + size, b)]

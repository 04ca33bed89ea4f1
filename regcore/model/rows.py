"""Any loss, from the rows themselves, read in blocks."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from regcore.model.bends import bend_rows, summed_bend
from regcore.model.blocks import (
    BLOCK,
    Tick,
    block_rows,
    columns,
    largest_eigenvalue,
    models,
    no_tick,
)
from regcore.model.given import Given, product
from regcore.model.losses import Array, Integers, Loss
from regcore.model.moments import Moments
from regcore.model.triangle import RANK, triangle, whitened

THIN = 12
"""A first, rough answer is looked for on one of so many rows, or on more of them."""

FEWEST, ENOUGH = 40, 85
"""Rows a feature that a sample has at least, and that it needs."""


SOME = 10
"""Rows a column whose sums are looked at first."""

PLAIN = 1e-6
"""Share of the largest eigenvalue from which one is told from a product of rows."""

NOTHING = 1e-12
"""Share of the largest singular value which those of nothing have by rounding."""

LONG = 64
"""Features from which it matters in which order OpenBLAS reads the rows."""

FEW = 0.125
"""Share of the columns up to which a copy of some is kept until the next."""

CACHE = 16e6
"""Bytes beyond which rows come from memory at every pass."""


class Rows:
    """Any loss, from the rows themselves, read once per answer in blocks.

    Parameters
    ----------
    X : (n, p), C-contiguous, so that a block of rows is one piece of memory; in float32
        loss and gradient take half the time, and have 6 digits
    Y : (n, k)
    loss : one of the records of `regcore.model.losses`
    """

    def __init__(self, X: Array, Y: Array, loss: Loss) -> None:
        self.X, self.Y, self.kind = X, Y, loss
        self.n = len(X)
        self.separable, self.mean_bound = loss.separable, loss.mean_bound
        self._copied: tuple[Integers, Array] = np.arange(0), X[:, :0]

    @cached_property
    def _x_sums(self) -> Array:
        """[X 1]ᵀ[1 Y]/n, (p + 1, 1 + k), from one pass."""
        total = np.zeros((self.X.shape[1] + 1, 1 + self.Y.shape[1]))
        for first in range(0, self.n, BLOCK):
            block = self.X[first : first + BLOCK]
            total[:-1, 0] += np.einsum("ij->j", block)
            total[:-1, 1:] += block.T @ self.Y[first : first + BLOCK]
        total[-1, 0] = 1.0
        total[:-1] /= self.n
        total[-1, 1:] = self.Y.mean(axis=0)
        return total

    @cached_property
    def _gram(self) -> Array:
        """[X 1]ᵀ[X 1], (p + 1, p + 1)."""
        p = self.X.shape[1]
        G = np.empty((p + 1, p + 1))
        G[:p, :p] = self.X.T @ self.X
        G[p, :p] = G[:p, p] = self.n * self._x_sums[:-1, 0]
        G[p, p] = self.n
        return G

    @cached_property
    def _base(self) -> float:
        return float(self.kind.base(self.Y).mean())

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        V, k = columns(W, b), W.shape[-1]
        wide = _filled_up(V, k)
        total = np.zeros(wide.shape[1] // k)
        for _, ones, Z in self._predictors(wide):
            total += ones @ self.kind.cumulant(Z.reshape(len(Z), -1, k))[0]
            tick()
        return self._mean_loss(total, V).reshape(W.shape[:-2])

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W = Xᵀ(mean − Y)/n and ∂C0/∂b, all from one pass."""
        loss, G = self.of_columns(columns(W, b), tick)
        return loss, *models(G, len(W))

    def of_columns(self, V: Array, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.of_columns`."""
        k = self.Y.shape[1]
        wide = _filled_up(V, k)
        total = np.zeros(wide.shape[1] // k)
        # Blocks are added up in float64 whatever the rows are in.
        G = np.zeros(wide.shape)
        XM, M = G[:-1], G[-1]
        for block, ones, Z in self._predictors(wide):
            A, mean = self.kind.cumulant(Z.reshape(len(Z), -1, k))
            mean = mean.reshape(Z.shape)
            total += ones @ A
            XM += block.T @ mean
            M += ones @ mean
            tick()
        G = G[:, : V.shape[1]] / self.n
        G.reshape(len(G), -1, k)[:] -= self._x_sums[:, np.newaxis, 1:]
        return self._mean_loss(total, V), G

    @property
    def covariance(self) -> Array:
        """−∂C0/∂W at W = 0 and the best constant, (p, k)."""
        sums = self._x_sums
        return sums[:-1, 1:] - sums[:-1, :1] * sums[-1, 1:]

    def affine(self) -> tuple[Array, Array] | None:
        """None: there are rows to go through."""
        return None

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Second derivative of C0 at W (p, k), b (1, k), from one pass.

        See `summed_bend`, of which it is the mean.
        """
        p, k = W.shape

        def blocks() -> Iterator[tuple[Array, Array]]:
            for block, _ in self._blocks(bend_rows(p, k)):
                yield block, self.kind.mean(self._product(block, W) + b)
                tick()

        return summed_bend(blocks(), self.kind, p, k) / self.n

    def constant_hessian(self, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.constant_hessian`."""
        tick()
        return self.kind.weight(self.Y.mean(axis=0)), self._gram / self.n

    def bias_hessian(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array]:
        """See `Oracle.bias_hessian`."""
        p, k = W.shape
        V, XV = np.zeros(k * k), np.zeros((p, k * k))
        for block, ones in self._blocks(block_rows(p, k * k + k)):
            mean = self.kind.cumulant(self._product(block, W) + b)[1]
            weight = self.kind.weight(mean).reshape(len(block), -1)
            V += ones @ weight
            XV += block.T @ weight
            tick()
        return V.reshape(k, k) / self.n, XV.reshape(p, k, k) / self.n

    def predictor_range(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """See `Oracle.predictor_range`."""
        if self.mean_bound == np.inf:
            return 0.0
        largest = 0.0
        for block, _ in self._blocks(block_rows(*W.shape)):
            Z = self._product(block, W) + b
            low, high = Z.min(axis=1), Z.max(axis=1)
            # With one output the other class is the output 0.
            high = np.abs(Z[:, 0]) if W.shape[1] == 1 else high - low
            largest = max(largest, float(high.max()))
            tick()
        return largest / self.mean_bound

    def restrict(self, columns: Integers) -> "Rows":
        """Answer for these features alone."""
        X = np.ascontiguousarray(self.X[:, columns])
        if len(columns) <= FEW * self.X.shape[1]:
            self._copied = columns, X
        return Rows(X, self.Y, self.kind)

    def row_space(self) -> "tuple[Rows, Array] | None":
        """See `Oracle.row_space`: X = (US)Vᵀ from the eigenvectors of XXᵀ."""
        if self.X.shape[1] <= self.n:
            return None
        values, U = np.linalg.eigh(self.X @ self.X.T)
        seen = values > PLAIN * values[-1]
        # What the squares hide is nothing, or has to be looked at without squaring.
        hidden = np.linalg.norm(U[:, ~seen].T @ self.X)
        if hidden > NOTHING * np.sqrt(values[-1]):
            U, S, Vt = np.linalg.svd(self.X, full_matrices=False)
            r = np.count_nonzero(S / S.max() > RANK)
            V = Vt[:r].T
            return Rows(product(self.X, V), self.Y, self.kind), V
        U, S = U[:, seen], np.sqrt(values[seen])
        return Rows(U * S, self.Y, self.kind), self.X.T @ (U / S)

    def whitened(self, tick: Tick = no_tick) -> "tuple[Rows, Array, Array] | None":
        """See `Oracle.whitened`."""
        if not self._is_blunt(tick):
            return None
        R = triangle(self.X, self.Y[:, :0], np.zeros(self.X.shape[1]), tick)
        T = whitened(R[1:, 1:], self.n).T
        if not T.size:
            return None
        mean = R[:1, 1:] / R[0, 0]
        rows = Given.of(self.X, self.Y[:, :0]).scaled(mean[0], np.ones(T.shape[0]))
        Z = np.concatenate([block for block, _ in rows.blocks(T, tick)])
        return Rows(Z, self.Y, self.kind), T, mean

    def _is_blunt(self, tick: Tick) -> bool:
        """Whether sums hide how columns differ; often a few rows show that not."""
        for step in (max(self.n // (SOME * self.X.shape[1]), 1), 1):
            X = self.X[::step]
            sums = Moments.of(X, self.Y[::step, :0], tick)
            if not sums.is_blunt:
                return False
        return True

    def subsample(self) -> "Rows | None":
        """A third of the rows or fewer, where these are enough for a rough answer."""
        rows = self.n // max(self.X.shape[1], 25)
        step = max(min(THIN, rows // FEWEST), rows // ENOUGH)
        if step < 3:
            return None
        X, Y = self.X[::step].copy(), self.Y[::step].copy()
        return Rows(X, Y, self.kind) if (Y.max(axis=0) > Y.min(axis=0)).all() else None

    def curvature(self) -> float:
        """Largest eigenvalue of [X 1]ᵀ[X 1]/n times the loss's curvature bound."""
        n, p = self.X.shape
        G = self._gram if p < n else (self.X @ self.X.T).astype(float) + 1.0
        return self.kind.curvature * largest_eigenvalue(G / n)

    def batch_curvature(self, size: int) -> float:
        """Curvature that batches of this size show in the mean.

        L_B = n(B − 1)/(B(n − 1))·L + (n − B)/(B(n − 1))·max‖x‖², which is L for
        one full batch and the largest row's curvature for batches of one.

        References
        ----------
        Gower et al. (2019), SGD: General Analysis and Improved Rates, proposition 3.8.
        """
        n, size = self.n, min(size, self.n)
        if size == n:
            return self.curvature()
        largest_row = float((self.X * self.X).sum(axis=1).max()) + 1.0
        whole = n * (size - 1) / (size * (n - 1)) * self.curvature()
        return whole + (n - size) / (size * (n - 1)) * self.kind.curvature * largest_row

    def _predictors(self, V: Array) -> Iterator[tuple[Array, Array, Array]]:
        """Blocks of rows, a vector of ones, and [block 1]·V, in the rows' precision."""
        V = V.astype(self.X.dtype, copy=False)
        W = V[:-1]
        # Adding one short row to each row of a tall thin block is five times slower.
        size = min(self.n, block_rows(*W.shape))
        biases = np.repeat(V[-1:], size, axis=0)
        X, W = self._with_weights(W)
        for i, (block, ones) in enumerate(self._blocks(size)):
            Z = self._product(X[i * size : i * size + len(block)], W)
            Z += biases[: len(Z)]
            yield block, ones, Z

    def _with_weights(self, W: Array) -> tuple[Array, Array]:
        """X and W, or some columns with all that have weights, if a copy is at hand.

        Long rows are then read once for a gradient, and not twice.
        """
        if len(W) < LONG:
            return self.X, W
        columns, X = self._copied
        some = W[columns]
        if np.count_nonzero(W) > np.count_nonzero(some):
            return self.X, W
        return X, some

    def _product(self, block: Array, W: Array) -> Array:
        """Return block @ W; where long rows come from memory, almost twice as fast.

        OpenBLAS reads several rows in turn, which keeps a few columns waiting. One
        column is a dot product a row, and for more the block is read in order first.
        """
        if len(W) < LONG:
            return block @ W
        if W.shape[1] == 1:
            product: Array = np.vecdot(block, W[:, 0])[:, np.newaxis]
            return product
        if self.X.nbytes > CACHE:
            block.max()
        return block @ W

    def _blocks(self, size: int) -> Iterator[tuple[Array, Array]]:
        """Blocks of rows, each with a vector of ones.

        A product with ones sums a tall thin block ten times faster than ``sum`` does.
        """
        ones = np.ones(size, dtype=self.X.dtype)
        for first in range(0, self.n, size):
            block = self.X[first : first + size]
            yield block, ones[: len(block)]

    def _mean_loss(self, total: Array, V: Array) -> Array:
        """Mean of A(z) − y·z + base(y), with Σ y·z taken from [X 1]ᵀY."""
        k = self.Y.shape[1]
        linear = np.einsum("jmk,jk->m", V.reshape(len(V), -1, k), self._x_sums[:, 1:])
        mean = total[: len(linear)] / self.n
        loss: Array = np.maximum(mean - linear + self._base, 0.0)
        return loss


def _filled_up(V: Array, k: int) -> Array:
    """Add a model of zeros to three: OpenBLAS takes a quarter less time for four."""
    if k > 1 or V.shape[1] % 4 != 3:
        return V
    wide = np.zeros((len(V), V.shape[1] + 1))
    wide[:, :-1] = V
    return wide

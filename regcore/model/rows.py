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
from regcore.model.losses import Array, Cumulant, Integers, Loss
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

ONCE = 500
"""Features from which a copy of those with weights saves a single model time."""

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
        """[X 1]ᵀ[1 Y]/n, (p + 1, 1 + k), from whichever pass is the first."""
        for block, _ in self._blocks(BLOCK):
            self._read(block)
        return self._x_sums

    @cached_property
    def _gram(self) -> Array:
        """[X 1]ᵀ[X 1], (p + 1, p + 1)."""
        p = self.X.shape[1]
        G = np.empty((p + 1, p + 1))
        G[:p, :p] = self.X.T @ self.X
        G[p] = G[:, p] = self.n * self._x_sums[:, 0]
        return G

    @cached_property
    def _base(self) -> float:
        return float(self.kind.base(self.Y).mean())

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        m, (V, k, cumulant) = b.size // W.shape[-1], self._outputs(columns(W, b))
        total = np.zeros(V.shape[1] // k)
        for _, ones, A, _ in self._responses(V, k, cumulant):
            total += ones @ A
            tick()
        return self._mean_loss(total, V, k)[:m].reshape(W.shape[:-2])

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W = Xᵀ(mean − Y)/n and ∂C0/∂b, all from one pass."""
        loss, G = self.of_columns(columns(W, b), tick)
        return loss, *models(G, len(W))

    def of_columns(self, V: Array, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.of_columns`."""
        m = V.shape[1] // self.Y.shape[1]
        V, k, cumulant = self._outputs(V)
        total = np.zeros(V.shape[1] // k)
        # Blocks are added up in float64 whatever the rows are in.
        G = np.zeros(V.shape)
        XM, M = G[:-1], G[-1]
        for block, ones, A, mean in self._responses(V, k, cumulant):
            total += ones @ A
            XM += block.T @ mean
            M += ones @ mean
            tick()
        G = (G / self.n).reshape(len(G), -1, k)[:, :m]
        G -= self._x_sums[:, np.newaxis, 1 : k + 1]
        if k < self.Y.shape[1]:
            G = np.concatenate([G, -G.sum(axis=2, keepdims=True)], axis=2)
        return self._mean_loss(total, V, k)[:m], G.reshape(len(G), -1)

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
            Z = np.ascontiguousarray((self._product(block, W) + b).T)
            # With one output the other class is the output 0.
            high = np.abs(Z) if len(Z) == 1 else Z.max(axis=0) - Z.min(axis=0)
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
            sums = Moments.of(self.X[::step], self.Y[::step, :0], tick)
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

    def _responses(
        self, V: Array, k: int, cumulant: Cumulant
    ) -> Iterator[tuple[Array, Array, Array, Array]]:
        """Blocks of rows, ones, A, and the means, in the rows' precision."""
        V = V.astype(self.X.dtype, copy=False)
        W = V[:-1]
        # Adding one short row to each row of a tall thin block is five times slower.
        size = min(self.n, block_rows(*W.shape))
        biases = np.repeat(V[-1:], size, axis=0)
        X, W = self._with_weights(W)
        for i, (block, ones) in enumerate(self._blocks(size)):
            Z = self._product(X[i * size : i * size + len(block)], W)
            Z += biases[: len(Z)]
            A, mean = cumulant(Z.reshape(len(Z), -1, k))
            yield block, ones, A, mean.reshape(Z.shape)

    def _with_weights(self, W: Array) -> tuple[Array, Array]:
        """X and W, or a copy of columns with all that have weights, if there is one."""
        if len(W) < ONCE or W.shape[1] > 1:
            return self.X, W
        columns, X = self._copied
        some = W[columns]
        if np.count_nonzero(W) > np.count_nonzero(some):
            return self.X, W
        return X, some

    def _product(self, block: Array, W: Array) -> Array:
        """Return block @ W; for one column of long rows a dot product a row."""
        if len(W) >= LONG and W.shape[1] == 1:
            product: Array = np.vecdot(block, W[:, 0])[:, np.newaxis]
            return product
        return self._read(block) @ W

    def _read(self, block: Array) -> Array:
        """Read long rows in order where they come from memory: almost twice as fast.

        OpenBLAS reads several rows in turn, which keeps a few columns waiting.
        """
        if self.X.nbytes > CACHE and block.shape[1] >= LONG:
            block.max()
        return block

    def _blocks(self, size: int) -> Iterator[tuple[Array, Array]]:
        """Blocks of rows, each with a vector of ones.

        A product with ones sums a tall thin block ten times faster than ``sum`` does.
        The first pass also takes the sums, of blocks that are still in the cache.
        """
        ones, new = np.ones(size, dtype=self.X.dtype), "_x_sums" not in vars(self)
        beside = np.column_stack([np.ones(self.n), self.Y]) if new else self.Y
        total = np.zeros((self.X.shape[1], beside.shape[1]))
        for first in range(0, self.n, size):
            block = self.X[first : first + size]
            yield block, ones[: len(block)]
            if new:
                total += block.T @ beside[first : first + size]
        if new:
            self._x_sums = np.vstack([total, beside[:, 0] @ beside]) / self.n

    def _mean_loss(self, total: Array, V: Array, k: int) -> Array:
        """Mean of A(z) − y·z + base(y), with Σ y·z taken from [X 1]ᵀY."""
        parts, sums = V.reshape(len(V), -1, k), self._x_sums[:, 1 : k + 1]
        linear = np.einsum("jmk,jk->m", parts, sums)
        loss: Array = np.maximum(total / self.n - linear + self._base, 0.0)
        return loss

    def _outputs(self, V: Array) -> tuple[Array, int, Cumulant]:
        """Columns to multiply with, how many of them a model has, and the cumulant."""
        parts, k = V.reshape(len(V), -1, self.Y.shape[1]), self.Y.shape[1]
        # OpenBLAS takes a quarter less time for four columns than for three.
        if self.kind.beside is not None and parts[0, :, 1:].size % 4 != 3:
            V = (parts[..., :-1] - parts[..., -1:]).reshape(len(V), -1)
            return V, k - 1, self.kind.beside
        if k == 1 and V.shape[1] % 4 == 3:
            V = np.concatenate([V, np.zeros_like(V[:, :1])], axis=1)
        return V, k, self.kind.cumulant

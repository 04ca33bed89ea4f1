"""Any loss, from the rows themselves, read in blocks."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from regcore.blocks import (
    BLOCK,
    BLOCK_NUMBERS,
    Tick,
    as_columns,
    as_models,
    largest_eigenvalue,
    no_tick,
)
from regcore.losses import Array, Loss
from regcore.systems import RANK

THIN = 8
"""A first, rough answer is looked for on one of so many rows."""


class Rows:
    """Any loss, from the rows themselves, read once per answer in blocks.

    Parameters
    ----------
    X : (n, p), C-contiguous, so that a block of rows is one piece of memory; in float32
        loss and gradient take half the time, and have 6 digits
    Y : (n, k)
    loss : one of the records of `regcore.losses`
    """

    def __init__(self, X: Array, Y: Array, loss: Loss) -> None:
        self.X, self.Y, self.kind = X, Y, loss
        self.n = len(X)
        self.separable = bool(np.isfinite(loss.reach))

    @cached_property
    def _x_sums(self) -> Array:
        """Xᵀ[1 Y]/n, (p, 1 + k), from one pass."""
        total = np.zeros((self.X.shape[1], 1 + self.Y.shape[1]))
        with_ones = np.hstack([np.ones((self.n, 1)), self.Y])
        for first in range(0, self.n, BLOCK):
            rows = slice(first, first + BLOCK)
            total += self.X[rows].T @ with_ones[rows]
        return total / self.n

    @property
    def _XY(self) -> Array:
        return self._x_sums[:, 1:]

    @cached_property
    def _y_mean(self) -> Array:
        return self.Y.mean(axis=0, keepdims=True)

    @cached_property
    def _base(self) -> float:
        return float(self.kind.base(self.Y).mean())

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        C, c = self._weights(W), self._biases(b)
        k = W.shape[-1]
        total = np.zeros(C.shape[1] // k)
        for block, ones in self._blocks(C.shape[1]):
            Z = block @ C
            Z += c[: len(Z)]
            total += ones @ self.kind.cumulant(Z.reshape(len(Z), -1, k))[0]
            tick()
        return self._mean_loss(total.reshape(W.shape[:-2]), W, b)

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W = Xᵀ(mean − Y)/n and ∂C0/∂b, all from one pass."""
        C, c = self._weights(W), self._biases(b)
        k = W.shape[-1]
        total = np.zeros(C.shape[1] // k)
        # Blocks are added up in float64 whatever the rows are in.
        XM, M = np.zeros(C.shape), np.zeros((1, C.shape[1]))
        for block, ones in self._blocks(C.shape[1]):
            Z = block @ C
            Z += c[: len(Z)]
            A, mean = self.kind.cumulant(Z.reshape(len(Z), -1, k))
            mean = mean.reshape(Z.shape)
            total += ones @ A
            XM += block.T @ mean
            M += ones @ mean
            tick()
        GW = as_models(XM / self.n, W.shape) - self._XY
        Gb = as_models(M / self.n, b.shape) - self._y_mean
        return self._mean_loss(total.reshape(W.shape[:-2]), W, b), GW, Gb

    @property
    def pull(self) -> Array:
        """−∂C0/∂W at W = 0 and the best constant, (p, k)."""
        return self._XY - self._x_sums[:, :1] * self._y_mean

    def affine(self) -> tuple[Array, Array] | None:
        """None: there are rows to go through."""
        return None

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Second derivative of C0 at W (p, k), b (1, k), from one pass.

        Output by output, in each the p weights and then the bias:
        (k(p + 1), k(p + 1)). Σ [x 1]ᵀ[x 1] ⊗ A″ with A″ = diag(a) − mean·meanᵀ, where
        the second part is there for cross entropy only.
        """
        p, k = W.shape
        H = np.zeros((k, p + 1, k, p + 1))
        for block, _ in self._blocks(1 + k * (p + 1) // 3):
            mean = self.kind.cumulant(block @ W + b)[1]
            if k > 1 and self.separable:
                spread = np.empty((len(block), k, p + 1))
                np.multiply(
                    mean[:, :, np.newaxis], block[:, np.newaxis], spread[..., :p]
                )
                spread[..., p] = mean
                spread = spread.reshape(len(block), -1)
                H.reshape(k * (p + 1), -1)[:] -= spread.T @ spread
                weight = mean
            else:
                weight = self.kind.weight(mean)[:, :, 0]
            root = np.sqrt(weight)
            part = np.empty((len(block), p + 1))
            for c in range(k):
                np.multiply(block, root[:, c : c + 1], part[:, :p])
                part[:, p] = root[:, c]
                H[c, :, c] += part.T @ part
            tick()
        return H.reshape(k * (p + 1), -1) / self.n

    def dual_point(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[float, float, Array]:
        """See `Oracle.dual_point`: one pass for gradient and the bias's curvature."""
        p, k = W.shape
        total, M, XM = 0.0, np.zeros(k), np.zeros((p, k))
        V, XV = np.zeros(k * k), np.zeros((p, k * k))
        for block, ones in self._blocks(k * k + k):
            A, mean = self.kind.cumulant(block @ W + b)
            weight = self.kind.weight(mean).reshape(len(block), -1)
            total += ones @ A
            M += ones @ mean
            V += ones @ weight
            XM += block.T @ mean
            XV += block.T @ weight
            tick()
        loss = self._mean_loss(np.asarray(total), W, b)
        Gb = M / self.n - self._y_mean[0]
        step = np.linalg.lstsq(V.reshape(k, k) / self.n, Gb, rcond=1e-12)[0]
        G = XM / self.n - self._XY - XV.reshape(p, k, k) @ step / self.n
        reached = np.ptp(np.r_[0.0, step]) <= self.kind.reach
        return float(loss), float(Gb @ step) if reached else np.inf, G

    def spread(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """See `Oracle.spread`."""
        if not self.separable:
            return 0.0
        largest = 0.0
        for block, _ in self._blocks(W.shape[1]):
            Z = block @ W + b
            low, high = Z.min(axis=1), Z.max(axis=1)
            # With one output the other class is the output 0.
            high = np.abs(Z[:, 0]) if W.shape[1] == 1 else high - low
            largest = max(largest, float(high.max()))
            tick()
        return largest / self.kind.reach

    def restrict(self, columns: Array) -> "Rows":
        """Answer for these features alone."""
        X = np.ascontiguousarray(self.X[:, columns])
        return Rows(X, self.Y, self.kind)

    def row_space(self) -> "tuple[Rows, Array] | None":
        """See `Oracle.row_space`: X = (US)Vᵀ from the eigenvectors of XXᵀ."""
        if self.X.shape[1] <= self.n:
            return None
        values, U = np.linalg.eigh(self.X @ self.X.T)
        seen = values > RANK * values[-1]
        U, S = U[:, seen], np.sqrt(values[seen])
        return Rows(U * S, self.Y, self.kind), self.X.T @ (U / S)

    def thin(self) -> "Rows | None":
        """Every eighth row, where that is enough for a rough answer."""
        if self.n < THIN * 40 * max(self.X.shape[1], 25):
            return None
        X, Y = self.X[::THIN].copy(), self.Y[::THIN].copy()
        return Rows(X, Y, self.kind) if (Y.max(axis=0) > Y.min(axis=0)).all() else None

    def curvature(self) -> float:
        """Largest eigenvalue of [X 1]ᵀ[X 1]/n times the loss's curvature bound."""
        return self.kind.curvature * _largest_gram_eigenvalue(self.X)

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

    def _weights(self, W: Array) -> Array:
        """Weights as columns, in the precision of the rows.

        With one column after the other in memory a thin product takes twice as long.
        """
        return np.ascontiguousarray(as_columns(W), dtype=self.X.dtype)

    def _biases(self, b: Array) -> Array:
        """Biases as columns, a row for every row of a block.

        Adding one short row to each row of a tall thin block is five times slower.
        """
        c = as_columns(b).astype(self.X.dtype, copy=False)
        return np.repeat(c, min(self.n, _block_size(c.shape[1])), axis=0)

    def _blocks(self, columns: int) -> Iterator[tuple[Array, Array]]:
        """Blocks of rows, each with a vector of ones.

        A product with ones sums a tall thin block ten times faster than ``sum`` does.
        """
        size = _block_size(columns)
        ones = np.ones(size, dtype=self.X.dtype)
        for first in range(0, self.n, size):
            block = self.X[first : first + size]
            yield block, ones[: len(block)]

    def _mean_loss(self, total: Array, W: Array, b: Array) -> Array:
        """Mean of A(z) − y·z + base(y), with Σ y·z taken from XᵀY."""
        linear = (W * self._XY).sum(axis=(-2, -1)) + (b * self._y_mean).sum(
            axis=(-2, -1)
        )
        return np.maximum(total / self.n - linear + self._base, 0.0)


def _block_size(columns: int) -> int:
    return min(BLOCK, max(64, BLOCK_NUMBERS // columns))


def _largest_gram_eigenvalue(X: Array) -> float:
    """Largest eigenvalue of [X 1]ᵀ[X 1]/n, from whichever Gram matrix is smaller."""
    n, p = X.shape
    if p < n:
        ones = np.ones((1, n), dtype=X.dtype)
        H = np.empty((p + 1, p + 1))
        H[:p, :p] = X.T @ X
        H[p, :p] = H[:p, p] = (ones @ X)[0]
        H[p, p] = n
    else:
        H = (X @ X.T).astype(float) + 1.0
    return largest_eigenvalue(H / n)

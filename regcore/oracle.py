"""Who answers "loss and gradient at (W, b)?".

`Moments` answers for half squared error from sums over the rows: after one pass over
the data an answer costs p², however many rows there are. `Rows` answers for any loss by
going through the rows in blocks. The solvers know nothing else of the data. Both answer
for all m models of a stack at once, so that side by side costs little more than one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from regcore.losses import Array, Loss

BLOCK = 2048
"""Rows a block: the linear predictor of a few models then stays in the cache."""

BLOCK_NUMBERS = 32_768
"""Most numbers in the linear predictor of a block, where there are many models."""

DENSE_EIGENVALUES = 1000
"""Largest matrix whose eigenvalues are taken exactly; beyond it, power iteration."""

Tick = Callable[[], None]


def no_tick() -> None:
    """Do nothing: the heartbeat of a caller who does not listen."""


class Oracle(Protocol):
    """Mean loss over the rows and its gradient; W (…, p, k), b (…, 1, k)."""

    n: int

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        ...

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W and ∂C0/∂b, for W (m, p, k)."""
        ...

    def curvature(self) -> float:
        """Largest curvature L of C0: η < 2/L keeps gradient descent stable."""
        ...


def _columns(W: Array) -> Array:
    """(…, p, k) as (p, M): every output of every model is a column."""
    p, k = W.shape[-2:]
    return W.reshape(-1, p, k).transpose(1, 0, 2).reshape(p, -1)


def _models(C: Array, shape: tuple[int, ...]) -> Array:
    """Undo `_columns` for a result of that shape."""
    p, k = shape[-2:]
    return C.reshape(p, -1, k).transpose(1, 0, 2).reshape(shape)


def _largest_eigenvalue(H: Array) -> float:
    if len(H) <= DENSE_EIGENVALUES:
        return float(np.linalg.eigvalsh(H)[-1])
    v = np.random.default_rng(0).standard_normal(len(H))
    for _ in range(100):
        v = H @ (v / np.linalg.norm(v))
    return float(np.linalg.norm(v))


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
    return _largest_eigenvalue(H / n)


@dataclass(frozen=True)
class Moments:
    """Half squared error from sums: the rows are read once and then forgotten.

    Sums over disjoint rows add, so blocks, folds and machines can be put together with
    ``+`` and taken apart with ``-``.

    Attributes
    ----------
    S : (1 + p + k, 1 + p + k), Σ over rows of [1 x y]ᵀ[1 x y]
    p : number of features
    """

    S: Array
    p: int

    @classmethod
    def of(cls, X: Array, Y: Array, tick: Tick = no_tick) -> "Moments":
        """Sum over the rows of X (n, p) and Y (n, k), in blocks."""
        (n, p), k = X.shape, Y.shape[1]
        S = np.zeros((1 + p + k, 1 + p + k))
        for first in range(0, n, BLOCK):
            rows = slice(first, first + BLOCK)
            block = np.column_stack([np.ones(len(X[rows])), X[rows], Y[rows]])
            S += block.T @ block
            tick()
        return cls(S, p)

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.S + other.S, self.p)

    def __sub__(self, other: "Moments") -> "Moments":
        return Moments(self.S - other.S, self.p)

    @cached_property
    def n(self) -> int:
        """Number of rows."""
        return round(self.S[0, 0])

    @cached_property
    def XX(self) -> Array:
        """XᵀX/n, (p, p)."""
        return np.ascontiguousarray(self.S[1 : 1 + self.p, 1 : 1 + self.p]) / self.n

    @cached_property
    def XY(self) -> Array:
        """XᵀY/n, (p, k)."""
        return np.ascontiguousarray(self.S[1 : 1 + self.p, 1 + self.p :]) / self.n

    @cached_property
    def x_mean(self) -> Array:
        """Mean row of X, (1, p)."""
        return self.S[:1, 1 : 1 + self.p] / self.n

    @cached_property
    def y_mean(self) -> Array:
        """Mean row of Y, (1, k)."""
        return self.S[:1, 1 + self.p :] / self.n

    @cached_property
    def YY(self) -> float:
        """Mean of Σy² over the rows."""
        return float(np.trace(self.S[1 + self.p :, 1 + self.p :])) / self.n

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        return self.loss_and_gradient(W, b, tick)[0]

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W = XX·W + x̄ᵀb − XY and ∂C0/∂b = x̄·W + b − ȳ."""
        C = _columns(W)
        Q = _models(self.XX @ C, W.shape)
        u = _models(self.x_mean @ C, b.shape)
        GW = Q + self.x_mean.T * b - self.XY
        Gb = u + b - self.y_mean
        # C0 = ½(W·(GW − XY) + b·(Gb − ȳ) + YY): no second product with XX.
        quadratic = (W * (GW - self.XY)).sum(axis=(-2, -1))
        quadratic += (b * (Gb - self.y_mean)).sum(axis=(-2, -1))
        tick()
        # Rounding can leave −1e-17 where the fit is perfect; a loss is not negative.
        return np.maximum(0.5 * (quadratic + self.YY), 0.0), GW, Gb

    def curvature(self) -> float:
        """Largest eigenvalue of [X 1]ᵀ[X 1]/n; the loss's own curvature is 1."""
        return _largest_eigenvalue(self.S[: 1 + self.p, : 1 + self.p] / self.n)


class Rows:
    """Any loss, from the rows themselves, read once per answer in blocks.

    Parameters
    ----------
    X : (n, p), C-contiguous, so that a block of rows is one piece of memory
    Y : (n, k)
    loss : one of the records of `regcore.losses`
    """

    def __init__(self, X: Array, Y: Array, loss: Loss) -> None:
        self.X, self.Y, self.kind = X, Y, loss
        self.n = len(X)

    @cached_property
    def _XY(self) -> Array:
        return self.X.T @ self.Y / self.n

    @cached_property
    def _y_mean(self) -> Array:
        return self.Y.mean(axis=0, keepdims=True)

    @cached_property
    def _base(self) -> float:
        return float(self.kind.base(self.Y).mean())

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        C, c = _columns(W), _columns(b)
        k = W.shape[-1]
        total = np.zeros(C.shape[1] // k)
        for block, ones in self._blocks(C.shape[1]):
            Z = block @ C + c
            total += ones @ self.kind.cumulant(Z.reshape(len(Z), -1, k))[0]
            tick()
        return self._mean_loss(total.reshape(W.shape[:-2]), W, b)

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W = Xᵀ(mean − Y)/n and ∂C0/∂b, all from one pass."""
        C, c = _columns(W), _columns(b)
        k = W.shape[-1]
        total = np.zeros(C.shape[1] // k)
        XM, M = np.zeros(C.shape), np.zeros(c.shape)
        for block, ones in self._blocks(C.shape[1]):
            Z = block @ C + c
            A, mean = self.kind.cumulant(Z.reshape(len(Z), -1, k))
            mean = mean.reshape(Z.shape)
            total += ones @ A
            XM += block.T @ mean
            M += ones @ mean
            tick()
        GW = _models(XM / self.n, W.shape) - self._XY
        Gb = _models(M / self.n, b.shape) - self._y_mean
        return self._mean_loss(total.reshape(W.shape[:-2]), W, b), GW, Gb

    def batch_gradient(
        self, W: Array, b: Array, X: Array, Y: Array
    ) -> tuple[Array, Array]:
        """∂C0/∂W and ∂C0/∂b over the rows X, Y of one batch, for W (m, p, k)."""
        Z = X @ _columns(W) + _columns(b)
        mean = self.kind.cumulant(Z.reshape(len(Z), -1, W.shape[-1]))[1]
        R = (mean - Y[:, np.newaxis]).reshape(Z.shape)
        R *= 1.0 / len(X)
        return _models(X.T @ R, W.shape), _models(R.sum(axis=0, keepdims=True), b.shape)

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

    def _blocks(self, columns: int) -> Iterator[tuple[Array, Array]]:
        """Blocks of rows, each with a vector of ones.

        A product with ones sums a tall thin block ten times faster than ``sum`` does.
        """
        size = min(BLOCK, max(64, BLOCK_NUMBERS // columns))
        ones = np.ones(size)
        for first in range(0, self.n, size):
            block = self.X[first : first + size]
            yield block, ones[: len(block)]

    def _mean_loss(self, total: Array, W: Array, b: Array) -> Array:
        """Mean of A(z) − y·z + base(y), with Σ y·z taken from XᵀY."""
        linear = (W * self._XY).sum(axis=(-2, -1)) + (b * self._y_mean).sum(
            axis=(-2, -1)
        )
        return np.maximum(total / self.n - linear + self._base, 0.0)

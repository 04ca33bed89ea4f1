"""Half squared error from sums over the rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regcore.blocks import (
    BLOCK,
    Tick,
    as_columns,
    as_models,
    largest_eigenvalue,
    no_tick,
)
from regcore.losses import Array


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
    separable = False

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
        C = as_columns(W)
        Q = as_models(self.XX @ C, W.shape)
        u = as_models(self.x_mean @ C, b.shape)
        GW = Q + self.x_mean.T * b - self.XY
        Gb = u + b - self.y_mean
        # C0 = ½(W·(GW − XY) + b·(Gb − ȳ) + YY): no second product with XX.
        quadratic = (W * (GW - self.XY)).sum(axis=(-2, -1))
        quadratic += (b * (Gb - self.y_mean)).sum(axis=(-2, -1))
        tick()
        # Rounding can leave −1e-17 where the fit is perfect; a loss is not negative.
        return np.maximum(0.5 * (quadratic + self.YY), 0.0), GW, Gb

    @property
    def pull(self) -> Array:
        """−∂C0/∂W at W = 0 and the best constant, (p, k)."""
        return self.XY - self.x_mean.T * self.y_mean

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Second derivative of C0, (p + 1, p + 1), the bias last; constant."""
        tick()
        order = np.r_[1 : 1 + self.p, 0]
        return self.S[np.ix_(order, order)] / self.n

    def dual_point(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[float, float, Array]:
        """See `Oracle.dual_point`: the best bias costs nothing here."""
        loss, GW, Gb = self.loss_and_gradient(W, b, tick)
        return float(loss), float((Gb * Gb).sum()), GW - self.x_mean.T * Gb

    def spread(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """See `Oracle.spread`: 0, because squared error is defined for every target."""
        return 0.0

    def restrict(self, columns: Array) -> "Moments":
        """Answer for these features alone."""
        keep = np.r_[0, 1 + columns, 1 + self.p : len(self.S)]
        return Moments(self.S[np.ix_(keep, keep)], len(columns))

    def thin(self) -> "Moments | None":
        """None: no sample of the rows is cheaper than their sums."""
        return None

    def curvature(self) -> float:
        """Largest eigenvalue of [X 1]ᵀ[X 1]/n; the loss's own curvature is 1."""
        return largest_eigenvalue(self.S[: 1 + self.p, : 1 + self.p] / self.n)

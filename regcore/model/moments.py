"""Half squared error from sums over the rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from regcore.model.blocks import Tick, columns, largest_eigenvalue, models, no_tick
from regcore.model.given import Given, whitened_root
from regcore.model.losses import Array, Booleans, Integers
from regcore.model.readable import Readable
from regcore.model.sums import first_mean, summed, variance, varies
from regcore.model.triangle import is_blunt, residuals, triangle


class Standardised(NamedTuple):
    """Moments of standardised columns, and the way back.

    Attributes
    ----------
    moments : every column has mean 0, and deviation 1; those of X only if divided
    x_mean, x_deviation : (p,); a constant column keeps deviation 1, and is 0
    y_mean, y_deviation : (k,)
    """

    moments: "Moments"
    x_mean: Array
    x_deviation: Array
    y_mean: Array
    y_deviation: Array


@dataclass(frozen=True)
class Moments:
    """Half squared error from sums: the rows are read once and then forgotten.

    Sums over disjoint rows add, so blocks, folds and machines can be put together with
    ``+`` and taken apart with ``-``. The rows are shifted before they are squared: a
    column of years or of 1e9 plus a little keeps the digits of the little.

    Attributes
    ----------
    S : (1 + p + k, 1 + p + k), Σ over rows of uᵀu with u = [1, x − s, y − s′]
    p : number of features
    shift : (p + k,), the s and s′ of u
    root : (rows, 1 + p + k) with S = rootᵀroot, where the sums alone are too blunt
    given : the rows themselves, where that may be too

    References
    ----------
    Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance.
    """

    S: Array
    p: int
    shift: Array
    root: Array | None = None
    given: Given | None = None
    separable = False
    mean_bound = np.inf

    @classmethod
    def of(
        cls, X: Readable, Y: Array, tick: Tick = no_tick, shift: Array | None = None
    ) -> "Moments":
        """Sum over the rows of X (n, p) and Y (n, k), in blocks.

        Without a shift the mean of the first block is taken.
        """
        shift = np.asarray(first_mean(X, Y) if shift is None else shift, dtype=float)
        return cls(summed(X, Y, shift, tick), X.shape[1], shift)

    @classmethod
    def of_pieces(
        cls, pieces: Iterable[tuple[Array, Array]], tick: Tick = no_tick
    ) -> "Moments":
        """Sum over pieces (X, Y) of any size: a file that is larger than the memory.

        Raises
        ------
        ValueError
            if there is no piece
        """
        total = None
        for X, Y in pieces:
            if total is None or not total.n:
                total = cls.of(X, Y, tick)
            else:
                total += cls.of(X, Y, tick, total.shift)
        if total is None:
            raise ValueError("Moments need at least one piece of rows.")
        return total

    def sharpened(self, X: Readable, Y: Array, tick: Tick = no_tick) -> "Moments":
        """Return these sums of the rows with their `root`, where they need one."""
        if not self.is_blunt:
            return self
        root = triangle(X, Y, self.shift, tick)
        return replace(self, root=root, given=Given.of(X, Y))

    @cached_property
    def is_blunt(self) -> bool:
        """Whether the sums hide how columns of X differ, or what they leave of Y."""
        varying = self.varies[: self.p].all()
        return not varying or is_blunt(self._covariance, self.p)

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.S + other.shifted(self.shift).S, self.p, self.shift)

    def __sub__(self, other: "Moments") -> "Moments":
        return Moments(self.S - other.shifted(self.shift).S, self.p, self.shift)

    def shifted(self, shift: Array) -> "Moments":
        """Return the same sums about another shift."""
        move = self.shift - shift
        if not move.any():
            return self
        T = np.eye(len(self.S))
        T[0, 1:] = move
        return replace(self._mapped(T, shift), given=self.given)

    def _mapped(self, T: Array, shift: Array) -> "Moments":
        """Sums over the rows uT."""
        root = None if self.root is None else self.root @ T
        return Moments(T.T @ self.S @ T, self.p, shift, root)

    def add_multiples(self, columns: Array, others: Array, factors: Array) -> "Moments":
        """Sums for the rows whose feature columns[i] has factors[i]·others[i] added.

        Another fill value is such a change: others[i] marks the gaps.
        """
        T = np.eye(len(self.S))
        T[1 + others, 1 + columns] = factors
        shift = self.shift.copy()
        shift[columns] += factors * self.shift[others]
        return self._mapped(T, shift)

    def scale(self, *, divide: bool = True) -> tuple[Array, Array]:
        """Mean and deviation of the columns of X and Y, (p + k,) each.

        The deviation is the population's, 1/n; a constant column keeps 1, and so do all
        of X if not divided.
        """
        mean = self.S[0, 1:] / self.n
        deviation = np.sqrt(np.where(self.varies, variance(self.S, self.n), 1.0))
        if not divide:
            deviation[: self.p] = 1.0
        return mean + self.shift, deviation

    @cached_property
    def varies(self) -> Booleans:
        """Whether each column of X and Y does by more than its rounding, (p + k,)."""
        return varies(self.S, self.n, self.shift)

    def standardised(self, *, divide: bool = True) -> Standardised:
        """Moments of the columns less their mean and over their deviation.

        See `scale`: the columns of X are divided only where it is asked for.
        """
        mean, deviation = self.scale(divide=divide)
        centred, p = self.shifted(mean).standardised_by(mean, deviation), self.p
        S, root = centred.S, centred.root
        S[0, 1:] = S[1:, 0] = 0.0
        if root is not None:
            root *= np.r_[1.0, self.varies]
        own = Moments(S, p, np.zeros(len(mean)), root, centred.given)
        return Standardised(own, mean[:p], deviation[:p], mean[p:], deviation[p:])

    def standardised_by(self, mean: Array, deviation: Array) -> "Moments":
        """Sums over rows less a mean and over a deviation, about the row they were."""
        scale = np.concatenate([[1.0], 1.0 / deviation])
        S = self.S * scale * scale[:, np.newaxis]
        root = None if self.root is None else self.root * scale
        given = self.given and self.given.scaled(mean, deviation)
        return Moments(S, self.p, (self.shift - mean) / deviation, root, given)

    @cached_property
    def n(self) -> int:
        """Number of rows."""
        return round(float(self.S[0, 0]))

    @cached_property
    def _mean(self) -> Array:
        return self.S[:1, 1:] / self.n + self.shift

    @cached_property
    def _covariance(self) -> Array:
        mean = self.S[:1, 1:] / self.n
        return self.S[1:, 1:] / self.n - mean.T * mean

    @cached_property
    def _products(self) -> Array:
        """[X Y]ᵀ[X Y]/n, (p + k, p + k)."""
        return self._covariance + self._mean.T * self._mean

    @property
    def XX(self) -> Array:
        """XᵀX/n, (p, p)."""
        return self._products[: self.p, : self.p]

    @property
    def XY(self) -> Array:
        """XᵀY/n, (p, k)."""
        return self._products[: self.p, self.p :]

    @cached_property
    def x_mean(self) -> Array:
        """Mean row of X, (1, p)."""
        return self._mean[:, : self.p]

    @cached_property
    def y_mean(self) -> Array:
        """Mean row of Y, (1, k)."""
        return self._mean[:, self.p :]

    @cached_property
    def YY(self) -> float:
        """Mean of Σy² over the rows."""
        return float(np.trace(self._products[self.p :, self.p :]))

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model: ½(w·(XX·w − 2XY) + b(2x̄·w + b − 2ȳ) + YY).

        Every output of every model is a row: with one output nothing is copied.
        """
        if self.root is not None:
            R = residuals(self.root, self.shift, W, b)
            half: Array = 0.5 * (R * R).sum(axis=(-2, -1))
            return half / self.n
        p, k = W.shape[-2:]
        w, c = W.swapaxes(-1, -2).reshape(-1, k, p), b.reshape(-1, k)
        R = (w.reshape(-1, p) @ self.XX).reshape(w.shape)
        R -= 2.0 * self.XY.T
        r = 2.0 * (w @ self.x_mean[0]) + c - 2.0 * self.y_mean
        tick()
        quadratic = np.einsum("mkp,mkp->m", w, R) + (c * r).sum(axis=1) + self.YY
        # Rounding can leave −1e-17 where the fit is perfect; a loss is not negative.
        loss: Array = np.maximum(0.5 * quadratic, 0.0)
        return loss.reshape(W.shape[:-2])

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W = XX·W + x̄ᵀb − XY and ∂C0/∂b = x̄·W + b − ȳ."""
        loss, G = self.of_columns(columns(W, b), tick)
        if self.root is not None:
            loss = self.loss(W, b)
        return loss, *models(G, len(W))

    def of_columns(self, V: Array, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.of_columns`."""
        H, q = self._affine
        q = np.tile(q, V.shape[1] // q.shape[1]) if V.shape[1] > q.shape[1] else q
        G = H @ V
        G -= q
        # C0 = ½(V·(G − q) + YY): no second product with H.
        quadratic = np.einsum("jc,jc->c", V, G - q).reshape(-1, self.y_mean.size)
        tick()
        return np.maximum(0.5 * (quadratic.sum(axis=1) + self.YY), 0.0), G

    @property
    def covariance(self) -> Array:
        """−∂C0/∂W at W = 0 and the best constant, (p, k)."""
        return np.ascontiguousarray(self._covariance[: self.p, self.p :])

    @cached_property
    def _affine(self) -> tuple[Array, Array]:
        H = np.ones((self.p + 1, self.p + 1))
        H[:-1, :-1], H[:-1, -1], H[-1, :-1] = self.XX, self.x_mean, self.x_mean
        return H, np.concatenate([self.XY, self.y_mean])

    def affine(self) -> tuple[Array, Array] | None:
        """See `Oracle.affine`."""
        return self._affine

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Second derivative of C0, (p + 1, p + 1), the bias last; constant."""
        tick()
        return self._affine[0]

    def constant_hessian(self, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.constant_hessian`."""
        tick()
        return np.eye(self.y_mean.size), self._affine[0]

    def bias_hessian(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array]:
        """See `Oracle.bias_hessian`: 1 and x̄ for every output."""
        tick()
        same = np.eye(b.size)
        return same, self.x_mean.T[:, :, np.newaxis] * same

    def predictor_range(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """See `Oracle.predictor_range`: 0, for every target is allowed."""
        return 0.0

    def restrict(self, columns: Integers) -> "Moments":
        """Answer for these features alone."""
        keep = np.r_[0, 1 + columns, 1 + self.p : len(self.S)]
        shift = self.shift[keep[1:] - 1]
        root = None if self.root is None else self.root[:, keep]
        given = self.given and self.given.restrict(columns)
        return Moments(self.S[np.ix_(keep, keep)], len(columns), shift, root, given)

    def row_space(self) -> "tuple[Moments, Array] | None":
        """None: there are no rows any more."""
        return None

    def whitened(self, tick: Tick = no_tick) -> "tuple[Moments, Array, Array] | None":
        """See `Oracle.whitened`: from the root, or the rows where it is too blunt."""
        tick()
        found, mean = None, self._mean[0]
        if self.root is not None and self.is_blunt:
            found = whitened_root(self.root, self.n, mean, self.p, self.given, tick)
        if not found:
            return None
        root, T = found
        shift = np.concatenate([np.zeros(T.shape[1]), self.y_mean[0]])
        return Moments(root.T @ root, T.shape[1], shift, root), T, self.x_mean

    def subsample(self) -> "Moments | None":
        """None: no sample of the rows is cheaper than their sums."""
        return None

    def curvature(self) -> float:
        """Largest eigenvalue of [X 1]ᵀ[X 1]/n; the loss's own curvature is 1."""
        return largest_eigenvalue(self.hessian(self.x_mean.T, self.y_mean))

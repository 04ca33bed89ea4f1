"""A sample of the rows, corrected by what all rows say at one place."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from regcore.model.blocks import (
    RANK,
    Tick,
    columns,
    largest_eigenvalue,
    models,
    no_tick,
)
from regcore.model.losses import Array, Booleans, Integers
from regcore.model.moments import Moments
from regcore.model.strata import Strata

TWICE = 4.0
"""Squared distance, in that of two places, beyond which a correction is left out."""


class Bow(NamedTuple):
    """τ³(h·(v − u) + d) with τ = a·(v − u), for weights and biases v packed.

    Attributes
    ----------
    reach : largest (v − u)·H(v − u) at which it holds
    """

    u: Array
    H: Array
    reach: float
    a: Array
    h: Array
    d: float

    def at(self, v: Array) -> tuple[Booleans, Array, Array]:
        """Whether it holds (m,), value (m,) and slope (m, d) at v (m, d)."""
        off = v - self.u
        t, line = off @ self.a, off @ self.h + self.d
        slope = np.outer(3.0 * t * t * line, self.a) + np.outer(t**3, self.h)
        return np.vecdot(off @ self.H, off) <= self.reach, t**3 * line, slope


ROUNDING = 16 * np.finfo(float).eps
"""Of a curvature, for each unknown: what the sums over the rows are sure of."""


@dataclass(frozen=True)
class Corrected:
    """A share of the loss of a sample, and a quadratic that makes up for all rows.

    ℓ(v) = t·ℓ_s(v) + c + g·v + ½v·Bv for the weights and bias v of a model, packed
    output by output, so that at one place u the loss, gradient and curvature are those
    of all rows; off it by (ℓ‴ − t·ℓ_s‴)(v − u)³/6.

    Attributes
    ----------
    sample : rows that stand for all
    share : t
    sums : of all rows
    c, g, B : number, (d,) and (d, d), d = k(p + 1)
    bow : what is added to pass through a second place; see `through`

    References
    ----------
    Jordan, Lee & Yang (2019), Communication-efficient distributed statistical
    inference, equation 5 (the surrogate without B).
    """

    sample: Strata
    share: float
    sums: Moments
    c: float
    g: Array
    B: Array
    bow: "Bow | None" = None

    @classmethod
    def at(
        cls,
        sample: Strata,
        sums: Moments,
        place: tuple[Array, Array],
        loss: float,
        G: Array,
        H: Array,
        tick: Tick = no_tick,
        share: float | None = None,
    ) -> "Corrected":
        """Correct by what all rows say at W (p, k) and b (1, k).

        Parameters
        ----------
        loss, G, H : of all rows there, G (p + 1, k)
        share : without one, as much as leaves B without negative curvature. Where a few
            rows bend most of the sample, the whole would fall for ever away from u.
        """
        own = sample.hessian(*place, tick)
        t = _share(H, own) if share is None else share
        nothing = np.zeros(len(H))
        # Rounding of the units' squares would outweigh a penalty, and fall for ever.
        bent = cls(sample, t, sums, 0.0, nothing, H - t * own + _rounding(H))
        return bent.moved(place, loss, G)

    def moved(self, place: tuple[Array, Array], loss: float, G: Array) -> "Corrected":
        """Correct the loss and gradient elsewhere, the curvature as it was."""
        V = columns(*place)
        own, own_G = self.sample.of_columns(V)
        u, B = V.T.ravel(), self.B
        g = (G - self.share * own_G).T.ravel()
        c = loss - self.share * float(own[0]) - float(g @ u) + 0.5 * float(u @ B @ u)
        return replace(self, c=c, g=g - B @ u)

    def through(
        self,
        place: tuple[Array, Array],
        other: tuple[Array, Array],
        loss: float,
        G: Array,
    ) -> "Corrected":
        """Correct the loss and gradient at another place too, for descents from there.

        What is added, and its slope and curvature, are 0 at the first place. Farther
        away, where a run that diverges would fall for ever, the sample is left alone.
        """
        own, own_G = self.of_columns(columns(*other))
        u, H = columns(*place).T.ravel(), self.hessian(*place)
        s = columns(*other).T.ravel() - u
        length = float(s @ H @ s)
        a = H @ s / (length or 1.0)
        e = loss - float(own[0])
        h = (G - own_G).T.ravel() - 3.0 * e * a
        return replace(self, bow=Bow(u, H, TWICE * length, a, h, e - float(h @ s)))

    @property
    def n(self) -> int:
        """Number of all rows."""
        return self.sums.n

    @property
    def separable(self) -> bool:
        """See `Oracle.separable`."""
        return self.sample.first.separable

    @property
    def mean_bound(self) -> float:
        """See `Loss.mean_bound`."""
        return self.sample.mean_bound

    def of_columns(self, V: Array, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.of_columns`."""
        loss, G = self.sample.of_columns(V, tick)
        k = self.sums.y_mean.size
        packed = V.T.reshape(-1, k * len(V))
        bent = packed @ self.B
        more, slope = (
            self.c + packed @ self.g + 0.5 * (packed * bent).sum(1),
            bent + self.g,
        )
        if self.bow is not None:
            holds, own, own_slope = self.bow.at(packed)
            more = np.where(holds, more + own, 0.0)
            slope = np.where(holds[:, np.newaxis], slope + own_slope, 0.0)
        slope = slope.reshape(-1, len(V)).T
        return self.share * loss + more, self.share * G + slope

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """See `Oracle.loss_and_gradient`."""
        loss, G = self.of_columns(columns(W, b), tick)
        return loss, *models(G, len(W))

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """See `Oracle.loss`."""
        return self.of_columns(columns(W, b), tick)[0].reshape(W.shape[:-2])

    def curvature(self) -> float:
        """See `Oracle.curvature`: of all rows."""
        H = self.sums.hessian(self.sums.x_mean.T, self.sums.y_mean)
        return self.sample.first.kind.curvature * largest_eigenvalue(H)

    @property
    def covariance(self) -> Array:
        """See `Oracle.covariance`: of all rows."""
        return self.sums.covariance

    def affine(self) -> tuple[Array, Array] | None:
        """None: there are rows to go through."""
        return None

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """See `Oracle.hessian`."""
        return self.share * self.sample.hessian(W, b, tick) + self.B

    def constant_hessian(self, tick: Tick = no_tick) -> tuple[Array, Array]:
        """See `Oracle.constant_hessian`: of all rows."""
        tick()
        weight = self.sample.first.kind.weight(self.sums.y_mean[0])
        return weight, self.sums.hessian(self.sums.x_mean.T, self.sums.y_mean)

    def bias_hessian(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array]:
        """See `Oracle.bias_hessian`."""
        V, XV = self.sample.bias_hessian(W, b, tick)
        (p, k) = W.shape
        B = self.B.reshape(k, p + 1, k, p + 1)
        XV = self.share * XV + B[:, :p, :, p].transpose(1, 0, 2)
        return self.share * V + B[:, p, :, p], XV

    def predictor_range(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """See `Oracle.predictor_range`: of the sample."""
        return self.sample.predictor_range(W, b, tick)

    def restrict(self, columns: Integers) -> "Corrected":
        """Answer for these features alone."""
        k, p = self.sums.y_mean.size, self.sums.p
        keep = (np.arange(k)[:, None] * (p + 1) + np.r_[columns, p]).ravel()
        sample, sums = self.sample.restrict(columns), self.sums.restrict(columns)
        B = np.ascontiguousarray(self.B[np.ix_(keep, keep)])
        return Corrected(sample, self.share, sums, self.c, self.g[keep], B)

    def row_space(self) -> "tuple[Corrected, Array] | None":
        """None: a sample has more rows than features."""
        return None

    def whitened(self, tick: Tick = no_tick) -> "tuple[Corrected, Array, Array] | None":
        """See `Oracle.whitened`: in the directions of the sample."""
        white = self.sample.whitened(tick)
        if white is None:
            return None
        sample, T, mean = white
        k, (p, r) = self.sums.y_mean.size, T.shape
        M = np.zeros((p + 1, r + 1))
        M[:p, :r], M[p, :r], M[p, r] = T, -mean[0] @ T, 1.0
        each = np.kron(np.eye(k), M)
        B = each.T @ self.B @ each
        sums = _mapped(self.sums, T, mean)
        within = Corrected(sample, self.share, sums, self.c, each.T @ self.g, B)
        return within, T, mean

    def subsample(self) -> None:
        """None: it is a sample already."""


def _rounding(H: Array) -> Array:
    """Curvature that the sums behind a Hessian may have too little of by rounding."""
    return np.diag(ROUNDING * len(H) * np.diagonal(H))


def _share(H: Array, own: Array) -> float:
    """The largest t ≤ 1 for which H − t·own bends nowhere down, but by rounding."""
    units = 1.0 / np.sqrt(np.maximum(np.diagonal(H), np.finfo(float).tiny))
    H, own = (M * units * units[:, np.newaxis] for M in (H, own))
    L = np.linalg.cholesky(H + RANK * len(H) * np.eye(len(H)))
    half = np.linalg.solve(L, own)
    return 1.0 / max(1.0, largest_eigenvalue(np.linalg.solve(L, half.T)))


def _mapped(sums: Moments, T: Array, mean: Array) -> Moments:
    """Sums over (x − mean)·T and y."""
    (p, r), k = T.shape, sums.y_mean.size
    A = np.zeros((1 + p + k, 1 + r + k))
    A[0, 0] = 1.0
    A[1 : 1 + p, 1 : 1 + r] = T
    A[1 + p :, 1 + r :] = np.eye(k)
    S = sums.shifted(np.r_[mean[0], sums.shift[p:]]).S
    return Moments(A.T @ S @ A, r, np.r_[np.zeros(r), sums.shift[p:]])

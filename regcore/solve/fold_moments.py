"""Squared error of all folds from the sums over each, in and out of training."""

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array
from regcore.model.moments import Moments
from regcore.solve.folds import Answer, Cut
from regcore.solve.homotopy import lasso_paths


class FoldMoments:
    """Squared error of all models, from the sums over each fold."""

    constant = True

    def __init__(self, rows: Cut) -> None:
        training = np.array([_augment(part) for part in rows.training])
        own = np.array([_augment(part) for part in rows.parts])
        # Nothing is held out from the last model.
        own[-1] = 0.0
        p = rows.maps.shape[1] - 1
        T = np.zeros((rows.m, p + 2, p + 2))
        T[:, : p + 1, : p + 1] = rows.maps
        # The sums are over rows less the shift.
        T[:, p, : p + 1] += rows.parts[0].shift[:p] @ rows.maps[:, :p]
        T[:, p + 1, p + 1] = 1.0
        self._training = _Quadratic(T, training, rows.sizes)
        self._own = _Quadratic(T, own, rows.own_sizes)
        self.start = np.zeros((rows.m, p + 1, 1))
        self.start[:, p] = self._training.q[:, p] / self._training.H[:, p, p, None]

    def answer(self, V: Array, tick: Tick = no_tick) -> Answer:
        """See `Folds.answer`."""
        tick()
        loss, G = self._training.value(V)
        return Answer(loss, G, self._own.value(V)[0])

    def hessian(self, V: Array, tick: Tick = no_tick, *, shared: bool = True) -> Array:
        """See `Folds.hessian`."""
        return self._training.H

    def paths(
        self, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> tuple[Array, Answer] | None:
        """See `Folds.paths`: L1 alone is piecewise linear, L2 alone diagonal."""
        if l1s.any() and l2s.any():
            return None
        if l1s.any():
            H, q = self._training.H, self._training.q[:, :, 0]
            V = lasso_paths(H, q, H.shape[1] - 1, l1s, tick)[..., np.newaxis]
        else:
            V = self._l2_path(l2s)
        return V, self.answer(V, tick)

    def _l2_path(self, l2s: Array) -> Array:
        """Minimisers (L, m, p + 1, 1) for L2 at these strengths > 0.

        One eigendecomposition of each model's XᵀX/n serves every strength; the columns
        are centred, so that the bias is the mean of y.
        """
        p = self.start.shape[1] - 1
        values, vectors = np.linalg.eigh(self._training.H[:, :p, :p])
        pull = vectors.transpose(0, 2, 1) @ self._training.q[:, :p]
        shares = pull / (values[:, :, np.newaxis] + l2s)
        V = np.repeat(self.start[np.newaxis], len(l2s), axis=0)
        V[:, :, :p, 0] = (vectors @ shares).transpose(2, 0, 1)
        return V


class _Quadratic:
    """½·mean of (xV − y)² from sums over [x 1 y], one for each model."""

    def __init__(self, T: Array, S: Array, sizes: Array) -> None:
        S = T.transpose(0, 2, 1) @ S @ T / sizes[:, None, None]
        self.H = np.ascontiguousarray(S[:, :-1, :-1])
        self.q = np.ascontiguousarray(S[:, :-1, -1:])
        self.yy = S[:, -1, -1]

    def value(self, V: Array) -> tuple[Array, Array]:
        """Loss (…, m) and gradient for V (…, m, p + 1, 1)."""
        # A whole path is one product a model.
        columns = np.moveaxis(V[..., 0].reshape(-1, *V.shape[-3:-1]), 0, -1)
        G = np.moveaxis(self.H @ columns, -1, 0).reshape(V.shape) - self.q
        loss = 0.5 * ((V * (G - self.q)).sum(axis=(-2, -1)) + self.yy)
        return np.maximum(loss, 0.0), G


def _augment(part: Moments) -> Array:
    """Sums over [x 1 y]."""
    order = np.r_[1 : part.p + 1, 0, part.p + 1]
    return part.S[np.ix_(order, order)]

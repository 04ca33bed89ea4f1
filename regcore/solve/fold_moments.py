"""Squared error of all folds from the sums over each, in and out of training."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.given import FINE, KNOWN, Given, left_share
from regcore.model.losses import Array
from regcore.model.moments import Moments
from regcore.model.triangle import root_of, stacked, triangle, whitened
from regcore.solve.active import sharpened
from regcore.solve.cut import Cut, Sorted
from regcore.solve.folds import Answer
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
        self._cut = rows
        roots = _roots(rows) if any(part.is_blunt for part in rows.training) else None
        self._training = _Quadratic(T, training, rows.sizes, roots and roots[0])
        self._own = _Quadratic(T, own, rows.own_sizes, roots and roots[1])
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

    def sharpened(
        self, V: Array, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> tuple[Array, Answer] | None:
        """See `Folds.sharpened`; of L2 alone the path is of the triangles already."""
        if self._training.roots is None or not l1s.any():
            return None
        V = V.copy()
        for f in range(V.shape[1]):
            R = self._training.centred(f)
            for i, w in sharpened(R[1:, 1:], V[:, f, :-1, 0], l1s, l2s, tick):
                V[i, f, :-1, 0] = w
                V[i, f, -1, 0] = (R[0, -1] - R[0, 1:-1] @ w) / R[0, 0]
        return V, self.answer(V, tick)

    def without_penalty(self, f: int, tick: Tick = no_tick) -> float:
        """See `Folds.without_penalty`."""
        tick()
        V = np.zeros_like(self.start)
        if self._training.roots is None:
            V[f, :, 0] = np.linalg.solve(self._training.H[f], self._training.q[f, :, 0])
            return float(self._own.value(V)[0][f])
        R = self._training.centred(f)
        T, U, share = whitened(R[1:, 1:-1], 1)
        share *= left_share(U, R[1:, -1:])
        if share < FINE and self._cut.given:
            return self._from_rows(f, T, self._cut.given, tick)
        if share < KNOWN or (not self._cut.held and _is_hidden(self._cut.training[f])):
            return np.nan
        V[f, :-1, 0] = w = T @ (U.T @ R[1:, -1])
        V[f, -1, 0] = (R[0, -1] - R[0, 1:-1] @ w) / R[0, 0]
        return float(self._own.value(V)[0][f])

    def _from_rows(self, f: int, T: Array, given: Given, tick: Tick) -> float:
        """Held-out loss of least squares in the directions of T, from the rows."""
        which, A = self._cut.which, given.A
        A = np.hstack([A, np.eye(len(A))[:, -1:]]) @ self._cut.maps[f][:, :-1]
        others = np.concatenate([own for i, own in enumerate(which) if i != f])
        R = replace(given, A=A, some=others).triangle(T, tick)
        v = np.linalg.lstsq(R[1:, 1:-1], R[1:, -1])[0]
        bias = (R[0, -1] - R[0, 1:-1] @ v) / R[0, 0]
        left = replace(given, A=A, some=which[f]).triangle(T, tick)
        left = left @ np.r_[bias, v, -1.0]
        return 0.5 * float(left @ left) / float(self._cut.own_sizes[f])

    def _l2_path(self, l2s: Array) -> Array:
        """Minimisers (L, m, p + 1, 1) for L2 at these strengths > 0.

        One eigendecomposition of each model's XᵀX/n serves every strength; the columns
        are centred, so that the bias is the mean of y.
        """
        p = self.start.shape[1] - 1
        values, vectors, rotated = self._training.eigenbasis()
        shares = rotated / (values[:, :, np.newaxis] + l2s)
        V = np.repeat(self.start[np.newaxis], len(l2s), axis=0)
        V[:, :, :p, 0] = (vectors @ shares).transpose(2, 0, 1)
        return V


class _Quadratic:
    """½·mean of (xV − y)² from sums over [x 1 y], one for each model.

    Where the sums are too blunt there are roots (m, p + 2, p + 2) with S = rootᵀroot.
    """

    def __init__(self, T: Array, S: Array, sizes: Array, roots: Array | None) -> None:
        S = T.transpose(0, 2, 1) @ S @ T / sizes[:, None, None]
        self.H = np.ascontiguousarray(S[:, :-1, :-1])
        self.q = np.ascontiguousarray(S[:, :-1, -1:])
        self.yy = S[:, -1, -1]
        self.roots = roots
        if roots is not None:
            self.roots = roots @ T / np.sqrt(sizes)[:, None, None]

    def centred(self, f: int) -> Array:
        """Triangle of [1 x y], of model f; below its first row x and y are centred."""
        assert self.roots is not None
        d = self.q.shape[1]
        return stacked([self.roots[f][:, np.r_[d - 1, : d - 1, d]]])

    def eigenbasis(self) -> tuple[Array, Array, Array]:
        """Eigenvalues and -vectors of each XᵀX/n, and Xᵀy/n along these."""
        d = self.q.shape[1] - 1
        if self.roots is None:
            values, vectors = np.linalg.eigh(self.H[:, :d, :d])
            return values, vectors, vectors.transpose(0, 2, 1) @ self.q[:, :d]
        R = np.array([self.centred(f) for f in range(len(self.q))])[:, 1:]
        U, S, Vt = np.linalg.svd(R[:, :, 1:-1], full_matrices=False)
        rotated = U.transpose(0, 2, 1) @ R[:, :, -1:] * S[:, :, np.newaxis]
        return S * S, Vt.transpose(0, 2, 1), rotated

    def value(self, V: Array) -> tuple[Array, Array]:
        """Loss (…, m) and gradient for V (…, m, p + 1, 1)."""
        # A whole path is one product a model.
        columns = np.moveaxis(V[..., 0].reshape(-1, *V.shape[-3:-1]), 0, -1)
        G = np.moveaxis(self.H @ columns, -1, 0).reshape(V.shape) - self.q
        if self.roots is not None:
            ends = np.full((*V.shape[:-2], 1, 1), -1.0)
            left = self.roots @ np.concatenate([V, ends], axis=-2)
            return 0.5 * (left * left).sum(axis=(-2, -1)), G
        loss = 0.5 * ((V * (G - self.q)).sum(axis=(-2, -1)) + self.yy)
        return np.maximum(loss, 0.0), G


def _roots(rows: Cut) -> tuple[Array, Array]:
    """Triangles over [x 1 y] of each model's training rows, and of those held out."""
    shift = rows.parts[0].shift
    order = np.r_[1 : len(shift), 0, len(shift)]
    size = len(shift) + 1
    training, own = _of_rows(rows, rows.held) if rows.held else _of_sums(rows)
    own[-1] = np.zeros((0, size))
    whole = np.zeros((2, rows.m, size, size))
    for kind, roots in zip(whole, (training, own), strict=True):
        for f, R in enumerate(roots):
            kind[f, : len(R)] = R[:, order]
    return whole[0], whole[1]


def _of_rows(rows: Cut, held: Sorted) -> tuple[list[Array], list[Array]]:
    shift, parts = rows.parts[0].shift, []
    for a, b in pairwise(rows.edges):
        inside = held.order[a:b]
        parts.append(triangle(held.given[inside], held.target[inside], shift))
    training = [
        stacked([R for i, R in enumerate(parts) if i != f or f == rows.m - 1])
        for f in range(rows.m)
    ]
    return training, parts


def _of_sums(rows: Cut) -> tuple[list[Array], list[Array]]:
    """Where there are no rows, the parts may have roots; else their sums must do."""
    training, own = (
        [
            root_of(part.S) if part.root is None else stacked([part.root])
            for part in some
        ]
        for some in (rows.training, rows.parts)
    )
    return training, own


def _is_hidden(part: Moments) -> bool:
    """Whether there are only sums, too blunt for those columns that vary at all."""
    varying = np.flatnonzero(part.varies[: part.p])
    return part.root is None and part.restrict(varying).is_blunt


def _augment(part: Moments) -> Array:
    """Sums over [x 1 y]."""
    order = np.r_[1 : part.p + 1, 0, part.p + 1]
    augmented: Array = part.S[np.ix_(order, order)]
    return augmented

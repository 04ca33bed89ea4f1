"""Folds in lockstep: each model sees all rows but its fold's, the last sees all.

Every model standardises, and fills gaps, on its own training rows. Both are linear maps
of the columns, so that the rows are never copied for it: with [x 1] as it stands, model f
sees [x 1]·A_f, and its weights and bias V_f (p + 1, k) are A_f·V_f on the rows.

Folds are answered for together. For squared error a fold's sums are the whole's less its
own. For other losses one pass over the rows gives every model's training loss, gradient
and held-out loss.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from regcore.blocks import BLOCK, BLOCK_NUMBERS, Tick, no_tick
from regcore.homotopy import lasso_paths
from regcore.losses import Array, Loss
from regcore.moments import Moments
from regcore.oracle import Rows

ALWAYS = -1
"""The fold of rows that are never held out."""


class Fill(NamedTuple):
    """A column whose gaps were filled with one value, and the column that marks them."""

    column: int
    mark: int


def draw_folds(strata: Array, folds: int, seed: int) -> Array:
    """Fold (n,) of every row, 0 … folds − 1, each stratum spread evenly over the folds.

    A class with a single row is never held out: without it nothing could be learnt of
    it. Regression has one stratum.
    """
    rng = np.random.default_rng(seed)
    fold = np.full(len(strata), ALWAYS)
    dealt = 0
    for stratum in np.unique(strata):
        rows = rng.permutation(np.flatnonzero(strata == stratum))
        if len(rows) > 1:
            fold[rows] = (dealt + np.arange(len(rows))) % folds
            dealt += len(rows)
    return fold


class Answer(NamedTuple):
    """What m models come to.

    Attributes
    ----------
    loss : (m,), over each model's training rows
    G : (m, p + 1, k), gradient of the loss by weights and bias
    held_out : (m,), mean loss over the fold held out; NaN for the model of all rows
    """

    loss: Array
    G: Array
    held_out: Array


class Folds(Protocol):
    """Answers for m = folds + 1 models, weights and bias V (m, p + 1, k)."""

    start: Array
    """(m, p + 1, k): weights 0, the best constant bias of each model's rows."""

    constant: bool
    """Whether the Hessian is the same everywhere."""

    def answer(self, V: Array, tick: Tick = no_tick) -> Answer:
        """Losses and gradients of all models."""
        ...

    def hessian(self, V: Array, tick: Tick = no_tick) -> Array:
        """Second derivatives (m, k(p + 1), k(p + 1)), those of V[-1] for all."""
        ...

    def paths(
        self, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> list[tuple[Array, Answer]]:
        """All minimisers at once, where a formula gives them; else nothing."""
        ...


@dataclass(frozen=True)
class Cut:
    """Rows sorted by fold, and what each model's training rows are standardised by.

    Attributes
    ----------
    X, Y : (n, p) and (n, k), the rows of a fold together
    edges : (folds + 2,), fold f is rows edges[f] to edges[f + 1]; those that are always
        trained on come last
    parts : sums over each of these parts
    maps : (folds + 1, p + 1, p + 1), the A_f
    """

    X: Array
    Y: Array
    edges: Array
    parts: tuple[Moments, ...]
    maps: Array

    @property
    def m(self) -> int:
        """Number of models."""
        return len(self.maps)

    @cached_property
    def sizes(self) -> Array:
        """Training rows of each model, (m,)."""
        sizes = np.diff(self.edges)
        return sizes.sum() - np.r_[sizes[:-1], 0]

    @cached_property
    def own_sizes(self) -> Array:
        """Rows held out from each model, (m,); NaN instead of 0 for the last."""
        return np.r_[np.diff(self.edges)[:-1].astype(float), np.nan]


def cut(
    X: Array,
    Y: Array,
    fold: Array,
    *,
    fills: Sequence[Fill] = (),
    divide: bool = True,
    tick: Tick = no_tick,
) -> Cut:
    """Sort the rows by fold and fit each model's standardisation and filling.

    Parameters
    ----------
    X : (n, p), gaps filled with any one value a column
    fold : (n,) codes from `draw_folds`
    fills : the columns that were filled
    divide : by the deviation; else columns are centred only
    """
    folds = int(fold.max()) + 1
    order = np.argsort(np.where(fold == ALWAYS, folds, fold), kind="stable")
    counts = np.bincount(np.where(fold == ALWAYS, folds, fold), minlength=folds + 1)
    X, Y, edges = X[order], Y[order], np.r_[0, np.cumsum(counts)]
    ranges = [slice(a, b) for a, b in zip(edges, edges[1:], strict=False)]
    first = Moments.of(X, Y, tick)
    parts = tuple(Moments.of(X[rows], Y[rows], tick, first.shift) for rows in ranges)
    whole = sum(parts[1:], start=parts[0])
    maps = []
    for f in range(folds + 1):
        training = whole - parts[f] if f < folds else whole
        held = ranges[f] if f < folds else slice(0, 0)
        change = _refill(X, held, fills)
        maps.append(_map(training, fills, change, divide=divide))
    return Cut(X, Y, edges, parts, np.array(maps))


def _refill(X: Array, held: slice, fills: Sequence[Fill]) -> Array:
    """What to add to a filled column, per unit of its mark, for the median in training.

    The fold held out, with its gaps, is filled by the same value.
    """
    training = np.ones(len(X), dtype=bool)
    training[held] = False
    change = np.zeros(len(fills))
    for i, (column, mark) in enumerate(fills):
        low, high = X[:, mark].min(), X[:, mark].max()
        gap = X[:, mark] > 0.5 * (low + high)
        known = X[training & ~gap, column]
        if gap.any() and len(known):
            change[i] = (np.median(known) - X[gap, column][0]) / (high - low)
    return change


def _map(
    training: Moments, fills: Sequence[Fill], change: Array, *, divide: bool
) -> Array:
    """A (p + 1, p + 1) with [x 1]·A the refilled, standardised row and 1."""
    p = training.p
    refill = np.eye(p + 1)
    if len(fills):
        columns, marks = np.array(fills).T
        training = training.add_multiples(columns, marks, change)
        refill[marks, columns] = change
    fit = training.standardised(divide=divide)
    scale = np.diag(np.r_[1.0 / fit.x_deviation, 1.0])
    scale[p, :p] = -fit.x_mean / fit.x_deviation
    return refill @ scale


class FoldMoments:
    """Squared error of all models, from the sums over each fold."""

    constant = True

    def __init__(self, rows: Cut) -> None:
        augmented = [_augment(part) for part in rows.parts]
        whole = sum(augmented)
        p = rows.X.shape[1]
        T = np.zeros((rows.m, p + 2, p + 2))
        T[:, : p + 1, : p + 1] = rows.maps
        T[:, p + 1, p + 1] = 1.0
        none = np.zeros_like(whole)
        own = np.array([*augmented[:-1], none])
        self._training = _Quadratic(T, whole - own, rows.sizes)
        self._own = _Quadratic(T, own, rows.own_sizes)
        self.start = np.zeros((rows.m, p + 1, 1))
        self.start[:, p] = self._training.q[:, p] / self._training.H[:, p, p, None]

    def answer(self, V: Array, tick: Tick = no_tick) -> Answer:
        """See `Folds.answer`."""
        tick()
        loss, G = self._training.value(V)
        return Answer(loss, G, self._own.value(V)[0])

    def hessian(self, V: Array, tick: Tick = no_tick) -> Array:
        """See `Folds.hessian`."""
        return self._training.H

    def paths(
        self, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> list[tuple[Array, Answer]]:
        """See `Folds.paths`: L1 alone is piecewise linear, L2 alone diagonal."""
        if l1s.any() and l2s.any():
            return []
        if l1s.any():
            H, q = self._training.H, self._training.q[:, :, 0]
            V = lasso_paths(H, q, H.shape[1] - 1, l1s, tick)[..., np.newaxis]
        else:
            V = self._l2_path(l2s)
        losses, gradients = self._training.value(V)
        answers = map(Answer, losses, gradients, self._own.value(V)[0])
        return list(zip(V, answers, strict=True))

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
    """Sums over [x 1 y] about 0, for X that is near 0, as standardised columns are."""
    p = part.p
    S = part.shifted(np.zeros_like(part.shift)).S
    order = np.r_[1 : p + 1, 0, p + 1]
    return S[np.ix_(order, order)]


class FoldRows:
    """Any loss of all models, from passes over the rows."""

    def __init__(self, rows: Cut, loss: Loss) -> None:
        self.rows, self.kind = rows, loss
        self.constant = not np.isfinite(loss.reach)
        p, k = rows.X.shape[1], rows.Y.shape[1]
        self._ranges = list(zip(rows.edges, rows.edges[1:], strict=False))
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
        flat = C.transpose(1, 0, 2).reshape(p + 1, m * k)
        total = np.zeros((len(self._ranges), m))
        M = np.zeros((len(self._ranges), p + 1, m * k))
        for i, block in self._blocks(m * k):
            ones = np.ones(len(block))
            Z = block @ flat[:p]
            Z += flat[p]
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

    def hessian(self, V: Array, tick: Tick = no_tick) -> Array:
        """See `Folds.hessian`: a fold's is the whole's less its own."""
        p, k = self.rows.X.shape[1], V.shape[2]
        C = self.rows.maps[-1] @ V[-1]
        d = k * (p + 1)
        parts = np.zeros((len(self._ranges), d, d))
        for i, (a, b) in enumerate(self._ranges):
            if b > a:
                part = Rows(self.rows.X[a:b], self.rows.Y[a:b], self.kind)
                parts[i] = (b - a) * part.hessian(C[:p], C[p:], tick)
        H = parts.sum(axis=0) - np.concatenate([parts[:-1], np.zeros((1, d, d))])
        blocks = H.reshape(-1, k, p + 1, k, p + 1).transpose(0, 1, 3, 2, 4)
        A = self.rows.maps[:, None, None]
        blocks = A.transpose(0, 1, 2, 4, 3) @ blocks @ A
        H = blocks.transpose(0, 1, 3, 2, 4).reshape(-1, d, d)
        return H / self.rows.sizes[:, None, None]

    def paths(
        self, l1s: Array, l2s: Array, tick: Tick = no_tick
    ) -> list[tuple[Array, Answer]]:
        """See `Folds.paths`: no formula for these."""
        return []

    def _own(self, G: Array) -> Array:
        """From what every part says to every model, what its own fold says; else 0."""
        m = self.rows.m
        own = G[np.arange(m), np.arange(m)]
        own[-1] = 0.0
        return own

    def _blocks(self, columns: int) -> Iterator[tuple[int, Array]]:
        size = min(BLOCK, max(64, BLOCK_NUMBERS // columns))
        for i, (a, b) in enumerate(self._ranges):
            for first in range(a, b, size):
                yield i, self.rows.X[first : min(first + size, b)]

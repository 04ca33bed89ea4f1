"""The minimisers of all folds' models along λ: by a formula, or by Newton steps."""

from functools import partial

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.penalties import Penalty
from regcore.solve.descent import Progress
from regcore.solve.fold_curvature import curvatures
from regcore.solve.folds import Answer, Folds

SETTLED = 1e-8
"""An optimality condition may be off by this share of the largest slope."""

NEWTON_STEPS = 100
"""Most Newton steps at one λ."""


class Way:
    """The way of one penalty down, which can be gone on with later."""

    def __init__(
        self, folds: Folds, n: int, l1_ratio: float, tolerance: float, tick: Tick
    ) -> None:
        self._folds, self._n, self._l1_ratio = folds, n, l1_ratio
        self._tolerance, self._tick = tolerance, tick
        self._walker: _Walker | None = None

    def down(self, lams: Array, progress: Progress) -> tuple[Array, Answer]:
        """Minimisers V (L, m, p + 1, k) at falling λ, all below those before."""
        l1s = self._l1_ratio * lams / self._n
        l2s = (1.0 - self._l1_ratio) * lams / self._n
        path = self._by_formula(l1s, l2s, progress)
        path = path or self._follow(l1s, l2s, progress)
        tick = partial(progress, 1.0)
        return self._folds.sharpened(path[0], l1s, l2s, tick) or path

    def _by_formula(
        self, l1s: Array, l2s: Array, progress: Progress
    ) -> tuple[Array, Answer] | None:
        """All solutions at once, where there is a formula and they are optimal."""
        if self._walker is not None:
            return None
        path = self._folds.paths(l1s, l2s, partial(progress, 0.0))
        if path is None:
            return None
        V, answer = path
        return path if _are_optimal(self._folds, l1s, l2s, V, answer.G) else None

    def _follow(
        self, l1s: Array, l2s: Array, progress: Progress
    ) -> tuple[Array, Answer]:
        """Minimise for one penalty after the other, each from the last one's answer."""
        if self._walker is None:
            self._walker = _Walker(
                self._folds,
                self._l1_ratio == 0.0,
                self._tolerance,
                partial(progress, 0.0),
            )
        V, answers = zip(
            *(
                self._walker.go(Penalty(l1, l2), partial(progress, i / len(l1s)))
                for i, (l1, l2) in enumerate(zip(l1s, l2s, strict=True))
            ),
            strict=True,
        )
        return np.array(V), Answer(*map(np.array, zip(*answers, strict=True)))


class _Walker:
    """Newton steps of all models at once, from where the last penalty left them."""

    def __init__(
        self, folds: Folds, smooth: bool, tolerance: float, tick: Tick
    ) -> None:
        self._folds, self._tolerance = folds, tolerance
        self._V = folds.start
        self._answer = folds.answer(self._V, tick)
        H, self._shared = folds.hessian(self._V, tick), True
        self._smooth = smooth and not folds.constant
        self._model = curvatures(H, smooth=self._smooth)
        self._units = _units(H, self._V)
        self._target = _target(self._answer, self._units)

    def go(self, penalty: Penalty, tick: Tick) -> tuple[Array, Answer]:
        """Minimise; return V (m, p + 1, k) and what it comes to."""
        left: list[float] = []
        fresh, arrived = False, False
        for _ in range(NEWTON_STEPS):
            residual = _residual(penalty, self._V, self._answer.G, self._units)
            left.append(float((residual / self._target).max()))
            stale = self._model.is_stale(left)
            if left[-1] <= 1.0 or (stale and self._folds.constant):
                break
            sharp = len(left) > 1 and left[-1] <= self._model.sharp * left[-2]
            if arrived and sharp:
                break
            # The Hessian of all rows is not close enough to the folds' own.
            self._shared &= not (fresh and stale)
            fresh = stale or (fresh and not sharp)
            if stale:
                H = self._folds.hessian(self._V, tick, shared=self._shared)
                self._model, left = curvatures(H, smooth=self._smooth), left[-1:]
            old, G, before = self._V, self._answer.G, self._objective(penalty)
            whole = self._advance(penalty, tick)
            if not self._folds.constant:
                fall = before - self._objective(penalty)
                arrived = whole and bool((fall <= self._tolerance * before).all())
                self._model.learn(self._V - old, self._answer.G - G)
        return self._V, self._answer

    def _advance(self, penalty: Penalty, tick: Tick) -> bool:
        """Step to the quadratic models' minimisers; halve what does not descend.

        Tells whether no step was halved.
        """
        old, before = self._V, self._objective(penalty)
        step = self._model.step(penalty, old, self._answer.G, tick)
        share = np.ones((len(old), 1, 1))
        for _ in range(30):
            self._V = old + share * step
            self._answer = self._folds.answer(self._V, tick)
            rises = self._objective(penalty) > before * (1 + 1e-10)
            if not rises.any():
                break
            share[rises] *= 0.5
        return bool((share == 1.0).all())

    def _objective(self, penalty: Penalty) -> Array:
        return self._answer.loss + penalty.value(self._V[:, :-1])


def _are_optimal(folds: Folds, l1s: Array, l2s: Array, V: Array, G: Array) -> bool:
    """Whether V (L, m, p + 1, k), with the gradients G, minimise at these strengths."""
    every = Penalty(l1=l1s[:, None, None, None], l2=l2s[:, None, None, None])
    start = folds.start
    units = _units(folds.hessian(start), start)
    target = _target(folds.answer(start), units)
    return bool((_residual(every, V, G, units) <= target).all())


def _units(H: Array, V: Array) -> Array:
    """What each gradient is measured in, (m, p + 1, k): the root of its curvature.

    A column in millions, not standardised, then asks no less of the others.
    """
    m, rows, k = V.shape
    diagonal = np.diagonal(H, axis1=1, axis2=2).reshape(m, k, rows).transpose(0, 2, 1)
    return np.sqrt(np.where(diagonal > 0, diagonal, 1.0))


def _target(first: Answer, units: Array) -> Array:
    """How far an optimality condition of each model may be off, (m,)."""
    slope = np.abs(first.G[:, :-1] / units[:, :-1]).max(axis=(1, 2))
    target: Array = SETTLED * np.maximum(slope, 1e-300)
    return target


def _residual(penalty: Penalty, V: Array, G: Array, units: Array) -> Array:
    """Largest violated optimality condition of each model, (…, m)."""
    weights = penalty.residual(V[..., :-1, :], G[..., :-1, :]) / units[:, :-1]
    bias = np.abs(G[..., -1, :]) / units[:, -1]
    residual: Array = np.maximum(weights.max(axis=(-2, -1)), bias.max(axis=-1))
    return residual

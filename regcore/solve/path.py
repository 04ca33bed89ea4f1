"""Solutions along all λ, and the λ that cross-validation chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array, Loss
from regcore.model.oracle import Oracle
from regcore.model.penalties import Penalty
from regcore.model.readable import Readable
from regcore.solve.descent import Progress, no_progress
from regcore.solve.fold_moments import FoldMoments
from regcore.solve.fold_rows import FoldRows
from regcore.solve.folds import Answer, Fill, Folds, cut
from regcore.solve.quadratic import minimise
from regcore.solve.systems import fix_gauge

POINTS = 100
"""Values of λ along a path."""

SPAN = 1e-3
"""The smallest λ of a path as a share of λ_max."""

ABOVE = 100.0
"""Where the path of L2 starts, in λ_max: no λ empties it, this one nearly does."""

SETTLED = 1e-8
"""An optimality condition may be off by this share of the largest pull."""

NEWTON_STEPS = 100
"""Most Newton steps at one λ."""

STALE = 0.15
"""A Hessian is kept, corrected by what the steps show of it, while a step leaves at
most this share of the residual."""


@dataclass(frozen=True)
class Curve:
    """One penalty along λ.

    Attributes
    ----------
    lams : (L,), falling; λ as for all n rows: a model with n_f rows gets the same
        strength a row, λ/n
    W, b : (L, p, k) and (L, 1, k), trained on all rows
    train_loss : (L,), mean loss of that model on its rows
    fold_loss : (folds, L), mean loss on each fold of the model without it
    """

    lams: Array
    W: Array
    b: Array
    train_loss: Array
    fold_loss: Array

    @property
    def mean(self) -> Array:
        """Mean over the folds of the held-out loss, (L,)."""
        return self.fold_loss.mean(axis=0)

    @property
    def standard_error(self) -> Array:
        """Of that mean, (L,)."""
        return self.fold_loss.std(axis=0, ddof=1) / np.sqrt(len(self.fold_loss))

    @property
    def nonzero(self) -> Array:
        """Weights that are not exactly 0, (L,)."""
        return np.count_nonzero(self.W, axis=(1, 2))

    @property
    def lam_min(self) -> float:
        """The λ with the smallest mean held-out loss; of equals the largest."""
        return float(self.lams[np.argmin(self.mean)])

    @property
    def lam_1se(self) -> float:
        """The largest λ whose mean is within one standard error of the smallest.

        References
        ----------
        Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning,
        section 7.10.
        """
        best = int(np.argmin(self.mean))
        close = self.mean <= self.mean[best] + self.standard_error[best]
        return float(self.lams[np.flatnonzero(close)[0]])


def lam_max(oracle: Oracle, l1_ratio: float = 1.0) -> float:
    """Smallest λ at which every weight is exactly 0: n·max|∂C0/∂W| at W = 0.

    For the elastic net, (λ/n)·(l1_ratio·Σ|w| + ½(1 − l1_ratio)·Σw²), over its l1_ratio.

    References
    ----------
    Friedman, Hastie & Tibshirani (2010), section 2.5.
    """
    # λ/n and the gradient are rounded apart; the last digits go to the zeros.
    return oracle.n * float(np.abs(oracle.pull).max()) * (1 + 1e-12) / l1_ratio


def lam_grid(largest: float, points: int = POINTS, span: float = SPAN) -> Array:
    """`points` values from the largest λ down to span times it, even on a log axis."""
    return largest * np.geomspace(1.0, span, points)


def cross_validate(
    X: Readable,
    Y: Array,
    loss: Loss,
    fold: Array,
    grids: Sequence[tuple[float, Array]],
    *,
    fills: Sequence[Fill] = (),
    divide: bool = True,
    tolerance: float = 1e-11,
    progress: Progress = no_progress,
) -> tuple[Curve, ...]:
    """One curve for every (l1_ratio, lams), all on the same folds.

    Standardisation and filling are fitted anew on the training rows of every fold; the
    target keeps the scale of all rows, so that the folds' losses can be compared.

    Parameters
    ----------
    X, Y : (n, p) and (n, k); columns near 0, gaps filled
    fold : (n,) as from `draw_folds`
    grids : l1_ratio in [0, 1], and λ falling
    tolerance : a model has arrived when a Newton step lowers its objective by at most
        this share; what is left to fall is then far less
    progress : told the share done every few milliseconds; what it raises ends the work
    """
    tick = partial(progress, 0.0)
    rows = cut(X, Y, fold, fills=fills, divide=divide, tick=tick)
    folds: Folds = FoldMoments(rows) if loss.quadratic else FoldRows(rows, loss)
    curves = []
    for done, (l1_ratio, lams) in enumerate(grids):
        l1s, l2s = l1_ratio * lams / len(X), (1.0 - l1_ratio) * lams / len(X)
        listen = _later(progress, done, len(grids))
        path = _whole_path(folds, l1s, l2s, listen)
        V, answer = path or _follow(folds, l1s, l2s, tolerance, listen)
        # A copy, because the other models' weights are not kept.
        V = V[:, -1].copy()
        curves.append(
            Curve(
                lams=lams,
                W=V[:, :-1],
                b=V[:, -1:],
                train_loss=answer.loss[:, -1],
                fold_loss=answer.held_out[:, :-1].T,
            )
        )
    return tuple(curves)


def _later(progress: Progress, done: int, of: int) -> Progress:
    """Tell the share of one part of the work as that of the whole."""
    return lambda share: progress((done + share) / of)


def _whole_path(
    folds: Folds, l1s: Array, l2s: Array, progress: Progress
) -> tuple[Array, Answer] | None:
    """All solutions at once, where there is a formula and its answers are optimal."""
    path = folds.paths(l1s, l2s, partial(progress, 0.0))
    if path is None:
        return None
    V, answer = path
    every = Penalty(l1=l1s[:, None, None, None], l2=l2s[:, None, None, None])
    start = folds.start
    units = _units(folds.hessian(start), start)
    target = _target(folds.answer(start), units)
    return path if (_residual(every, V, answer.G, units) <= target).all() else None


def _units(H: Array, V: Array) -> Array:
    """What each gradient is measured in, (m, p + 1, k): the root of its curvature.

    A column in millions, not standardised, then asks no less of the others.
    """
    m, rows, k = V.shape
    diagonal = np.diagonal(H, axis1=1, axis2=2).reshape(m, k, rows).transpose(0, 2, 1)
    return np.sqrt(np.where(diagonal > 0, diagonal, 1.0))


def _target(first: Answer, units: Array) -> Array:
    """How far an optimality condition of each model may be off, (m,)."""
    pull = np.abs(first.G[:, :-1] / units[:, :-1]).max(axis=(1, 2))
    return SETTLED * np.maximum(pull, 1e-300)


def _residual(penalty: Penalty, V: Array, G: Array, units: Array) -> Array:
    """Largest violated optimality condition of each model, (…, m)."""
    weights = penalty.residual(V[..., :-1, :], G[..., :-1, :]) / units[:, :-1]
    bias = np.abs(G[..., -1, :]) / units[:, -1]
    return np.maximum(weights.max(axis=(-2, -1)), bias.max(axis=-1))


def _follow(
    folds: Folds, l1s: Array, l2s: Array, tolerance: float, progress: Progress
) -> tuple[Array, Answer]:
    """Minimise for one penalty after the other, each from the last one's answer."""
    walker = _Walker(folds, tolerance, partial(progress, 0.0))
    V, answers = zip(
        *(
            walker.go(Penalty(l1, l2), partial(progress, i / len(l1s)))
            for i, (l1, l2) in enumerate(zip(l1s, l2s, strict=True))
        ),
        strict=True,
    )
    return np.array(V), Answer(*map(np.array, zip(*answers, strict=True)))


class _Walker:
    """Newton steps of all models at once, from where the last penalty left them."""

    def __init__(self, folds: Folds, tolerance: float, tick: Tick) -> None:
        self._folds, self._tolerance = folds, tolerance
        self._V = folds.start
        self._answer = folds.answer(self._V, tick)
        self._H, self._shared = folds.hessian(self._V, tick), True
        self._units = _units(self._H, self._V)
        self._target = _target(self._answer, self._units)

    def go(self, penalty: Penalty, tick: Tick) -> tuple[Array, Answer]:
        """Minimise; return V (m, p + 1, k) and what it comes to."""
        last, fresh, arrived = np.inf, False, False
        for _ in range(NEWTON_STEPS):
            residual = _residual(penalty, self._V, self._answer.G, self._units)
            worst = float((residual / self._target).max())
            slow = worst > STALE * last
            if worst <= 1.0 or (slow and self._folds.constant):
                break
            if arrived and not slow:
                break
            # The Hessian of all rows is not close enough to the folds' own.
            self._shared &= not (fresh and slow)
            fresh = slow
            if slow:
                self._H = self._folds.hessian(self._V, tick, shared=self._shared)
            last = worst
            old, G, before = self._V, self._answer.G, self._objective(penalty)
            whole = self._advance(penalty, tick)
            if not self._folds.constant:
                fall = before - self._objective(penalty)
                arrived = whole and bool((fall <= self._tolerance * before).all())
                self._H = _learn(self._H, self._V - old, self._answer.G - G)
        return self._V, self._answer

    def _advance(self, penalty: Penalty, tick: Tick) -> bool:
        """Step to the quadratic models' minimisers; halve what does not descend.

        Tells whether no step was halved.
        """
        old, before = self._V, self._objective(penalty)
        step = _step(self._H, penalty, old, self._answer.G, tick)
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


def _learn(H: Array, S: Array, Y: Array) -> Array:
    """Correct each model's Hessian by how its gradient changed, Y, along a step S.

    References
    ----------
    Nocedal & Wright (2006), Numerical Optimization, eq. 6.19 (BFGS).
    """
    s, y = (part.transpose(0, 2, 1).reshape(len(H), -1, 1) for part in (S, Y))
    Hs = H @ s
    bends, bent = (y * s).sum(axis=1), (s * Hs).sum(axis=1)
    told = (np.minimum(bends, bent) > 0)[:, :, np.newaxis]
    y = y / np.sqrt(np.where(bends > 0, bends, 1.0))[:, :, np.newaxis]
    Hs = Hs / np.sqrt(np.where(bent > 0, bent, 1.0))[:, :, np.newaxis]
    change = y @ y.transpose(0, 2, 1) - Hs @ Hs.transpose(0, 2, 1)
    return H + told * change


def _step(H: Array, penalty: Penalty, V: Array, G: Array, tick: Tick) -> Array:
    """From V to the minimisers of the penalised quadratic models, (m, p + 1, k)."""
    m, rows, k = V.shape
    v = V.transpose(0, 2, 1).reshape(m, -1)
    held = np.tile(np.r_[np.ones(rows - 1), 0.0], k)
    g = G.transpose(0, 2, 1).reshape(m, -1) + penalty.l2 * held * v
    H = np.array([fix_gauge(part, (rows - 1, k), weights=False) for part in H])
    diagonal = np.arange(H.shape[1])
    H[:, diagonal, diagonal] += penalty.l2 * held
    if penalty.l1 == 0:
        step = -np.linalg.solve(H, g[..., None])[..., 0]
    else:
        q = (H @ v[..., None])[..., 0] - g
        l1 = np.broadcast_to(penalty.l1 * held, v.shape)
        step = minimise(H, q, l1, v, tick) - v
    return step.reshape(m, k, rows).transpose(0, 2, 1)

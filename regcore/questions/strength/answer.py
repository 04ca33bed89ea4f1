"""How strong a penalty is: effective parameters, and fair ways to match L2 to L1."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array
from regcore.model.penalties import Penalty
from regcore.problem import Problem
from regcore.questions.path.answer import fold_loss_at
from regcore.regularization_path import RegularizationPath
from regcore.solve.optimum import solve

CEILING = 1e4
"""Strongest λ of L2, in λ_max: there next to nothing is left."""

FLOOR = 1e-6
"""Weakest λ of L2, in λ_max, before it is taken to be 0."""

CLOSE = 1e-6
"""Effective parameters that agree within this are the same."""

NEEDED, SHARE = 1e-9, 1e-5
"""Smallest part of a direction of length 1 in weights that it cannot do without; times
this share of the condition where it is rounded."""

ROUNDS = 60

CURVE_POINTS = 24
"""Values of λ at which a curve of effective parameters is computed."""


class Match(StrEnum):
    """What is made equal between L1 and L2."""

    SAME_LAM = "same λ"
    SAME_EFFECTIVE = "same effective parameters"
    SMALLEST = "each at its smallest loss"
    ONE_ERROR = "each within one standard error"

    @property
    def by_validation(self) -> bool:
        """Whether cross-validation chooses both λ."""
        return self in (Match.SMALLEST, Match.ONE_ERROR)


@dataclass(frozen=True)
class Strengths:
    """How strong L1 and L2 are now, at every λ, and matched.

    Attributes
    ----------
    matches : of `matches`
    along : of `effective_along`
    now : of `effective_parameters`
    """

    matches: pd.DataFrame
    along: pd.DataFrame
    now: tuple[float, float]


def strengths(
    result: Comparison, paths: RegularizationPath, tick: Tick = no_tick
) -> Strengths:
    """Count the effective parameters of a comparison, of its paths and its matches."""
    problem = result.problem
    return Strengths(
        matches(problem, paths, result.settings.lam, tick),
        effective_along(problem, paths, tick),
        effective_parameters(result, tick),
    )


def effective_l2(problem: Problem, lam: float, tick: Tick = no_tick) -> float:
    """Effective parameters of L2 at λ: the trace of its hat matrix.

    For squared error Σ d²/(d² + λ) over the singular values d of the centred design;
    for classes Σ h/(h + λ/n) over the curvatures h of the loss at the L2 solution, the
    biases free, which is the same with the rows weighted as in the last Newton step.

    References
    ----------
    Hastie, Tibshirani & Friedman (2009), eq. 3.50; le Cessie & van Houwelingen (1992),
    Ridge estimators in logistic regression, section 3, for classes.
    """
    return _Effective(problem, tick)(lam)


def matched_lam_l2(problem: Problem, lam_l1: float, tick: Tick = no_tick) -> float:
    """The λ at which L2 has as many effective parameters as L1 has at its λ.

    0 where L1 has as many as no penalty; `CEILING` times λ_max where it has none;
    `FLOOR` times λ_max where L2 has fewer at every λ down to there, as it can for
    classes that are separated.
    """
    lam_max = problem.lam_max
    if lam_l1 == 0:
        return 0.0
    rank = Rank(problem, tick)
    target = _kept(problem, lam_l1, rank, tick)
    if target == 0:
        return CEILING * lam_max
    if target == rank.most and problem.optimum_without_penalty(tick).exists:
        return 0.0
    effective = _Effective(problem, tick)
    low = high = float(np.clip(lam_l1, 1e-3 * lam_max, lam_max))
    # Effective parameters fall with λ: widen until the target is in between.
    while effective(low) < target:
        if low == FLOOR * lam_max:
            return low
        low = max(0.1 * low, FLOOR * lam_max)
    while effective(high) > target:
        high *= 10.0
        if high > CEILING * lam_max:
            return CEILING * lam_max
    return _root(lambda lam: effective(lam) - target, low, high)


def effective_parameters(
    result: Comparison, tick: Tick = no_tick
) -> tuple[float, float]:
    """Effective parameters of L1 and L2 at the λ of a comparison."""
    problem = result.problem
    kept = Rank(problem, tick)(result["L1"].optimum.W)
    return kept, effective_l2(problem, result.settings.l2_lam, tick)


def effective_along(
    problem: Problem, paths: RegularizationPath, tick: Tick = no_tick
) -> pd.DataFrame:
    """Effective parameters along λ in long form: penalty, share, lam, effective."""
    every = max(1, len(paths.l2.lams) // CURVE_POINTS)
    if problem.loss.quadratic:
        every = 1
    at = np.unique(np.r_[: len(paths.l2.lams) : every, len(paths.l2.lams) - 1])
    curvatures: Array | None = None
    effective = []
    for i in at:
        if curvatures is None or not problem.loss.quadratic:
            curvatures = curvatures_at(problem, paths.l2.W[i], paths.l2.b[i], tick)
        effective.append(_trace(curvatures, paths.l2.lams[i] / paths.n))
    rank = Rank(problem, tick)
    parts = [
        ("L1", paths.l1.lams, np.array([float(rank(W)) for W in paths.l1.W])),
        ("L2", paths.l2.lams[at], np.array(effective)),
    ]
    frames = [
        pd.DataFrame({"penalty": penalty, "lam": lam, "effective": values})
        for penalty, lam, values in parts
    ]
    along = pd.concat(frames, ignore_index=True)
    return along.assign(share=along["lam"] / paths.lam_max)


def chosen(match: Match, paths: RegularizationPath) -> tuple[float, float]:
    """λ of L1 and of L2 as cross-validation chooses them."""
    if match is Match.SMALLEST:
        return paths.l1.lam_min, paths.l2.lam_min
    return paths.l1.lam_1se, paths.l2.lam_1se


def matches(
    problem: Problem, paths: RegularizationPath, lam: float, tick: Tick = no_tick
) -> pd.DataFrame:
    """What each way to match comes to; L1 at this λ where it is not chosen itself.

    Index the ways; columns "λ", "effective" and cross-validated "loss" of each, NaN off
    the path, and the standard error of the losses' difference, paired by fold.
    """
    effective, rank = _Effective(problem, tick), Rank(problem, tick)
    rows = {}
    for match in Match:
        if match.by_validation:
            pair = chosen(match, paths)
        elif match is Match.SAME_LAM:
            pair = lam, lam
        else:
            pair = lam, matched_lam_l2(problem, lam, tick)
        losses = [
            fold_loss_at(curve, lam)
            for curve, lam in zip((paths.l1, paths.l2), pair, strict=True)
        ]
        rows[str(match)] = (
            *pair,
            float(_kept(problem, pair[0], rank, tick)),
            effective(pair[1]),
            *(float(loss.mean()) for loss in losses),
            (losses[1] - losses[0]).std(ddof=1) / np.sqrt(paths.folds),
        )
    columns = pd.MultiIndex.from_product([["λ", "effective", "loss"], ["L1", "L2"]])
    columns = columns.append(pd.MultiIndex.from_tuples([("loss", "error")]))
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.set_axis(columns, axis=1).rename_axis("match")


def curvatures_at(problem: Problem, W: Array, b: Array, tick: Tick = no_tick) -> Array:
    """Curvatures of the loss at W (p, k), b (1, k), the biases following: (p·k,).

    They are the eigenvalues of H_ww − H_wb·H_bb⁺·H_bw, output by output.
    """
    p, k = W.shape
    H = problem.oracle.hessian(W, b, tick)
    bias = np.arange(k) * (p + 1) + p
    weights = np.setdiff1d(np.arange(len(H)), bias)
    across = H[np.ix_(weights, bias)]
    seen = across @ np.linalg.pinv(H[np.ix_(bias, bias)], hermitian=True) @ across.T
    curvatures: Array = np.linalg.eigvalsh(H[np.ix_(weights, weights)] - seen)
    return np.maximum(curvatures, 0.0)


class Rank:
    """Directions that the data tell apart, among the weights that are not 0.

    Of L1 they are its effective parameters: the number of weights kept, less those that
    the data cannot tell from the others: of columns that are made of each other, and of
    as many weights of a feature as there are classes.

    References
    ----------
    Tibshirani & Taylor (2012), Degrees of freedom in lasso problems, theorem 2; Zou,
    Hastie & Tibshirani (2007), On the "degrees of freedom" of the lasso.
    """

    def __init__(self, problem: Problem, tick: Tick) -> None:
        p, k = problem.start[0].shape
        # The directions in which no row differs, from what solves for no penalty.
        white = problem.oracle.whitened(tick)
        flat, self._needed = np.zeros((p, 0)), NEEDED
        if white is not None:
            lengths = np.linalg.norm(white[1], axis=0)
            flat = np.linalg.qr(white[1] / lengths, mode="complete")[0]
            flat = flat[:, len(lengths) :]
            # What rows hardly tell is mixed by rounding with what they do not.
            self._needed *= max(1.0, SHARE * float(lengths.max() / lengths.min()))
        if k > 1:
            # Nor does a loss of classes see a shift of all outputs together.
            Q = np.linalg.qr(np.ones((k, 1)), mode="complete")[0]
            flat = np.hstack([np.kron(Q[:, :1], np.eye(p)), np.kron(Q[:, 1:], flat)])
        self._flat = flat
        self.most = len(flat) - flat.shape[1]

    def __call__(self, W: Array) -> int:
        """Of weights W (p, k)."""
        kept = W.T.ravel() != 0
        # Those of them that need no other weight.
        leaving = np.linalg.svd(self._flat[~kept], compute_uv=False)
        inside = self._flat.shape[1] - int((leaving > self._needed).sum())
        return int(kept.sum()) - inside


def _kept(problem: Problem, lam: float, rank: Rank, tick: Tick) -> int:
    """Directions among the weights that L1 keeps at this λ."""
    penalty = Penalty(l1=lam / problem.n)
    return rank(solve(problem.oracle, penalty, problem.start, tick=tick).W)


class _Effective:
    """Effective parameters of L2 at one λ after the other, each from the last."""

    def __init__(self, problem: Problem, tick: Tick) -> None:
        self._problem, self._tick = problem, tick
        self._start = problem.start
        self._curvatures: Array | None = None

    def __call__(self, lam: float) -> float:
        problem = self._problem
        if lam == 0:
            return float(Rank(problem, self._tick).most)
        if not problem.loss.quadratic:
            penalty = Penalty(l2=lam / problem.n)
            optimum = solve(problem.oracle, penalty, self._start, tick=self._tick)
            self._start = optimum.W, optimum.b
            self._curvatures = curvatures_at(problem, *self._start, self._tick)
        elif self._curvatures is None:
            self._curvatures = curvatures_at(problem, *self._start, self._tick)
        return _trace(self._curvatures, lam / problem.n)


def _trace(curvatures: Array, l2: float) -> float:
    """Σ h/(h + l2)."""
    return float((curvatures / (curvatures + l2)).sum())


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is 0, looked for on the log axis (Illinois).

    References
    ----------
    Dowell & Jarratt (1971), A modified regula falsi method.
    """
    a, b = np.log(low), np.log(high)
    at_a, at_b, last = function(low), function(high), 0
    for _ in range(ROUNDS):
        if at_a <= CLOSE or b - a < 1e-12:
            return float(np.exp(a))
        if at_b >= -CLOSE:
            break
        middle = (a * at_b - b * at_a) / (at_b - at_a)
        value = function(float(np.exp(middle)))
        if value > 0:
            a, at_a = middle, value
            at_b *= 0.5 if last > 0 else 1.0
            last = 1
        else:
            b, at_b = middle, value
            at_a *= 0.5 if last < 0 else 1.0
            last = -1
    return float(np.exp(b))

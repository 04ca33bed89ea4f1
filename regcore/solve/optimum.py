"""The exact answer: where descent would end, with a certificate."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array
from regcore.model.oracle import Evaluation, Oracle
from regcore.model.penalties import Penalty
from regcore.solve.certificate import Certificate, certify, relative_gap
from regcore.solve.newton import DENSE, Goal, refine, rough_start, separates
from regcore.solve.systems import least_norm, regular

PERFECT = 1e-14
"""A loss below this share of the constant model's cannot be told from 0."""

LADDER = (1.0, 0.1, 1e-2, 1e-3, 1e-4)
"""Where the certificate is not sharp enough the residual is cut to such shares."""

UNKNOWN = 1e-3
"""Where so large a share of a loss without a penalty is not certain, none is told; of a
loss that is a quadratic all of it must be."""

STILL_MOVES = 0.5
"""A Newton step that moves a row's prediction so far while the loss hardly falls is on
its way to infinity."""


class Status(StrEnum):
    """What kind of answer it is, as a sentence."""

    OPTIMAL = "The optimum."
    NOT_UNIQUE = "One of many optima: the one with the smallest weights."
    SEPARABLE = (
        "No optimum: the classes can be separated, so ever larger weights fit better."
    )
    PARTLY_SEPARABLE = (
        "No optimum: some rows can be separated without loss to the others, so ever "
        "larger weights fit better."
    )
    STOPPED = "Not known: stopped before the optimum was certain."


@dataclass(frozen=True)
class Optimum:
    """The weights with the smallest objective, and how certain that is.

    Attributes
    ----------
    W, b : (p, k) and (1, k); NaN where there is no optimum, or none that is known
    objective : loss + penalty at (W, b); without an optimum, a value it can fall to
    bound : certified: no weights have a smaller objective
    status : the kind of answer
    """

    W: Array
    b: Array
    objective: float
    bound: float
    status: Status

    @property
    def gap(self) -> float:
        """Share of the objective by which it can be above the smallest, in [0, 1]."""
        return relative_gap(self.objective, self.bound)

    @property
    def exists(self) -> bool:
        """Whether there are weights to show."""
        return bool(np.isfinite(self.b).all())


def solve(
    oracle: Oracle,
    penalty: Penalty,
    start: tuple[Array, Array],
    *,
    tolerance: float = 1e-8,
    residual: float = 1e-9,
    tick: Tick = no_tick,
) -> Optimum:
    """Minimise loss + penalty.

    Parameters
    ----------
    start : W (p, k) and b (1, k); W = 0 where the smallest of many optima is wanted
    tolerance : largest relative duality gap
    residual : most that an optimality condition is off, relative to λ/n for L1 and else
        to the largest gradient at W = 0; decides how many digits of W are right
    tick : called every few milliseconds; what it raises ends the solve
    """
    small = oracle.row_space() if penalty.smooth else None
    if small is not None:
        within, V = small
        best = solve(
            within,
            penalty,
            (V.T @ start[0], start[1]),
            tolerance=tolerance,
            residual=residual,
            tick=tick,
        )
        return _from_row_space(best, V, penalty)
    free = penalty.absent
    white = oracle.whitened(tick) if free else None
    if white is None:
        best = _solved(oracle, penalty, start, tolerance, residual, tick)
    else:
        within, T, mean = white
        origin = np.zeros((T.shape[1], start[1].size)), start[1]
        best = _solved(within, penalty, origin, tolerance, residual, tick)
        best = _from_whitened(best, T, mean)
    told = 0.0 if oracle.affine() else UNKNOWN
    if free and best.status is Status.STOPPED and best.gap > told:
        return _no_optimum(best.W, best.b, best.status, best.objective)
    return best


def _solved(
    oracle: Oracle,
    penalty: Penalty,
    start: tuple[Array, Array],
    tolerance: float,
    residual: float,
    tick: Tick,
) -> Optimum:
    """Go down on what the oracle answers, until a certificate is sharp enough."""
    sample = oracle.subsample()
    end = rough_start(oracle, sample, penalty, start, tick)
    goal = Goal.of(oracle, penalty, tick)
    for share in LADDER:
        end = refine(oracle, goal, end, share * residual)
        evaluation = end.evaluated(oracle, tick)
        certificate = _certificate(oracle, sample, penalty, evaluation, tolerance, tick)
        if certificate.gap > tolerance and share == LADDER[-1]:
            certificate = certify(oracle, penalty, evaluation, tick)
        if certificate.gap <= tolerance or certificate.domain_share > STILL_MOVES:
            break
    status = _status(oracle, penalty, certificate, start, tolerance)
    objective, bound = certificate.objective, certificate.bound
    if status in (Status.SEPARABLE, Status.PARTLY_SEPARABLE):
        return _no_optimum(end.W, end.b, status, objective)
    if status is Status.STOPPED and objective <= PERFECT * _constant(oracle, start):
        status, objective, bound = Status.OPTIMAL, 0.0, 0.0
    return Optimum(end.W, end.b, objective, bound, status)


def _certificate(
    oracle: Oracle,
    sample: Oracle | None,
    penalty: Penalty,
    at: Evaluation,
    tolerance: float,
    tick: Tick,
) -> Certificate:
    """The cheapest that is sharp enough, or else a sharp one."""
    certificate = certify(oracle, penalty, at, tick, dual_rows=sample)
    if certificate.gap > tolerance and not penalty.absent and at.W.size <= DENSE:
        return certify(oracle, penalty, at, tick, dual_rows=sample, newton_step=True)
    # A few rows exaggerate how far a step goes.
    if certificate.domain_share > STILL_MOVES and sample is not None:
        return certify(oracle, penalty, at, tick)
    return certificate


def _status(
    oracle: Oracle,
    penalty: Penalty,
    certificate: Certificate,
    start: tuple[Array, Array],
    tolerance: float,
) -> Status:
    if separates(oracle, penalty, certificate.objective):
        return Status.SEPARABLE
    if certificate.domain_share > STILL_MOVES or _flattens(oracle, certificate, start):
        return Status.PARTLY_SEPARABLE
    if certificate.gap > tolerance:
        return Status.STOPPED
    return Status.NOT_UNIQUE if certificate.nullity else Status.OPTIMAL


def _flattens(
    oracle: Oracle, certificate: Certificate, start: tuple[Array, Array]
) -> bool:
    """Whether the loss has lost curvature on the way: rows so far on their side."""
    if not certificate.nullity or not oracle.separable:
        return False
    W, b = np.zeros_like(start[0]), start[1]
    H = regular(oracle.hessian(W, b), W.shape, Penalty())
    return certificate.nullity > least_norm(H, np.zeros(len(H))).nullity


def _from_row_space(best: Optimum, V: Array, penalty: Penalty) -> Optimum:
    """Back to all p weights; without L1 none of them leaves the rows' directions."""
    status = best.status
    if penalty.absent and status is Status.OPTIMAL:
        status = Status.NOT_UNIQUE
    return replace(best, W=V @ best.W, status=status)


def _from_whitened(best: Optimum, T: Array, mean: Array) -> Optimum:
    """Back to all p weights, of which fewer can be told apart."""
    W, status = T @ best.W, best.status
    if T.shape[1] < len(T) and status is Status.OPTIMAL:
        status = Status.NOT_UNIQUE
    return replace(best, W=W, b=best.b - mean @ W, status=status)


def _no_optimum(W: Array, b: Array, status: Status, objective: float) -> Optimum:
    """No weights to show; the bound 0 holds for every loss."""
    nothing = np.full_like(W, np.nan), np.full_like(b, np.nan)
    lowest = 0.0 if status is Status.SEPARABLE else objective
    return Optimum(*nothing, objective=lowest, bound=0.0, status=status)


def _constant(oracle: Oracle, start: tuple[Array, Array]) -> float:
    """Loss of the constant model."""
    W, b = start
    return float(oracle.loss(np.zeros_like(W)[None], b[None])[0])

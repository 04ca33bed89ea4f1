"""How far (W, b) can be from the optimum, from (W, b) alone.

Any θ (n, k) with Σθ = 0 gives a bound from below on the smallest objective,

    −mean ℓ*(θ) − Ω*(−Xᵀθ/n),

with the conjugates ℓ* of the loss and Ω* of the penalty. Objective minus bound is a sum
of terms that are each ≥ 0 and are computed as such, so that nothing cancels.

References
----------
Fenchel's duality as in Borwein & Lewis (2006), section 3.3.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array
from regcore.model.oracle import Carrier, Evaluation, Oracle
from regcore.model.penalties import Penalty
from regcore.solve.systems import least_norm, pack, regular, unpack

ROUNDING = 1e-12
"""Share of an objective that its rounding stays below."""

BALANCED = 1e-12
"""Most that Σθ/n may differ from 0 by rounding; targets are of the order of 1."""

FLAT = 1e-9
"""Share of the loss that may be left in directions which rounding hides."""


@dataclass(frozen=True)
class Certificate:
    """What (W, b) comes to, and what no (W, b) can come below.

    Attributes
    ----------
    objective : loss + penalty at (W, b)
    bound : ≤ the smallest objective
    nullity : without a penalty, directions in which the loss does not change
    domain_share : without a penalty, the largest move of a row's prediction that a
        Newton step still asks for, as a share of what the loss allows
    """

    objective: float
    bound: float
    nullity: int = 0
    domain_share: float = 0.0

    @property
    def gap(self) -> float:
        """Share of the objective by which it can be above the optimum, in [0, 1]."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """(objective − bound) / objective: the most that a run can be above the optimum."""
    return max(objective - bound, 0.0) / objective if objective > 0 else 0.0


def certify(
    oracle: Oracle,
    penalty: Penalty,
    at: Evaluation,
    tick: Tick = no_tick,
    *,
    dual_rows: Carrier | None = None,
    newton_step: bool = False,
) -> Certificate:
    """Bound the smallest objective from any look at the oracle.

    The bound is valid everywhere and sharp at the optimum. For a run that is still far
    away the bound of the optimum is the sharper one; see `relative_gap`. With
    δ a step of weights and bias, θ = mean − A″δ − Y has the Xᵀθ that a step by δ would
    leave.

    Parameters
    ----------
    dual_rows : the rows on which θ differs from the residuals: all of them, or some.
        Fewer rows cost less, and make the gap as many times wider as they are fewer.
    newton_step : step by all weights that are not 0, which costs a Hessian, and not
        only by the bias; without a penalty there is no other way
    """
    dual_rows = oracle if dual_rows is None else dual_rows
    if penalty.absent:
        return _without_penalty(oracle, at, dual_rows, tick)
    objective = at.loss + float(penalty.value(at.W))
    dual = _newton_step(oracle, penalty, at, dual_rows, tick) if newton_step else None
    if dual is None or dual.domain_share > 1.0 or np.isinf(dual.fenchel_gap):
        dual = _bias_step(oracle, at, dual_rows, tick)
    if dual.domain_share > 1.0:
        return Certificate(objective, 0.0)
    # Where θ is outside the domain of Ω* it is scaled into it. The mean of
    # ℓ(z) + ℓ*(θ) − θ·z is convex along the way and at θ = 0 it is C0.
    share = penalty.dual_share(dual.G)
    gap = share * dual.fenchel_gap + (1.0 - share) * at.loss
    gap += penalty.duality_gap(at.W, share * dual.G)
    return Certificate(objective, _below(objective, gap))


class _Dual(NamedTuple):
    """A dual point θ = mean − A″δ − Y with Σθ = 0.

    A row that carries takes the step of n/n_carrier rows.
    """

    fenchel_gap: float  # ≥ the mean of ℓ(z) + ℓ*(θ) − θ·z
    G: Array  # Xᵀθ/n, (p, k)
    domain_share: float  # θ is in the domain of ℓ* up to 1
    nullity: int = 0


def _bias_step(oracle: Oracle, at: Evaluation, dual_rows: Carrier, tick: Tick) -> _Dual:
    if np.abs(at.Gb).max() <= BALANCED:
        return _Dual(0.0, at.GW, 0.0)
    weight = oracle.n / dual_rows.n
    V, XV = dual_rows.bias_hessian(at.W, at.b, tick)
    step = np.linalg.lstsq(V, at.Gb[0], rcond=1e-12)[0]
    # A class whose probability has vanished everywhere leaves Σθ ≠ 0.
    if np.abs(at.Gb[0] - V @ step).max() > BALANCED:
        return _Dual(np.inf, at.GW, np.inf)
    domain_share = weight * float(np.ptp(np.r_[0.0, step])) / oracle.mean_bound
    fenchel_gap = _fenchel_gap(weight * float(at.Gb[0] @ step), domain_share)
    return _Dual(fenchel_gap, at.GW - XV @ step, domain_share)


def _newton_step(
    oracle: Oracle, penalty: Penalty, at: Evaluation, dual_rows: Carrier, tick: Tick
) -> _Dual:
    """δ minimises the quadratic model over the weights that are free to move."""
    weight = oracle.n / dual_rows.n
    free = pack((at.W != 0) | penalty.smooth, np.ones_like(at.b, dtype=bool))
    g = pack(at.GW + penalty.slope(at.W, np.sign(at.W)), at.Gb)[free]
    H = dual_rows.hessian(at.W, at.b, tick)
    step = np.zeros(len(H))
    curved = regular(H, at.W.shape, penalty)[np.ix_(free, free)]
    solved = least_norm(curved, g)
    step[free] = solved.d
    taken = H @ step
    domain_share = dual_rows.predictor_range(*unpack(weight * step, at.W.shape), tick)
    G = at.GW - unpack(taken, at.W.shape)[0]
    fenchel_gap = _fenchel_gap(weight * float(step @ taken), domain_share)
    if solved.null_decrease > FLAT * at.loss:
        fenchel_gap = np.inf
    return _Dual(fenchel_gap, G, domain_share, solved.nullity)


def _fenchel_gap(square: float, domain_share: float) -> float:
    """Bound the mean of ℓ(z) + ℓ*(θ) − θ·z by that of δᵀA″δ.

    It is ½δᵀA″δ for squared error. Else it is the mean of Σ m·φ(u) over the outputs,
    with shares m·(1 + u) in θ, Σ m·u² = δᵀA″δ and φ(u) = (1 + u)·log(1 + u) − u, which
    is ≤ ½(1 + r)·u² wherever |u| ≤ r ≤ 1.
    """
    return 0.5 * (1.0 + domain_share) * square


def _without_penalty(
    oracle: Oracle, at: Evaluation, dual_rows: Carrier, tick: Tick
) -> Certificate:
    """With the Newton step Xᵀθ = 0: what is left of the gap is that of ℓ."""
    dual = _newton_step(oracle, Penalty(), at, dual_rows, tick)
    if dual.nullity and dual_rows is not oracle:
        return _without_penalty(oracle, at, oracle, tick)
    bound = _below(at.loss, dual.fenchel_gap) if dual.domain_share <= 1.0 else 0.0
    return Certificate(at.loss, bound, dual.nullity, dual.domain_share)


def _below(objective: float, gap: float) -> float:
    """Objective less the gap and less what rounding may have added; a loss is ≥ 0."""
    return max((1.0 - ROUNDING) * objective - max(gap, 0.0), 0.0)

"""How far (W, b) can be from the optimum, from (W, b) alone.

Any θ (n, k) with Σθ = 0 gives a bound from below on the smallest objective,

    −mean ℓ*(θ) − Ω*(−Xᵀθ/n),

with the conjugates ℓ* of the loss and Ω* of the penalty. Objective minus bound is a sum
of terms that are each ≥ 0 and are computed as such, so that nothing cancels.

References
----------
Fenchel's duality as in Borwein & Lewis (2006), section 3.3; the scaling of θ into the
box of L1: Bonnefoy et al. (2015), Dynamic screening, section 3.
"""

from dataclasses import dataclass

import numpy as np

from regcore.blocks import Tick, no_tick
from regcore.losses import Array
from regcore.oracle import Oracle
from regcore.penalties import Penalty
from regcore.systems import fix_gauge, least_norm, pack, unpack

ROUNDING = 1e-12
"""Share of an objective that its rounding stays below."""


@dataclass(frozen=True)
class Certificate:
    """What (W, b) comes to, and what no (W, b) can come below.

    Attributes
    ----------
    objective : loss + penalty at (W, b)
    bound : ≤ the smallest objective
    unseen : without a penalty, directions in which the loss does not change
    moves : without a penalty, the largest move of a row's prediction that a Newton step
        still asks for, as a share of what the loss allows
    """

    objective: float
    bound: float
    unseen: int = 0
    moves: float = 0.0

    @property
    def gap(self) -> float:
        """Share of the objective by which it can be above the optimum, in [0, 1]."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """(objective − bound) / objective: the most that a run can be above the optimum."""
    return max(objective - bound, 0.0) / objective if objective > 0 else 0.0


def certify(
    oracle: Oracle, penalty: Penalty, W: Array, b: Array, tick: Tick = no_tick
) -> Certificate:
    """Bound the smallest objective from any W (p, k), b (1, k).

    The bound is valid everywhere and sharp at the optimum. For a run that is still far
    away the bound of the optimum is the sharper one; see `relative_gap`.
    """
    if penalty.l1 == 0 and penalty.l2 == 0:
        return _without_penalty(oracle, W, b, tick)
    loss, slack, G = oracle.dual_point(W, b, tick)
    objective = loss + float(penalty.value(W))
    if not np.isfinite(slack):
        return Certificate(objective, 0.0)
    l1, l2 = float(penalty.l1), float(penalty.l2)
    share, beyond = 1.0, 0.0
    if l2 > 0:
        # Ω*(−G) of the elastic net.
        beyond = float((np.maximum(np.abs(G) - l1, 0.0) ** 2).sum()) / (2.0 * l2)
    else:
        # L1 alone: Ω* is infinite outside the box |G| ≤ l1; θ is scaled into it. The
        # mean of ℓ(z) + ℓ*(θ) − θ·z is convex along the way and at θ = 0 it is C0.
        share = min(1.0, l1 / max(float(np.abs(G).max()), 1e-300))
    pairing = np.abs(W) * l1 + 0.5 * l2 * W * W + share * W * G
    gap = share * slack + (1.0 - share) * loss + float(pairing.sum()) + beyond
    return Certificate(objective, _below(objective, gap))


def _without_penalty(oracle: Oracle, W: Array, b: Array, tick: Tick) -> Certificate:
    """θ = mean − A″δ − Y with the Newton step δ has Xᵀθ = 0; its gap is ≤ δᵀHδ."""
    loss, GW, Gb = (
        part[0] for part in oracle.loss_and_gradient(W[None], b[None], tick)
    )
    objective, g = float(loss), pack(GW, Gb)
    H = fix_gauge(oracle.hessian(W, b, tick), W.shape, weights=True)
    step, unseen = least_norm(H, g)
    moves = oracle.spread(*unpack(step, W.shape), tick)
    bound = _below(objective, float(g @ step)) if moves <= 1.0 else 0.0
    return Certificate(objective, bound, unseen, moves)


def _below(objective: float, gap: float) -> float:
    """Objective less the gap and less what rounding may have added; a loss is ≥ 0."""
    return max((1.0 - ROUNDING) * objective - max(gap, 0.0), 0.0)

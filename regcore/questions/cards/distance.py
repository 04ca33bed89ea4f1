"""How far each run is from its exact optimum, in words."""

import numpy as np

from regcore.comparison import PERFECT_FIT, Comparison, Model
from regcore.solve.optimum import Status
from regcore.solve.runs import Outcome
from regcore.trained import CALLED
from regcore.words import figures, listed, one_or_many

SETTLED = 0.01
"""Share of the exact weights within which a run that has converged has them."""

LEAST = 1e-5
"""Share below which a distance is told as this."""

MANY = "It is one of many optima, the one with the smallest weights."

MANY_OF_L1 = "It is one of many optima; others may keep other weights."
"""All of them have the same Σ|w|, so that none has the smallest weights."""


def distance(result: Comparison, name: str) -> str:
    """Say how far one run is from its exact optimum; empty where it diverged.

    Of the loss, with the penalty where there is one, the most that a certificate
    leaves; of the weights ‖w − w*‖/‖w*‖. Both are rounded up.
    """
    model, optimum = result[name], result[name].optimum
    if not optimum.exists:
        return str(optimum.status)
    if model.diverged:
        return ""
    smallest = model.penalty.absent or model.name != "L1"
    many = [MANY if smallest else MANY_OF_L1] if _one_of_many(result, model) else []
    if optimum.status is Status.STOPPED and optimum.bound == 0.0:
        return " ".join(["How far the best possible is, is not certain.", *many])
    return " ".join(
        [f"{_both(result, model)}{_uncertain_zeros(result, model)}.", *many]
    )


def _both(result: Comparison, model: Model) -> str:
    """Distance of the loss, and that of the weights where it is known."""
    gap, away = result.gaps[model.name], _weights_away(result, model)
    loss = _loss_away(result, model)
    if model.optimum.status is Status.STOPPED:
        return f"{loss}; how far the weights are is not certain"
    if np.isnan(away):
        return loss
    if np.isinf(away):
        return f"{loss}; the best weights are all 0"
    if away > SETTLED:
        return f"{loss}; weights still {_percent(away, 2)} away"
    if model.run.outcome is Outcome.CONVERGED and gap <= SETTLED:
        return f"Loss and weights within {_percent(max(gap, away))} of the optimum"
    return f"{loss}; weights within {_percent(away)}"


def _loss_away(result: Comparison, model: Model) -> str:
    gap, bound = result.gaps[model.name], model.optimum.bound
    of = "Training loss" if model.penalty.absent else "Loss and penalty together"
    if gap <= 1.0:
        return f"{of} within {_percent(gap)} of the best possible"
    if bound < PERFECT_FIT * model.run.train_loss[0]:
        return (
            f"{of} at most {_percent(gap * PERFECT_FIT)} of the first loss; the best "
            "possible has none left"
        )
    return f"{of} up to {_rounded_up(1.0 + gap):,.0f} times the best possible"


def _weights_away(result: Comparison, model: Model) -> float:
    """‖w − w*‖/‖w*‖, infinite for w* = 0 alone; NaN where others are as good as w*."""
    W, best = model.run.W, model.optimum.W
    # Without a penalty descent from 0 goes to the smallest of many, which w* is.
    if _one_of_many(result, model) and not model.penalty.absent:
        return np.nan
    away, size = float(np.linalg.norm(W - best)), float(np.linalg.norm(best))
    return away / size if size else np.inf if away else 0.0


def _one_of_many(result: Comparison, model: Model) -> bool:
    n, p = result.problem.shape
    # Whatever the rows, n of them and a bias tell at most n − 1 weights apart.
    free = model.penalty.absent and p >= n
    if free or model.optimum.status is Status.NOT_UNIQUE:
        return True
    return model.name == "L1" and result.l1_has_many_optima


def _uncertain_zeros(result: Comparison, model: Model) -> str:
    uncertain = int(((model.run.W == 0) != (model.optimum.W == 0)).sum())
    if not uncertain or not zeros_are_certain(result):
        return ""
    zeros = one_or_many(uncertain, "1 of its zeros is", f"{uncertain} zeros are")
    return f"; {zeros} not yet certain"


def zeros_are_certain(result: Comparison) -> bool:
    """Whether all optima of L1 have the same zeros.

    With an even number of classes Σ|w| is flat between the middle two weights of a
    feature, either of which may be 0.
    """
    return bool(result.W.shape[-1] % 2 == 1)


def _percent(share: float, digits: int = 1) -> str:
    return f"{figures(100 * _rounded_up(max(share, LEAST), digits), digits)} %"


def _rounded_up(number: float, digits: int = 1) -> float:
    digit = 10.0 ** (np.floor(np.log10(number)) + 1 - digits)
    return float(digit * np.ceil(number / digit - 1e-9))


def optima_drawn(result: Comparison) -> str:
    """Say what the grey marks of the cards are; empty where none is drawn."""
    drawn = [m for m in result.models if m.optimum.exists and not m.diverged]
    if not drawn:
        return ""
    unsure = [m.name for m in drawn if m.optimum.status is Status.STOPPED]
    if not unsure:
        return "Grey line and ticks: the exact optimum."
    names = listed([CALLED[name] for name in unsure])
    return f"Grey line and ticks: the optimum, which is not certain for {names}."

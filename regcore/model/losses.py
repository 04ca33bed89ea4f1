"""The three losses, as records.

Each is the negative log-likelihood of a generalised linear model with its canonical
link. With z the linear predictor and y the target of one row,

    loss(z, y)      = A(z) − y·z + base(y)
    ∂loss/∂z        = A′(z) − y          (A′(z) is the mean response)
    0 ≤ A″(z) ≤ curvature

so that a loss *is* its cumulant A, its link and its curvature bound.

References
----------
McCullagh & Nelder (1989), Generalized Linear Models, sections 2.2 and 2.3.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Integers = NDArray[np.integer]
Booleans = NDArray[np.bool_]

Cumulant = Callable[[Array], tuple[Array, Array]]

_LARGEST = {
    np.dtype(kind): 0.9 * np.log(np.finfo(kind).max)
    for kind in (np.float32, np.float64)
}
"""z whose exponential is safely within the range of numbers."""


@dataclass(frozen=True)
class Loss:
    """One loss; its scale is in its name.

    Attributes
    ----------
    name : what the page calls it
    cumulant : Z (…, k) → A (…), mean (…, k); both from one pass over Z
    link : mean response (…, k) → Z; the constant model with that mean
    base : Y (…, k) → (…), the part of the loss that no weight can change
    curvature : the largest second derivative of A
    weight : mean (…, k) → A″ (…, k, k)
    classes : the mean response is the probability of a class, and no number
    quadratic : A″ is 1 everywhere, so that sums over the rows tell all of the loss
    separable : it can fall for ever, where a plane has the rows on their sides
    mean_bound : mean − A″m is still a mean, and so within the domain of the conjugate,
        as long as m spreads no farther than this over the outputs
    beside : where only differences of outputs count: the cumulant of all but the last,
        less the last, which is one column less to multiply and to sum
    """

    name: str
    cumulant: Cumulant
    link: Callable[[Array], Array]
    base: Callable[[Array], Array]
    curvature: float
    weight: Callable[[Array], Array]
    classes: bool
    quadratic: bool
    separable: bool
    mean_bound: float
    beside: Cumulant | None = None

    def value(self, Z: Array, Y: Array) -> Array:
        """Loss of every row, (…, n), for Z (…, n, k) and Y (n, k)."""
        A, _ = self.cumulant(Z)
        value: Array = A - (Z * Y).sum(axis=-1) + self.base(Y)
        return value

    def mean(self, Z: Array) -> Array:
        """Mean response at Z: the prediction, or the class probabilities."""
        return self.cumulant(Z)[1]


def _half_square(Z: Array) -> tuple[Array, Array]:
    return 0.5 * (Z * Z).sum(axis=-1), Z


def _softplus(Z: Array) -> tuple[Array, Array]:
    # e^z overflows beyond z ≈ 709 (88 in float32): only then the slower safe form.
    if np.maximum.reduce(Z, axis=None, initial=0.0) < _LARGEST[Z.dtype]:
        mean = np.exp(Z)
        D = mean + 1.0
        mean /= D
        return np.log(D, out=D)[..., 0], mean
    with np.errstate(invalid="ignore"):
        E = np.exp(-np.abs(Z))
        A = np.maximum(Z, 0.0) + np.log1p(E)
        mean = np.where(Z >= 0, 1.0, E) / (1.0 + E)
    return A[..., 0], mean


def _log_sum_exp(Z: Array) -> tuple[Array, Array]:
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        A, mean = _exponentials(Z)
    # Shifting by the largest entry keeps every exponential in [0, 1], but takes three
    # times as long: only where one may have left the range of numbers.
    if not np.abs(A).max(initial=0.0) < _LARGEST[Z.dtype]:
        shift = Z.max(axis=-1, keepdims=True)
        A, mean = _exponentials(Z - shift)
        A += shift[..., 0]
    return A, mean


def _exponentials(Z: Array) -> tuple[Array, Array]:
    """Logarithm of Σ e^z, and the share of each in that sum."""
    E = np.exp(Z)
    total = _repeated_sum(E)
    A = np.log(total[..., 0])
    E /= total
    return A, E


def _repeated_sum(E: Array) -> Array:
    """Sum over the outputs, as often as there are outputs.

    A product with ones does so several times faster than a sum along a short axis.
    """
    k = E.shape[-1]
    return (E.reshape(-1, k) @ np.ones((k, k), dtype=E.dtype)).reshape(E.shape)


def _log_sum_exp_beside(Z: Array) -> tuple[Array, Array]:
    if np.maximum.reduce(Z, axis=None, initial=0.0) < _LARGEST[Z.dtype]:
        mean = np.exp(Z)
        D = _repeated_sum(mean)
        D += 1.0
        mean /= D
        return np.log(D[..., 0]), mean
    A, mean = _log_sum_exp(np.concatenate([Z, np.zeros_like(Z[..., :1])], axis=-1))
    return A, mean[..., :-1]


def _constant_weight(mean: Array) -> Array:
    return np.ones((*mean.shape, 1))


def _bernoulli_weight(mean: Array) -> Array:
    return (mean * (1.0 - mean))[..., np.newaxis]


def _multinomial_weight(mean: Array) -> Array:
    weight = -mean[..., :, np.newaxis] * mean[..., np.newaxis, :]
    diagonal = np.arange(mean.shape[-1])
    weight[..., diagonal, diagonal] += mean
    return weight


def _no_base(Y: Array) -> Array:
    return np.zeros(Y.shape[:-1])


HALF_SQUARED_ERROR = Loss(
    name="half squared error",
    cumulant=_half_square,
    link=lambda mean: mean,
    base=lambda Y: 0.5 * (Y * Y).sum(axis=-1),
    curvature=1.0,
    weight=_constant_weight,
    classes=False,
    quadratic=True,
    separable=False,
    mean_bound=np.inf,
)
"""½(z − y)²; k = 1."""

LOG_LOSS = Loss(
    name="log loss",
    cumulant=_softplus,
    link=lambda mean: np.log(mean) - np.log1p(-mean),
    base=_no_base,
    curvature=0.25,
    weight=_bernoulli_weight,
    classes=True,
    quadratic=False,
    separable=True,
    mean_bound=1.0,
)
"""log(1 + e^z) − y·z with y in {0, 1}; k = 1."""

CROSS_ENTROPY = Loss(
    name="log loss",
    cumulant=_log_sum_exp,
    link=np.log,
    base=_no_base,
    curvature=0.5,
    weight=_multinomial_weight,
    classes=True,
    quadratic=False,
    separable=True,
    mean_bound=1.0,
    beside=_log_sum_exp_beside,
)
"""log Σⱼ e^zⱼ − z_class, one output per class; curvature: Böhning (1992)."""

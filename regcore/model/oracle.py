"""Who answers "loss and gradient at (W, b)?".

`Moments` answers for half squared error from sums over the rows: after one pass over
the data an answer costs p², however many rows there are. `Rows` answers for any loss by
going through the rows in blocks. The solvers know nothing else of the data. Both answer
for all m models of a stack at once, so that side by side costs little more than one.
"""

from typing import NamedTuple, Protocol

import numpy as np

from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array, Integers
from regcore.model.moments import Moments
from regcore.model.rows import Rows

__all__ = ["Evaluation", "Moments", "Oracle", "Rows", "Tick", "evaluate", "no_tick"]


class Carrier(Protocol):
    """Rows whose curvature can be asked for; see `certify`."""

    @property
    def n(self) -> int:
        """Number of rows."""
        ...

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Second derivative of C0 at W (p, k), b (1, k).

        Output by output, in each the p weights and then the bias:
        (k(p + 1), k(p + 1)).
        """
        ...

    def bias_hessian(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array]:
        """∂²C0/∂b∂b (k, k) and ∂²C0/∂W∂b (p, k, k) at W (p, k), b (1, k)."""
        ...

    def predictor_range(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """Largest spread of xW + b over the outputs, as a share of `mean_bound`."""
        ...


class Oracle(Carrier, Protocol):
    """Mean loss over the rows and its gradient; W (…, p, k), b (…, 1, k)."""

    @property
    def separable(self) -> bool:
        """Whether the loss can fall for ever, as where classes can be separated."""
        ...

    @property
    def mean_bound(self) -> float:
        """See `Loss.mean_bound`."""
        ...

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        ...

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W and ∂C0/∂b, for W (m, p, k)."""
        ...

    def of_columns(self, V: Array, tick: Tick = no_tick) -> tuple[Array, Array]:
        """C0 (m,) and ∂C0/∂V for V (p + 1, m·k) as from `blocks.columns`."""
        ...

    def curvature(self) -> float:
        """Largest curvature L of C0: η < 2/L keeps gradient descent stable."""
        ...

    @property
    def covariance(self) -> Array:
        """−∂C0/∂W at W = 0 and the best constant bias, (p, k)."""
        ...

    def affine(self) -> tuple[Array, Array] | None:
        """H (p + 1, p + 1) and q (p + 1, k), if the gradient is H[W; b] − q."""
        ...

    def constant_hessian(self, tick: Tick = no_tick) -> tuple[Array, Array]:
        """A (k, k) and S (p + 1, p + 1): `hessian` at W = 0, best constant: A ⊗ S."""
        ...

    def restrict(self, columns: Integers) -> "Oracle":
        """Answer for these features alone."""
        ...

    def row_space(self) -> "tuple[Oracle, Array] | None":
        """Where p > n: the same problem in the r ≤ n directions that the rows span.

        With it V (p, r), orthonormal: weights V·W have the same loss and norm as W.
        """
        ...

    def whitened(self, tick: Tick = no_tick) -> "tuple[Oracle, Array, Array] | None":
        """Where columns hardly differ: the problem in orthonormal directions.

        So nothing is lost to the squares of XᵀX, nor looked for in directions that no
        row has. With it T (p, r) and the mean row x̄ (1, p): W = T·W′ and b = b′ − x̄W
        have the loss of W′ and b′, and of all with that loss W is the smallest.
        """
        ...

    def subsample(self) -> "Oracle | None":
        """A cheaper oracle with nearly the same answers, if there is one."""
        ...


class Evaluation(NamedTuple):
    """One model, W (p, k) and b (1, k), and what an oracle answers for it."""

    W: Array
    b: Array
    loss: float
    GW: Array
    Gb: Array


def evaluate(oracle: Oracle, W: Array, b: Array, tick: Tick = no_tick) -> Evaluation:
    """Ask for loss and gradient of one model."""
    loss, GW, Gb = oracle.loss_and_gradient(W[np.newaxis], b[np.newaxis], tick)
    return Evaluation(W, b, float(loss[0]), GW[0], Gb[0])

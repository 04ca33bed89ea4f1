"""Who answers "loss and gradient at (W, b)?".

`Moments` answers for half squared error from sums over the rows: after one pass over
the data an answer costs p², however many rows there are. `Rows` answers for any loss by
going through the rows in blocks. The solvers know nothing else of the data. Both answer
for all m models of a stack at once, so that side by side costs little more than one.
"""

from typing import Protocol

from regcore.blocks import Tick, no_tick
from regcore.losses import Array
from regcore.moments import Moments
from regcore.rows import Rows

__all__ = ["Moments", "Oracle", "Rows", "Tick", "no_tick"]


class Oracle(Protocol):
    """Mean loss over the rows and its gradient; W (…, p, k), b (…, 1, k)."""

    n: int
    separable: bool
    """Whether the loss can fall for ever, as it does where classes can be separated."""

    def loss(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Mean loss C0, one number a model."""
        ...

    def loss_and_gradient(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[Array, Array, Array]:
        """C0, ∂C0/∂W and ∂C0/∂b, for W (m, p, k)."""
        ...

    def curvature(self) -> float:
        """Largest curvature L of C0: η < 2/L keeps gradient descent stable."""
        ...

    @property
    def pull(self) -> Array:
        """−∂C0/∂W at W = 0 and the best constant bias, (p, k)."""
        ...

    def affine(self) -> tuple[Array, Array] | None:
        """H (p + 1, p + 1) and q (p + 1, k), if the gradient is H[W; b] − q."""
        ...

    def hessian(self, W: Array, b: Array, tick: Tick = no_tick) -> Array:
        """Second derivative of C0 at W (p, k), b (1, k).

        Output by output, in each the p weights and then the bias:
        (k(p + 1), k(p + 1)).
        """
        ...

    def dual_point(
        self, W: Array, b: Array, tick: Tick = no_tick
    ) -> tuple[float, float, Array]:
        """Loss at W (p, k), b (1, k), and what a dual point near it comes to.

        The dual point is θ = mean − A″δ − Y, a row a training row, with the step δ of
        the bias that makes Σθ = 0. Given are C0, a bound on the mean of
        ℓ(z) + ℓ*(θ) − θ·z (infinite where θ is outside the domain), and Xᵀθ/n, (p, k).
        """
        ...

    def spread(self, W: Array, b: Array, tick: Tick = no_tick) -> float:
        """Largest spread of xW + b over the outputs, as a share of the loss's reach."""
        ...

    def restrict(self, columns: Array) -> "Oracle":
        """Answer for these features alone."""
        ...

    def row_space(self) -> "tuple[Oracle, Array] | None":
        """Where p > n: the same problem in the r ≤ n directions that the rows span.

        With it V (p, r), orthonormal: weights V·W have the same loss and norm as W.
        """
        ...

    def thin(self) -> "Oracle | None":
        """A cheaper oracle with nearly the same answers, if there is one."""
        ...

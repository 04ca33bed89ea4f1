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

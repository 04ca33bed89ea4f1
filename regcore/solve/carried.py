"""A sample of the rows that carries the steps of all of them.

A quadratic model leaves out how the curvature changes on the way. The loss of a sample
knows that nearly as well as the loss of all rows does, and costs far less to look at.
So a step leads where the sample would go if it had the gradient of all rows, and what
the sample's curvature is off along the steps is learnt from them.

References
----------
Shamir, Srebro & Zhang (2014), Communication-efficient distributed optimization using an
approximate Newton-type method, equation 8. Nocedal & Wright (2006), equation 6.24, for
what is learnt.
"""

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.oracle import Oracle, evaluate
from regcore.model.penalties import Penalty
from regcore.solve.curvature import Model
from regcore.solve.systems import pack, unpack

ENOUGH = 30
"""Rows for each weight with which a sample bends as all rows do."""

FEW = 10
"""A look at the sample is to take no more than one of so many parts of one at all."""

LEAST = 1e-8
"""Cosine between a step and what it shows from which that is more than rounding."""


def carries(sample: Oracle, oracle: Oracle, weights: int) -> bool:
    """Whether a sample of the oracle's rows is large enough, and small enough."""
    return ENOUGH * weights <= sample.n <= oracle.n / FEW


class Carried:
    """A `Model` as above, around a quadratic one of the sample.

    Parameters
    ----------
    bends : r and r/(r·s): by r·(r·x)/(r·s) all rows bend more along x
    shown : slope of the sample before the last step s, this, and what y the slope of
        all rows has changed by
    """

    def __init__(
        self,
        sample: Oracle,
        model: Model,
        bends: tuple[tuple[Array, Array], ...] = (),
        shown: tuple[Array, Array, Array] | None = None,
    ) -> None:
        self._sample, self._model = sample, model
        self._bends, self._shown = bends, shown
        self._own: Array | None = None

    @property
    def worth(self) -> float:
        """See `Model.worth`."""
        return self._model.worth

    def step(self, penalty: Penalty, W: Array, b: Array, g: Array, tick: Tick) -> Array:
        """See `Model.step`: two on the sample, if they promise more than the first."""
        v = pack(W, b)

        def slope(v: Array) -> Array:
            at = evaluate(self._sample, *unpack(v, W.shape), tick)
            return pack(at.GW + penalty.slope(at.W), at.Gb)

        def promise(d: Array) -> float:
            return float(g @ d) + penalty.kink_change(W, unpack(d, W.shape)[0])

        self._own = own = slope(v)
        self._learn(own)
        first = self._model.step(penalty, W, b, g, tick)
        there = g + slope(v + first) - own + self._bend(first)
        model = self._model.corrected(first, there - g)
        second = model.step(penalty, *unpack(v + first, W.shape), there, tick)
        both = first + second
        return both if promise(both) < 0.5 * promise(first) else first

    def corrected(self, s: Array, y: Array) -> "Carried":
        """See `Model.corrected`."""
        shown = None if self._own is None else (self._own, s, y)
        model = self._model.corrected(s, y)
        return Carried(self._sample, model, self._bends, shown)

    def _learn(self, own: Array) -> None:
        """Learn from the last step, after which the sample has this slope."""
        if self._shown is None:
            return
        before, s, y = self._shown
        r = y - (own - before) - self._bend(s)
        if abs(r @ s) > LEAST * np.linalg.norm(r) * np.linalg.norm(s):
            self._bends = (*self._bends, (r, r / (r @ s)))

    def _bend(self, x: Array) -> Array:
        """What the slope of all rows is known to change by more along x."""
        more = np.zeros_like(x)
        for r, scaled in self._bends:
            more += (scaled @ x) * r
        return more

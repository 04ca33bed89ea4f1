"""One step of gradient descent under a penalty: what it makes of weights, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from regcore.model.losses import Array

Write = Callable[[Array, Array, Array], None]


class Parts(NamedTuple):
    """A step taken apart: W + gradient + penalty is W after it; all have W's shape.

    Attributes
    ----------
    gradient : −η∂C0/∂W
    penalty : what the penalty adds
    acts_on : the weight that the penalty looks at: after the gradient's part where the
        step is clipped, before it elsewhere
    clipped : whether the step stopped at zero
    """

    gradient: Array
    penalty: Array
    acts_on: Array
    clipped: np.ndarray


@dataclass(frozen=True)
class Step:
    """W → W after one step at the learning rate η.

    L2 takes a percentage, w ← (1 − η·l2)·w − η∂C0/∂w. L1 takes a constant:
    w ← w − η∂C0/∂w, then η·l1 off towards 0, stopping at 0. The textbook L1 step
    is w ← w − η·l1·sgn(w) − η∂C0/∂w with sgn(0) = 0.

    Attributes
    ----------
    rate : η
    share : η·l2, the share of a weight that is taken off
    early : η·l1 of the textbook step, the constant that goes off before it
    late : η·l1 of the clipped step, the constant that goes off after it

    References
    ----------
    Nielsen (2015), Neural Networks and Deep Learning, ch. 3, for the two textbook
    steps; Duchi & Singer (2009), section 3, for the clipped one.
    """

    rate: float
    share: Array
    early: Array
    late: Array

    @property
    def constant(self) -> Array:
        """η·l1, what is taken off a weight of any size."""
        return self.early + self.late

    def __call__(self, W: Array, G: Array) -> Array:
        """Return the weights after a step with the gradient G = ∂C0/∂W."""
        new, strengths = np.empty(W.shape), (self.share, self.early, self.late)
        full = (np.broadcast_to(part, W.shape) for part in strengths)
        Step(self.rate, *full).write(W, self.rate * G, new)
        return new

    @cached_property
    def write(self) -> Write:
        """(W, S, new): write W after a step by S = η∂C0/∂W into new, which may be W.

        For descent that steps very often: there is a strength for each weight, and W
        has their shape.
        """
        decay, early, late, below = 1.0 - self.share, self.early, self.late, -self.late
        takes_early, takes_late = bool(early.any()), bool(late.any())
        held = np.empty_like(late)

        def write(W: Array, S: Array, new: Array) -> None:
            if takes_early:
                first = early * np.sign(W)
                np.multiply(W, decay, out=new)
                np.subtract(new, first, out=new)
            else:
                np.multiply(W, decay, out=new)
            np.subtract(new, S, out=new)
            if takes_late:
                # v − clip(v, −t, t) is v moved by t towards 0, and exactly 0 within t.
                np.maximum(new, below, out=held)
                np.minimum(held, late, out=held)
                np.subtract(new, held, out=new)

        return write

    def apart(self, W: Array, G: Array) -> Parts:
        """Take apart the step from W with the gradient G = ∂C0/∂W."""
        S = self.rate * G
        before = self.share * W + self.early * np.sign(W)
        moved = W - before - S
        penalty = -before - np.clip(moved, -self.late, self.late)
        clips = self.late > 0
        clipped = clips & (np.abs(moved) <= self.late)
        return Parts(-S, penalty + 0.0, np.where(clips, moved, W), clipped)

    def profile(self, reach: float) -> tuple[Array, Array]:
        """What the penalty adds against the weight it acts on, from −reach to reach.

        Returns
        -------
        weights where this bends or jumps, and its values; straight in between
        """
        corner = min(float(self.late), reach)
        weights = np.array([-reach, -corner, 0.0, 0.0, 0.0, corner, reach])
        sides = np.array([-1.0, -1.0, -1.0, 0.0, 1.0, 1.0, 1.0])
        late = np.clip(weights, -self.late, self.late)
        return weights, -(self.share * weights + self.early * sides + late)

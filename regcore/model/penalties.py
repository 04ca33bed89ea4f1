"""The penalties, as one record: what is added to the loss, and the step it asks for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array

Step = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Penalty:
    """l1·Σ|w| + ½·l2·Σw²; none, L1, L2 and the elastic net are its corners.

    With λ and n training rows, L1 is ``Penalty(l1=λ/n)`` and L2 is ``Penalty(l2=λ/n)``.
    The bias is an array of its own and never comes here.

    Attributes
    ----------
    l1, l2 : ≥ 0; numbers, or (m, 1, 1) for m models side by side
    textbook : take the L1 step by sgn(w) before the step, not clipped at zero after it
    """

    l1: float | Array = 0.0
    l2: float | Array = 0.0
    textbook: bool | np.ndarray = False

    def __post_init__(self) -> None:
        if np.any(np.less(self.l1, 0)) or np.any(np.less(self.l2, 0)):
            raise ValueError("A penalty's strength must not be negative.")

    def value(self, W: Array) -> Array:
        """Penalty of W (…, p, k), one number a model."""
        l1, l2 = np.squeeze(self.l1), np.squeeze(self.l2)
        return l1 * np.abs(W).sum(axis=(-2, -1)) + 0.5 * l2 * (W * W).sum(axis=(-2, -1))

    def step(self, rate: float) -> Step:
        """Return the map (W, ∂C0/∂W) → W after one step at this learning rate η.

        L2 takes a percentage, w ← (1 − η·l2)·w − η∂C0/∂w. L1 takes a constant:
        w ← w − η∂C0/∂w, then η·l1 off towards 0, stopping at 0. The textbook L1 step
        is w ← w − η·l1·sgn(w) − η∂C0/∂w with sgn(0) = 0.

        References
        ----------
        Nielsen (2015), Neural Networks and Deep Learning, ch. 3, for the two textbook
        steps; Duchi & Singer (2009), section 3, for the clipped one.
        """
        decay = 1.0 - rate * np.asarray(self.l2)
        pull = rate * np.asarray(self.l1) * self.textbook
        threshold = rate * np.asarray(self.l1) - pull
        pulls = bool(np.any(pull))

        def advance(W: Array, G: Array) -> Array:
            V = decay * W
            if pulls:
                V -= pull * np.sign(W)
            V -= rate * G
            # v − clip(v, −t, t) is v moved by t towards 0, and exactly 0 within t.
            V -= np.minimum(np.maximum(V, -threshold), threshold)
            return V

        return advance

    def residual(self, W: Array, G: Array) -> Array:
        """Distance of every weight from its optimality condition, shape of W.

        With g = ∂C0/∂w + l2·w: |g + l1·sgn(w)| where w ≠ 0, max(|g| − l1, 0) where
        w = 0. All zeros exactly at the optimum.

        References
        ----------
        Tibshirani (2013), The lasso problem and uniqueness, eqs. 3 and 4.
        """
        g = G + self.l2 * W
        at_zero = np.maximum(np.abs(g) - self.l1, 0.0)
        return np.where(W == 0, at_zero, np.abs(g + self.l1 * np.sign(W)))

    def unrest(self, W: Array, G: Array) -> Array:
        """How far a small step moves every weight, over η, shape of W.

        The residual, but for a textbook weight at zero: with sgn(0) = 0 nothing holds
        it there, and it moves by |g|.
        """
        residual = self.residual(W, G)
        if not np.any(self.textbook):
            return residual
        return np.where(self.textbook & (W == 0), np.abs(G), residual)


def stack(penalties: Sequence[Penalty]) -> Penalty:
    """Join m penalties into one record that acts on W (m, p, k)."""

    def column(values: list[float], dtype: type) -> np.ndarray:
        return np.array(values, dtype=dtype).reshape(-1, 1, 1)

    return Penalty(
        l1=column([q.l1 for q in penalties], float),
        l2=column([q.l2 for q in penalties], float),
        textbook=column([q.textbook for q in penalties], bool),
    )

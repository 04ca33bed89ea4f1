"""The penalties, as one record: what is added to the loss, and all that follows.

A solver asks a penalty for its value, its step, how far weights are from their
optimality conditions, its curvature and its conjugate; it never looks at the strengths
to decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from regcore.model.losses import Array, Booleans
from regcore.model.steps import Step


@dataclass(frozen=True)
class Penalty:
    """l1·Σ|w| + ½·l2·Σw²; none, L1, L2 and the elastic net are its corners.

    With λ and n training rows, L1 is ``Penalty(l1=λ/n)`` and L2 is ``Penalty(l2=λ/n)``.
    The bias is an array of its own and never comes here.

    Attributes
    ----------
    l1, l2 : ≥ 0; numbers, (m, 1, 1) for m models side by side, or one a weight
    textbook : take the L1 step by sgn(w) before the step, not clipped at zero after it
    """

    l1: float | Array = 0.0
    l2: float | Array = 0.0
    textbook: bool | Booleans = False

    def __post_init__(self) -> None:
        # Counting is several times cheaper than `np.any` for a single number.
        if any(np.count_nonzero(np.less(x, 0)) for x in (self.l1, self.l2)):
            raise ValueError("A penalty's strength must not be negative.")

    @cached_property
    def absent(self) -> bool:
        """Whether there is no penalty."""
        return self.smooth and not self.shrinks

    @cached_property
    def shrinks(self) -> bool:
        """Whether it has a part in the squares of the weights."""
        return bool(np.count_nonzero(self.l2))

    @cached_property
    def smooth(self) -> bool:
        """Whether it has a gradient everywhere, so that no weight is exactly 0."""
        return not np.count_nonzero(self.l1)

    @property
    def curvature(self) -> float | Array:
        """What it adds to the second derivative of the loss by every weight."""
        return self.l2

    def value(self, W: Array) -> Array:
        """Penalty of W (…, p, k), one number a model."""
        value: Array = np.zeros((*W.shape[:-2], 1, 1))
        if self.shrinks:
            value = 0.5 * self.l2 * (W * W).sum(axis=(-2, -1), keepdims=True)
        if not self.smooth:
            value = value + self.l1 * np.abs(W).sum(axis=(-2, -1), keepdims=True)
        return value[..., 0, 0]

    def step(self, rate: float) -> Step:
        """Return the map (W, ∂C0/∂W) → W after one step at this learning rate η."""
        constant = rate * np.asarray(self.l1)
        early = constant * self.textbook
        share = rate * np.asarray(self.l2)
        return Step(rate, share, early, constant - early)

    def residual(self, W: Array, G: Array) -> Array:
        """Distance of every weight from its optimality condition, shape of W.

        With g = ∂C0/∂w + l2·w: |g + l1·sgn(w)| where w ≠ 0, max(|g| − l1, 0) where
        w = 0. All zeros exactly at the optimum.

        References
        ----------
        Tibshirani (2013), The lasso problem and uniqueness, eqs. 3 and 4.
        """
        g = G + self.l2 * W
        if self.smooth:
            return np.abs(g)
        at_zero = np.maximum(np.abs(g) - self.l1, 0.0)
        return np.where(W == 0, at_zero, np.abs(g + self.l1 * np.sign(W)))

    def fixed_point_residual(self, W: Array, G: Array) -> Array:
        """How far a small step moves every weight, over η, shape of W.

        The residual, but for a textbook weight at zero: with sgn(0) = 0 nothing holds
        it there, and it moves by |g|.
        """
        residual = self.residual(W, G)
        if not np.any(self.textbook):
            return residual
        return np.where(self.textbook & (W == 0), np.abs(G), residual)

    def signs(self, W: Array, G: Array) -> Array:
        """Signs that L1 pulls against: those of W, and at 0 those that a step gives."""
        leaving = np.where(np.abs(G) <= self.l1, 0.0, -np.sign(G))
        at_zero = np.where(self.textbook, 0.0, leaving)
        return np.where(W == 0, at_zero, np.sign(W)) * np.greater(self.l1, 0)

    def holds(self, signs: Array) -> Booleans:
        """Whether a weight stays at 0 as long as these are the signs."""
        held: Booleans = (
            (signs == 0) & np.greater(self.l1, 0) & ~np.asarray(self.textbook)
        )
        return held

    def slope(self, W: Array, signs: Array | float = 0.0) -> Array:
        """Gradient as long as these are the signs, l2·W + l1·signs.

        Without signs it is that of the smooth part alone.
        """
        return self.l2 * W + self.l1 * signs

    def kink_change(self, W: Array, D: Array) -> float:
        """How the part of it that has kinks changes from W to W + D."""
        return float(self.l1) * float((np.abs(W + D) - np.abs(W)).sum())

    def scale(self, G: Array) -> float:
        """What optimality conditions are measured by: l1, or else the largest gradient.

        Parameters
        ----------
        G : ∂C0/∂W at W = 0
        """
        return float(self.l1) or float(np.abs(G).max()) or 1.0

    def stronger(self, G: Array, share: float) -> Iterator["Penalty"]:
        """The same with more l1, falling from what empties the model towards its own.

        Parameters
        ----------
        G : ∂C0/∂W at W = 0
        share : of each l1 in the one before
        """
        steps = int(np.log(float(np.abs(G).max()) / self.l1) / -np.log(share))
        for l1 in self.l1 / share ** np.arange(steps, 0, -1):
            yield replace(self, l1=float(l1))

    def dual_share(self, G: Array) -> float:
        """Largest share of G, up to 1, whose conjugate is finite.

        L1 alone has a conjugate of 0 in the box |g| ≤ l1, and none outside it.

        References
        ----------
        Bonnefoy et al. (2015), Dynamic screening, section 3.
        """
        if self.shrinks:
            return 1.0
        return min(1.0, float(self.l1) / max(float(np.abs(G).max()), 1e-300))

    def duality_gap(self, W: Array, G: Array) -> float:
        """Ω(W) + Ω*(−G) + Σ W·G ≥ 0, which is 0 where W is optimal for ∂C0/∂W = G.

        Ω*(G) is Σ max(|g| − l1, 0)²/(2·l2), and 0 without l2 as long as |g| ≤ l1.
        """
        pairing = np.abs(W) * self.l1 + 0.5 * self.l2 * W * W + W * G
        if not self.shrinks:
            return float(pairing.sum())
        beyond = float((np.maximum(np.abs(G) - self.l1, 0.0) ** 2).sum())
        return float(pairing.sum()) + beyond / (2.0 * float(self.l2))

    def on(self, weights: Array) -> "Penalty":
        """The same with a strength for each entry, where weights are 1 and biases 0."""
        return Penalty(self.l1 * weights, self.l2 * weights, self.textbook)

    def columns(self, m: int, p: int, k: int) -> "Penalty":
        """The penalty on `blocks.columns` of W (m, p, k) and b: 0 for every bias."""

        def by_column(strength: float | Array | Booleans) -> Array:
            models = np.broadcast_to(np.asarray(strength).reshape(-1), (m,))
            row = np.repeat(models, k)
            return np.vstack([np.tile(row, (p, 1)), np.zeros_like(row)])

        return Penalty(
            by_column(self.l1),
            by_column(self.l2),
            by_column(self.textbook).astype(bool),
        )


def stack(penalties: Sequence[Penalty]) -> Penalty:
    """Join m penalties into one record that acts on W (m, p, k)."""

    def column(values: Sequence[float | Array]) -> Array:
        return np.array(values, dtype=float).reshape(-1, 1, 1)

    return Penalty(
        l1=column([q.l1 for q in penalties]),
        l2=column([q.l2 for q in penalties]),
        textbook=np.array([q.textbook for q in penalties]).reshape(-1, 1, 1),
    )

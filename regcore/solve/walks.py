"""Descent in as few operations an epoch as NumPy allows.

All outputs of all models are columns, and weights and bias one array V (p + 1, m·k), so
that with G = ∂C0/∂V a step is the same few operations for every model.
"""

from collections.abc import Callable

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty

Advance = Callable[[Array, Array, Array], None]

TICK_EPOCHS = 64
"""Epochs on sums between two heartbeats; one takes about 10 µs where p is small."""

GATHERED = 4096
"""Rows that are brought together at once, to be cut into batches."""


def advance_columns(penalty: Penalty, rate: float, p: int, k: int) -> Advance:
    """`Penalty.step` on columns: from V and η·G to the next V, which may be V."""
    step = rate * np.atleast_1d(np.squeeze(penalty.l1))
    textbook = np.atleast_1d(np.squeeze(penalty.textbook))

    def spread(values: Array, bias: float) -> Array:
        row = np.repeat(np.broadcast_to(values, step.shape), k)
        return np.concatenate([np.tile(row, (p, 1)), np.full((1, len(row)), bias)])

    decay = spread(1.0 - rate * np.atleast_1d(np.squeeze(penalty.l2)), 1.0)
    pull, threshold = spread(step * textbook, 0.0), spread(step * ~textbook, 0.0)
    pulls, clips, below = bool(pull.any()), bool(threshold.any()), -threshold
    held = np.empty_like(threshold)

    def advance(V: Array, S: Array, new: Array) -> None:
        if pulls:
            S = S + pull * np.sign(V)
        np.multiply(V, decay, out=new)
        np.subtract(new, S, out=new)
        if clips:
            np.maximum(new, below, out=held)
            np.minimum(held, threshold, out=held)
            np.subtract(new, held, out=new)

    return advance


def walk_on_sums(
    H: Array, q: Array, V: Array, advance: Advance, rate: float, epochs: int, tick: Tick
) -> tuple[Array, Array]:
    """Go on from V where the gradient is HV − q.

    Returns
    -------
    V at every epoch and after the last, (epochs + 1, p + 1, m·k), and its gradient at
    every epoch
    """
    states = np.empty((epochs + 1, *V.shape))
    gradients = np.empty((epochs, *V.shape))
    states[0] = V
    H, q = rate * H, rate * q
    steps = zip(states, gradients, states[1:], strict=False)
    for i, (V, S, new) in enumerate(steps):
        if i % TICK_EPOCHS == 0:
            tick()
        # Half a microsecond less than matmul, of five.
        np.dot(H, V, out=S)
        np.subtract(S, q, out=S)
        advance(V, S, new)
    gradients *= 1.0 / rate
    return states, gradients


def pass_of_batches(
    rows: Rows,
    V: Array,
    advance: Advance,
    rate: float,
    size: int,
    order: Array,
    tick: Tick,
) -> None:
    """Take one step a batch through the rows in this order; V is overwritten."""
    n, p = rows.X.shape
    k = rows.Y.shape[1]
    m = V.shape[1] // k
    many = size * max(1, GATHERED // size)
    X = np.ones((min(many, n), p + 1))
    for first in range(0, n, many):
        chosen = order[first : first + many]
        X[: len(chosen), :p] = rows.X[chosen]
        Y = np.tile(rows.Y[chosen], m)
        tick()
        for start in range(0, len(chosen), size):
            stop = min(start + size, len(chosen))
            x = X[start:stop]
            Z = x @ V
            R = rows.kind.mean(Z.reshape(-1, m, k)).reshape(Z.shape) - Y[start:stop]
            S = x.T @ R
            S *= rate / (stop - start)
            advance(V, S, V)

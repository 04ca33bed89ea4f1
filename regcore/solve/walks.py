"""Descent in as few operations an epoch as NumPy allows.

All outputs of all models are columns, and weights and bias one array V (p + 1, m·k), so
that with G = ∂C0/∂V a step is the same few operations for every model.
"""

import numpy as np

from regcore.model.blocks import Tick
from regcore.model.losses import Array, Integers
from regcore.model.oracle import Rows
from regcore.model.steps import Step

TICK_EPOCHS = 64
"""Epochs on sums between two heartbeats; one takes about 10 µs where p is small."""

GATHERED = 4096
"""Rows that are brought together at once, to be cut into batches."""


def descend_on_sums(
    H: Array, q: Array, V: Array, step: Step, epochs: int, tick: Tick
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
    H, q, write = step.rate * H, step.rate * q, step.write
    steps = zip(states, gradients, states[1:], strict=False)
    for i, (V, S, new) in enumerate(steps):
        if i % TICK_EPOCHS == 0:
            tick()
        # Half a microsecond less than matmul, of five.
        np.dot(H, V, out=S)
        np.subtract(S, q, out=S)
        write(V, S, new)
    gradients *= 1.0 / step.rate
    return states, gradients


def pass_of_batches(
    rows: Rows,
    V: Array,
    step: Step,
    size: int,
    order: Integers,
    tick: Tick,
) -> None:
    """Take one step a batch through the rows in this order; V is overwritten."""
    (n, p), write = rows.X.shape, step.write
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
            S *= step.rate / (stop - start)
            write(V, S, V)

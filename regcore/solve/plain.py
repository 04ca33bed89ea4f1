"""Plain gradient descent: the formulas of the README as a program, and nothing else.

Here is all that training does to a model, to be read in five minutes. It is slow, one
model at a time. `regcore.solve.descent` trains all models at once, keeps their history
and knows where to stop; the tests hold it to what stands here.

Notation as in `regcore`: X (n, p), Y (n, k), weights W (p, k), biases b (1, k),
learning rate η `rate`, λ `lam`; G is ∂C0/∂W.
"""

from collections.abc import Callable

import numpy as np

from regcore.model.losses import Array, Loss

Step = Callable[[Array, Array, float, float, int], Array]


def none_step(W: Array, G: Array, rate: float, lam: float, n: int) -> Array:
    """W ← W − η∂C0/∂W."""
    return W - rate * G


def l1_step(W: Array, G: Array, rate: float, lam: float, n: int) -> Array:
    """W ← W − η∂C0/∂W, then ηλ/n off every weight towards 0, stopping at 0."""
    V = W - rate * G
    return np.sign(V) * np.maximum(np.abs(V) - rate * lam / n, 0.0)


def l1_textbook_step(W: Array, G: Array, rate: float, lam: float, n: int) -> Array:
    """W ← W − (ηλ/n)·sgn(W) − η∂C0/∂W, with sgn(0) = 0."""
    return W - rate * lam / n * np.sign(W) - rate * G


def l2_step(W: Array, G: Array, rate: float, lam: float, n: int) -> Array:
    """W ← (1 − ηλ/n)·W − η∂C0/∂W."""
    return (1.0 - rate * lam / n) * W - rate * G


def descend(
    X: Array, Y: Array, loss: Loss, step: Step, lam: float, rate: float, epochs: int
) -> list[tuple[Array, Array]]:
    """Train one model with all rows a step; return (W, b) at epochs 0 … epochs.

    The gradient of each of the three losses is Xᵀ(prediction − Y)/n.
    """
    n, p = X.shape
    W: Array = np.zeros((p, Y.shape[1]))
    b = loss.link(Y.mean(axis=0, keepdims=True))  # the best constant
    states = [(W, b)]
    for _ in range(epochs):
        error = loss.mean(X @ W + b) - Y
        W = step(W, X.T @ error / n, rate, lam, n)
        b = b - rate * error.mean(axis=0, keepdims=True)
        states.append((W, b))
    return states

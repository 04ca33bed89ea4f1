"""What every oracle shares: blocks of rows, the heartbeat, models as columns."""

from collections.abc import Callable

import numpy as np

from regcore.losses import Array

BLOCK = 2048
"""Rows a block: the linear predictor of a few models then stays in the cache."""

BLOCK_NUMBERS = 32_768
"""Most numbers in the linear predictor of a block, where there are many models."""

DENSE_EIGENVALUES = 1000
"""Largest matrix whose eigenvalues are taken exactly; beyond it, power iteration."""

Tick = Callable[[], None]


def no_tick() -> None:
    """Do nothing: the heartbeat of a caller who does not listen."""


def as_columns(W: Array) -> Array:
    """(…, p, k) as (p, M): every output of every model is a column."""
    p, k = W.shape[-2:]
    return W.reshape(-1, p, k).transpose(1, 0, 2).reshape(p, -1)


def as_models(C: Array, shape: tuple[int, ...]) -> Array:
    """Undo `as_columns` for a result of that shape."""
    p, k = shape[-2:]
    return C.reshape(p, -1, k).transpose(1, 0, 2).reshape(shape)


def largest_eigenvalue(H: Array) -> float:
    """Largest eigenvalue of a symmetric positive matrix."""
    if len(H) <= DENSE_EIGENVALUES:
        return float(np.linalg.eigvalsh(H)[-1])
    v = np.random.default_rng(0).standard_normal(len(H))
    for _ in range(100):
        v = H @ (v / np.linalg.norm(v))
    return float(np.linalg.norm(v))

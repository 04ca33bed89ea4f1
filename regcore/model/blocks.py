"""What every oracle shares: blocks of rows, the heartbeat, models as columns."""

from collections.abc import Callable

import numpy as np

from regcore.model.losses import Array

BLOCK = 2048
"""Rows a block: the linear predictor of a few models then stays in the cache."""

READ = 200_000
"""Numbers of a block of short rows, which may be more of them: they too are still in
the cache when they are read again."""

BLOCK_NUMBERS = 32_768
"""Most numbers in the linear predictor of a block, where there are many models."""

PRODUCT = 1_000_000
"""Most multiplications of a block's product with a few columns. OpenBLAS copies the
operands of larger ones first, which takes as long as the product itself."""

DENSE_EIGENVALUES = 1000
"""Largest matrix whose eigenvalues are taken exactly; beyond it, power iteration."""

RANK = 1e-12
"""Share of the largest eigenvalue below which a direction counts as not seen."""

Tick = Callable[[], None]


def no_tick() -> None:
    """Do nothing: the heartbeat of a caller who does not listen."""


def block_rows(p: int, columns: int) -> int:
    """Rows a block, where p features are multiplied with so many columns."""
    p = max(p, 1)
    most = min(BLOCK_NUMBERS // columns, PRODUCT // (p * columns))
    return max(64, min(most, max(BLOCK, READ // p)))


def columns(W: Array, b: Array) -> Array:
    """W (…, p, k) and b (…, 1, k) as V (p + 1, m·k): an output of a model a column."""
    p, k = W.shape[-2:]
    V = np.empty((p + 1, W.size // p if p else b.size))
    V[:p].reshape(p, -1, k)[:] = W.reshape(-1, p, k).transpose(1, 0, 2)
    V[p] = b.ravel()
    return V


def models(V: Array, m: int) -> tuple[Array, Array]:
    """Undo `columns`, for V (…, p + 1, m·k): W (…, m, p, k) and b (…, m, 1, k)."""
    split = V.reshape(*V.shape[:-1], m, -1)
    parts = np.ascontiguousarray(split.swapaxes(-2, -3))
    return parts[..., :-1, :], parts[..., -1:, :]


def largest_eigenvalue(H: Array) -> float:
    """Largest eigenvalue of a symmetric positive matrix."""
    if len(H) <= DENSE_EIGENVALUES:
        return float(np.linalg.eigvalsh(H)[-1])
    v: Array = np.random.default_rng(0).standard_normal(len(H))
    for _ in range(100):
        v = H @ (v / np.linalg.norm(v))
    return float(np.linalg.norm(v))

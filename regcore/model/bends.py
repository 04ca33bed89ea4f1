"""Sums of [x 1]ᵀ[x 1] ⊗ A″ over rows: the Hessian of a loss, block by block.

All products are of weighted rows with themselves: OpenBLAS makes only half of those.
"""

from collections.abc import Iterable

import numpy as np

from regcore.model.blocks import BLOCK_NUMBERS
from regcore.model.losses import Array, Integers, Loss

ROWS = 1024
"""Most rows a block: with more of them the weighted ones leave the cache."""

WIDE = 48
"""Features from which a product for every pair of outputs takes less time than one for
all outputs together: half of it for three of them and 50 features."""

Blocks = Iterable[tuple[Array, Array]]
"""Rows (size, p) and their mean response (size, k)."""


def bend_rows(p: int, k: int) -> int:
    """Rows a block."""
    columns = (p + 1) * (1 if p >= WIDE else k)
    return min(ROWS, max(64, 3 * BLOCK_NUMBERS // columns))


def summed_bend(blocks: Blocks, loss: Loss, p: int, k: int) -> Array:
    """Sum over all rows, (k(p + 1), k(p + 1)).

    Output by output, in each the p weights and then the bias. Several outputs are
    shares of one whole: beside its diagonal A″ is −mean·meanᵀ, and every row of it sums
    to 0.
    """
    pairs = np.triu_indices(k, 1) if k > 1 and p >= WIDE else None
    together = k if pairs is None else 1
    shape = together * (p + 1)
    total: Array = np.zeros((1 if pairs is None else len(pairs[0]), shape, shape))
    scaled = np.empty((bend_rows(p, k), together, p + 1))
    for block, mean in blocks:
        part = scaled[: len(block)]
        flat = part.reshape(len(block), -1)
        for root, products in zip(_roots(loss, mean, pairs), total, strict=True):
            np.einsum("so,sp->sop", root, block, out=part[..., :p])
            part[..., p] = root
            products += flat.T @ flat
    H = total.reshape(k, p + 1, k, p + 1) if pairs is None else _placed(total, pairs, k)
    if k > 1:
        c = np.arange(k)
        H[c, :, c] = 0.0
        H[c, :, c] = -H.sum(axis=2)
        H *= -1.0
    return H.reshape(k * (p + 1), -1)


def _placed(products: Array, pairs: tuple[Integers, Integers], k: int) -> Array:
    """Both places of every pair's product in the whole; the diagonal is anything."""
    side = products.shape[-1]
    H: Array = np.zeros((k, side, k, side))
    H[pairs[0], :, pairs[1]] = H[pairs[1], :, pairs[0]] = products
    return H


def _roots(loss: Loss, mean: Array, pairs: tuple[Integers, Integers] | None) -> Array:
    """What rows are multiplied with before each product, (products, size, outputs)."""
    if pairs is None and mean.shape[1] > 1:
        return mean[np.newaxis]
    if pairs is None:
        square = loss.weight(mean)[np.newaxis, ..., 0]
    else:
        square = (mean[:, pairs[0]] * mean[:, pairs[1]]).T[..., np.newaxis]
    root: Array = np.sqrt(square)
    return root

"""A target that is nearly the weighted sum of a few columns."""

from dataclasses import dataclass

import numpy as np

from regcore.model.losses import Array

MOST_TERMS = 5
"""Columns of a sum that is still a sum of few."""

STEPS = 10
"""Columns that are tried before the superfluous are taken out again."""

MOST_TRIED = 300
"""Columns looked at: those that go with the target most."""

ROWS_A_TERM = 8
"""Training rows there must be for each column of a sum."""

MOST_ROWS = 20_000
"""Rows looked at, evenly spread."""


def near_sum(X: Array, y: Array, unexplained: float) -> list[int] | None:
    """Return the few columns whose weighted sum leaves hardly any variance of y.

    Columns are taken in one after another, each time the one that explains most of
    what is left; then those that are not needed are taken out again.

    Parameters
    ----------
    X, y : (n, p) and (n,), centred
    unexplained : largest share of the variance of y that may be left
    """
    step = max(1, len(y) // MOST_ROWS)
    X, y = X[::step], y[::step]
    most = min(MOST_TERMS, len(y) // ROWS_A_TERM)
    covariance = np.abs(X.T @ y)
    tried = np.sort(np.argsort(-covariance, kind="stable")[:MOST_TRIED])
    A = X[:, tried]
    products = _Products(A.T @ A, A.T @ y, float(y @ y))
    limit = unexplained * products.total
    chosen = _taken_in(products, limit, steps=min(STEPS, len(y) // ROWS_A_TERM))
    chosen = _taken_out(products, chosen, limit) if chosen else []
    if not chosen or len(chosen) > most:
        return None
    columns: list[int] = tried[sorted(chosen)].tolist()
    return columns


@dataclass(frozen=True)
class _Products:
    """Sums of products over the rows: all that least squares asks for.

    Attributes
    ----------
    G, c, total : AᵀA (p, p), Aᵀy (p,) and yᵀy
    """

    G: Array
    c: Array
    total: float

    def weights(self, chosen: list[int]) -> Array:
        """Least squares weights of the chosen columns."""
        return np.linalg.lstsq(self.G[np.ix_(chosen, chosen)], self.c[chosen])[0]

    def left(self, chosen: list[int]) -> float:
        """Sum of squares that the chosen columns leave."""
        return self.total - float(self.c[chosen] @ self.weights(chosen))


def _taken_in(products: _Products, limit: float, steps: int) -> list[int]:
    """Take columns in until the rest is below the limit; none if it never is."""
    p = len(products.c)
    if p == 0 or products.left(list(range(p))) > limit:
        return []
    chosen: list[int] = []
    gains = np.abs(products.c)
    scale = np.sqrt(np.maximum(np.diag(products.G), 1e-300))
    while len(chosen) < min(steps, p):
        gains = gains / scale
        gains[chosen] = -1.0
        chosen.append(int(gains.argmax()))
        weights = products.weights(chosen)
        if products.total - float(products.c[chosen] @ weights) <= limit:
            return chosen
        gains = np.abs(products.c - products.G[:, chosen] @ weights)
    return []


def _taken_out(products: _Products, chosen: list[int], limit: float) -> list[int]:
    """Take columns out one by one as long as the rest stays below the limit."""
    while len(chosen) > 1:
        without = [[c for c in chosen if c != column] for column in chosen]
        left = [products.left(others) for others in without]
        if min(left) > limit:
            break
        chosen = without[int(np.argmin(left))]
    return chosen

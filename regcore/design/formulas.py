"""A target that is nearly a product, a square or a distance of a few columns.

y = a·b, a², |a − b| (whose square is a² − 2ab + b²) are weighted sums of products; a
quotient or a power is one of logarithms. So each is looked for as a sum of few.
"""

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np

from regcore.design.sums import near_sum
from regcore.model.losses import Array
from regcore.words import listed, named

MOST_ROWS = 4_000
"""Rows looked at, evenly spread."""

MOST_COLUMNS = 30
"""Columns of which products are made: those that go with the target most."""

MOST_FACTORS = 3
"""Columns of a formula that is still one of few."""

FEWEST_ROWS = 50
"""Rows below which some formula of many fits by chance."""

WHOLE = 0.9
"""Share of the rows without a gap that a column must have, and without a zero where
logarithms are taken."""

UNEXPLAINED = 1e-3
"""Share of the variance that may be left."""


def find_formula(
    names: Sequence[str], columns: Sequence[Array], y: Array
) -> tuple[tuple[str, ...], str] | None:
    """Return the columns of which the target is a formula, and a clause that says so.

    Parameters
    ----------
    columns : one (n,) a name, in original units, gaps as NaN
    """
    step = max(1, len(y) // MOST_ROWS)
    y = y[::step]
    thin = [column[::step] for column in columns]
    kept = [j for j, x in enumerate(thin) if np.isfinite(x).mean() >= WHOLE]
    if not kept:
        return None
    X = np.column_stack([thin[j] for j in kept])
    rows = np.flatnonzero(np.isfinite(X).all(axis=1))
    if len(rows) < max(FEWEST_ROWS, WHOLE * len(y)):
        return None
    X, y = X[rows], y[rows]
    if X.shape[1] > MOST_COLUMNS:
        with_y = np.fmax(_covariance(X, y), _covariance((X - X.mean(axis=0)) ** 2, y))
        likely = np.sort(np.argsort(-with_y, kind="stable")[:MOST_COLUMNS])
        X, kept = X[:, likely], [kept[j] for j in likely]
    labels = [names[j] for j in kept]
    return _of_products(labels, X, y) or _of_powers(labels, X, y)


def _of_products(
    names: Sequence[str], X: Array, y: Array
) -> tuple[tuple[str, ...], str] | None:
    pairs = list(combinations_with_replacement(range(len(names)), 2))
    A = np.column_stack([X, *(X[:, i] * X[:, j] for i, j in pairs)])
    terms = [(i,) for i in range(len(names))] + pairs
    for values, of in ((y, "is"), (y**2, "has a square that is")):
        chosen = _few(A, values)
        if chosen is None:
            continue
        used = tuple(dict.fromkeys(names[i] for at in chosen for i in terms[at]))
        products = [terms[at] for at in chosen if len(terms[at]) > 1]
        if products and len(used) <= MOST_FACTORS:
            written = listed([_product(names, term) for term in products])
            return used, f"{of} almost exactly told by {written}"
    return None


def _of_powers(
    names: Sequence[str], X: Array, y: Array
) -> tuple[tuple[str, ...], str] | None:
    fair = [j for j in range(X.shape[1]) if (X[:, j] != 0).mean() >= WHOLE]
    rows = (X[:, fair] != 0).all(axis=1) & (y != 0)
    if not fair or rows.mean() < WHOLE:
        return None
    chosen = _few(np.log(np.abs(X[rows][:, fair])), np.log(np.abs(y[rows])))
    if chosen is None or len(chosen) > MOST_FACTORS:
        return None
    used = tuple(names[fair[j]] for j in chosen)
    shown = listed([named(name) for name in used])
    return used, f"is almost exactly a product of powers of {shown}"


def _few(A: Array, y: Array) -> list[int] | None:
    """Columns of which y is nearly a weighted sum, all standardised."""
    size, spread = A.std(axis=0), float(y.std())
    if not spread > 0 or not np.isfinite(size).all():
        return None
    varies = np.flatnonzero(size > 0)
    A = (A[:, varies] - A[:, varies].mean(axis=0)) / size[varies]
    chosen = near_sum(A, (y - y.mean()) / spread, UNEXPLAINED)
    return None if chosen is None else varies[chosen].tolist()


def _covariance(X: Array, y: Array) -> Array:
    size = np.fmax(X.std(axis=0), 1e-300)
    covariance: Array = np.abs((X - X.mean(axis=0)).T @ (y - y.mean())) / size
    return covariance


def _product(names: Sequence[str], term: tuple[int, ...]) -> str:
    first, second = (named(names[i]) for i in term)
    return f"{first}²" if first == second else f"{first} × {second}"

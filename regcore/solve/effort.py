"""How long paths take, from their sizes alone."""

MODEL, PASS = 2.2e-8, 3.3e-7
"""Seconds of both paths a fold, per cube of the weights and per weight and row.

Measured on one thread that multiplies at some 50 GFLOP/s, for 65 to 645 weights and 300
to 5,000 rows, where they tell the time to a quarter.
"""

FORMULA = 4e-9
"""Seconds a fold per cube of the features where squared error is solved by formula, for
100 to 700 features."""

START = 0.7
"""Seconds of any paths by Newton steps."""


def path_seconds(n: int, p: int, k: int, folds: int, *, quadratic: bool) -> float:
    """Estimate the seconds of L1 and L2 along λ with cross-validation.

    Parameters
    ----------
    n, p, k : rows, features and outputs
    quadratic : whether the loss is squared error
    """
    m, weights = folds + 1, k * (p + 1)
    if quadratic:
        return FORMULA * m * float(weights) ** 3
    return START + m * weights * (MODEL * float(weights) ** 2 + PASS * n)

"""Weights in the order in which they are looked at."""

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison


def ranked_weights(
    result: Comparison, output: str | None, *, original_units: bool
) -> pd.DataFrame:
    """Weights of one output, the largest first.

    Columns are the penalties, and "optimum of …" for each.

    The order is that of the largest weight per standard deviation in any of the three
    that has not diverged, so that it stays when the units change.

    Parameters
    ----------
    output : the class, where there are three or more
    """
    ranks = result.coefficients
    weights, optima = ranks, result.optimum
    if original_units:
        weights = result.coefficients_original_units
        optima = result.optimum_original_units
    weights = weights.join(optima.add_prefix("optimum of "))
    if output is not None:
        weights = _of_class(weights, output)
        ranks = _of_class(ranks, output)
    sound = [model.name for model in result.models if not model.diverged]
    ranks = ranks[sound or list(PENALTIES)]
    order = np.argsort(-ranks.abs().max(axis=1).to_numpy(), kind="stable")
    return weights.iloc[order]


def _of_class(frame: pd.DataFrame, output: str) -> pd.DataFrame:
    rows = frame.index.get_level_values("class") == output
    return frame[rows].droplevel("class")

"""Which rows train, and which are held out."""

import numpy as np

Rows = np.ndarray


def split(strata: np.ndarray, validation_share: float, seed: int) -> tuple[Rows, Rows]:
    """Draw the rows to hold out, the same share of every stratum.

    Parameters
    ----------
    strata : (n,) codes; one code for all rows where nothing is to be balanced
    validation_share : in [0, 1)

    Returns
    -------
    training and held-out row numbers, each in rising order; every stratum keeps at
    least one training row
    """
    rng = np.random.default_rng(seed)
    held_out = [np.empty(0, dtype=int)]
    for stratum in np.unique(strata):
        rows = rng.permutation(np.flatnonzero(strata == stratum))
        count = min(round(validation_share * len(rows)), len(rows) - 1)
        held_out.append(rows[:count])
    validation = np.sort(np.concatenate(held_out))
    return np.setdiff1d(np.arange(len(strata)), validation), validation

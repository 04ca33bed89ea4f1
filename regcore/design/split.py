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
    trains = np.ones(len(strata), dtype=bool)
    trains[validation] = False
    return np.flatnonzero(trains), validation


def split_in_order(n: int, validation_share: float) -> tuple[Rows, Rows]:
    """Hold out the last of n rows, as one would who predicts what comes later."""
    first = n - min(round(validation_share * n), n - 1)
    return np.arange(first), np.arange(first, n)


def split_groups(
    groups: np.ndarray, validation_share: float, seed: int
) -> tuple[Rows, Rows]:
    """Draw whole groups to hold out, so that no group has rows on both sides.

    Groups are drawn at random; one that would take the rows held out farther from
    their share than they are is passed over.

    Parameters
    ----------
    groups : (n,) codes from 0

    Returns
    -------
    training and held-out row numbers, each in rising order; at least one group trains,
    and one is held out if the share is above 0 and there are two
    """
    chosen = choose_groups(np.bincount(groups), validation_share, seed)
    held_out = np.isin(groups, chosen)
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def choose_groups(sizes: np.ndarray, share: float, seed: int) -> list[int]:
    """Return which of some groups with so many rows `split_groups` holds out."""
    drawn = np.random.default_rng(seed).permutation(len(sizes))
    wanted = share * sizes.sum()
    chosen: list[int] = []
    taken = 0
    for group in drawn[: len(sizes) - 1]:
        if abs(taken + sizes[group] - wanted) < abs(taken - wanted):
            chosen.append(group)
            taken += sizes[group]
    if share > 0 and not chosen and len(sizes) > 1:
        chosen = [int(np.argmin(sizes))]
    return chosen

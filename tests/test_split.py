import numpy as np
import pytest

from regcore.split import split

STRATA = np.array([0.0] * 40 + [1.0] * 12 + [2.0] * 3 + [3.0])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.9])
def test_every_row_is_on_exactly_one_side(share):
    train, held_out = split(STRATA, share, seed=0)
    both = np.concatenate([train, held_out])
    np.testing.assert_array_equal(np.sort(both), np.arange(len(STRATA)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(held_out) > 0).all()


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, [0, 0, 0, 0]), (0.25, [10, 3, 1, 0]), (0.9, [36, 11, 2, 0])],
)
def test_every_stratum_gives_its_share_and_keeps_a_row(share, expected):
    _, held_out = split(STRATA, share, seed=0)
    counts = np.bincount(STRATA[held_out].astype(int), minlength=4)
    np.testing.assert_array_equal(counts, expected)


def test_the_seed_alone_decides_the_draw():
    first, again, other = (split(STRATA, 0.25, seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_row_is_held_out_by_some_seed():
    held_out = {row for seed in range(60) for row in split(STRATA, 0.25, seed)[1]}
    assert held_out == set(range(len(STRATA) - 1))

import numpy as np
import pytest

from regcore.design.split import split, split_groups, split_in_order

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


@pytest.mark.parametrize(
    ("n", "share", "held_out"), [(8, 0.25, [6, 7]), (8, 0, []), (4, 0.9, [1, 2, 3])]
)
def test_in_order_the_last_rows_are_held_out(n, share, held_out):
    train, ours = split_in_order(n, share)
    np.testing.assert_array_equal(ours, held_out)
    np.testing.assert_array_equal(train, np.arange(n - len(held_out)))


GROUPS = np.random.default_rng(0).integers(0, 12, 200)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_no_group_is_on_both_sides(share, seed):
    train, held_out = split_groups(GROUPS, share, seed)
    assert not set(GROUPS[train]) & set(GROUPS[held_out])
    both = np.sort(np.concatenate([train, held_out]))
    np.testing.assert_array_equal(both, np.arange(200))
    assert abs(len(held_out) / 200 - share) < 0.1
    again = split_groups(GROUPS, share, seed)[1]
    np.testing.assert_array_equal(held_out, again)


def test_the_seed_decides_which_groups_are_held_out():
    drawn = {tuple(split_groups(GROUPS, 0.25, seed)[1]) for seed in range(10)}
    assert len(drawn) > 5


@pytest.mark.parametrize(
    ("groups", "share", "held_out"),
    [
        ([0, 0, 0], 0.25, 0),
        ([0, 0, 0, 1], 0, 0),
        ([0] * 9 + [1] * 9, 0.1, 9),
        ([0] * 90 + [1], 0.9, 90),
    ],
)
def test_few_groups_leave_one_to_train(groups, share, held_out):
    groups = np.array(groups)
    counts = {len(split_groups(groups, share, seed)[1]) for seed in range(20)}
    assert held_out in counts
    assert max(counts) < len(groups)
